package account

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/crypt"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
)

// NewPhone is the request of somebody who lost the phone of the account. The
// administrator of the division sees the person's document before deciding, at
// a service counter or by other means.
type NewPhone struct {
	ID      uuid.UUID
	Person  uuid.UUID
	Region  string
	AskedAt time.Time
}

func newPhonePlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "account.new_phone", Column: "phone", Row: id}
}

// AskNewPhone opens a request; a second one for the person or from the phone
// replaces the first. The new phone (E.164) was proved by a code. region is
// the person's division. A request about a document that is nobody's (person
// uuid.Nil, region "") is kept too: who asks must not learn from it whether
// somebody is registered.
func (s *Service) AskNewPhone(ctx context.Context, person uuid.UUID, region, phone string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE account.new_phone SET state = 'refused', decided_at = $3, reason = 'replaced'
			WHERE (person = $1 OR phone_hash = $2) AND state = 'open'`, person, s.phoneHash(phone), s.Clock.Now())
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO account.new_phone (id, person, region, phone_hash, phone, asked_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, orNoone(person), orNull(region), s.phoneHash(phone), s.Keys.Seal(newPhonePlace(id), phone), s.Clock.Now())
		if err != nil || person == uuid.Nil {
			return err
		}
		if err := s.tell(ctx, tx, person, "account.phone_asked", id); err != nil {
			return err
		}
		return s.note(ctx, tx, "account.ask_new_phone", id, region, person, nil)
	})
}

// NewPhones lists the open requests of the divisions that within accepts,
// oldest first.
func (s *Service) NewPhones(ctx context.Context, within func(region string) bool) ([]NewPhone, error) {
	rows, err := s.Pool.Query(ctx, `SELECT id, person, region, asked_at FROM account.new_phone
		WHERE state = 'open' AND person IS NOT NULL ORDER BY id LIMIT 1000`)
	all, err := pg.All[NewPhone](rows, err)
	out := all[:0]
	for _, n := range all {
		if within(n.Region) {
			out = append(out, n)
		}
	}
	return out, err
}

// NewPhoneOf finds a request, open or decided. Errors: ErrNoRequest.
func (s *Service) NewPhoneOf(ctx context.Context, id uuid.UUID) (NewPhone, error) {
	rows, err := s.Pool.Query(ctx, `SELECT id, person, region, asked_at FROM account.new_phone WHERE id = $1 AND person IS NOT NULL`, id)
	return pg.One[NewPhone](rows, err, ErrNoRequest)
}

// Asked is what somebody who asked sees of the request.
type Asked struct {
	State   string // open, approved, refused
	AskedAt time.Time
	Reason  string // of a refusal; "" when nothing fitted
}

// unmatchedAfter is when a request about nobody's document is answered.
const unmatchedAfter = 72 * time.Hour

// AskedFrom is the newest request from a phone (E.164) that was proved.
// Errors: ErrNoRequest.
func (s *Service) AskedFrom(ctx context.Context, phone string) (Asked, error) {
	rows, err := s.Pool.Query(ctx, `SELECT CASE WHEN state = 'open' AND person IS NULL AND asked_at < $2 THEN 'refused' ELSE state END AS state,
			asked_at, reason FROM account.new_phone WHERE phone_hash = $1 ORDER BY id DESC LIMIT 1`,
		s.phoneHash(phone), s.Clock.Now().Add(-unmatchedAfter))
	return pg.One[Asked](rows, err, ErrNoRequest)
}

// DecideNewPhone approves a request, which moves the account to the new phone
// and ends all its sessions, or refuses it with a reason. Errors: ErrDecided,
// ErrNeedsReason, ErrPhoneTaken.
func (s *Service) DecideNewPhone(ctx context.Context, id uuid.UUID, approve bool, reason string, by uuid.UUID) error {
	if !approve && reason == "" {
		return ErrNeedsReason
	}
	state := "refused"
	if approve {
		state = "approved"
	}
	var account uuid.UUID
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var n NewPhone
		var sealed []byte
		err := tx.QueryRow(ctx, `UPDATE account.new_phone SET state = $2, decided_by = $3, decided_at = $4, reason = $5
			WHERE id = $1 AND state = 'open' AND person IS NOT NULL RETURNING person, region, phone`, id, state, by, s.Clock.Now(), reason).Scan(&n.Person, &n.Region, &sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrDecided
		}
		if err != nil {
			return err
		}
		if approve {
			phone, err := s.Keys.Open(newPhonePlace(id), sealed)
			if err != nil {
				return err
			}
			if account, err = s.movePhoneTx(ctx, tx, by, n.Person, uuid.Nil, phone); err != nil {
				return err
			}
			if err := s.tell(ctx, tx, n.Person, "account.phone_moved", id); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, "account.new_phone_"+state, id, n.Region, by, nil)
	})
	if err == nil && approve {
		err = s.RevokeOthers(ctx, account, uuid.Nil)
	}
	return err
}

// ChangePhone moves the account of somebody signed in to a phone (E.164) they
// just proved, and ends their other sessions. Errors: ErrPhoneTaken.
func (s *Service) ChangePhone(ctx context.Context, who *Principal, phone string) error {
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := s.movePhoneTx(ctx, tx, who.Person, who.Person, who.Account, phone); err != nil {
			return err
		}
		return s.note(ctx, tx, "account.change_phone", who.Account, "", who.Person, nil)
	})
	if err != nil {
		return err
	}
	return s.RevokeOthers(ctx, who.Account, who.Session)
}

// movePhoneTx gives a person's account another phone; a person without an
// account, such as a ward who grew up, gets one by it. of is which account, where
// a person merged has several; uuid.Nil is their own.
func (s *Service) movePhoneTx(ctx context.Context, tx pgx.Tx, by, person, of uuid.UUID, phone string) (uuid.UUID, error) {
	if s.PhoneMoved != nil {
		if err := s.PhoneMoved(ctx, tx, by, person, phone); err != nil {
			return uuid.Nil, err
		}
	}
	var account uuid.UUID
	err := tx.QueryRow(ctx, `SELECT id FROM account.account WHERE person = $1 AND state = 'active' AND ($2::uuid IS NULL OR id = $2)
		ORDER BY joined, created_at LIMIT 1 FOR UPDATE`, person, orNoone(of)).Scan(&account)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.OpenTx(ctx, tx, person, phone)
	}
	if err != nil {
		return uuid.Nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE account.account SET phone_hash = $2, phone = $3 WHERE id = $1`, account, s.phoneHash(phone), s.Keys.Seal(phonePlace(account), phone))
	if pg.Constraint(err) == "account_phone" {
		return uuid.Nil, ErrPhoneTaken
	}
	return account, err
}

// tell warns the holder of an account at the phone and address known so far.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, person uuid.UUID, kind string, about uuid.UUID) error {
	if s.Tell == nil {
		return nil
	}
	return s.Tell(ctx, tx, notify.Message{Person: person, Kind: kind, Link: "/me/devices", Key: kind + "/" + about.String(), Urgent: true})
}
