package privacy

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
	"kapok/internal/person"
)

// AccessKind is in which duty somebody wants to open a person's page.
type AccessKind string

// The kinds, with how long an approval lasts.
const (
	ForProfile  AccessKind = "profile"  // an administrator of the division
	ForIncident AccessKind = "incident" // a security administrator; the person is told afterwards
	ForRoster   AccessKind = "roster"   // an organiser, the name alone, on the roster of one shift; see NamesAsked
)

var accessLife = map[AccessKind]time.Duration{ForProfile: day, ForIncident: time.Hour, ForRoster: 3 * day}

// MaxTellAfter is the longest that a person stays untold of an incident's
// access, so that an inquiry is not warned.
const MaxTellAfter = 7 * day

// Access is a request to open one person's page.
type Access struct {
	ID         uuid.UUID
	Kind       AccessKind
	Person     uuid.UUID
	Minor      bool
	Division   string
	AskedBy    uuid.UUID
	AskedAt    time.Time
	Reason     string
	State      string // open, approved, refused
	DecidedBy  *uuid.UUID
	ValidUntil *time.Time
}

// Valid reports whether the page can be opened now.
func (a Access) Valid(now time.Time) bool { return a.ValidUntil != nil && now.Before(*a.ValidUntil) }

const accessColumns = `id, kind, person, minor, division, asked_by, asked_at, reason, state, decided_by, valid_until`

type accessRow struct {
	ID         uuid.UUID
	Kind       AccessKind
	Person     uuid.UUID
	Minor      bool
	Division   string
	AskedBy    uuid.UUID
	AskedAt    time.Time
	Reason     []byte
	State      string
	DecidedBy  *uuid.UUID
	ValidUntil *time.Time
}

func reasonPlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "privacy.access", Column: "reason", Row: id}
}

func (s *Service) readAccess(rows pgx.Rows, err error) ([]Access, error) {
	list, err := pg.All[accessRow](rows, err)
	out := make([]Access, len(list))
	for i, r := range list {
		reason, wrong := s.Keys.Open(reasonPlace(r.ID), r.Reason)
		if wrong != nil {
			return nil, wrong
		}
		out[i] = Access{r.ID, r.Kind, r.Person, r.Minor, r.Division, r.AskedBy, r.AskedAt, reason, r.State, r.DecidedBy, r.ValidUntil}
	}
	return out, err
}

// AskAccess asks to open a person's page. The caller has checked that by may,
// in the person's division. Errors: fields at fault; ErrOwnAccess.
func (s *Service) AskAccess(ctx context.Context, by uuid.UUID, p person.Person, kind AccessKind, reason string) (Access, error) {
	var c fault.Check
	checkWords(&c, "reason", reason)
	if err := c.Err(); err != nil {
		return Access{}, err
	}
	if by == p.ID {
		return Access{}, ErrOwnAccess
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Access{}, err
	}
	a := Access{ID: id, Kind: kind, Person: p.ID, Minor: p.Age(s.People.Today()) < person.AdultFrom, Division: p.Division, AskedBy: by,
		AskedAt: s.Clock.Now(), Reason: reason, State: "open"}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO privacy.access (id, kind, person, minor, division, asked_by, asked_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			a.ID, a.Kind, a.Person, a.Minor, a.Division, a.AskedBy, a.AskedAt, s.Keys.Seal(reasonPlace(id), reason))
		if err != nil {
			return err
		}
		return s.noteAccess(ctx, tx, "privacy.ask_access", by, a)
	})
	return a, err
}

func (s *Service) noteAccess(ctx context.Context, tx pgx.Tx, action string, by uuid.UUID, a Access) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.Clock.Now(), Actor: &by, Action: action, Object: audit.Object("access", a.ID), Region: &a.Division,
		Detail: map[string]any{"person": a.Person, "kind": a.Kind, "minor": a.Minor}})
}

// AccessOf finds a request. Errors: ErrNoRequest.
func (s *Service) AccessOf(ctx context.Context, id uuid.UUID) (Access, error) {
	list, err := s.readAccess(s.Pool.Query(ctx, `SELECT `+accessColumns+` FROM privacy.access WHERE id = $1`, id))
	if err == nil && len(list) == 0 {
		err = ErrNoRequest
	}
	if err != nil {
		return Access{}, err
	}
	return list[0], nil
}

// AccessToDecide lists the open requests of others that by may decide, oldest first.
func (s *Service) AccessToDecide(ctx context.Context, by uuid.UUID, may func(Access) bool) ([]Access, error) {
	list, err := s.readAccess(s.Pool.Query(ctx, `SELECT `+accessColumns+` FROM privacy.access WHERE state = 'open' AND kind <> 'roster' AND asked_by <> $1 AND person <> $1
		ORDER BY asked_at LIMIT 500`, by))
	return slices.DeleteFunc(list, func(a Access) bool { return !may(a) }), err
}

