package attendance

import (
	"testing"
	"time"

	"kapok/internal/activity"
)

func TestGradeIsTheWeakerSide(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		in      Method
		inPlace Place
		out     Method
		outPl   Place
		want    Grade
	}{
		{QR, Near, QR, Near, GradeA},
		{QR, Near, Digits, Near, GradeA},
		{QR, Near, QR, Unknown, GradeB},
		{Digits, Unknown, Digits, Unknown, GradeB},
		{Card, Unknown, Card, Unknown, GradeB},
		{Card, Near, QR, Near, GradeB},
		{QR, Near, QR, Far, GradeC},
		{QR, Near, Settled, Unknown, GradeC},
		{Manual, Unknown, Manual, Unknown, GradeD},
		{ManualLate, Unknown, ManualLate, Unknown, GradeE},
	} {
		a := Attendance{InMethod: x.in, InPlace: x.inPlace, OutMethod: &x.out, OutPlace: &x.outPl}
		if got := a.Grade(); got != x.want {
			t.Errorf("%+v: got %s", x, got)
		}
	}
	if got := (Attendance{InMethod: QR, InPlace: Near}).Grade(); got != GradeC {
		t.Errorf("without a check-out: %s", got)
	}
}

func TestServedIsWithinTheShiftInWholeMinutes(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse("15:04:05", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	shift := activity.Shift{StartsAt: at("09:00:00"), EndsAt: at("11:30:00")}
	for _, x := range []struct {
		in, out string
		want    int
	}{
		{"08:56:00", "11:33:00", 150}, {"09:00:30", "11:29:50", 149}, {"10:41:00", "11:32:00", 49},
		{"08:00:00", "08:30:00", 0}, {"11:30:00", "12:00:00", 0}, {"09:00:00", "09:00:59", 0},
	} {
		if _, _, got := Served(at(x.in), at(x.out), shift); got != x.want {
			t.Errorf("%s–%s: got %d want %d", x.in, x.out, got, x.want)
		}
	}
}
