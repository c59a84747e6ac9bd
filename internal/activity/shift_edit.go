package activity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/text"
)

// ShiftEdit asks for a shift to be added or changed.
type ShiftEdit struct {
	Activity uuid.UUID
	Version  int       // of the activity, as the form was opened with
	Shift    uuid.UUID // zero: a new one
	Plan     ShiftPlan
	By       uuid.UUID
}

// PutShift adds or changes a shift of a draft or published activity. What was
// published is told to those signed up when time or place change; a shift that
// has begun stays as it is. Errors: fields, ErrShiftStarted,
// ErrCapacityBelowTaken, ErrMoveOverlaps, fault.ErrVersionConflict.
func (s *Service) PutShift(ctx context.Context, e ShiftEdit) (Shift, error) {
	var c fault.Check
	e.Plan.check(&c, s.clk.Now())
	if err := c.Err(); err != nil {
		return Shift{}, err
	}
	var sh Shift
	_, err := s.edit(ctx, e.Activity, e.Version, "activity.shift", e.By, func(tx pgx.Tx, a *Activity) (err error) {
		if err := s.fitsPublished(ctx, tx, *a, e.Plan); err != nil {
			return err
		}
		if e.Shift == uuid.Nil {
			sh, err = s.addShift(ctx, tx, *a, e.Plan)
			return err
		}
		sh, err = s.changeShift(ctx, tx, *a, e.Shift, e.Plan)
		return err
	})
	if err == nil {
		s.forgetHints(sh.ID)
	}
	return sh, err
}

// fitsPublished asks of a shift of a published activity what Submit asked of
// all: in the future, adults where there is danger or emergency relief, within the filing.
func (s *Service) fitsPublished(ctx context.Context, tx pgx.Tx, a Activity, p ShiftPlan) error {
	if a.State != Published {
		return nil
	}
	org, err := s.workingOrg(ctx, tx, a.Org)
	if err != nil {
		return err
	}
	var c fault.Check
	c.Must(p.StartsAt.After(s.clk.Now()), "starts_at", ErrShiftPast)
	c.Must(a.oldEnough(p.MinAge), "min_age", a.adultsRule())
	c.Must(org.FiledOn(p.StartsAt) && org.FiledOn(p.EndsAt), "starts_at", ErrOutsideFiling)
	return c.Err()
}

func (s *Service) addShift(ctx context.Context, tx pgx.Tx, a Activity, p ShiftPlan) (Shift, error) {
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM activity.shift WHERE activity = $1`, a.ID).Scan(&n); err != nil {
		return Shift{}, err
	}
	if n >= MaxShifts {
		return Shift{}, ErrTooManyShifts.With("max", MaxShifts)
	}
	sh := newShift(a.ID, p)
	return sh, insertShift(ctx, tx, sh)
}

func (s *Service) changeShift(ctx context.Context, tx pgx.Tx, a Activity, id uuid.UUID, p ShiftPlan) (Shift, error) {
	old, err := s.openShift(ctx, tx, a, id)
	if err != nil {
		return Shift{}, err
	}
	next := old
	p.into(&next)
	if err := s.signupsBeforeEditTx(ctx, tx, next); err != nil {
		return Shift{}, err
	}
	if err := saveShift(ctx, tx, next); err != nil {
		return Shift{}, err
	}
	moved := a.State == Published && old.elsewhere(next)
	if err := s.signupsAfterEditTx(ctx, tx, id, moved); err != nil {
		return Shift{}, err
	}
	if moved && s.hooks.moved != nil {
		err = s.hooks.moved(ctx, tx, ShiftView{old, a}, ShiftView{next, a})
	}
	return next, err
}

// openShift finds a shift of an activity that takes place and has not begun
// (a draft's shift may lie in the past).
func (s *Service) openShift(ctx context.Context, tx pgx.Tx, a Activity, id uuid.UUID) (Shift, error) {
	sh, err := getShift(ctx, tx, id)
	switch {
	case err != nil:
		return Shift{}, err
	case sh.ActivityID != a.ID:
		return Shift{}, ErrShiftNotFound
	case sh.State == ShiftCancelled:
		return Shift{}, ErrShiftCancelled
	case a.State == Published && !sh.StartsAt.After(s.clk.Now()):
		return Shift{}, ErrShiftStarted.With("at", Moment{sh.StartsAt})
	}
	return sh, nil
}

// elsewhere reports whether people must be told: another time or place.
func (s Shift) elsewhere(next Shift) bool {
	return !s.StartsAt.Equal(next.StartsAt) || !s.EndsAt.Equal(next.EndsAt) || s.Place != next.Place ||
		!samePoint(s.Lat, next.Lat) || !samePoint(s.Lon, next.Lon)
}

func samePoint(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// DropShift takes a shift out of a draft.
func (s *Service) DropShift(ctx context.Context, activity uuid.UUID, version int, shift, by uuid.UUID) (Activity, error) {
	return s.edit(ctx, activity, version, "activity.drop_shift", by, func(tx pgx.Tx, a *Activity) error {
		if a.State != Draft {
			return inState[a.State]
		}
		tag, err := tx.Exec(ctx, `DELETE FROM activity.shift WHERE id = $1 AND activity = $2`, shift, a.ID)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrShiftNotFound
		}
		return err
	})
}

// CancelShift calls one shift of a published activity off; those signed up
// read the reason.
func (s *Service) CancelShift(ctx context.Context, activity uuid.UUID, version int, shift uuid.UUID, reason string, by uuid.UUID) (Activity, error) {
	reason, err := needReason(reason)
	if err != nil {
		return Activity{}, err
	}
	a, err := s.edit(ctx, activity, version, "activity.cancel_shift", by, func(tx pgx.Tx, a *Activity) error {
		if a.State != Published {
			return inState[a.State]
		}
		sh, err := s.openShift(ctx, tx, *a, shift)
		if err != nil {
			return err
		}
		return s.callOff(ctx, tx, *a, []Shift{sh}, reason, by)
	})
	if err == nil {
		s.forgetHints(shift)
	}
	return a, err
}

// callOff cancels shifts with their sign-ups and tells everybody.
func (s *Service) callOff(ctx context.Context, tx pgx.Tx, a Activity, shifts []Shift, reason string, by uuid.UUID) error {
	ids := idsOf(shifts)
	if err := s.callOffSignupsTx(ctx, tx, ids, reason, by, s.clk.Now()); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE activity.shift SET state = 'cancelled' WHERE id = ANY($1)`, ids); err != nil {
		return err
	}
	if s.hooks.cancelled == nil {
		return nil
	}
	return s.hooks.cancelled(ctx, tx, a, shifts)
}

func idsOf(shifts []Shift) []uuid.UUID {
	ids := make([]uuid.UUID, len(shifts))
	for i, sh := range shifts {
		ids[i] = sh.ID
	}
	return ids
}

func needReason(reason string) (string, error) {
	reason = text.Clean(reason)
	var c fault.Check
	text.Check(&c, "reason", reason, true, 500)
	return reason, c.Err()
}
