package attendance

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/kit/pg"
)

// Proof says that a person stands before the code of a shift: made only by
// reading a code (Read, ReadTicket, ReadCard), so that it cannot be made up.
type Proof struct {
	shift, person uuid.UUID
	method        Method
	by            *uuid.UUID // the organiser who scanned a card
}

// Shift is the shift of the code.
func (p Proof) Shift() uuid.UUID { return p.shift }

// Person is whose presence it proves.
func (p Proof) Person() uuid.UUID { return p.person }

// Go checks in or out, as the direction says.
func (s *Service) Go(ctx context.Context, p Proof, d Direction, at *Position) (Attendance, error) {
	if d == Out {
		return s.CheckOut(ctx, p, at)
	}
	return s.CheckIn(ctx, p, at)
}

// maxRaces is how often a check-in begins anew because another transaction of
// the same person came first; each time it then sees that one.
const maxRaces = 4

// CheckIn opens the attendance of a person at a shift. Doing it again gives
// the same attendance again. The position may be nil.
func (s *Service) CheckIn(ctx context.Context, p Proof, at *Position) (a Attendance, err error) {
	for race := 0; ; race++ {
		err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
			a, err = s.checkInTx(ctx, tx, p, at)
			return err
		})
		if !errors.Is(err, errRaced) || race == maxRaces {
			return a, err
		}
	}
}

func (s *Service) checkInTx(ctx context.Context, tx pgx.Tx, p Proof, at *Position) (Attendance, error) {
	v, err := s.shifts.Shift(ctx, tx, p.shift)
	if err != nil {
		return Attendance{}, err
	}
	a, err := lockOf(ctx, tx, p.shift, p.person)
	if err == nil {
		return a, comesAgain(a)
	}
	if !errors.Is(err, ErrNotFound) {
		return Attendance{}, err
	}
	now := s.clk.Now()
	if err := s.mayCome(v, now); err != nil {
		return Attendance{}, err
	}
	if err := s.shifts.KeepMinorsOut(ctx, tx, v, p.person); err != nil {
		return Attendance{}, err
	}
	signup, err := s.signupTx(ctx, tx, v, p.person)
	if err != nil {
		return Attendance{}, err
	}
	if err := s.leaveOtherTx(ctx, tx, v.ID, p.person, now); err != nil {
		return Attendance{}, err
	}
	if err := s.cameInTime(ctx, tx, v, p.person, now); err != nil {
		return Attendance{}, err
	}
	a = Attendance{ID: uuid.Must(uuid.NewV7()), Shift: v.ID, Person: p.person, Signup: signup, Org: v.Activity.Org, State: Open,
		InAt: now, InMethod: p.method, InPlace: Judge(at, v.Lat, v.Lon, v.RadiusM), InBy: p.by, ClosesAt: s.rules.Closes(v.Shift)}
	return a, insert(ctx, tx, a)
}

// comesAgain answers who has an attendance here already.
func comesAgain(a Attendance) error {
	switch a.State {
	case Complete:
		return ErrAlreadyOut.With("at", activity.Moment{Time: *a.OutAt})
	case Unconfirmed:
		return ErrIsMissing
	case Dismissed:
		return ErrIsDismissed
	}
	return nil // a double click, a repeated scan
}

func (s *Service) mayCome(v activity.ShiftView, now time.Time) error {
	if err := takesPlace(v); err != nil {
		return err
	}
	switch opens := s.rules.Opens(v.Shift); {
	case now.Before(opens):
		return ErrNotOpenYet.With("at", activity.Moment{Time: opens})
	case !now.Before(v.EndsAt):
		return ErrCheckInOver.With("at", activity.Moment{Time: v.EndsAt})
	}
	return nil
}

// signupTx finds the sign-up a person comes with. Who comes without one is
// welcome, and the organiser decides; but not where people must be insured, nor a
// minor without a guardian's consent.
func (s *Service) signupTx(ctx context.Context, tx pgx.Tx, v activity.ShiftView, person uuid.UUID) (*uuid.UUID, error) {
	g, err := s.shifts.SignupOf(ctx, tx, v.ID, person)
	switch {
	case err == nil && g.State == activity.SignupConfirmed:
		return &g.ID, nil
	case err != nil && !errors.Is(err, activity.ErrNotSignedUp):
		return nil, err
	case v.Activity.Dangerous:
		return nil, ErrNeedsSignup
	}
	return nil, s.shifts.MayWalkIn(ctx, tx, v, person)
}

// leaveOtherTx looks after an attendance the person left open elsewhere: when
// that shift is over its check-out is missing, which becomes a case; while it
// runs nobody can be in two places.
func (s *Service) leaveOtherTx(ctx context.Context, tx pgx.Tx, here, person uuid.UUID, now time.Time) error {
	other, err := lockOpenOf(ctx, tx, person)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if other.Shift == here { // a second click came first, since one looked
		return errRaced
	}
	v, err := s.shifts.Shift(ctx, tx, other.Shift)
	if err != nil {
		return err
	}
	if now.Before(v.EndsAt) {
		return ErrOtherOpen.With("title", v.Activity.Title, "until", activity.Moment{Time: v.EndsAt})
	}
	return s.missTx(ctx, tx, other, v, now)
}
