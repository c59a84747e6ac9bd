package privacy

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
)

// NamesAsked is an organiser's wish to read the full names of the minors who
// stand on the roster of a shift.
type NamesAsked struct {
	By       uuid.UUID
	Org      uuid.UUID
	Shift    uuid.UUID
	Division string // of the activity
	Minors   []uuid.UUID
	Reason   string
	Alone    bool // nobody else of the organisation may decide: the division's administrator does
}

// NamesRequest is such a wish as those see it who decide.
type NamesRequest struct {
	ID         uuid.UUID
	Org        uuid.UUID
	Shift      uuid.UUID
	Division   string
	AskedBy    uuid.UUID
	AskedAt    time.Time
	Reason     string
	Minors     int
	Alone      bool
	State      string // open, approved, refused
	ValidUntil *time.Time
}

// Valid reports whether the names may be read now.
func (n NamesRequest) Valid(now time.Time) bool {
	return n.ValidUntil != nil && now.Before(*n.ValidUntil)
}

// AskNames asks for the names; what the same organiser asked for the same shift
// and nobody has decided, it replaces. The caller has checked that By works for
// the organisation whose shift it is. Errors: fields at fault; ErrNoMinors.
func (s *Service) AskNames(ctx context.Context, n NamesAsked) (roster uuid.UUID, err error) {
	var c fault.Check
	checkWords(&c, "reason", n.Reason)
	if err := c.Err(); err != nil {
		return roster, err
	}
	if len(n.Minors) == 0 {
		return roster, ErrNoMinors
	}
	if roster, err = uuid.NewV7(); err != nil {
		return roster, err
	}
	return roster, pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM privacy.access WHERE kind = 'roster' AND state = 'open' AND org = $1 AND shift = $2 AND asked_by = $3`, n.Org, n.Shift, n.By)
		if err != nil {
			return err
		}
		for _, minor := range n.Minors {
			if err := s.askNameTx(ctx, tx, n, roster, minor); err != nil {
				return err
			}
		}
		return s.noteNames(ctx, tx, "privacy.ask_names", n.By, roster, n.Org, n.Division, len(n.Minors))
	})
}

func (s *Service) askNameTx(ctx context.Context, tx pgx.Tx, n NamesAsked, roster, minor uuid.UUID) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO privacy.access (id, kind, person, minor, division, asked_by, asked_at, reason, roster, org, shift, alone)
		VALUES ($1, $2, $3, true, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id, ForRoster, minor, n.Division, n.By, s.Clock.Now(), s.Keys.Seal(reasonPlace(id), n.Reason), roster, n.Org, n.Shift, n.Alone)
	return err
}

func (s *Service) noteNames(ctx context.Context, tx pgx.Tx, action string, by, roster, org uuid.UUID, division string, minors int) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.Clock.Now(), Actor: &by, Action: action, Object: audit.Object("names", roster), Org: &org, Region: &division,
		Detail: map[string]any{"minors": minors}})
}

// names reads requests, one line for each roster.
func (s *Service) names(ctx context.Context, db pg.DB, where string, args ...any) ([]NamesRequest, error) {
	rows, err := db.Query(ctx, `SELECT DISTINCT ON (asked_at, roster) id, roster, org, shift, division, asked_by, asked_at, reason,
			(count(*) OVER (PARTITION BY roster))::int AS minors, alone, state, valid_until
		FROM privacy.access WHERE kind = 'roster' AND `+where+` ORDER BY asked_at, roster, id LIMIT 500`, args...)
	list, err := pg.All[struct {
		ID, Roster, Org, Shift uuid.UUID
		Division               string
		AskedBy                uuid.UUID
		AskedAt                time.Time
		Reason                 []byte
		Minors                 int
		Alone                  bool
		State                  string
		ValidUntil             *time.Time
	}](rows, err)
	out := make([]NamesRequest, len(list))
	for i, r := range list {
		reason, wrong := s.Keys.Open(reasonPlace(r.ID), r.Reason)
		if wrong != nil {
			return nil, wrong
		}
		out[i] = NamesRequest{r.Roster, r.Org, r.Shift, r.Division, r.AskedBy, r.AskedAt, reason, r.Minors, r.Alone, r.State, r.ValidUntil}
	}
	return out, err
}

// NamesOf finds a request. Errors: ErrNoRequest.
func (s *Service) NamesOf(ctx context.Context, roster uuid.UUID) (NamesRequest, error) {
	list, err := s.names(ctx, s.Pool, `roster = $1`, roster)
	if err == nil && len(list) == 0 {
		err = ErrNoRequest
	}
	if err != nil {
		return NamesRequest{}, err
	}
	return list[0], nil
}

// NamesWaiting lists what colleagues of by in an organisation ask for, oldest first.
func (s *Service) NamesWaiting(ctx context.Context, org, by uuid.UUID) ([]NamesRequest, error) {
	return s.names(ctx, s.Pool, `state = 'open' AND org = $1 AND asked_by <> $2 AND NOT EXISTS (
		SELECT FROM privacy.access own WHERE own.roster = access.roster AND own.person = $2)`, org, by)
}

// NamesAlone lists what organisers of the divisions that within accepts ask
// for, whose organisation has nobody else to decide, oldest first.
func (s *Service) NamesAlone(ctx context.Context, by uuid.UUID, within func(division string) bool) (out []NamesRequest, err error) {
	all, err := s.names(ctx, s.Pool, `state = 'open' AND alone AND asked_by <> $1`, by)
	for _, n := range all {
		if within(n.Division) {
			out = append(out, n)
		}
	}
	return out, err
}

// NamesAskedBy lists somebody's requests for a shift, newest last.
func (s *Service) NamesAskedBy(ctx context.Context, by, shift uuid.UUID) ([]NamesRequest, error) {
	return s.names(ctx, s.Pool, `asked_by = $1 AND shift = $2`, by, shift)
}

// NamesDecision is the second person's word.
type NamesDecision struct {
	Roster  uuid.UUID
	Approve bool
	By      uuid.UUID
	Unit    string // name of the organisation, for the guardians
}

// DecideNames approves or refuses a request as a whole, and tells the guardians
// of an approval. The caller has checked that By may decide for the
// organisation. Errors: ErrNoRequest, ErrOwnAccess, ErrDecided.
func (s *Service) DecideNames(ctx context.Context, d NamesDecision) error {
	n, err := s.NamesOf(ctx, d.Roster)
	if err != nil {
		return err
	}
	if d.By == n.AskedBy {
		return ErrOwnAccess
	}
	now := s.Clock.Now()
	state, action := "refused", "privacy.refuse_names"
	var until *time.Time
	if d.Approve {
		end := now.Add(accessLife[ForRoster])
		state, action, until = "approved", "privacy.approve_names", &end
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `UPDATE privacy.access SET state = $2, decided_by = $3, decided_at = $4, valid_until = $5
			WHERE roster = $1 AND state = 'open' RETURNING person`, d.Roster, state, d.By, now, until)
		if err != nil {
			return err
		}
		minors, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		if len(minors) == 0 {
			return ErrDecided
		}
		if d.Approve {
			if err := s.tellGuardians(ctx, tx, d, minors, *until); err != nil {
				return err
			}
		}
		return s.noteNames(ctx, tx, action, d.By, d.Roster, n.Org, n.Division, len(minors))
	})
	if pg.Constraint(err) == "access_not_own" {
		return ErrOwnAccess
	}
	return err
}

// tellGuardians tells the guardians of minors that their names may be read.
func (s *Service) tellGuardians(ctx context.Context, tx pgx.Tx, d NamesDecision, minors []uuid.UUID, until time.Time) error {
	var all []notify.Message
	for _, minor := range minors {
		guardians, err := s.People.Guardians(ctx, tx, minor)
		if err != nil {
			return err
		}
		for _, g := range guardians {
			all = append(all, notify.Message{Person: g, Kind: "privacy.names", Link: "/me/data/looks?for=" + minor.String(),
				Args: map[string]any{"org": d.Unit, "until_at": until}, Key: d.Roster.String() + "/" + minor.String()})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return s.Tell(ctx, tx, all...)
}
