package activity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45).
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	out := held.Things{}
	signups, err := held.Collect(db.Query(ctx, `SELECT a.title, s.starts_at, s.ends_at, s.place, g.state, g.created_at, g.changed_at, g.reason
		FROM activity.signup g JOIN activity.shift s ON s.id = g.shift JOIN activity.activity a ON a.id = s.activity
		WHERE g.person = $1 ORDER BY g.queue`, person))
	if err != nil {
		return nil, err
	}
	out.Add("signup", signups...)
	calendars, err := held.Collect(db.Query(ctx, `SELECT created_at FROM activity.calendar WHERE person = $1`, person))
	out.Add("calendar", calendars...)
	return out, err
}

// EraseTx takes away what was said about a person's sign-ups, and the calendar.
// The sign-ups stay under the id, as the shifts' numbers need them; those still
// ahead were given back before.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	if _, err := tx.Exec(ctx, `UPDATE activity.signup SET reason = '' WHERE person = $1 AND reason <> ''`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM activity.calendar WHERE person = $1`, person)
	return err
}

// GiveBack cancels all sign-ups of a person that are still ahead.
func (s *Service) GiveBack(ctx context.Context, person uuid.UUID) error {
	list, err := s.Upcoming(ctx, []uuid.UUID{person})
	if err != nil {
		return err
	}
	now := s.clk.Now()
	for _, m := range list {
		if !m.Cancellable(now) {
			continue
		}
		if _, err := s.Cancel(ctx, CancelRequest{Shift: m.Shift, Person: person, By: person}); err != nil {
			return err
		}
	}
	return nil
}
