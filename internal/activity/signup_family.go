package activity

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// FamilyMax is how many people one act signs up at most.
const FamilyMax = 8

// FamilyRequest asks for places at one shift for several people, all or none
// (亲子报名). By is one of them or their guardian; the caller has made sure that By
// may act for each.
type FamilyRequest struct {
	Shift  uuid.UUID
	People []uuid.UUID
	By     uuid.UUID
}

func (r SignUpRequest) family() FamilyRequest {
	return FamilyRequest{r.Shift, []uuid.UUID{r.Person}, r.By}
}

// each are the requests of its people.
func (r FamilyRequest) each() []SignUpRequest {
	out := make([]SignUpRequest, len(r.People))
	for i, p := range r.People {
		out[i] = SignUpRequest{r.Shift, p, r.By}
	}
	return out
}

// SignUpFamily gives all of a family a place, or all a place in the waiting
// list, or nobody anything: then ErrFamilyRefused says in its fields, which are
// named by person, who cannot and why. Asking again gives the same again.
func (s *Service) SignUpFamily(ctx context.Context, r FamilyRequest) ([]Signup, error) {
	r.People = slices.Clone(r.People)
	slices.SortFunc(r.People, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	r.People = slices.Compact(r.People)
	switch n := len(r.People); {
	case n == 0:
		return nil, ErrFamilyEmpty
	case n > FamilyMax:
		return nil, ErrFamilyLarge.With("max", FamilyMax)
	}
	g, err := s.signups.common.Do(ctx, r.Shift[15]%lanes, r)
	for try := 0; errors.Is(err, errElsewhere) && try < 5; try++ {
		g, err = s.signups.alone.Do(ctx, r.Shift, r)
	}
	if errors.Is(err, errElsewhere) || errors.Is(err, context.DeadlineExceeded) {
		err = ErrSignupBusy.Because(err)
	}
	return g, err
}

// decideFamily answers a request for several.
func (s *sheet) decideFamily(r FamilyRequest) verdict {
	v := s.posts[r.Shift]
	if v == nil {
		return verdict{err: ErrShiftNotFound}
	}
	if all, ok := s.standAll(r); ok {
		return verdict{signups: all}
	}
	state, full := roomFor(v.Shift, len(r.People))
	refused := *ErrFamilyRefused
	for _, one := range r.each() {
		for _, why := range s.against(v, one, state, r.People) {
			refused.Fields = append(refused.Fields, fault.Field{Name: one.Person.String(), Err: why})
		}
	}
	if full != nil {
		refused.Fields = append(refused.Fields, fault.Field{Name: "shift", Err: full})
	}
	if len(refused.Fields) > 0 {
		return verdict{err: &refused}
	}
	out, party := verdict{fresh: true}, uuid.Must(uuid.NewV7())
	for _, one := range r.each() {
		out.signups = append(out.signups, s.grant(v, one, state, &party))
	}
	return out
}

// standAll reports whether all of the family stand already, by the same hand.
func (s *sheet) standAll(r FamilyRequest) ([]Signup, bool) {
	var all []Signup
	for _, one := range r.each() {
		g, ok := s.here[one.pair()]
		if !ok || !g.State.Active() || g.By != r.By {
			return nil, false
		}
		all = append(all, g)
	}
	return all, true
}

// against lists what stands against one of a family, who signs up with others.
func (s *sheet) against(v *ShiftView, r SignUpRequest, state SignupState, with []uuid.UUID) []*fault.Error {
	if g, ok := s.here[r.pair()]; ok {
		if g.State == SignupRefused {
			return []*fault.Error{ErrSignupRefused}
		}
		return []*fault.Error{ErrAlreadySignedUp}
	}
	return s.personal(v, r, state, with)
}

// roomFor is what n sign-ups in one act would become, or why there is no room:
// a family is never parted.
func roomFor(s Shift, n int) (SignupState, *fault.Error) {
	switch {
	case s.Taken+n <= s.Capacity:
		return placed(s), nil
	case s.Waiting+n <= s.WaitingMax:
		return SignupWaiting, nil
	}
	return "", ErrFamilyFull.With("people", n, "free", s.Free(), "waiting", max(0, s.WaitingMax-s.Waiting))
}

// needsAdult reports whether somebody comes to a shift only with an adult of
// the family.
func needsAdult(v ShiftView, f person.Facts) bool {
	return v.Activity.WithAdult && person.AgeOn(f.BirthDate, v.StartsAt.In(clock.Shanghai)) < person.ChildUnder
}

// company says who of the family is at the shifts of children that need an adult.
type company map[pair]companions

type companions struct {
	guardians []uuid.UUID
	state     SignupState // the best of the guardians' standing sign-ups there; "" for none
}

// enough reports whether a child may have a sign-up in the state, together with
// those who sign up in the same act.
func (c companions) enough(state SignupState, with []uuid.UUID) bool {
	if slices.ContainsFunc(with, func(p uuid.UUID) bool { return slices.Contains(c.guardians, p) }) {
		return true
	}
	return c.state.Holds() || c.state == SignupWaiting && state == SignupWaiting
}

// companyTx finds the company of those among the pairs who need an adult.
func (s *Service) companyTx(ctx context.Context, tx pg.DB, posts map[uuid.UUID]*ShiftView, facts map[uuid.UUID]person.Facts, reqs []SignUpRequest) (company, error) {
	out := company{}
	for _, r := range reqs {
		v, f := posts[r.Shift], facts[r.Person]
		if v == nil || !needsAdult(*v, f) {
			continue
		}
		guardians, err := s.people.Guardians(ctx, tx, r.Person)
		if err != nil {
			return nil, err
		}
		state, err := bestState(ctx, tx, r.Shift, guardians)
		if err != nil {
			return nil, err
		}
		out[r.pair()] = companions{guardians, state}
	}
	return out, nil
}

// bestState is the best standing sign-up of people at a shift.
func bestState(ctx context.Context, db pg.DB, shift uuid.UUID, people []uuid.UUID) (SignupState, error) {
	var state *SignupState
	err := db.QueryRow(ctx, `SELECT min(state) FROM activity.signup WHERE shift = $1 AND person = ANY($2) AND state IN ('confirmed', 'pending', 'waiting')`,
		shift, people).Scan(&state)
	if err != nil || state == nil {
		return "", err
	}
	return *state, nil // confirmed, pending, waiting: in the order of the alphabet
}
