package activity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// These are what the owner of shifts calls when a shift changes: Changing
// before its own UPDATE, Changed after it, and Forget after the commit.

// signupsBeforeEditTx locks the shift and refuses an edit that its sign-ups do
// not allow: fewer places than are taken, or a time at which some of them
// serve elsewhere. It moves the sign-ups to the new time.
func (s *Service) signupsBeforeEditTx(ctx context.Context, tx pgx.Tx, next Shift) error {
	posts, err := lockTx(ctx, tx, []uuid.UUID{next.ID}, true)
	if err != nil {
		return err
	}
	v := posts[next.ID]
	switch {
	case v == nil:
		return ErrShiftNotFound
	case next.Capacity < v.Taken:
		return ErrCapacityBelowTaken.With("taken", v.Taken)
	case v.StartsAt.Equal(next.StartsAt) && v.EndsAt.Equal(next.EndsAt):
		return nil
	}
	return moveSignupsTx(ctx, tx, next)
}

func moveSignupsTx(ctx context.Context, tx pgx.Tx, next Shift) error {
	var people int
	err := tx.QueryRow(ctx, `SELECT count(DISTINCT g.person) FROM activity.signup g
		JOIN activity.signup o ON o.person = g.person AND o.during && tstzrange($2, $3) AND o.state IN ('pending', 'confirmed') AND o.shift <> g.shift
		WHERE g.shift = $1 AND g.state IN ('pending', 'confirmed')`, next.ID, next.StartsAt, next.EndsAt).Scan(&people)
	if err != nil {
		return err
	}
	if people > 0 {
		return ErrMoveOverlaps.With("people", people)
	}
	_, err = tx.Exec(ctx, `UPDATE activity.signup SET during = tstzrange($2, $3)
		WHERE shift = $1 AND state IN ('pending', 'confirmed', 'waiting')`, next.ID, next.StartsAt, next.EndsAt)
	if pg.Constraint(err) == "signup_no_overlap" {
		return ErrMoveOverlaps.With("people", 1) // signed up elsewhere this very moment
	}
	return err
}

// signupsAfterEditTx gives places that the edit made free to those who wait,
// and with moved tells everybody signed up that time or place changed.
func (s *Service) signupsAfterEditTx(ctx context.Context, tx pgx.Tx, shift uuid.UUID, moved bool) error {
	posts, err := lockTx(ctx, tx, []uuid.UUID{shift}, true)
	if err != nil || posts[shift] == nil {
		return err
	}
	var events []SignupEvent
	if moved {
		list, err := s.Roster(ctx, tx, shift)
		if err != nil {
			return err
		}
		for _, g := range list {
			if g.State.Active() {
				events = append(events, SignupEvent{Signup: g, From: g.State, Cause: CauseMoved})
			}
		}
	}
	promoted, err := s.promoteTx(ctx, tx, posts[shift], s.clk.Now())
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, append(events, promoted...))
}

// callOffSignupsTx cancels all sign-ups of shifts that do not take place and
// tells everybody signed up. reason is what they read.
func (s *Service) callOffSignupsTx(ctx context.Context, tx pgx.Tx, shifts []uuid.UUID, reason string, by uuid.UUID, at time.Time) error {
	posts, err := lockTx(ctx, tx, shifts, true)
	if err != nil {
		return err
	}
	var events []SignupEvent
	for id := range posts {
		list, err := s.Roster(ctx, tx, id)
		if err != nil {
			return err
		}
		off, err := callOffTx(ctx, tx, id, list, change{shift: id, to: SignupCancelled, at: at, by: &by, reason: reason})
		if err != nil {
			return err
		}
		events = append(events, off...)
	}
	return s.tell(ctx, tx, events)
}

func callOffTx(ctx context.Context, tx pgx.Tx, shift uuid.UUID, list []Signup, c change) ([]SignupEvent, error) {
	var events []SignupEvent
	for _, from := range []SignupState{SignupPending, SignupConfirmed, SignupWaiting} {
		c.from, c.ids = from, nil
		for _, g := range list {
			if g.State == from {
				c.ids = append(c.ids, g.ID)
				events = append(events, SignupEvent{Signup: c.apply(g), From: from, Cause: CauseCalledOff})
			}
		}
		if len(c.ids) == 0 {
			continue
		}
		if err := c.applyTx(ctx, tx); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// forgetHints drops what is remembered of shifts; call it after the commit of
// an edit.
func (s *Service) forgetHints(shifts ...uuid.UUID) { s.signups.full.drop(shifts...) }
