package activity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// TestSignupsFollowTheModel drives sign-ups, cancellations, decisions and edits
// at random and compares the database with a model after every step. The
// first two shifts overlap; the third stands alone.
func TestSignupsFollowTheModel(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	people := make([]uuid.UUID, 5)
	for i := range people {
		people[i] = w.volunteer()
	}
	rapid.Check(t, func(r *rapid.T) {
		for i := range people {
			people[i] = w.volunteer() // nobody has a past
		}
		m := &machine{w: w, people: people}
		for i, h := range [][2]int{{9, 11}, {10, 12}, {13, 15}} {
			m.shifts = append(m.shifts, w.drawShift(r, i, h))
		}
		r.Repeat(map[string]func(*rapid.T){
			"sign up": m.signUp, "cancel": m.cancel, "approve": func(r *rapid.T) { m.decide(r, true) },
			"refuse": func(r *rapid.T) { m.decide(r, false) }, "capacity": m.capacity, "promote due": m.promoteDue, "": m.check,
		})
	})
}

func (w *signupWorld) drawShift(r *rapid.T, i int, h [2]int) *modelShift {
	capacity := rapid.IntRange(1, 3).Draw(r, fmt.Sprintf("capacity %d", i))
	waiting := rapid.IntRange(0, 3).Draw(r, fmt.Sprintf("waiting %d", i))
	approval := rapid.Bool().Draw(r, fmt.Sprintf("approval %d", i))
	v := w.post(hours(h[0], h[1]), places(capacity, waiting), func(s *Shift, _ *Activity) { s.Approval = approval })
	return &modelShift{view: v, capacity: capacity}
}

type modelSignup struct {
	person uuid.UUID
	state  SignupState
}

type modelShift struct {
	view     ShiftView
	capacity int
	signups  []*modelSignup // in the order of their turns
}

func (s *modelShift) count(in func(SignupState) bool) int {
	n := 0
	for _, g := range s.signups {
		n += one(in(g.state))
	}
	return n
}

func (s *modelShift) taken() int { return s.count(SignupState.Holds) }
func (s *modelShift) waiting() int {
	return s.count(func(x SignupState) bool { return x == SignupWaiting })
}

func (s *modelShift) of(p uuid.UUID) *modelSignup {
	for _, g := range slices.Backward(s.signups) {
		if g.person == p {
			return g
		}
	}
	return nil
}

type machine struct {
	w      *signupWorld
	people []uuid.UUID
	shifts []*modelShift
}

func (m *machine) busy(p uuid.UUID, with *modelShift) bool {
	return slices.ContainsFunc(m.shifts, func(s *modelShift) bool {
		g := s.of(p)
		return s != with && g != nil && g.state.Holds() && s.view.StartsAt.Before(with.view.EndsAt) && with.view.StartsAt.Before(s.view.EndsAt)
	})
}

func (m *machine) promote(s *modelShift) {
	for _, g := range s.signups {
		if g.state == SignupWaiting && s.taken() < s.capacity && !m.busy(g.person, s) {
			g.state = placed(s.view.Shift)
		}
	}
}

func (m *machine) draw(r *rapid.T) (*modelShift, uuid.UUID) {
	return rapid.SampledFrom(m.shifts).Draw(r, "shift"), rapid.SampledFrom(m.people).Draw(r, "person")
}

// expect says what a sign-up must answer, and puts it into the model.
func (m *machine) expect(s *modelShift, p uuid.UUID) (SignupState, error) {
	m.promote(s)
	g := s.of(p)
	switch {
	case g != nil && g.state == SignupRefused:
		return "", ErrSignupRefused
	case g != nil && g.state.Active():
		return g.state, nil
	case s.taken() < s.capacity && m.busy(p, s):
		return "", ErrOverlap
	}
	next := placed(s.view.Shift)
	if s.taken() >= s.capacity {
		next = SignupWaiting
		if s.view.WaitingMax == 0 {
			return "", ErrShiftFull
		}
		if s.waiting() >= s.view.WaitingMax {
			return "", ErrWaitingFull
		}
	}
	s.signups = append(s.signups, &modelSignup{p, next})
	return next, nil
}

