package attendance

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// Entry is an attendance written by the organiser: somebody came without a
// phone, or was never scanned.
type Entry struct {
	Shift, Person uuid.UUID
	By            uuid.UUID
	InAt, OutAt   time.Time
	Reason        string
}

// Write keeps an entry as a complete attendance and claims its hours, with the
// weak grade such evidence has. Nobody writes his own.
func (s *Service) Write(ctx context.Context, e Entry) (a Attendance, err error) {
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		a, err = s.writeTx(ctx, tx, e)
		return err
	})
	if errors.Is(err, errRaced) {
		err = ErrAlreadyThere
	}
	return a, err
}

func (s *Service) writeTx(ctx context.Context, tx pgx.Tx, e Entry) (Attendance, error) {
	v, err := s.shifts.Shift(ctx, tx, e.Shift)
	if err != nil {
		return Attendance{}, err
	}
	now := s.clk.Now()
	if err := s.checkEntry(&e, v, now); err != nil {
		return Attendance{}, err
	}
	switch _, err := lockOf(ctx, tx, e.Shift, e.Person); {
	case err == nil:
		return Attendance{}, ErrAlreadyThere
	case !errors.Is(err, ErrNotFound):
		return Attendance{}, err
	}
	if err := s.shifts.KeepMinorsOut(ctx, tx, v, e.Person); err != nil {
		return Attendance{}, err
	}
	signup, err := s.signupTx(ctx, tx, v, e.Person)
	if err != nil {
		return Attendance{}, err
	}
	method := Manual
	if !now.Before(s.rules.Closes(v.Shift)) {
		method = ManualLate
	}
	a := Attendance{ID: uuid.Must(uuid.NewV7()), Shift: v.ID, Person: e.Person, Signup: signup, Org: v.Activity.Org,
		State: Open, InAt: e.InAt, InMethod: method, InPlace: Unknown, InBy: &e.By, ClosesAt: s.rules.Closes(v.Shift), Reason: e.Reason}
	return a, s.insertWhole(ctx, tx, &a, v, e, method)
}

// insertWhole writes the attendance in one go: an open one in between would
// collide with another the person has open elsewhere.
func (s *Service) insertWhole(ctx context.Context, tx pgx.Tx, a *Attendance, v activity.ShiftView, e Entry, m Method) error {
	if _, _, minutes := Served(e.InAt, e.OutAt, v.Shift); minutes < 1 {
		return ErrTooShort
	}
	unknown := Unknown
	a.State, a.OutAt, a.OutMethod, a.OutPlace, a.OutBy = Complete, &e.OutAt, &m, &unknown, &e.By
	if err := insert(ctx, tx, *a); err != nil {
		return err
	}
	if err := s.complete(ctx, tx, *a, v); err != nil {
		return err
	}
	return s.record(ctx, tx, "attendance.write", *a, v, e.By, map[string]any{"method": m})
}

func (s *Service) checkEntry(e *Entry, v activity.ShiftView, now time.Time) error {
	if err := takesPlace(v); err != nil {
		return err
	}
	if e.By == e.Person {
		return ErrOwn
	}
	if now.Before(v.StartsAt) {
		return ErrNotStarted.With("at", activity.Moment{Time: v.StartsAt})
	}
	var c fault.Check
	e.Reason = text.Clean(e.Reason)
	text.Check(&c, "reason", e.Reason, true, 200)
	opens, closes := s.rules.Opens(v.Shift), s.rules.Closes(v.Shift)
	outside := ErrOutside.With("from", activity.Moment{Time: opens}, "until", activity.Moment{Time: closes})
	for name, at := range map[string]time.Time{"in_at": e.InAt, "out_at": e.OutAt} {
		switch {
		case at.IsZero():
			c.Add(name, fault.ErrRequired)
		case at.Before(opens) || at.After(closes):
			c.Add(name, outside)
		case at.After(now):
			c.Add(name, ErrNotYet)
		}
	}
	c.Must(e.OutAt.After(e.InAt), "out_at", ErrOutBeforeIn)
	return c.Err()
}
