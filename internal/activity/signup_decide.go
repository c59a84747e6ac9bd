package activity

import (
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/person"
)

// pair names what may exist only once: a person in a shift.
type pair struct{ shift, person uuid.UUID }

func (r SignUpRequest) pair() pair { return pair{r.Shift, r.Person} }

// Clash is a place the person holds elsewhere at the same time.
type Clash struct {
	Shift    uuid.UUID
	Title    string // of its activity
	StartsAt time.Time
}

func (c Clash) refusal() *fault.Error {
	return ErrOverlap.With("shift", c.Shift, "title", c.Title, "at", Moment{c.StartsAt})
}

// sheet is all that a batch of requests is decided from: read under the locks
// of its shifts, changed by each decision, so the next sees it.
type sheet struct {
	now     time.Time
	posts   map[uuid.UUID]*ShiftView
	facts   map[uuid.UUID]person.Facts
	here    map[pair]Signup // sign-ups that stand or were refused
	clashes map[pair]Clash
	placed  map[uuid.UUID][]*ShiftView // places given in this batch, by person
	company company
}

// verdict is what became of one request.
type verdict struct {
	signups []Signup
	err     error
	fresh   bool // must be inserted
	full    bool // refused for want of room, maybe among other reasons
}

// decide answers one request. Asking twice gives the same sign-up again.
func (s *sheet) decide(r SignUpRequest) verdict {
	v := s.posts[r.Shift]
	if v == nil {
		return verdict{err: ErrShiftNotFound}
	}
	if g, ok := s.here[r.pair()]; ok {
		return again(g, r)
	}
	state, why := s.reasons(v, r)
	if len(why) > 0 {
		return verdict{err: refusal(why), full: state == ""}
	}
	return verdict{signups: []Signup{s.grant(v, r, state, nil)}, fresh: true}
}

// grant gives what was decided, so that the next decision sees it.
func (s *sheet) grant(v *ShiftView, r SignUpRequest, state SignupState, party *uuid.UUID) Signup {
	g := Signup{ID: uuid.Must(uuid.NewV7()), Shift: r.Shift, Person: r.Person, By: r.By, Party: party, State: state,
		At: s.now, ChangedAt: s.now, ChangedBy: &r.By}
	if state.Holds() {
		v.Taken++
		s.placed[r.Person] = append(s.placed[r.Person], v)
	} else {
		v.Waiting++
		g.Position = v.Waiting
	}
	s.here[r.pair()] = g
	return g
}

// again answers a repeated request: a double click, or a lost answer.
func again(g Signup, r SignUpRequest) verdict {
	switch {
	case g.State == SignupRefused:
		return verdict{err: ErrSignupRefused}
	case g.By != r.By:
		return verdict{err: ErrAlreadySignedUp}
	}
	return verdict{signups: []Signup{g}}
}

// reasons lists all that stands against r, and what it would become ("" when
// there is no room).
func (s *sheet) reasons(v *ShiftView, r SignUpRequest) (SignupState, []*fault.Error) {
	state, full := room(v.Shift)
	why := s.personal(v, r, state, nil)
	if _, known := s.facts[r.Person]; !known {
		return "", why
	}
	if full != nil {
		why = append(why, full)
	}
	return state, why
}

// personal is all that stands against r but the want of room; with are those
// who sign up in the same act.
func (s *sheet) personal(v *ShiftView, r SignUpRequest, state SignupState, with []uuid.UUID) []*fault.Error {
	why := openness(*v, s.now)
	f, known := s.facts[r.Person]
	if !known {
		return append(why, ErrPersonUnknown)
	}
	why = append(why, Unsuited(*v, f, r.By, s.now)...)
	if needsAdult(*v, f) && !s.company[r.pair()].enough(state, with) {
		why = append(why, ErrAdultComesToo.With("age", person.ChildUnder))
	}
	if state.Holds() {
		// Waiting lists are free: who already serves at that time may wait.
		if c, ok := s.clash(v, r); ok {
			why = append(why, c.refusal())
		}
	}
	return why
}

func (s *sheet) clash(v *ShiftView, r SignUpRequest) (Clash, bool) {
	for _, other := range s.placed[r.Person] {
		if other.StartsAt.Before(v.EndsAt) && v.StartsAt.Before(other.EndsAt) {
			return Clash{other.ID, other.Activity.Title, other.StartsAt}, true
		}
	}
	c, ok := s.clashes[r.pair()]
	return c, ok
}
