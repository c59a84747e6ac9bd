package activity

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
)

// household makes an adult with children born on days, whose consent is given.
func (w *signupWorld) household(born ...string) (adult uuid.UUID, children []uuid.UUID) {
	w.t.Helper()
	adult = w.volunteer()
	for _, day := range born {
		c := w.minor(day, adult)
		w.must(w.people.AgreeService(w.t.Context(), adult, c, nil))
		children = append(children, c)
	}
	return adult, children
}

func (w *signupWorld) together(v ShiftView, by uuid.UUID, others ...uuid.UUID) ([]Signup, error) {
	return w.SignUpFamily(w.t.Context(), FamilyRequest{v.ID, append([]uuid.UUID{by}, others...), by})
}

func (w *signupWorld) states(v ShiftView, people ...uuid.UUID) []SignupState {
	w.t.Helper()
	var out []SignupState
	for _, p := range people {
		g, err := w.SignupOf(w.t.Context(), w.pool, v.ID, p)
		if err != nil && !errors.Is(err, ErrNotSignedUp) {
			w.t.Fatal(err)
		}
		out = append(out, g.State)
	}
	return out
}

func (w *signupWorld) all(v ShiftView, want SignupState, people ...uuid.UUID) {
	w.t.Helper()
	if got := w.states(v, people...); slices.ContainsFunc(got, func(s SignupState) bool { return s != want }) {
		w.t.Errorf("states %v, want all %q", got, want)
	}
}

func withAdult(_ *Shift, a *Activity) { a.WithAdult = true }

func TestAFamilySignsUpTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	mother, kids := w.household("2014-01-01", "2016-01-01")
	v := w.post(places(3, 0))
	list, err := w.together(v, mother, kids...)
	if err != nil || len(list) != 3 || list[0].Party == nil || *list[0].Party != *list[2].Party {
		t.Fatalf("%v, %v", list, err)
	}
	again, err := w.together(v, mother, kids...)
	if err != nil || again[0].ID != list[0].ID {
		t.Errorf("pressed twice: %v, %v", again, err)
	}
	w.all(v, SignupConfirmed, append(kids, mother)...)

	small := w.post(places(2, 0), hours(14, 15))
	_, err = w.together(small, mother, kids...)
	w.refused(err, ErrFamilyRefused)
	if f := fault.As(err).Fields; len(f) != 1 || f[0].Name != "shift" || !f[0].Err.Is(ErrFamilyFull) {
		t.Errorf("refused for %v", f)
	}
	old := w.post(places(5, 0), hours(16, 17), func(s *Shift, _ *Activity) { s.MinAge = 12 })
	_, err = w.together(old, mother, kids...)
	if f := fault.As(err).Fields; len(f) != 1 || f[0].Name != kids[1].String() || !f[0].Err.Is(ErrTooYoung) {
		t.Errorf("refused for %v", f)
	}
	w.all(old, "", append(kids, mother)...)
	_, err = w.SignUpFamily(t.Context(), FamilyRequest{Shift: v.ID, By: mother})
	w.refused(err, ErrFamilyEmpty)
	_, err = w.together(v, mother, w.volunteers(FamilyMax)...)
	w.refused(err, ErrFamilyLarge)
	w.sound()
}

// The waiting list keeps a family together: it is passed over while too few
// places are free, keeps its turn, and gets the first places that suffice.
func TestAFamilyMovesUpTogether(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(3, 10))
	there := w.volunteers(3)
	for _, p := range there {
		w.joined(v, p)
	}
	mother, kids := w.household("2014-01-01")
	list, err := w.together(v, mother, kids...)
	w.must(err)
	if list[0].State != SignupWaiting || list[1].State != SignupWaiting {
		t.Fatalf("states %v", list)
	}
	single, late := w.volunteer(), w.volunteer()
	w.joined(v, single)
	w.joined(v, late)
	leave := func(p uuid.UUID) {
		_, err := w.leave(v, p)
		w.must(err)
	}
	leave(there[0])
	w.all(v, SignupWaiting, mother, kids[0], late)
	w.all(v, SignupConfirmed, single)
	next := v.Shift
	next.Capacity = 5
	w.must(w.edit(next))
	w.all(v, SignupConfirmed, mother, kids[0])
	w.all(v, SignupWaiting, late)
	w.sound()
}

