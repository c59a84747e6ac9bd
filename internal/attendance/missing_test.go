package attendance_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/fault"
	"kapok/internal/person"
)

// forgotten is somebody who came at 8:56 and forgot to check out.
func forgotten(t *testing.T, w *world) (activity.ShiftView, person.Person, attendance.Attendance) {
	t.Helper()
	v, p := w.Shift(), w.Volunteer("李文")
	w.SignUp(v, p)
	a := w.Come(v, p, at(8, 56))
	w.Clk.Set(at(15, 29))
	if n, err := w.Attendance.Sweep(t.Context()); n != 0 || err != nil {
		t.Fatalf("swept %d too early, %v", n, err)
	}
	w.Clk.Set(at(15, 30))
	for _, want := range []int{1, 0} {
		if n, err := w.Attendance.Sweep(t.Context()); n != want || err != nil {
			t.Fatalf("swept %d, want %d, %v", n, want, err)
		}
	}
	return v, p, a
}

func (w *world) state(a attendance.Attendance) attendance.Attendance {
	w.T.Helper()
	got, err := attendance.Get(w.T.Context(), w.Pool, a.ID)
	w.Must(err)
	return got
}

func TestAForgottenCheckOutBecomesACase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p, a := forgotten(t, w)
	if got := w.state(a); got.State != attendance.Unconfirmed || got.OutAt != nil {
		t.Errorf("%+v", got)
	}
	if list, err := attendance.UnconfirmedOf(t.Context(), w.Pool, p.ID); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
	_, err := w.Attendance.CheckIn(t.Context(), proofAt(t, w, v, p), nil)
	refused(t, err, attendance.ErrIsMissing)
	if len(w.completed) != 0 || !slices.Equal(w.cases, []attendance.CaseEvent{attendance.CaseOpened}) {
		t.Errorf("told %v %v", w.completed, w.cases)
	}
}

// proofAt reads a code shown while check-out was open.
func proofAt(t *testing.T, w *world, v activity.ShiftView, p person.Person) attendance.Proof {
	now := w.Clk.Now()
	defer w.Clk.Set(now)
	w.Clk.Set(at(11, 0))
	return w.Scan(v, p)
}

func TestTheOrganiserSettlesACase(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		verdict attendance.Verdict
		minutes int
	}{
		"stayed to the end":     {attendance.Verdict{How: attendance.ShiftEnd}, 150},
		"left before":           {attendance.Verdict{How: attendance.Actual, OutAt: at(11, 0), Reason: "领队看到他 11 点离开"}, 120},
		"as the volunteer says": {attendance.Verdict{How: attendance.Answer}, 135},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			v, p, a := forgotten(t, w)
			w.Must(w.Attendance.Ask(t.Context(), a.ID, w.Leader.ID))
			w.Must(w.Attendance.Ask(t.Context(), a.ID, w.Leader.ID))
			w.Must(w.Attendance.Answer(t.Context(), attendance.Reply{Attendance: a.ID, By: p.ID, OutAt: at(11, 15), Note: "接孩子"}))
			x.verdict.Attendance, x.verdict.By = a.ID, w.Leader.ID
			w.Must(w.Attendance.Settle(t.Context(), x.verdict))
			got := w.state(a)
			if _, _, minutes := attendance.Served(got.InAt, *got.OutAt, v.Shift); minutes != x.minutes || got.Grade() != attendance.GradeC || *got.OutBy != w.Leader.ID {
				t.Errorf("%d minutes, %+v", minutes, got)
			}
			want := []attendance.CaseEvent{attendance.CaseOpened, attendance.CaseAsked, attendance.CaseAnswered, attendance.CaseSettled}
			if len(w.completed) != 1 || !slices.Equal(w.cases, want) {
				t.Errorf("told %d, %v", len(w.completed), w.cases)
			}
			refused(t, w.Attendance.Settle(t.Context(), x.verdict), attendance.ErrNotMissing)
			refused(t, w.Attendance.Answer(t.Context(), attendance.Reply{Attendance: a.ID, By: p.ID, OutAt: at(11, 0)}), attendance.ErrNotMissing)
			m, err := attendance.MissingOf(t.Context(), w.Pool, a.ID)
			if err != nil || m.SettledHow == nil || *m.SettledHow != x.verdict.How || m.AnswerNote != "接孩子" {
				t.Errorf("%+v %v", m, err)
			}
		})
	}
}

func TestNobodyServedIsAReasonedVerdictThatCanBeTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p, a := forgotten(t, w)
	no := attendance.Verdict{Attendance: a.ID, By: w.Leader.ID, How: attendance.Refused}
	if e := fault.As(w.Attendance.Settle(t.Context(), no)); len(e.Fields) != 1 || e.Fields[0].Name != "reason" {
		t.Errorf("without a reason: %v", e)
	}
	no.Reason = "签到后即离开"
	w.Must(w.Attendance.Settle(t.Context(), no))
	if got := w.state(a); got.State != attendance.Dismissed || got.Reason != no.Reason || len(w.completed) != 0 {
		t.Errorf("%+v", got)
	}
	_, err := w.Attendance.CheckIn(t.Context(), proofAt(t, w, v, p), nil)
	refused(t, err, attendance.ErrIsDismissed)
	w.Must(w.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: a.ID, By: w.Leader.ID, How: attendance.ShiftEnd}))
	if got := w.state(a); got.State != attendance.Complete || len(w.completed) != 1 {
		t.Errorf("taken back: %+v", got)
	}
}

func TestVerdictsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, p, a := forgotten(t, w)
	refused(t, w.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: a.ID, By: p.ID, How: attendance.ShiftEnd}), attendance.ErrOwn)
	refused(t, w.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: a.ID, By: w.Leader.ID, How: attendance.Answer}), attendance.ErrNoAnswer)
	refused(t, w.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: uuid.New(), By: w.Leader.ID, How: attendance.ShiftEnd}), attendance.ErrNotFound)
	for _, x := range []struct {
		v    attendance.Verdict
		want *fault.Error
	}{
		{attendance.Verdict{How: "guess"}, fault.ErrBadValue},
		{attendance.Verdict{How: attendance.Actual, Reason: "看到"}, fault.ErrRequired},
		{attendance.Verdict{How: attendance.Actual, Reason: "看到", OutAt: at(8, 0)}, attendance.ErrOutBeforeIn},
		{attendance.Verdict{How: attendance.Actual, Reason: "看到", OutAt: at(8, 58)}, attendance.ErrOutside},
		{attendance.Verdict{How: attendance.Actual, Reason: "看到", OutAt: at(20, 0)}, attendance.ErrNotYet},
	} {
		x.v.Attendance, x.v.By = a.ID, w.Leader.ID
		e := fault.As(w.Attendance.Settle(t.Context(), x.v))
		if len(e.Fields) == 0 || !errors.Is(e.Fields[0].Err, x.want) {
			t.Errorf("%+v: %v", x.v, e)
		}
	}
	if got := w.state(a); got.State != attendance.Unconfirmed {
		t.Errorf("%+v", got)
	}
}

func TestAProlongedShiftIsNotSweptAtItsOldTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.Clk.Set(at(8, 0))
	a := w.Come(v, p, at(8, 30))
	plan := activity.ShiftPlanOf(v.Shift)
	plan.EndsAt = at(14, 0)
	_, err := w.Activities.PutShift(t.Context(), activity.ShiftEdit{Activity: v.ActivityID, Version: v.Activity.Version, Shift: v.ID, Plan: plan, By: w.Admin.ID})
	w.Must(err)
	w.Clk.Set(at(16, 0))
	if n, err := w.Attendance.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d %v", n, err)
	}
	if got := w.state(a); got.State != attendance.Open || !got.ClosesAt.Equal(at(18, 0)) {
		t.Errorf("%+v", got)
	}
}

func TestTheOrganiserWritesAnEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p, late := w.Shift(), w.Volunteer("李文"), w.Volunteer("张三")
	w.SignUp(v, p)
	entry := attendance.Entry{Shift: v.ID, Person: p.ID, By: w.Leader.ID, InAt: at(9, 0), OutAt: at(11, 0), Reason: "手机没电"}
	w.Clk.Set(at(8, 0))
	_, err := w.Attendance.Write(t.Context(), entry)
	refused(t, err, attendance.ErrNotStarted)
	w.Clk.Set(at(12, 0))
	a, err := w.Attendance.Write(t.Context(), entry)
	if err != nil || a.State != attendance.Complete || a.Grade() != attendance.GradeD || a.Signup == nil || len(w.completed) != 1 {
		t.Errorf("%+v %v", a, err)
	}
	_, err = w.Attendance.Write(t.Context(), entry)
	refused(t, err, attendance.ErrAlreadyThere)
	entry.Person = w.Leader.ID
	_, err = w.Attendance.Write(t.Context(), entry)
	refused(t, err, attendance.ErrOwn)
	w.Clk.Set(at(40, 0))
	entry.Person = late.ID
	a, err = w.Attendance.Write(t.Context(), entry)
	if err != nil || a.Grade() != attendance.GradeE || a.Signup != nil {
		t.Errorf("afterwards: %+v %v", a, err)
	}
}

func TestEntriesTellAllThatIsWrongAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.Clk.Set(at(12, 0))
	_, err := w.Attendance.Write(t.Context(), attendance.Entry{Shift: v.ID, Person: p.ID, By: w.Leader.ID, InAt: at(5, 0), OutAt: at(14, 0), Reason: " "})
	got := map[string]string{}
	for _, f := range fault.As(err).Fields {
		got[f.Name] = f.Err.Code
	}
	want := map[string]string{"in_at": "attendance.outside", "out_at": "attendance.not_yet", "reason": "kit.required"}
	for name, code := range want {
		if got[name] != code {
			t.Errorf("%s: got %q, want %q", name, got[name], code)
		}
	}
}
