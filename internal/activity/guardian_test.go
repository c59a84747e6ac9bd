package activity

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"kapok/internal/person"
)

// minor makes somebody born on a day a ward of the guardians; nobody has agreed
// to anything.
func (w *signupWorld) minor(born string, guardians ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	id := w.volunteer()
	_, err := w.pool.Exec(context.Background(), `UPDATE person.person SET birth_date = $2 WHERE id = $1`, id, born)
	w.must(err)
	for _, g := range guardians {
		_, err := w.pool.Exec(context.Background(), `INSERT INTO person.guardianship (id, guardian, ward, relation, since) VALUES ($1, $2, $3, 'mother', $4)`,
			newID(), g, id, w.clk.Now())
		w.must(err)
	}
	return id
}

// connect lets changes of people reach their places.
func (w *signupWorld) connect() { w.people.ConnectPlaces(person.PlaceDeps{Recheck: w.Recheck}) }

func inField(field string) func(*Shift, *Activity) {
	return func(_ *Shift, a *Activity) { a.Field = field }
}

func ofOrg(org uuid.UUID) func(*Shift, *Activity) {
	return func(_ *Shift, a *Activity) { a.Org = org }
}

// family is a minor, two guardians, two organisations with shifts of all kinds,
// and what the guardians have agreed to.
type family struct {
	w         *signupWorld
	teen      uuid.UUID
	guardians []uuid.UUID
	orgs      []uuid.UUID
	shifts    []ShiftView
	agreed    map[[2]uuid.UUID]bool // guardian, organisation (uuid.Nil: every one)
	wrong     []string
}

func newFamily(w *signupWorld) *family {
	f := &family{w: w, guardians: w.volunteers(2), orgs: []uuid.UUID{newID(), newID()}, agreed: map[[2]uuid.UUID]bool{}}
	f.teen = w.minor("2010-01-01", f.guardians...)
	for i, org := range f.orgs {
		f.shifts = append(f.shifts, w.post(ofOrg(org), hours(8+i, 9+i), places(1, 3)),
			w.post(ofOrg(org), hours(12+i, 13+i), func(s *Shift, _ *Activity) { s.Approval = true }))
	}
	w.OnSignupChanged(f.watch)
	return f
}

func (f *family) covered(org uuid.UUID) bool {
	for _, g := range f.guardians {
		if f.agreed[[2]uuid.UUID{g, org}] || f.agreed[[2]uuid.UUID{g, uuid.Nil}] {
			return true
		}
	}
	return false
}

// watch is the hook of sign-ups: in the transaction that gives the minor a
// place, a consent must cover the organisation.
func (f *family) watch(ctx context.Context, tx pgx.Tx, events []SignupEvent) error {
	for _, e := range events {
		if e.Signup.Person != f.teen || !e.Signup.State.Active() {
			continue
		}
		v, err := f.w.Shift(ctx, tx, e.Signup.Shift)
		if err != nil {
			return err
		}
		if !f.covered(v.Activity.Org) {
			f.wrong = append(f.wrong, fmt.Sprintf("%s became %s by %s", v.ID, e.Signup.State, e.Cause))
		}
	}
	return nil
}

func (f *family) drawConsent(r *rapid.T) (uuid.UUID, *uuid.UUID, [2]uuid.UUID) {
	g := rapid.SampledFrom(f.guardians).Draw(r, "guardian")
	org := rapid.SampledFrom([]uuid.UUID{uuid.Nil, f.orgs[0], f.orgs[1]}).Draw(r, "organisation")
	if org == uuid.Nil {
		return g, nil, [2]uuid.UUID{g}
	}
	return g, &org, [2]uuid.UUID{g, org}
}

func (f *family) agree(r *rapid.T) {
	g, org, key := f.drawConsent(r)
	f.w.must(f.w.people.AgreeService(context.Background(), g, f.teen, org))
	f.agreed[key] = true
}

func (f *family) withdraw(r *rapid.T) {
	g, org, key := f.drawConsent(r)
	f.agreed[key] = false
	f.w.must(f.w.people.WithdrawService(context.Background(), g, f.teen, org))
}

func (f *family) signUp(r *rapid.T) {
	v := rapid.SampledFrom(f.shifts).Draw(r, "shift")
	by := rapid.SampledFrom(append([]uuid.UUID{f.teen}, f.guardians...)).Draw(r, "by")
	f.w.signups.full.drop(v.ID)
	_, err := f.w.SignUp(context.Background(), SignUpRequest{v.ID, f.teen, by})
	if errors.Is(err, ErrGuardianConsent) && f.covered(v.Activity.Org) {
		r.Fatalf("refused although a guardian agreed: %v", err)
	}
	if err == nil && !f.covered(v.Activity.Org) {
		r.Fatal("signed up without a guardian's consent")
	}
}

// others fill a shift and leave it, so that the minor waits and moves up.
func (f *family) others(r *rapid.T) {
	v := rapid.SampledFrom(f.shifts).Draw(r, "shift")
	f.w.signups.full.drop(v.ID)
	other := f.w.volunteer()
	if _, err := f.w.join(v, other); err == nil && rapid.Bool().Draw(r, "leaves again") {
		_, err := f.w.leave(v, other)
		f.w.must(err)
	}
}

