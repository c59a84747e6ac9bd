package activity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// CancelRequest gives a place or a place in the waiting list back. By is the
// person or a guardian acting for the person; the caller has made sure of that.
type CancelRequest struct{ Shift, Person, By uuid.UUID }

// Cancel withdraws a sign-up, any time before the shift starts; how long
// before is kept (条例 art. 22). The waiting list moves up. Cancelling again
// gives the same answer again.
func (s *Service) Cancel(ctx context.Context, r CancelRequest) (Signup, error) {
	var g Signup
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		g, err = s.cancelTx(ctx, tx, r)
		return err
	})
	if err == nil {
		s.signups.full.drop(r.Shift)
	}
	return g, err
}

func (s *Service) cancelTx(ctx context.Context, tx pgx.Tx, r CancelRequest) (Signup, error) {
	posts, err := lockTx(ctx, tx, []uuid.UUID{r.Shift}, true)
	if err != nil {
		return Signup{}, err
	}
	v := posts[r.Shift]
	if v == nil {
		return Signup{}, ErrShiftNotFound
	}
	g, err := s.SignupOf(ctx, tx, r.Shift, r.Person)
	if err != nil || g.State == SignupCancelled {
		return g, err
	}
	now := s.clk.Now()
	switch {
	case g.State == SignupRefused:
		return Signup{}, ErrNotSignedUp
	case !now.Before(v.StartsAt):
		return Signup{}, ErrShiftStarted.With("at", Moment{v.StartsAt})
	}
	return s.withdrawTx(ctx, tx, v, g, r.By, now)
}

func (s *Service) withdrawTx(ctx context.Context, tx pgx.Tx, v *ShiftView, g Signup, by uuid.UUID, now time.Time) (Signup, error) {
	notice := int(v.StartsAt.Sub(now) / time.Minute)
	c := change{shift: v.ID, from: g.State, to: SignupCancelled, ids: []uuid.UUID{g.ID}, at: now, by: &by, notice: &notice}
	if err := c.applyTx(ctx, tx); err != nil {
		return Signup{}, err
	}
	v.Taken, v.Waiting = v.Taken-one(g.State.Holds()), v.Waiting-one(g.State == SignupWaiting)
	after := c.apply(g)
	events, err := s.promoteTx(ctx, tx, v, now)
	if err != nil {
		return Signup{}, err
	}
	return after, s.tell(ctx, tx, append([]SignupEvent{{Signup: after, From: g.State, Cause: CauseWithdrawn}}, events...))
}