// A family whose child may not serve any more is passed over as a whole.
func TestAFamilyIsNotParted(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(2, 5))
	there := w.volunteers(2)
	w.joined(v, there[0])
	w.joined(v, there[1])
	mother, kids := w.household("2014-01-01")
	_, err := w.together(v, mother, kids...)
	w.must(err)
	_, err = w.pool.Exec(t.Context(), `UPDATE person.person SET suspended_at = now() WHERE id = $1`, kids[0])
	w.must(err)
	_, err = w.CancelFamily(t.Context(), FamilyRequest{v.ID, there, there[0]})
	w.must(err)
	w.all(v, SignupWaiting, mother, kids[0])
	_, err = w.leave(v, kids[0]) // the mother alone fits
	w.must(err)
	w.all(v, SignupConfirmed, mother)
	w.sound()
}

func TestChildrenComeWithAnAdult(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	mother, kids := w.household("2014-01-01", "2010-06-01") // one under 14, one over
	v := w.post(withAdult, places(5, 5))
	_, err := w.SignUp(t.Context(), SignUpRequest{v.ID, kids[0], mother})
	w.refused(err, ErrAdultComesToo)
	w.refused(w.MayWalkIn(t.Context(), w.pool, v, kids[0]), ErrAdultComesToo)
	w.must(w.MayWalkIn(t.Context(), w.pool, v, kids[1]))
	_, err = w.SignUp(t.Context(), SignUpRequest{v.ID, kids[1], kids[1]})
	w.must(err)
	_, err = w.together(v, mother, kids[0])
	w.must(err)
	_, err = w.leave(v, mother)
	w.refused(err, ErrChildStays)
	w.all(v, SignupConfirmed, mother, kids[0])
	w.must(w.MayWalkIn(t.Context(), w.pool, v, kids[0]))
	_, err = w.CancelFamily(t.Context(), FamilyRequest{v.ID, []uuid.UUID{mother, kids[0]}, mother})
	w.must(err)
	w.all(v, SignupCancelled, mother, kids[0])

	other := w.post(withAdult, places(5, 5), hours(14, 15), func(s *Shift, _ *Activity) { s.Approval = true })
	list, err := w.together(other, mother, kids[0])
	w.must(err)
	at := slices.IndexFunc(list, func(g Signup) bool { return g.Person == mother })
	w.must(w.Decide(t.Context(), Decision{Shift: other.ID, Signups: []uuid.UUID{list[at].ID}, Reason: "名额有限", By: other.Activity.Org}))
	w.all(other, SignupRefused, mother, kids[0])
	w.sound()
}

// Families and singles race for the last places: never too many, no family in two.
func TestFamiliesAndSinglesRace(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(10, 7))
	var families [][]uuid.UUID
	for range 8 {
		adult, kids := w.household("2014-01-01", "2015-01-01")
		families = append(families, append([]uuid.UUID{adult}, kids...))
	}
	singles := w.volunteers(12)
	var race sync.WaitGroup
	for _, f := range families {
		race.Go(func() {
			if _, err := w.together(v, f[0], f[1:]...); err != nil && !errors.Is(err, ErrFamilyRefused) && !errors.Is(err, ErrWaitingFull) {
				t.Error(err)
			}
		})
		race.Go(func() { // an impatient second tap
			_, _ = w.together(v, f[0], f[1:]...)
		})
	}
	for _, p := range singles {
		race.Go(func() { _, _ = w.join(v, p) })
	}
	race.Wait()
	w.sound()
	whole := func() {
		for _, f := range families {
			w.all(v, w.states(v, f[0])[0], f...)
		}
	}
	whole()
	list, err := w.Roster(t.Context(), w.pool, v.ID)
	w.must(err)
	for _, g := range list {
		if g.State.Holds() && g.Party == nil {
			_, err := w.leave(v, g.Person)
			w.must(err)
			w.sound()
			whole()
		}
	}
}
