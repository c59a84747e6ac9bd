package activity

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
)

func TestPlacesThenWaitingListThenFull(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(2, 1))
	a, b, c, d := w.volunteer(), w.volunteer(), w.volunteer(), w.volunteer()
	for _, p := range []uuid.UUID{a, b} {
		if g := w.joined(v, p); g.State != SignupConfirmed || g.Position != 0 {
			t.Errorf("got %s at %d, want a place", g.State, g.Position)
		}
	}
	if g := w.joined(v, c); g.State != SignupWaiting || g.Position != 1 {
		t.Errorf("got %s at %d, want first in the waiting list", g.State, g.Position)
	}
	_, err := w.join(v, d)
	w.refused(err, ErrWaitingFull)
	if e := fault.As(err); e.Args["capacity"] != 2 || e.Args["waiting"] != 1 {
		t.Errorf("the refusal does not name the limits: %v", e.Args)
	}
	w.sound()
}

func TestAskingTwiceIsOneSignup(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(1, 0))
	p := w.volunteer()
	first := w.joined(v, p)
	w.refusedFull(v)
	if again := w.joined(v, p); !cmp.Equal(first, again) {
		t.Errorf("asking again gave something else: %s", cmp.Diff(first, again))
	}
	_, err := w.SignUp(t.Context(), SignUpRequest{v.ID, p, w.volunteer()})
	w.refused(err, ErrAlreadySignedUp)
	w.sound()
}

// refusedFull asks as somebody new, which also leaves the hint that v is full.
func (w *signupWorld) refusedFull(v ShiftView) {
	w.t.Helper()
	_, err := w.join(v, w.volunteer())
	w.refused(err, ErrShiftFull)
}

func TestCancelKeepsNoticeAndPromotesInOrder(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(1, 5))
	a, b, c := w.volunteer(), w.volunteer(), w.volunteer()
	for _, p := range []uuid.UUID{a, b, c} {
		w.joined(v, p)
	}
	w.clk.Set(v.StartsAt.Add(-90 * time.Minute))
	g, err := w.leave(v, a)
	w.must(err)
	if g.State != SignupCancelled || g.NoticeMin == nil || *g.NoticeMin != 90 {
		t.Errorf("got %s with notice %v, want 90 minutes", g.State, g.NoticeMin)
	}
	if w.state(v, b) != SignupConfirmed || w.state(v, c) != SignupWaiting {
		t.Errorf("the first in the list did not move up: %s, %s", w.state(v, b), w.state(v, c))
	}
	again, err := w.leave(v, a)
	w.must(err)
	if again.ID != g.ID || *again.NoticeMin != 90 {
		t.Error("cancelling twice is not the same as once")
	}
	w.clk.Set(v.StartsAt)
	_, err = w.leave(v, b)
	w.refused(err, ErrShiftStarted)
	_, err = w.leave(v, w.volunteer())
	w.refused(err, ErrNotSignedUp)
	w.sound()
}

func TestAfterCancellingOneMaySignUpAgainAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(1, 5))
	a, b := w.volunteer(), w.volunteer()
	w.joined(v, a)
	w.joined(v, b)
	_, err := w.leave(v, a)
	w.must(err)
	if g := w.joined(v, a); g.State != SignupWaiting {
		t.Errorf("got %s; who cancelled jumps no queue", g.State)
	}
	list, err := w.Roster(t.Context(), w.pool, v.ID)
	w.must(err)
	if len(list) != 3 {
		t.Errorf("%d sign-ups kept, want 3: nothing is overwritten", len(list))
	}
	w.sound()
}

func TestNobodyIsInTwoPlacesAtOnce(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	first := w.post(hours(9, 11))
	clash, after := w.post(hours(10, 12)), w.post(hours(11, 13))
	p := w.volunteer()
	w.joined(first, p)
	_, err := w.join(clash, p)
	w.refused(err, ErrOverlap)
	if e := fault.As(err); e.Args["shift"] != first.ID || e.Args["title"] != first.Activity.Title {
		t.Errorf("the refusal does not say where: %v", e.Args)
	}
	w.joined(after, p) // begins when the first ends
	_, err = w.leave(first, p)
	w.must(err)
	w.refusedOverlapOnly(clash, p, after)
	w.sound()
}

func (w *signupWorld) refusedOverlapOnly(v ShiftView, p uuid.UUID, with ShiftView) {
	w.t.Helper()
	why, err := w.Why(context.Background(), v, p)
	w.must(err)
	if len(why) != 1 || !errors.Is(why[0], ErrOverlap) || why[0].Args["shift"] != with.ID {
		w.t.Errorf("got %v", why)
	}
}

