package attendance_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/fault"
)

var at = attendancetest.At

// world counts what the hooks are told.
type world struct {
	*attendancetest.World
	completed []attendance.Attendance
	cases     []attendance.CaseEvent
	fail      error
}

func newWorld(t *testing.T) *world {
	w := &world{World: attendancetest.New(t)}
	w.Attendance.OnComplete(func(_ context.Context, _ pgx.Tx, a attendance.Attendance, _ activity.ShiftView) error {
		w.completed = append(w.completed, a)
		return w.fail
	})
	w.Attendance.OnCase(func(_ context.Context, _ pgx.Tx, h attendance.Happening) error {
		w.cases = append(w.cases, h.Event)
		return nil
	})
	return w
}

func refused(t *testing.T, err error, want *fault.Error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %s", err, want.Code)
	}
}

func TestComingAndGoing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	g := w.SignUp(v, p)
	in := w.Come(v, p, at(8, 56))
	if in.State != attendance.Open || *in.Signup != g.ID || in.InMethod != attendance.QR || in.InPlace != attendance.Near || in.InBy != nil {
		t.Errorf("in: %+v", in)
	}
	w.Clk.Set(at(9, 10))
	again, err := w.Attendance.CheckIn(t.Context(), w.Scan(v, p), nil)
	if err != nil || again.ID != in.ID || !again.InAt.Equal(in.InAt) {
		t.Errorf("a second scan: %+v %v", again, err)
	}
	out := w.Leave(v, p, at(11, 33))
	if out.State != attendance.Complete || !out.OutAt.Equal(at(11, 33)) || out.Grade() != attendance.GradeA {
		t.Errorf("out: %+v", out)
	}
	w.Clk.Set(at(11, 34))
	again, err = w.Attendance.CheckOut(t.Context(), w.Scan(v, p), nil)
	if err != nil || !again.OutAt.Equal(*out.OutAt) || len(w.completed) != 1 {
		t.Errorf("a second check-out: %+v %v, told %d times", again, err, len(w.completed))
	}
	_, err = w.Attendance.CheckIn(t.Context(), w.Scan(v, p), nil)
	refused(t, err, attendance.ErrAlreadyOut)
}

func TestAShiftPastMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(attendancetest.Between(at(22, 0), at(30, 0))), w.Volunteer("李文")
	w.SignUp(v, p)
	w.Come(v, p, at(21, 50))
	out := w.Leave(v, p, at(30, 5))
	if from, to, minutes := attendance.Served(out.InAt, *out.OutAt, v.Shift); minutes != 480 || !from.Equal(at(22, 0)) || !to.Equal(at(30, 0)) {
		t.Errorf("served %v–%v, %d minutes", from, to, minutes)
	}
}

func TestTheWindows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	for _, x := range []struct {
		at   time.Time
		want *fault.Error
	}{{at(6, 59), attendance.ErrNotOpenYet}, {at(15, 30), attendance.ErrCheckOutOver}} {
		w.Clk.Set(x.at)
		_, err := w.Attendance.ShowCode(v)
		refused(t, err, x.want)
	}
	early, late := w.Volunteer("早早"), w.Volunteer("晚晚")
	w.Come(v, early, at(7, 0))
	w.Clk.Set(at(8, 0))
	_, err := w.Attendance.CheckOut(t.Context(), w.Scan(v, early), nil)
	refused(t, err, attendance.ErrNotBegun)
	w.Clk.Set(at(9, 0).Add(30 * time.Second))
	_, err = w.Attendance.CheckOut(t.Context(), w.Scan(v, early), nil)
	refused(t, err, attendance.ErrTooShort)
	w.Clk.Set(at(11, 30))
	_, err = w.Attendance.CheckIn(t.Context(), w.Scan(v, late), nil)
	refused(t, err, attendance.ErrCheckInOver)
	_, err = w.Attendance.CheckOut(t.Context(), w.Scan(v, late), nil)
	refused(t, err, attendance.ErrNotIn)
	if len(w.completed) != 0 {
		t.Error("a refused check-out was told to the hook")
	}
}

func TestOnePlaceAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	morning, also := w.Shift(attendancetest.Titled("上午")), w.Shift(attendancetest.Titled("同时"))
	noon := w.Shift(attendancetest.Titled("中午"), attendancetest.Between(at(12, 0), at(13, 0)))
	p := w.Volunteer("李文")
	w.Come(morning, p, at(9, 0))
	_, err := w.Attendance.CheckIn(t.Context(), w.Scan(also, p), nil)
	refused(t, err, attendance.ErrOtherOpen)
	if got := fault.As(err).Args["title"]; got != "上午" {
		t.Errorf("the other one is not named: %v", fault.As(err).Args)
	}
	// The morning is over and its check-out forgotten: that is a case, and no
	// reason to turn the volunteer away at noon.
	w.Come(noon, p, at(12, 0))
	left, err := attendance.Of(t.Context(), w.Pool, morning.ID, p.ID)
	if err != nil || left.State != attendance.Unconfirmed {
		t.Errorf("morning: %+v %v", left, err)
	}
	if len(w.cases) != 1 || w.cases[0] != attendance.CaseOpened {
		t.Errorf("told %v", w.cases)
	}
}

func TestWhoCameWithoutSigningUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, danger, p := w.Shift(), w.Shift(attendancetest.Dangerous), w.Volunteer("李文")
	w.Clk.Set(at(9, 0))
	_, err := w.Attendance.CheckIn(t.Context(), w.Scan(danger, p), nil)
	refused(t, err, attendance.ErrNeedsSignup)
	if a := w.Come(v, p, at(9, 0)); a.Signup != nil {
		t.Errorf("%+v", a)
	}
}

func TestACancelledShiftTakesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.Clk.Set(at(8, 0))
	proof := w.Scan(v, p)
	_, err := w.Activities.CancelShift(t.Context(), v.ActivityID, v.Activity.Version, v.ID, "暴雨", w.Admin.ID)
	w.Must(err)
	_, err = w.Attendance.CheckIn(t.Context(), proof, nil)
	refused(t, err, attendance.ErrShiftOff)
	v, err = w.Activities.Shift(t.Context(), w.Pool, v.ID)
	w.Must(err)
	_, err = w.Attendance.ShowCode(v)
	refused(t, err, attendance.ErrShiftOff)
}

func TestPlaceLowersTheGradeAndNeverRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	for name, x := range map[string]struct {
		pos   *attendance.Position
		place attendance.Place
		grade attendance.Grade
	}{
		"甲一": {attendancetest.AtPlace, attendance.Near, attendance.GradeA},
		"乙二": {nil, attendance.Unknown, attendance.GradeB},
		"丙三": {attendancetest.FarAway, attendance.Far, attendance.GradeC},
	} {
		p := w.Volunteer(name)
		w.Clk.Set(at(9, 0))
		a, err := w.Attendance.CheckIn(t.Context(), w.Scan(v, p), x.pos)
		if err != nil || a.InPlace != x.place {
			t.Errorf("%s: %v %v", name, a.InPlace, err)
		}
		w.Clk.Set(at(11, 30))
		a, err = w.Attendance.CheckOut(t.Context(), w.Scan(v, p), x.pos)
		if err != nil || a.Grade() != x.grade {
			t.Errorf("%s: grade %v %v", name, a.Grade(), err)
		}
	}
}

// An error of the hook undoes the check-out: hours and attendance go together.
func TestACheckOutWhoseHoursFailIsUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.Come(v, p, at(9, 0))
	w.fail = errors.New("no room on the disk")
	w.Clk.Set(at(11, 30))
	if _, err := w.Attendance.CheckOut(t.Context(), w.Scan(v, p), nil); !errors.Is(err, w.fail) {
		t.Fatal(err)
	}
	if a, err := attendance.OpenOf(t.Context(), w.Pool, p.ID); err != nil || a.State != attendance.Open {
		t.Errorf("%+v %v", a, err)
	}
}

func TestRowsAreGuardedByTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	a := w.Serve(v, p, at(9, 0), at(11, 30))
	for _, sql := range []string{
		`UPDATE attendance.attendance SET in_at = in_at - interval '1 hour' WHERE id = $1`,
		`UPDATE attendance.attendance SET out_at = out_at + interval '1 hour' WHERE id = $1`,
		`UPDATE attendance.attendance SET person = gen_random_uuid() WHERE id = $1`,
		`UPDATE attendance.attendance SET in_place = 'far' WHERE id = $1`,
		`DELETE FROM attendance.attendance WHERE id = $1`,
	} {
		if _, err := w.Pool.Exec(t.Context(), sql, a.ID); err == nil {
			t.Errorf("accepted: %s", sql)
		}
	}
	if _, err := attendance.Get(t.Context(), w.Pool, uuid.New()); !errors.Is(err, attendance.ErrNotFound) {
		t.Error(err)
	}
}
