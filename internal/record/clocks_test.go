package record_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/workday"
	"kapok/internal/record"
)

func (w *world) open(division string) []record.ShiftClock {
	w.T.Helper()
	w.drain()
	list, err := w.Records.OpenOfDivision(w.T.Context(), division, "", 50)
	w.Must(err)
	return list
}

func TestWhoIsLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	soon, later := w.Shift(attendancetest.Titled("先")), w.Shift(attendancetest.Titled("后"),
		attendancetest.Between(at(9, 0).AddDate(0, 0, 1), at(10, 0).AddDate(0, 0, 1)))
	p, q := w.Volunteer("李文"), w.Volunteer("张三")
	w.SignUp(later, p)
	r := w.served(soon, p, at(9, 0), at(11, 30))
	w.Come(soon, q, at(9, 0))
	w.Clk.Set(at(16, 0))
	_, err := w.Attendance.Sweep(t.Context())
	w.Must(err)
	w.Come(later, p, at(9, 0).AddDate(0, 0, 1))
	w.Leave(later, p, at(10, 0).AddDate(0, 0, 1))
	list := w.open("440100")
	if len(list) != 2 || list[0].Title != "先" || list[0].Pending != 1 || list[0].Missing != 1 || list[1].Pending != 1 || !list[0].DueOn.Equal(date("2026-10-30")) {
		t.Fatalf("%+v", list)
	}
	if list[0].WorkdaysLeft != 9 || list[1].WorkdaysLeft != 10 {
		t.Errorf("left %d, %d", list[0].WorkdaysLeft, list[1].WorkdaysLeft)
	}
	for scope, want := range map[string]int{"440000": 2, "440104": 2, "440106": 0, "810000": 0} {
		if got := w.open(scope); len(got) != want {
			t.Errorf("%s sees %d", scope, len(got))
		}
	}
	mine, err := w.Records.OpenOfOrgs(t.Context(), []uuid.UUID{w.Org.ID}, "", 1)
	w.Must(err)
	next, err := w.Records.OpenOfOrgs(t.Context(), []uuid.UUID{w.Org.ID}, mine[0].Cursor(), 10)
	if err != nil || len(next) != 1 || next[0].Shift == mine[0].Shift {
		t.Errorf("pages: %+v %+v %v", mine, next, err)
	}
	if other, err := w.Records.OpenOfOrgs(t.Context(), []uuid.UUID{uuid.New()}, "", 10); err != nil || len(other) != 0 {
		t.Errorf("another organisation sees %+v %v", other, err)
	}

	w.Clk.Set(time.Date(2026, 11, 3, 12, 0, 0, 0, attendancetest.Day.Location()))
	if got := w.open("440100"); got[0].WorkdaysLeft != -2 {
		t.Errorf("%d working days left, want two late", got[0].WorkdaysLeft)
	}
	w.confirm(soon.ID, r.ID)
	missing, err := attendance.UnconfirmedOf(t.Context(), w.Pool, q.ID)
	w.Must(err)
	w.Must(w.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: missing[0].ID, By: w.Leader.ID, How: attendance.ShiftEnd}))
	if got := w.open("440100"); len(got) != 2 || got[0].Pending != 1 || got[0].Missing != 0 {
		t.Errorf("settled, so one more to confirm: %+v", got)
	}
	settled := w.recordOf(missing[0])
	if settled.Grade != attendance.GradeC || settled.Minutes != 150 {
		t.Errorf("%+v", settled)
	}
	w.confirm(soon.ID, settled.ID)
	if got := w.open("440100"); len(got) != 1 || got[0].Title != "后" {
		t.Errorf("%+v", got)
	}
	w.Must(w.Journal.Rebuild(t.Context(), w.Records.Clock()))
	if got := w.open("440100"); len(got) != 1 || got[0].Title != "后" || got[0].Pending != 1 {
		t.Errorf("rebuilt: %+v", got)
	}
}

func TestADismissedCaseLeavesTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	a := w.Come(v, p, at(9, 0))
	w.Clk.Set(at(16, 0))
	_, err := w.Attendance.Sweep(t.Context())
	w.Must(err)
	w.Must(w.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: a.ID, By: w.Leader.ID, How: attendance.Refused, Reason: "签到后即离开"}))
	if got := w.open("440000"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// When the State Council has published next year's holidays and the operator
// loads them, estimated due days become exact.
func TestEstimatedDaysBecomeExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := time.Date(2026, 12, 25, 9, 0, 0, 0, attendancetest.Day.Location())
	v := w.Shift(attendancetest.Between(day, day.Add(time.Hour)))
	done, waiting := w.Volunteer("甲一"), w.Volunteer("乙二")
	r1 := w.served(v, done, day, day.Add(time.Hour))
	w.Come(v, waiting, day)
	r2 := w.recordOf(w.Leave(v, waiting, day.Add(time.Hour)))
	w.confirm(v.ID, r1.ID)
	w.drain()
	if n, err := w.Records.Redate(t.Context()); n != 0 || err != nil {
		t.Errorf("without news %d were redated, %v", n, err)
	}
	calendar, err := workday.Read(strings.NewReader(`date,kind,name_zh,name_en
2026-10-01,holiday,国庆节,National Day
2027-01-01,holiday,元旦,New Year's Day
2027-10-01,holiday,国庆节,National Day
`))
	w.Must(err)
	w = around(t, w.World, calendar)
	if n, err := w.Records.Redate(t.Context()); n != 1 || err != nil {
		t.Errorf("%d redated, %v", n, err)
	}
	got := w.get(r2.ID)
	if got.DueEstimated || !got.DueOn.Equal(date("2027-01-11")) || got.Change != record.Redated || got.ChangedBy != nil {
		t.Errorf("%+v", got)
	}
	if kept := w.get(r1.ID); !kept.DueEstimated || kept.Version != 2 {
		t.Errorf("a confirmed one was touched: %+v", kept)
	}
	if list := w.open("440000"); len(list) != 1 || list[0].DueEstimated || !list[0].DueOn.Equal(date("2027-01-11")) {
		t.Errorf("%+v", list)
	}
}
