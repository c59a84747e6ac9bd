package attendance

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/kit/pg"
)

// CheckOut completes the attendance of a person at a shift, and with it claims
// the hours. Doing it again gives the same attendance again. The position may
// be nil.
func (s *Service) CheckOut(ctx context.Context, p Proof, at *Position) (a Attendance, err error) {
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		a, err = s.checkOutTx(ctx, tx, p, at)
		return err
	})
	return a, err
}

func (s *Service) checkOutTx(ctx context.Context, tx pgx.Tx, p Proof, at *Position) (Attendance, error) {
	v, err := s.shifts.Shift(ctx, tx, p.shift)
	if err != nil {
		return Attendance{}, err
	}
	a, err := lockOf(ctx, tx, p.shift, p.person)
	if errors.Is(err, ErrNotFound) {
		return Attendance{}, ErrNotIn
	}
	if err != nil || a.State == Complete {
		return a, err
	}
	now := s.clk.Now()
	if err := s.mayGo(a, v, now); err != nil {
		return Attendance{}, err
	}
	return a, s.completeTx(ctx, tx, &a, v, side{now, p.method, Judge(at, v.Lat, v.Lon, v.RadiusM), p})
}

func (s *Service) mayGo(a Attendance, v activity.ShiftView, now time.Time) error {
	switch {
	case a.State == Unconfirmed:
		return ErrIsMissing
	case a.State == Dismissed:
		return ErrIsDismissed
	case now.Before(v.StartsAt):
		return ErrNotBegun.With("at", activity.Moment{Time: v.StartsAt})
	case !now.Before(s.rules.Closes(v.Shift)):
		return ErrCheckOutOver.With("at", activity.Moment{Time: s.rules.Closes(v.Shift)})
	}
	return nil
}

// side is how somebody left.
type side struct {
	at     time.Time
	method Method
	place  Place
	proof  Proof // its by is the organiser
}

// completeTx ends an attendance and tells the hook, which claims the hours.
func (s *Service) completeTx(ctx context.Context, tx pgx.Tx, a *Attendance, v activity.ShiftView, out side) error {
	if _, _, minutes := Served(a.InAt, out.at, v.Shift); minutes < 1 {
		return ErrTooShort
	}
	a.State, a.OutAt, a.OutMethod, a.OutPlace, a.OutBy = Complete, &out.at, &out.method, &out.place, out.proof.by
	if err := save(ctx, tx, *a); err != nil {
		return err
	}
	return s.complete(ctx, tx, *a, v)
}
