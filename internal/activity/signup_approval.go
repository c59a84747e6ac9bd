package activity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// Decision is what an organisation says to sign-ups of one of its shifts; the
// caller has made sure that By may (account.ManageSignups).
type Decision struct {
	Shift   uuid.UUID
	Signups []uuid.UUID
	Approve bool
	Reason  string // needed for a refusal; the volunteer reads it
	By      uuid.UUID
}

// Decide approves or refuses sign-ups, all or none. A pending one can be
// approved or refused; one that waits or is confirmed can be refused; a
// refused one can still be approved while a place is free. Deciding the same
// again changes nothing. A child that came only with an adult who is refused is
// refused too. The waiting list moves up into places that get free.
func (s *Service) Decide(ctx context.Context, d Decision) error {
	if !d.Approve && d.Reason == "" {
		return ErrReasonNeeded
	}
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) error { return s.decideTx(ctx, tx, d) })
	if err == nil {
		s.signups.full.drop(d.Shift)
	}
	return err
}

func (s *Service) decideTx(ctx context.Context, tx pgx.Tx, d Decision) error {
	now := s.clk.Now()
	posts, err := lockTx(ctx, tx, []uuid.UUID{d.Shift}, true)
	if err != nil {
		return err
	}
	v := posts[d.Shift]
	switch {
	case v == nil:
		return ErrShiftNotFound
	case !now.Before(v.EndsAt):
		return ErrShiftStarted.With("at", Moment{v.StartsAt})
	}
	rows, err := tx.Query(ctx, `SELECT `+signupColumns+` FROM activity.signup g WHERE g.shift = $1 AND g.id = ANY($2) ORDER BY g.queue`, d.Shift, d.Signups)
	list, err := pg.All[Signup](rows, err)
	if err != nil {
		return err
	}
	if len(list) < len(d.Signups) {
		return ErrNotSignedUp
	}
	persons := make([]uuid.UUID, len(list))
	for i, g := range list {
		persons[i] = g.Person
	}
	facts, err := s.people.Facts(ctx, tx, persons)
	if err != nil {
		return err
	}
	var events []SignupEvent
	for _, g := range list {
		e, err := s.decideOneTx(ctx, tx, v, g, facts[g.Person], d)
		if err != nil {
			return err
		}
		events = append(events, e...)
	}
	if !d.Approve {
		alone, err := s.leftAloneTx(ctx, tx, v, persons)
		if err != nil {
			return err
		}
		for _, g := range alone {
			e, err := s.decideOneTx(ctx, tx, v, g, person.Facts{}, d)
			if err != nil {
				return err
			}
			events = append(events, e...)
		}
	}
	moved, err := s.promoteTx(ctx, tx, v, now)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, append(events, moved...))
}

func (s *Service) decideOneTx(ctx context.Context, tx pgx.Tx, v *ShiftView, g Signup, f person.Facts, d Decision) ([]SignupEvent, error) {
	c := change{shift: v.ID, from: g.State, to: SignupRefused, ids: []uuid.UUID{g.ID}, at: s.clk.Now(), by: &d.By, reason: d.Reason}
	cause, action := CauseRefused, "signup.refuse"
	if d.Approve {
		c.to, c.reason, cause, action = SignupConfirmed, "", CauseApproved, "signup.approve"
	}
	switch {
	case g.State == c.to:
		return nil, nil
	case g.State == SignupCancelled, d.Approve && g.State == SignupWaiting:
		return nil, ErrSignupDecided
	case d.Approve && g.State == SignupRefused && v.Free() == 0:
		return nil, ErrShiftFull.With("capacity", v.Capacity)
	}
	if d.Approve {
		if err := refusal(minorRules(*v, f, c.at)); err != nil {
			return nil, err
		}
	}
	if err := c.applyTx(ctx, tx); err != nil {
		if pg.Constraint(err) == "signup_no_overlap" {
			return nil, ErrSignupDecided // has a place elsewhere meanwhile; where is nobody's business
		}
		return nil, err
	}
	v.Taken += one(c.to.Holds()) - one(g.State.Holds())
	v.Waiting -= one(g.State == SignupWaiting)
	err := audit.RecordTx(ctx, tx, audit.Entry{At: c.at, Actor: &d.By, Action: action, Object: audit.Object("signup", g.ID),
		Org: &v.Activity.Org, Region: &v.Activity.Division, Detail: map[string]any{"from": g.State, "to": c.to}})
	return []SignupEvent{{Signup: c.apply(g), From: g.State, Cause: cause}}, err
}
