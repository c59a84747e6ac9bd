package attendance_test

import (
	"testing"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/person"
)

// becomesMinor puts the birth date of a person right who was taken for an adult.
func (w *world) becomesMinor(p person.Person) {
	w.T.Helper()
	_, err := w.Pool.Exec(w.T.Context(), `UPDATE person.person SET birth_date = '2010-05-01' WHERE id = $1`, p.ID)
	w.Must(err)
}

// No minor serves where it is dangerous, whatever an organiser clicks: one test
// for each way that leads there.
func TestNoMinorServesInDanger(t *testing.T) {
	t.Parallel()
	signedUp := func(w *world, v activity.ShiftView) person.Person {
		p := w.Volunteer("李小")
		w.SignUp(v, p)
		w.becomesMinor(p)
		return p
	}
	walkIn := func(w *world, v activity.ShiftView) person.Person {
		p := w.Volunteer("王小")
		w.becomesMinor(p)
		return p
	}
	late := func(w *world, v activity.ShiftView, p person.Person) error {
		w.Clk.Set(at(20, 0))
		_, err := w.Attendance.Write(w.T.Context(), attendance.Entry{Shift: v.ID, Person: p.ID, By: w.Leader.ID, InAt: at(9, 0), OutAt: at(11, 0), Reason: "没带手机"})
		return err
	}
	byCode := func(w *world, v activity.ShiftView, p person.Person) error {
		w.Clk.Set(at(9, 0))
		_, err := w.Attendance.CheckIn(w.T.Context(), w.Scan(v, p), attendancetest.AtPlace)
		return err
	}
	byCard := func(w *world, v activity.ShiftView, p person.Person) error {
		w.Clk.Set(at(9, 0))
		proof, err := w.Attendance.ReadCard(w.T.Context(), v.ID, w.Attendance.ShowCard(p.ID).Token, w.Leader.ID)
		w.Must(err)
		_, err = w.Attendance.CheckIn(w.T.Context(), proof, nil)
		return err
	}
	for name, c := range map[string]struct {
		who func(*world, activity.ShiftView) person.Person
		way func(*world, activity.ShiftView, person.Person) error
	}{
		"signed up, scans the code":        {signedUp, byCode},
		"signed up, the card is scanned":   {signedUp, byCard},
		"signed up, is written afterwards": {signedUp, late},
		"walks in, scans the code":         {walkIn, byCode},
		"walks in, the card is scanned":    {walkIn, byCard},
		"walks in, is written afterwards":  {walkIn, late},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			v := w.Shift(attendancetest.Dangerous)
			p := c.who(w, v)
			refused(t, c.way(w, v, p), activity.ErrAdultsOnly)
			if _, err := attendance.Of(t.Context(), w.Pool, v.ID, p.ID); err == nil {
				t.Error("an attendance was kept")
			}
		})
	}
}

func TestNoOrganiserApprovesAMinorIntoDanger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift(attendancetest.Dangerous, func(_ *activity.Plan, s *activity.ShiftPlan) { s.Approval = true })
	p := w.Volunteer("李小")
	g := w.SignUp(v, p)
	w.becomesMinor(p)
	err := w.Activities.Decide(t.Context(), activity.Decision{Shift: v.ID, Signups: []uuid.UUID{g.ID}, Approve: true, By: w.Leader.ID})
	refused(t, err, activity.ErrAdultsOnly)
}

func TestNoMinorSignsUpForDanger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(attendancetest.Dangerous), w.Volunteer("李小")
	w.becomesMinor(p)
	why, err := w.Activities.Why(t.Context(), v, p.ID)
	w.Must(err)
	found := false
	for _, e := range why {
		found = found || e.Code == activity.ErrAdultsOnly.Code
	}
	if !found {
		t.Errorf("why %v", why)
	}
	if _, err := w.Activities.SignUp(t.Context(), activity.SignUpRequest{Shift: v.ID, Person: p.ID, By: p.ID}); err == nil {
		t.Error("a minor has a place")
	}
}

// A minor whom no guardian allowed does not walk in either, nor is written afterwards.
func TestNoMinorWalksInWithoutConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李小")
	w.becomesMinor(p)
	w.Clk.Set(at(9, 0))
	_, err := w.Attendance.CheckIn(t.Context(), w.Scan(v, p), attendancetest.AtPlace)
	refused(t, err, activity.ErrGuardianConsent)
	w.Clk.Set(at(20, 0))
	_, err = w.Attendance.Write(t.Context(), attendance.Entry{Shift: v.ID, Person: p.ID, By: w.Leader.ID, InAt: at(9, 0), OutAt: at(11, 0), Reason: "没带手机"})
	refused(t, err, activity.ErrGuardianConsent)
}