func TestWaitingListsAreFreeAndPassOverWhoServesElsewhere(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v, elsewhere := w.post(places(1, 5)), w.post(hours(10, 12))
	a, b, c := w.volunteer(), w.volunteer(), w.volunteer()
	w.joined(v, a)
	w.joined(elsewhere, b)
	w.joined(v, b) // waits, though serving elsewhere
	w.joined(v, c)
	_, err := w.leave(v, a)
	w.must(err)
	if w.state(v, b) != SignupWaiting || w.state(v, c) != SignupConfirmed {
		t.Errorf("got %s, %s; want the second to move up", w.state(v, b), w.state(v, c))
	}
	_, err = w.leave(v, c)
	w.must(err)
	if w.state(v, b) != SignupWaiting {
		t.Error("who serves elsewhere moved up")
	}
	_, err = w.leave(elsewhere, b)
	w.must(err)
	n, err := w.PromoteDue(t.Context())
	w.must(err)
	if n != 1 || w.state(v, b) != SignupConfirmed {
		t.Errorf("%d moved up; %s", n, w.state(v, b))
	}
	w.sound()
}

func TestSignupWindow(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post()
	for _, c := range []struct {
		at   time.Time
		want *fault.Error
	}{
		{v.SignupFrom.Add(-time.Second), ErrSignupNotOpen},
		{v.SignupUntil, ErrSignupClosed},
	} {
		w.clk.Set(c.at)
		_, err := w.join(v, w.volunteer())
		w.refused(err, c.want)
	}
	w.clk.Set(v.SignupFrom)
	w.joined(v, w.volunteer())
	_, err := w.SignUp(t.Context(), SignUpRequest{newID(), newID(), newID()})
	w.refused(err, ErrShiftNotFound)
}

func TestOrganisationDecides(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(2, 5), func(s *Shift, _ *Activity) { s.Approval = true })
	a, b, c := w.volunteer(), w.volunteer(), w.volunteer()
	first, second, third := w.joined(v, a), w.joined(v, b), w.joined(v, c)
	if first.State != SignupPending || third.State != SignupWaiting {
		t.Fatalf("got %s, %s", first.State, third.State)
	}
	decide := func(approve bool, reason string, of ...Signup) error {
		d := Decision{Shift: v.ID, Approve: approve, Reason: reason, By: newID()}
		for _, g := range of {
			d.Signups = append(d.Signups, g.ID)
		}
		return w.Decide(t.Context(), d)
	}
	w.must(decide(true, "", first))
	w.must(decide(true, "", first)) // a double click
	w.refused(decide(false, "", second), ErrReasonNeeded)
	w.refused(decide(true, "", third), ErrSignupDecided)
	w.must(decide(false, "没有培训记录", second))
	if w.state(v, a) != SignupConfirmed || w.state(v, b) != SignupRefused || w.state(v, c) != SignupPending {
		t.Errorf("got %s, %s, %s", w.state(v, a), w.state(v, b), w.state(v, c))
	}
	_, err := w.join(v, b)
	w.refused(err, ErrSignupRefused)
	w.refused(decide(true, "", second), ErrShiftFull)
	w.must(decide(false, "改期", third))
	w.must(decide(true, "", second))
	if w.state(v, b) != SignupConfirmed {
		t.Error("the organisation cannot think better of it")
	}
	w.refused(decide(true, "", Signup{ID: newID()}), ErrNotSignedUp)
	w.sound()
}

func TestEditsRespectSignups(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(2, 5))
	a, b, c := w.volunteer(), w.volunteer(), w.volunteer()
	for _, p := range []uuid.UUID{a, b, c} {
		w.joined(v, p)
	}
	other := w.post(hours(13, 15))
	w.joined(other, a)

	fewer, later, more := v.Shift, v.Shift, v.Shift
	fewer.Capacity = 1
	w.refused(w.edit(fewer), ErrCapacityBelowTaken)
	later.StartsAt, later.EndsAt = other.StartsAt, other.EndsAt
	w.refused(w.edit(later), ErrMoveOverlaps)
	more.Capacity = 3
	w.must(w.edit(more))
	if w.state(v, c) != SignupConfirmed {
		t.Error("a new place was not given to who waits")
	}
	more.StartsAt, more.EndsAt = v.StartsAt.AddDate(0, 0, 1), v.EndsAt.AddDate(0, 0, 1)
	w.must(w.edit(more))
	w.joined(w.post(), a) // the old time is free again
	w.sound()
}