func (f *family) approve(r *rapid.T) {
	v := rapid.SampledFrom(f.shifts).Draw(r, "shift")
	g, err := f.w.SignupOf(context.Background(), f.w.pool, v.ID, f.teen)
	if err != nil {
		return
	}
	approve := rapid.Bool().Draw(r, "approve")
	err = f.w.Decide(context.Background(), Decision{Shift: v.ID, Signups: []uuid.UUID{g.ID}, Approve: approve, Reason: "理由", By: v.Activity.Org})
	if approve && err == nil && g.State != SignupConfirmed && !f.covered(v.Activity.Org) {
		r.Fatal("approved without a guardian's consent")
	}
}

func (f *family) check(r *rapid.T) {
	f.w.sound()
	for _, v := range f.shifts {
		g, err := f.w.SignupOf(context.Background(), f.w.pool, v.ID, f.teen)
		if err == nil && g.State.Active() && !f.covered(v.Activity.Org) {
			r.Fatalf("%s without a consent that covers the organisation", g.State)
		}
	}
	for _, x := range f.wrong {
		r.Fatal(x)
	}
}

// Never has a minor a place that was given, or is kept, without a guardian's
// consent that covers the organisation at that moment.
func TestMinorsServeOnlyWhereAGuardianAgreed(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	w.connect()
	rapid.Check(t, func(r *rapid.T) {
		f := newFamily(w)
		r.Repeat(map[string]func(*rapid.T){"agree": f.agree, "withdraw": f.withdraw, "sign up": f.signUp, "others": f.others, "approve": f.approve, "": f.check})
	})
}

// A withdrawal and a sign-up at the same moment: whichever comes first, no place
// is left without a consent.
func TestAWithdrawalMeetsASignUp(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	w.connect()
	guardian := w.volunteer()
	for range 40 {
		teen, v := w.minor("2010-01-01", guardian), w.post()
		w.must(w.people.AgreeService(t.Context(), guardian, teen, nil))
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := w.join(v, teen); err != nil && !errors.Is(err, ErrGuardianConsent) {
				t.Error(err)
			}
		})
		both.Go(func() {
			if err := w.people.WithdrawService(t.Context(), guardian, teen, nil); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if g, err := w.SignupOf(t.Context(), w.pool, v.ID, teen); err == nil && g.State.Active() {
			t.Fatalf("%s after the consent was withdrawn", g.State)
		}
	}
	w.sound()
}

func TestWithdrawalGivesBackWhatIsComingAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	w.connect()
	mother, father := w.volunteer(), w.volunteer()
	teen := w.minor("2010-01-01", mother, father)
	mine, other := w.post(), w.post(hours(14, 15))
	w.must(w.people.AgreeService(t.Context(), mother, teen, &mine.Activity.Org))
	w.must(w.people.AgreeService(t.Context(), mother, teen, &other.Activity.Org))
	w.joined(mine, teen)
	w.joined(other, teen)
	w.must(w.people.WithdrawService(t.Context(), mother, teen, &mine.Activity.Org))
	if got := w.state(mine, teen); got != SignupCancelled {
		t.Errorf("no consent left: %s", got)
	}
	if got := w.state(other, teen); got != SignupConfirmed {
		t.Errorf("the other organisation: %s", got)
	}
	w.must(w.people.AgreeService(t.Context(), father, teen, nil))
	w.must(w.people.WithdrawService(t.Context(), mother, teen, &other.Activity.Org))
	if got := w.state(other, teen); got != SignupConfirmed {
		t.Errorf("the father still agrees: %s", got)
	}
	w.clk.Set(other.StartsAt)
	w.must(w.people.EndGuardianship(t.Context(), father, teen))
	if got := w.state(other, teen); got != SignupConfirmed {
		t.Errorf("a shift that has begun: %s", got)
	}
}

// Emergency relief is for adults, whatever its organiser ticked; one test for
// each way into a shift. The ways through attendance are tested there.
func TestNoMinorInEmergencyRelief(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	guardian := w.volunteer()
	v := w.post(inField(fieldEmergency), places(1, 5), func(s *Shift, _ *Activity) { s.Approval = true })
	minor := func() uuid.UUID {
		id := w.minor("2010-01-01", guardian)
		w.must(w.people.AgreeService(t.Context(), guardian, id, nil))
		return id
	}
	_, err := w.join(v, minor())
	w.refused(err, ErrAdultsOnly)
	_, err = w.SignUp(t.Context(), SignUpRequest{v.ID, minor(), guardian})
	w.refused(err, ErrAdultsOnly)

	becomes := func(id uuid.UUID) {
		_, err := w.pool.Exec(t.Context(), `UPDATE person.person SET birth_date = '2010-01-01' WHERE id = $1`, id)
		w.must(err)
		_, err = w.pool.Exec(t.Context(), `INSERT INTO person.guardianship (id, guardian, ward, relation, since) VALUES ($1, $2, $3, 'mother', $4)`, newID(), guardian, id, w.clk.Now())
		w.must(err)
		w.must(w.people.AgreeService(t.Context(), guardian, id, nil))
	}
	pending := w.joined(v, w.volunteer())
	waiting := w.joined(v, w.volunteer())
	becomes(pending.Person)
	becomes(waiting.Person)
	err = w.Decide(t.Context(), Decision{Shift: v.ID, Signups: []uuid.UUID{pending.ID}, Approve: true, By: v.Activity.Org})
	w.refused(err, ErrAdultsOnly)
	_, err = w.leave(v, pending.Person)
	w.must(err)
	if got := w.state(v, waiting.Person); got != SignupWaiting {
		t.Errorf("moved up to %s", got)
	}
	w.refused(w.MayWalkIn(t.Context(), w.pool, v, waiting.Person), ErrAdultsOnly)
	w.refused(w.KeepMinorsOut(t.Context(), w.pool, v, waiting.Person), ErrAdultsOnly)
}
