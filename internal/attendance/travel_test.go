package attendance_test

import (
	"testing"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
)

// at a point: Guangzhou, Shenzhen (some 105 km away), Zhanjiang (some 370 km).
func placed(lat, lon float64) attendancetest.Change {
	return func(_ *activity.Plan, s *activity.ShiftPlan) { s.Lat, s.Lon, s.RadiusM = &lat, &lon, 300 }
}

func nowhere(_ *activity.Plan, s *activity.ShiftPlan) { s.Lat, s.Lon, s.RadiusM = nil, nil, 0 }

func TestNobodyIsFasterThanATrain(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		next attendancetest.Change
		wait int // minutes after leaving the first
		fast bool
	}{
		"the same place at once":            {placed(23.13, 113.26), 0, false},
		"another city in two minutes":       {placed(22.54, 114.06), 2, true},
		"another city by train":             {placed(22.54, 114.06), 40, false},
		"the far end of the province":       {placed(21.27, 110.36), 60, true},
		"the far end, after two hours":      {placed(21.27, 110.36), 120, false},
		"a place of which no point is told": {nowhere, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			here := w.Shift(placed(23.13, 113.26), attendancetest.Titled("这里"), attendancetest.Between(at(9, 0), at(11, 0)))
			there := w.Shift(x.next, attendancetest.Titled("那里"), attendancetest.Between(at(10, 30), at(15, 0)))
			p := w.Volunteer("李文")
			w.Serve(here, p, at(9, 0), at(10, 40))
			w.Clk.Set(at(10, 40+x.wait))
			_, err := w.Attendance.CheckIn(t.Context(), w.Scan(there, p), nil)
			if x.fast {
				refused(t, err, attendance.ErrTooFast)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// What the organiser wrote down proves nothing about the volunteer's phone.
func TestWrittenTimesAreNoJourney(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := w.Shift(placed(23.13, 113.26)), w.Shift(placed(22.54, 114.06), attendancetest.Between(at(11, 30), at(15, 0)))
	p := w.Volunteer("李文")
	w.Clk.Set(at(11, 31))
	_, err := w.Attendance.Write(t.Context(), attendance.Entry{Shift: here.ID, Person: p.ID, By: w.Leader.ID, InAt: at(9, 0), OutAt: at(11, 30), Reason: "手机没电"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Attendance.CheckIn(t.Context(), w.Scan(there, p), nil); err != nil {
		t.Error(err)
	}
}