// AccessAskedBy lists somebody's newest requests.
func (s *Service) AccessAskedBy(ctx context.Context, by uuid.UUID) ([]Access, error) {
	return s.readAccess(s.Pool.Query(ctx, `SELECT `+accessColumns+` FROM privacy.access WHERE asked_by = $1 AND kind <> 'roster' ORDER BY asked_at DESC LIMIT 30`, by))
}

// AccessDecision is the second person's word.
type AccessDecision struct {
	Access    uuid.UUID
	Approve   bool
	By        uuid.UUID
	TellAfter time.Duration // incidents: when the person is told, at most MaxTellAfter
}

// DecideAccess approves or refuses. The caller has checked that By holds the
// same duty in the division. Errors: ErrNoRequest, ErrOwnAccess, ErrDecided.
func (s *Service) DecideAccess(ctx context.Context, d AccessDecision) error {
	a, err := s.AccessOf(ctx, d.Access)
	switch {
	case err != nil:
		return err
	case d.By == a.AskedBy || d.By == a.Person:
		return ErrOwnAccess
	}
	now := s.Clock.Now()
	state, action := "refused", "privacy.refuse_access"
	var until, tell *time.Time
	if d.Approve {
		end := now.Add(accessLife[a.Kind])
		state, action, until = "approved", "privacy.approve_access", &end
		if a.Kind == ForIncident {
			at := now.Add(min(max(d.TellAfter, 0), MaxTellAfter))
			tell = &at
		}
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE privacy.access SET state = $2, decided_by = $3, decided_at = $4, valid_until = $5, tell_at = $6 WHERE id = $1 AND state = 'open'`,
			a.ID, state, d.By, now, until, tell)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrDecided
		}
		return s.noteAccess(ctx, tx, action, d.By, a)
	})
}

// OpenPerson gives what is held of a person to somebody whose request was
// approved and is still valid, and notes it. Errors: ErrNoAccess.
func (s *Service) OpenPerson(ctx context.Context, by, who uuid.UUID) (Access, error) {
	list, err := s.readAccess(s.Pool.Query(ctx, `SELECT `+accessColumns+` FROM privacy.access
		WHERE asked_by = $1 AND person = $2 AND kind <> 'roster' AND state = 'approved' AND valid_until > $3 ORDER BY valid_until DESC LIMIT 1`, by, who, s.Clock.Now()))
	if err == nil && len(list) == 0 {
		err = ErrNoAccess
	}
	if err != nil {
		return Access{}, err
	}
	a := list[0]
	return a, audit.Read(ctx, s.Pool, audit.Reading{At: s.Clock.Now(), Actor: by, Subjects: []uuid.UUID{who}, Object: audit.Object("access", a.ID),
		Data: []audit.Data{audit.Profile}, Purpose: string(a.Kind), Region: &a.Division})
}

// Cleared are those among the people of a shift whose full names by may read
// now, with a second person's approval: asked for this shift's roster, or to
// open their page.
func (s *Service) Cleared(ctx context.Context, by, shift uuid.UUID, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	rows, err := s.Pool.Query(ctx, `SELECT DISTINCT person FROM privacy.access WHERE asked_by = $1 AND person = ANY($2)
		AND state = 'approved' AND valid_until > $3 AND (kind <> 'roster' OR shift = $4)`, by, people, s.Clock.Now(), shift)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	out := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// TellOpened tells people that an incident's access to their data was approved,
// once its delay is over. It returns how many were told.
func (s *Service) TellOpened(ctx context.Context) (n int, err error) {
	list, err := s.readAccess(s.Pool.Query(ctx, `SELECT `+accessColumns+` FROM privacy.access WHERE told_at IS NULL AND tell_at <= $1 ORDER BY tell_at LIMIT 500`, s.Clock.Now()))
	for _, a := range list {
		err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE privacy.access SET told_at = $2 WHERE id = $1 AND told_at IS NULL`, a.ID, s.Clock.Now()); err != nil {
				return err
			}
			return s.Tell(ctx, tx, notify.Message{Person: a.Person, Kind: "privacy.opened", Link: "/me/data/looks", Args: map[string]any{"asked_at": a.AskedAt}, Key: a.ID.String() + "/opened"})
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, err
}

// PurgeAccess deletes requests that were decided before a time, at most limit.
func (s *Service) PurgeAccess(ctx context.Context, before time.Time, limit int) (int64, error) {
	tag, err := s.Pool.Exec(ctx, `DELETE FROM privacy.access WHERE id IN (SELECT id FROM privacy.access WHERE decided_at < $1 LIMIT $2)`, before, limit)
	return tag.RowsAffected(), err
}
