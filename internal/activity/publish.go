package activity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
)

// Move asks for a step of an activity.
type Move struct {
	Activity uuid.UUID
	Version  int    // the version that was looked at
	Reason   string // for Return and Cancel
	By       uuid.UUID
}

// Submit hands a draft in for review. All that is missing comes back at once,
// at its field. Errors: fields, the state's, fault.ErrVersionConflict.
func (s *Service) Submit(ctx context.Context, m Move) (Activity, error) {
	return s.step(ctx, Submit, m, func(tx pgx.Tx, a *Activity) error {
		if err := s.ready(ctx, tx, *a); err != nil {
			return err
		}
		now := s.clk.Now()
		a.SubmittedAt, a.Reason = &now, ""
		return nil
	})
}

// ready asks for everything that a published activity must have.
func (s *Service) ready(ctx context.Context, tx pgx.Tx, a Activity) error {
	org, err := s.workingOrg(ctx, tx, a.Org)
	if err != nil {
		return err
	}
	shifts, err := shiftsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	var c fault.Check
	a.complete(&c, shifts, org, s.clk.Now())
	plan := PlanOf(a)
	if err := s.checkRecordingUnit(ctx, tx, &c, &plan, a.Org); err != nil {
		return err
	}
	return c.Err()
}

// Withdraw takes back what waits for review, to change it.
func (s *Service) Withdraw(ctx context.Context, m Move) (Activity, error) {
	return s.step(ctx, Withdraw, m, func(_ pgx.Tx, a *Activity) error {
		a.SubmittedAt = nil
		return nil
	})
}

// Return sends an activity back with a reason.
func (s *Service) Return(ctx context.Context, m Move) (Activity, error) {
	reason, err := needReason(m.Reason)
	if err != nil {
		return Activity{}, err
	}
	return s.step(ctx, Return, m, func(tx pgx.Tx, a *Activity) error {
		a.SubmittedAt, a.Reason = nil, reason
		return s.tellDecided(ctx, tx, *a, Draft)
	})
}

// Publish makes an activity public: found by everybody and open for sign-ups.
// What was complete when it was handed in must still be.
func (s *Service) Publish(ctx context.Context, m Move) (Activity, error) {
	return s.step(ctx, Publish, m, func(tx pgx.Tx, a *Activity) error {
		if err := s.ready(ctx, tx, *a); err != nil {
			return err
		}
		now := s.clk.Now()
		a.PublishedAt, a.Reason = &now, ""
		return s.tellDecided(ctx, tx, *a, Published)
	})
}

func (s *Service) tellDecided(ctx context.Context, tx pgx.Tx, a Activity, state State) error {
	if s.hooks.decided == nil {
		return nil
	}
	a.State = state
	return s.hooks.decided(ctx, tx, a)
}

// CloseActivity ends a published activity after its last shift.
func (s *Service) CloseActivity(ctx context.Context, m Move) (Activity, error) {
	return s.step(ctx, Close, m, func(tx pgx.Tx, a *Activity) error {
		var last *time.Time
		err := tx.QueryRow(ctx, `SELECT max(ends_at) FROM activity.shift WHERE activity = $1 AND state = 'open'`, a.ID).Scan(&last)
		if err == nil && last != nil && last.After(s.clk.Now()) {
			return ErrNotOver.With("at", Moment{*last})
		}
		return err
	})
}

// CancelActivity calls an activity off, whatever its state before closing;
// shifts that have not ended go with it and those signed up read the reason.
// A draft needs no reason.
func (s *Service) CancelActivity(ctx context.Context, m Move) (Activity, error) {
	var off []Shift
	a, err := s.step(ctx, Cancel, m, func(tx pgx.Tx, a *Activity) error {
		reason := m.Reason
		if a.State != Draft {
			var err error
			if reason, err = needReason(reason); err != nil {
				return err
			}
		}
		a.Reason = reason
		shifts, err := shiftsOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		off = s.unfinished(shifts)
		if len(off) == 0 {
			return nil
		}
		return s.callOff(ctx, tx, *a, off, reason, m.By)
	})
	if err == nil {
		s.forgetHints(idsOf(off)...)
	}
	return a, err
}

func (s *Service) unfinished(shifts []Shift) []Shift {
	var out []Shift
	for _, sh := range shifts {
		if sh.State == ShiftOpen && sh.EndsAt.After(s.clk.Now()) {
			out = append(out, sh)
		}
	}
	return out
}

// step locks an activity, checks state and version, does what belongs to the
// step, and saves it with audit entry and search rows, all in one transaction.
func (s *Service) step(ctx context.Context, step Step, m Move, do func(pgx.Tx, *Activity) error) (Activity, error) {
	var a Activity
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if a, err = lockActivity(ctx, tx, m.Activity); err != nil {
			return err
		}
		before := a.State
		next, fail := before.Next(step)
		switch {
		case fail != nil:
			return fail
		case m.Version != a.Version:
			return fault.ErrVersionConflict
		}
		if err := do(tx, &a); err != nil {
			return err
		}
		a.State = next
		if err := saveActivity(ctx, tx, &a); err != nil {
			return err
		}
		if err := s.relist(ctx, tx, a); err != nil {
			return err
		}
		return s.record(ctx, tx, "activity."+string(step), a, m.By, map[string]any{"from": before, "to": next})
	})
	return a, err
}