// edit saves a shift as its owner does.
func (w *signupWorld) edit(next Shift) error {
	return pgx.BeginFunc(context.Background(), w.pool, func(tx pgx.Tx) error {
		if err := w.signupsBeforeEditTx(context.Background(), tx, next); err != nil {
			return err
		}
		if err := saveShift(context.Background(), tx, next); err != nil {
			return err
		}
		return w.signupsAfterEditTx(context.Background(), tx, next.ID, false)
	})
}

func TestCallingOffTellsEverybodySignedUp(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	told := map[uuid.UUID]SignupCause{}
	w.OnSignupChanged(func(_ context.Context, _ pgx.Tx, events []SignupEvent) error {
		for _, e := range events {
			told[e.Signup.Person] = e.Cause
		}
		return nil
	})
	v := w.post(places(1, 5))
	a, b, c := w.volunteer(), w.volunteer(), w.volunteer()
	for _, p := range []uuid.UUID{a, b, c} {
		w.joined(v, p)
	}
	_, err := w.leave(v, c)
	w.must(err)
	w.must(pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) error {
		return w.callOffSignupsTx(t.Context(), tx, []uuid.UUID{v.ID}, "台风", newID(), w.clk.Now())
	}))
	want := map[uuid.UUID]SignupCause{a: CauseCalledOff, b: CauseCalledOff, c: CauseWithdrawn}
	if d := cmp.Diff(want, told); d != "" {
		t.Error(d)
	}
	g, err := w.SignupOf(t.Context(), w.pool, v.ID, a)
	w.must(err)
	if g.State != SignupCancelled || g.Reason != "台风" || g.NoticeMin != nil {
		t.Errorf("got %+v", g)
	}
	w.sound()
}

func TestFailingHookUndoesTheChange(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post()
	w.OnSignupChanged(func(context.Context, pgx.Tx, []SignupEvent) error { return errors.New("no") })
	if _, err := w.join(v, w.volunteer()); err == nil {
		t.Error("the sign-up went through without its notice")
	}
	list, err := w.Roster(t.Context(), w.pool, v.ID)
	w.must(err)
	if len(list) != 0 {
		t.Errorf("%d sign-ups left behind", len(list))
	}
	w.sound()
}

func TestStandingTellsBeforePressing(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(1, 1))
	p := w.volunteer()
	check := func(next SignupState, codes ...string) {
		t.Helper()
		fresh, err := w.Shift(t.Context(), w.pool, v.ID)
		w.must(err)
		st, err := w.Standing(t.Context(), fresh, p, p)
		w.must(err)
		var got []string
		for _, e := range st.Why {
			got = append(got, e.Code)
		}
		if st.Next != next || !cmp.Equal(got, codes) {
			t.Errorf("got %q %v, want %q %v", st.Next, got, next, codes)
		}
	}
	check(SignupConfirmed)
	w.joined(v, w.volunteer())
	check(SignupWaiting)
	w.joined(v, w.volunteer())
	check("", "activity.waiting_full")
	w.clk.Set(v.SignupUntil)
	check("", "activity.signup_closed", "activity.waiting_full")
}

func TestMySignups(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	p := w.volunteer()
	late, soon := w.post(hours(15, 17)), w.post(hours(9, 11))
	w.joined(late, p)
	w.joined(soon, p)
	gone := w.post(hours(12, 13))
	w.joined(gone, p)
	_, err := w.leave(gone, p)
	w.must(err)
	up, err := w.Upcoming(t.Context(), []uuid.UUID{p})
	w.must(err)
	if len(up) != 2 || up[0].Shift != soon.ID || up[1].Shift != late.ID || !up[0].Cancellable(w.clk.Now()) {
		t.Errorf("got %+v", up)
	}
	past, err := w.PastSignups(t.Context(), []uuid.UUID{p}, 0, 10)
	w.must(err)
	if len(past) != 1 || past[0].Shift != gone.ID {
		t.Errorf("got %+v", past)
	}
	w.clk.Set(late.EndsAt)
	past, err = w.PastSignups(t.Context(), []uuid.UUID{p}, 0, 2)
	w.must(err)
	rest, err := w.PastSignups(t.Context(), []uuid.UUID{p}, past[1].Queue, 2)
	w.must(err)
	if len(past) != 2 || len(rest) != 1 || past[0].Queue < rest[0].Queue {
		t.Errorf("pages do not follow each other: %v %v", past, rest)
	}
}
