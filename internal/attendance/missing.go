package attendance

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// missTx opens the case of a forgotten check-out.
func (s *Service) missTx(ctx context.Context, tx pgx.Tx, a Attendance, v activity.ShiftView, now time.Time) error {
	a.State = Unconfirmed
	if err := save(ctx, tx, a); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO attendance.missing_out (attendance, opened_at) VALUES ($1, $2)`, a.ID, now)
	if err != nil {
		return err
	}
	return s.cased(ctx, tx, Happening{Event: CaseOpened, Attendance: a, Shift: v, At: now})
}

// Ask asks the volunteer when he left. Asking again changes nothing.
func (s *Service) Ask(ctx context.Context, id, by uuid.UUID) error {
	return s.onCase(ctx, id, func(tx pgx.Tx, a Attendance, v activity.ShiftView, now time.Time) error {
		if a.State != Unconfirmed {
			return ErrNotMissing
		}
		tag, err := tx.Exec(ctx, `UPDATE attendance.missing_out SET asked_at = $2, asked_by = $3
			WHERE attendance = $1 AND asked_at IS NULL`, id, now, by)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := s.cased(ctx, tx, Happening{Event: CaseAsked, Attendance: a, WasMissing: true, Shift: v, Actor: &by, At: now}); err != nil {
			return err
		}
		return s.record(ctx, tx, "attendance.ask", a, v, by, nil)
	})
}

// Reply is what the volunteer, or a guardian, says about a forgotten check-out.
type Reply struct {
	Attendance uuid.UUID
	By         uuid.UUID
	OutAt      time.Time
	Note       string
}

// Answer keeps what the volunteer says; he may say it anew until the case is
// settled, asked or not.
func (s *Service) Answer(ctx context.Context, r Reply) error {
	return s.onCase(ctx, r.Attendance, func(tx pgx.Tx, a Attendance, v activity.ShiftView, now time.Time) error {
		if a.State != Unconfirmed {
			return ErrNotMissing
		}
		var c fault.Check
		r.Note = text.Clean(r.Note)
		text.Check(&c, "note", r.Note, false, 200)
		s.checkOut(&c, a, v, r.OutAt, now)
		if err := c.Err(); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE attendance.missing_out SET answered_at = $2, answer_out_at = $3, answer_note = $4
			WHERE attendance = $1`, a.ID, now, r.OutAt, r.Note)
		if err != nil {
			return err
		}
		return s.cased(ctx, tx, Happening{Event: CaseAnswered, Attendance: a, WasMissing: true, Shift: v, Actor: &r.By, At: now})
	})
}

// checkOut notes what is wrong with a time of leaving.
func (s *Service) checkOut(c *fault.Check, a Attendance, v activity.ShiftView, out, now time.Time) {
	switch closes := s.rules.Closes(v.Shift); {
	case out.IsZero():
		c.Add("out_at", fault.ErrRequired)
	case !out.After(a.InAt):
		c.Add("out_at", ErrOutBeforeIn)
	case out.After(now):
		c.Add("out_at", ErrNotYet)
	case out.Before(v.StartsAt) || out.After(closes):
		c.Add("out_at", ErrOutside.With("from", activity.Moment{Time: v.StartsAt}, "until", activity.Moment{Time: closes}))
	}
}

// Verdict settles a forgotten check-out. OutAt is needed for Actual, Reason
// for Actual and Refused.
type Verdict struct {
	Attendance uuid.UUID
	By         uuid.UUID
	How        How
	OutAt      time.Time
	Reason     string
}

// Settle ends a case: the attendance becomes complete with the time of leaving,
// and the hours are claimed; or it is dismissed because no service was given,
// and the volunteer is told why. An open or dismissed one can be settled once
// its shift is over; an open one can be dismissed at any time.
func (s *Service) Settle(ctx context.Context, r Verdict) error {
	return s.onCase(ctx, r.Attendance, func(tx pgx.Tx, a Attendance, v activity.ShiftView, now time.Time) error {
		if r.By == a.Person {
			return ErrOwn
		}
		if !settleable(a, v, r.How, now) {
			return ErrNotMissing
		}
		var c fault.Check
		r.Reason = text.Clean(r.Reason)
		text.Check(&c, "reason", r.Reason, r.How == Actual || r.How == Refused, 200)
		if r.How == Actual {
			s.checkOut(&c, a, v, r.OutAt, now)
		}
		if err := c.Err(); err != nil {
			return err
		}
		if err := s.settleTx(ctx, tx, &a, v, r, now); err != nil {
			return err
		}
		return s.record(ctx, tx, "attendance.settle", a, v, r.By, map[string]any{"how": r.How})
	})
}

func settleable(a Attendance, v activity.ShiftView, how How, now time.Time) bool {
	over := !now.Before(v.EndsAt)
	switch a.State {
	case Unconfirmed:
		return true
	case Open:
		return over || how == Refused
	case Dismissed:
		return over && how != Refused
	}
	return false
}

func (s *Service) settleTx(ctx context.Context, tx pgx.Tx, a *Attendance, v activity.ShiftView, r Verdict, now time.Time) error {
	out, err := leftAt(ctx, tx, *a, v, r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO attendance.missing_out (attendance, opened_at, settled_at, settled_by, settled_how)
		VALUES ($1, $2, $2, $3, $4)
		ON CONFLICT (attendance) DO UPDATE SET settled_at = $2, settled_by = $3, settled_how = $4`, a.ID, now, r.By, r.How)
	if err != nil {
		return err
	}
	h := Happening{Event: CaseSettled, WasMissing: a.State == Unconfirmed, Shift: v, Actor: &r.By, At: now}
	a.Reason = r.Reason
	if r.How == Refused {
		a.State, h.Event, h.Attendance = Dismissed, CaseDismissed, *a
		if err := save(ctx, tx, *a); err != nil {
			return err
		}
		return s.cased(ctx, tx, h)
	}
	h.Attendance = *a
	if err := s.cased(ctx, tx, h); err != nil {
		return err
	}
	return s.completeTx(ctx, tx, a, v, side{out, Settled, Unknown, Proof{by: &r.By}})
}

// leftAt is the time of leaving that a verdict gives.
func leftAt(ctx context.Context, tx pgx.Tx, a Attendance, v activity.ShiftView, r Verdict) (time.Time, error) {
	switch r.How {
	case ShiftEnd:
		return v.EndsAt, nil
	case Actual:
		return r.OutAt, nil
	case Answer:
		m, err := MissingOf(ctx, tx, a.ID)
		if err != nil || m.AnswerOutAt == nil {
			return time.Time{}, ErrNoAnswer
		}
		return *m.AnswerOutAt, nil
	case Refused:
		return time.Time{}, nil
	}
	var c fault.Check
	c.Add("how", fault.ErrBadValue)
	return time.Time{}, c.Err()
}

// onCase runs fn with the attendance locked and its shift.
func (s *Service) onCase(ctx context.Context, id uuid.UUID, fn func(pgx.Tx, Attendance, activity.ShiftView, time.Time) error) error {
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		a, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		v, err := s.shifts.Shift(ctx, tx, a.Shift)
		if err != nil {
			return err
		}
		return fn(tx, a, v, s.clk.Now())
	})
}
