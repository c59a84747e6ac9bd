package activity

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// CancelRequest gives a place or a place in the waiting list back. By is the
// person or a guardian acting for the person; the caller has made sure of that.
type CancelRequest struct{ Shift, Person, By uuid.UUID }

// Cancel withdraws a sign-up, any time before the shift starts; how long
// before is kept (条例 art. 22). The waiting list moves up. Cancelling again
// gives the same answer again. An adult with whom a child comes does not leave
// it behind: ErrChildStays.
func (s *Service) Cancel(ctx context.Context, r CancelRequest) (Signup, error) {
	all, err := s.CancelFamily(ctx, FamilyRequest{r.Shift, []uuid.UUID{r.Person}, r.By})
	if err != nil {
		return Signup{}, err
	}
	return all[0], nil
}

// CancelFamily is Cancel for several people at one shift, all or none.
func (s *Service) CancelFamily(ctx context.Context, r FamilyRequest) ([]Signup, error) {
	var out []Signup
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		out, err = s.cancelTx(ctx, tx, r)
		return err
	})
	if err == nil {
		s.signups.full.drop(r.Shift)
	}
	return out, err
}

func (s *Service) cancelTx(ctx context.Context, tx pgx.Tx, r FamilyRequest) ([]Signup, error) {
	posts, err := lockTx(ctx, tx, []uuid.UUID{r.Shift}, true)
	if err != nil {
		return nil, err
	}
	v := posts[r.Shift]
	if v == nil {
		return nil, ErrShiftNotFound
	}
	var out []Signup
	for _, who := range r.People {
		g, err := s.cancelOneTx(ctx, tx, v, who, r.By)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	alone, err := s.leftAloneTx(ctx, tx, v, r.People)
	if err == nil && len(alone) > 0 {
		err = ErrChildStays.With("age", person.ChildUnder)
	}
	return out, err
}

func (s *Service) cancelOneTx(ctx context.Context, tx pgx.Tx, v *ShiftView, who, by uuid.UUID) (Signup, error) {
	g, err := s.SignupOf(ctx, tx, v.ID, who)
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
	return s.withdrawTx(ctx, tx, v, g, by, now)
}

// leftAloneTx lists the standing sign-ups of children who come only with an
// adult and have none, now that the adults' sign-ups have ended.
func (s *Service) leftAloneTx(ctx context.Context, tx pgx.Tx, v *ShiftView, adults []uuid.UUID) ([]Signup, error) {
	if !v.Activity.WithAdult {
		return nil, nil
	}
	wards, err := s.people.Wards(ctx, tx, adults)
	if err != nil {
		return nil, err
	}
	children := slices.Concat(slices.Collect(maps.Values(wards))...)
	facts, err := s.people.Facts(ctx, tx, children)
	if err != nil {
		return nil, err
	}
	var reqs []SignUpRequest
	for _, c := range children {
		reqs = append(reqs, SignUpRequest{Shift: v.ID, Person: c})
	}
	family, err := s.companyTx(ctx, tx, map[uuid.UUID]*ShiftView{v.ID: v}, facts, reqs)
	if err != nil {
		return nil, err
	}
	var out []Signup
	for at, with := range family {
		g, err := s.SignupOf(ctx, tx, v.ID, at.person)
		switch {
		case errors.Is(err, ErrNotSignedUp):
		case err != nil:
			return nil, err
		case g.State.Active() && !with.enough(g.State, nil):
			out = append(out, g)
		}
	}
	return out, nil
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