func (m *machine) signUp(r *rapid.T) {
	s, p := m.draw(r)
	m.w.signups.full.drop(s.view.ID) // hints may refuse falsely for a second; the model does not
	got, err := m.w.join(s.view, p)
	state, want := m.expect(s, p)
	if got.State != state || !errors.Is(err, want) {
		r.Fatalf("sign-up gave %q, %v; want %q, %v", got.State, err, state, want)
	}
}

func (m *machine) cancel(r *rapid.T) {
	s, p := m.draw(r)
	got, err := m.w.leave(s.view, p)
	g := s.of(p)
	if g == nil || g.state == SignupRefused {
		if !errors.Is(err, ErrNotSignedUp) {
			r.Fatalf("cancelling nothing gave %v", err)
		}
		return
	}
	if err != nil || got.State != SignupCancelled {
		r.Fatalf("cancelling gave %s, %v", got.State, err)
	}
	if g.state.Active() {
		g.state = SignupCancelled
		m.promote(s)
	}
}

func (m *machine) decide(r *rapid.T, approve bool) {
	s, p := m.draw(r)
	g := s.of(p)
	if g == nil {
		return
	}
	row, err := m.w.SignupOf(context.Background(), m.w.pool, s.view.ID, p)
	m.w.must(err)
	err = m.w.Decide(context.Background(), Decision{Shift: s.view.ID, Signups: []uuid.UUID{row.ID}, Approve: approve, Reason: "理由", By: p})
	next, want := m.decided(s, g, approve)
	if !errors.Is(err, want) {
		r.Fatalf("deciding %v on %s gave %v, want %v", approve, g.state, err, want)
	}
	if want == nil {
		g.state = next
		m.promote(s)
	}
}

func (m *machine) decided(s *modelShift, g *modelSignup, approve bool) (SignupState, error) {
	next := SignupRefused
	if approve {
		next = SignupConfirmed
	}
	switch {
	case g.state == next:
		return next, nil
	case g.state == SignupCancelled, approve && g.state == SignupWaiting:
		return "", ErrSignupDecided
	case approve && g.state == SignupRefused && s.taken() >= s.capacity:
		return "", ErrShiftFull
	case approve && g.state == SignupRefused && m.busy(g.person, s):
		return "", ErrSignupDecided
	}
	return next, nil
}

func (m *machine) capacity(r *rapid.T) {
	s, _ := m.draw(r)
	next := s.view.Shift
	next.Capacity = rapid.IntRange(1, 4).Draw(r, "places")
	err := m.w.edit(next)
	if next.Capacity < s.taken() {
		if !errors.Is(err, ErrCapacityBelowTaken) {
			r.Fatalf("fewer places than are taken: %v", err)
		}
		return
	}
	m.w.must(err)
	s.capacity, s.view.Capacity = next.Capacity, next.Capacity
	m.promote(s)
}

func (m *machine) promoteDue(*rapid.T) {
	_, err := m.w.PromoteDue(context.Background())
	m.w.must(err)
	for _, s := range slices.SortedFunc(slices.Values(m.shifts), func(a, b *modelShift) int { return slices.Compare(a.view.ID[:], b.view.ID[:]) }) {
		m.promote(s)
	}
}

// check compares the database with the model.
func (m *machine) check(r *rapid.T) {
	m.w.sound()
	for i, s := range m.shifts {
		list, err := m.w.Roster(context.Background(), m.w.pool, s.view.ID)
		m.w.must(err)
		var got, want []string
		for _, g := range list {
			got = append(got, fmt.Sprint(slices.Index(m.people, g.Person), g.State))
		}
		for _, g := range s.signups {
			want = append(want, fmt.Sprint(slices.Index(m.people, g.person), g.state))
		}
		if d := cmp.Diff(want, got); d != "" {
			r.Fatalf("shift %d: %s", i, d)
		}
	}
}
