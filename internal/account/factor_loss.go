package account

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// LostFactor is the request of somebody who can sign in, but lost the second
// factor and the recovery codes. Two administrators see the document, one after
// the other: one alone could take over any account.
type LostFactor struct {
	ID        uuid.UUID
	Account   uuid.UUID
	Person    uuid.UUID
	Region    string
	AskedAt   time.Time
	State     string     // open, approved, refused
	SeenBy    *uuid.UUID // the first administrator
	SeenAs    Role       // and by which role; "" is one of the division
	DecidedAt *time.Time
	Reason    string // of a refusal
}

const lostSQL = `SELECT id, account, person, region, asked_at, state, seen_by, seen_as, decided_at, reason FROM account.lost_factor WHERE `

// AskLostFactor opens a request for p's account; one that is open stays as it
// is. region is the person's division. Errors: ErrNothingLost.
func (s *Service) AskLostFactor(ctx context.Context, p *Principal, region string) error {
	if yes, err := strong(ctx, s.Pool, p.Account); err != nil || !yes {
		return firstOf(err, ErrNothingLost)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO account.lost_factor (id, account, person, region, asked_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account) WHERE state = 'open' DO NOTHING`, id, p.Account, p.Person, region, s.Clock.Now())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := s.tell(ctx, tx, p.Person, "account.factor_asked", id); err != nil {
			return err
		}
		return s.note(ctx, tx, "account.ask_lost_factor", id, region, p.Person, nil)
	})
}

// LostFactorBy is the newest request for an account. Errors: ErrNoRequest.
func (s *Service) LostFactorBy(ctx context.Context, account uuid.UUID) (LostFactor, error) {
	rows, err := s.Pool.Query(ctx, lostSQL+`account = $1 ORDER BY id DESC LIMIT 1`, account)
	return pg.One[LostFactor](rows, err, ErrNoRequest)
}

// LostFactorOf finds a request, open or decided. Errors: ErrNoRequest.
func (s *Service) LostFactorOf(ctx context.Context, id uuid.UUID) (LostFactor, error) {
	rows, err := s.Pool.Query(ctx, lostSQL+`id = $1`, id)
	return pg.One[LostFactor](rows, err, ErrNoRequest)
}

// LostFactors lists the open requests of the divisions that within accepts,
// oldest first.
func (s *Service) LostFactors(ctx context.Context, within func(region string) bool) ([]LostFactor, error) {
	rows, err := s.Pool.Query(ctx, lostSQL+`state = 'open' ORDER BY id LIMIT 1000`)
	all, err := pg.All[LostFactor](rows, err)
	out := all[:0]
	for _, x := range all {
		if within(x.Region) {
			out = append(out, x)
		}
	}
	return out, err
}

// TopLostFactors lists the open requests of those who administer a division
// above which there is none, as top says; oldest first.
func (s *Service) TopLostFactors(ctx context.Context, top func(region string) bool) ([]LostFactor, error) {
	all, err := s.LostFactors(ctx, func(string) bool { return true })
	var out []LostFactor
	for _, x := range all {
		is, wrong := s.atTop(ctx, s.Pool, x.Person, top)
		if wrong != nil {
			return nil, wrong
		}
		if is {
			out = append(out, x)
		}
	}
	return out, err
}

// atTop reports whether somebody administers a division above which there is none.
func (s *Service) atTop(ctx context.Context, db pg.DB, person uuid.UUID, top func(region string) bool) (bool, error) {
	rows, err := db.Query(ctx, `SELECT region FROM account.role_grant WHERE person = $1 AND role = $2 AND revoked_at IS NULL
		AND (until IS NULL OR until > $3)`, person, RegionAdmin, s.Clock.Now())
	if err != nil {
		return false, err
	}
	regions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return slices.ContainsFunc(regions, top), err
}

// LostDecision approves a request or refuses it with a reason.
type LostDecision struct {
	Request uuid.UUID
	Approve bool
	Reason  string
	By      uuid.UUID
	As      Role                     // SystemAdmin or SecurityAdmin, for one above whom nobody stands; "" is an administrator of the division
	Top     func(region string) bool // whether there is no division above; needed with As
}

// pairs reports whether two hands together decide: two administrators of the
// division, or system and security administration.
func pairs(first, second Role) bool {
	return (first == "") == (second == "") && (first == "" || first != second)
}

// DecideLostFactor decides a request. The first approval waits for that of
// another administrator, which takes the second factors away and ends all
// sessions: their owner signs in and sets up new ones. Errors: ErrDecided,
// ErrNeedsReason, ErrOtherHand; ErrNotAllowed where somebody stands above.
func (s *Service) DecideLostFactor(ctx context.Context, d LostDecision) error {
	if !d.Approve && d.Reason == "" {
		return ErrNeedsReason
	}
	var done uuid.UUID
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, lostSQL+`id = $1 AND state = 'open' FOR UPDATE`, d.Request)
		x, err := pg.One[LostFactor](rows, err, ErrDecided)
		if err == nil {
			err = s.mayDecideLost(ctx, tx, x, d)
		}
		switch {
		case err != nil:
			return err
		case d.Approve && x.SeenBy == nil:
			return s.seeLostTx(ctx, tx, x, d)
		case d.Approve:
			done = x.Account
			if err := dropFactorsTx(ctx, tx, x.Account); err != nil {
				return err
			}
		}
		return s.settleLostTx(ctx, tx, x, d)
	})
	if err == nil && done != uuid.Nil {
		err = s.RevokeOthers(ctx, done, uuid.Nil)
	}
	return err
}

// mayDecideLost says why d cannot be: nil when it can.
func (s *Service) mayDecideLost(ctx context.Context, tx pgx.Tx, x LostFactor, d LostDecision) error {
	if d.As != "" {
		if top, err := s.atTop(ctx, tx, x.Person, d.Top); err != nil || !top {
			return firstOf(err, ErrNotAllowed)
		}
	}
	if d.By == x.Person || d.Approve && x.SeenBy != nil && (*x.SeenBy == d.By || !pairs(x.SeenAs, d.As)) {
		return ErrOtherHand
	}
	return nil
}

// seeLostTx notes the first administrator's approval.
func (s *Service) seeLostTx(ctx context.Context, tx pgx.Tx, x LostFactor, d LostDecision) error {
	if _, err := tx.Exec(ctx, `UPDATE account.lost_factor SET seen_by = $2, seen_at = $3, seen_as = $4 WHERE id = $1`, x.ID, d.By, s.Clock.Now(), d.As); err != nil {
		return err
	}
	return s.note(ctx, tx, "account.lost_factor_seen", x.ID, x.Region, d.By, asRole(d.As))
}

func (s *Service) settleLostTx(ctx context.Context, tx pgx.Tx, x LostFactor, d LostDecision) error {
	state := "refused"
	if d.Approve {
		state = "approved"
	}
	_, err := tx.Exec(ctx, `UPDATE account.lost_factor SET state = $2, decided_by = $3, decided_at = $4, reason = $5, decided_as = $6 WHERE id = $1`,
		x.ID, state, d.By, s.Clock.Now(), d.Reason, d.As)
	if err == nil {
		err = s.tell(ctx, tx, x.Person, "account.factor_"+state, x.ID)
	}
	if err != nil {
		return err
	}
	return s.note(ctx, tx, "account.lost_factor_"+state, x.ID, x.Region, d.By, asRole(d.As))
}

// asRole is the detail of an entry: by which role somebody decided, where that is not plain.
func asRole(r Role) map[string]any {
	if r == "" {
		return nil
	}
	return map[string]any{"as": r}
}

// PurgeLostFactors deletes requests that were decided before a time, at most limit.
func (s *Service) PurgeLostFactors(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.purge(ctx, `DELETE FROM account.lost_factor WHERE id IN (SELECT id FROM account.lost_factor WHERE decided_at < $1 LIMIT $2)`, before, limit)
}
