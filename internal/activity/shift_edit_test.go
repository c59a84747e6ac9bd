package activity

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/person/persontest"
)

func (w *deskWorld) edit(a Activity, s Shift, change func(*ShiftPlan)) (Shift, error) {
	p := ShiftPlanOf(s)
	change(&p)
	return w.PutShift(context.Background(), ShiftEdit{Activity: a.ID, Version: w.now(a).Version, Shift: s.ID, Plan: p, By: w.admin})
}

func TestShiftsOfADraft(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	h := w.listen()
	a := w.draft()
	s, err := w.PutShift(ctx, ShiftEdit{Activity: a.ID, Version: 1, Plan: goodShift(8), By: w.admin})
	w.must(err)
	_, err = w.PutShift(ctx, ShiftEdit{Activity: a.ID, Version: 1, Plan: goodShift(9), By: w.admin})
	w.refused(err, fault.ErrVersionConflict, "") // two tabs
	s, err = w.edit(a, s, func(p *ShiftPlan) { p.Place, p.Capacity = "天河", 3 })
	w.must(err)
	other := w.draft(goodShift(8))
	_, err = w.edit(other, s, func(p *ShiftPlan) { p.Capacity = 4 })
	w.refused(err, ErrShiftNotFound, "") // of another activity
	_, err = w.CancelShift(ctx, a.ID, 3, s.ID, "x", w.admin)
	w.refused(err, ErrIsDraft, "")
	a, err = w.DropShift(ctx, a.ID, 3, s.ID, w.admin)
	w.must(err)
	_, err = w.DropShift(ctx, a.ID, a.Version, s.ID, w.admin)
	w.refused(err, ErrShiftNotFound, "")
	if len(h.moved)+len(h.cancelled) > 0 {
		t.Errorf("somebody was told of a draft: %+v", h)
	}
}

func TestPublishedShifts(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	h := w.listen()
	a := w.published(goodShift(8), goodShift(15))
	s := w.shifts(a)[0]
	for range 2 {
		p := persontest.Adult(t, w.people)
		_, err := w.SignUp(ctx, SignUpRequest{Shift: s.ID, Person: p.ID, By: p.ID})
		w.must(err)
	}
	_, err := w.edit(a, s, func(p *ShiftPlan) { p.Capacity = 1 })
	w.refused(err, ErrCapacityBelowTaken, "")
	_, err = w.edit(a, s, func(p *ShiftPlan) { p.Capacity, p.WaitingMax = 2, 5 })
	w.must(err)
	if len(h.moved) != 0 {
		t.Error("told people of a change of places")
	}
	moved, err := w.edit(a, s, func(p *ShiftPlan) { p.StartsAt, p.Place = p.StartsAt.Add(-time.Hour), "北京街文化站" })
	w.must(err)
	if len(h.moved) != 1 || h.moved[0][0].Place == h.moved[0][1].Place || !h.moved[0][1].StartsAt.Equal(moved.StartsAt) {
		t.Errorf("told %+v", h.moved)
	}
	if moved.Taken != 2 {
		t.Errorf("an edit changed the counter to %d", moved.Taken)
	}
	_, err = w.edit(a, s, func(p *ShiftPlan) {
		p.StartsAt, p.EndsAt, p.SignupFrom, p.SignupUntil = deskDay.Add(-2*time.Hour), deskDay.Add(-time.Hour), nil, nil
	})
	w.refused(err, ErrShiftPast, "starts_at")
	_, err = w.DropShift(ctx, a.ID, w.now(a).Version, s.ID, w.admin)
	w.refused(err, ErrIsPublished, "")
	_, err = w.CancelShift(ctx, a.ID, w.now(a).Version, s.ID, " ", w.admin)
	w.refused(err, fault.ErrRequired, "reason")
	_, err = w.CancelShift(ctx, a.ID, w.now(a).Version, s.ID, "台风", w.admin)
	w.must(err)
	if got := w.shifts(a)[0]; got.State != ShiftCancelled || got.Taken != 0 || len(h.cancelled) != 1 || h.cancelled[0][0] != s.ID {
		t.Errorf("cancelled: %+v, told %v", got, h.cancelled)
	}
	_, err = w.edit(a, s, func(p *ShiftPlan) { p.Capacity = 9 })
	w.refused(err, ErrShiftCancelled, "")
}

func TestShiftThatHasBegunStays(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	a := w.published(goodShift(1))
	s := w.shifts(a)[0]
	w.clk.Set(s.StartsAt)
	_, err := w.edit(a, s, func(p *ShiftPlan) { p.StartsAt, p.EndsAt = p.StartsAt.Add(48*time.Hour), p.EndsAt.Add(48*time.Hour) })
	w.refused(err, ErrShiftStarted, "")
	_, err = w.CancelShift(context.Background(), a.ID, a.Version, s.ID, "x", w.admin)
	w.refused(err, ErrShiftStarted, "")
}

func TestWhatWasReviewedStays(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	a := w.published(goodShift(8))
	p := PlanOf(a)
	p.Title, p.Field, p.Division, p.Dangerous, p.Risks = "别的", "0001", persontest.Tianhe, true, ""
	p.Declarations = Declarations{"pay": true}
	_, err := w.Update(ctx, a.ID, a.Version, p, w.admin)
	for _, field := range []string{"title", "field", "division", "dangerous", "declare_pay"} {
		w.refused(err, ErrReviewed, field)
	}
	w.refused(err, ErrRisksNeeded, "risks")
	p = PlanOf(a)
	p.Content, p.Contact, p.Guarantees = "改为唱粤曲", "020-1", []string{"04"}
	a, err = w.Update(ctx, a.ID, a.Version, p, w.admin)
	w.must(err)
	if found := w.find(Filter{Words: "粤曲"}); len(found) != 1 {
		t.Error("the new text is not found")
	}
	if found := w.find(Filter{Words: "读报"}); len(found) != 0 {
		t.Error("the old text is still found")
	}
}

// Two tabs save at once: one wins, the other is told.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	a := w.draft()
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			p := goodPlan()
			p.Content = string(rune('a' + i))
			_, errs[i] = w.Update(context.Background(), a.ID, a.Version, p, w.admin)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, fault.ErrVersionConflict):
			t.Error(err)
		}
	}
	if won != 1 || w.now(a).Version != 2 {
		t.Errorf("%d won, version %d", won, w.now(a).Version)
	}
}

// What a hook refuses does not happen, all of it.
func TestHooksArePartOfTheTransaction(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	failed := errors.New("no")
	a := w.published(goodShift(8))
	w.OnCancelled(func(context.Context, pgx.Tx, Activity, []Shift) error { return failed })
	w.OnMoved(func(context.Context, pgx.Tx, ShiftView, ShiftView) error { return failed })
	if _, err := w.CancelActivity(ctx, w.move(a)); !errors.Is(err, failed) {
		t.Error(err)
	}
	if _, err := w.edit(a, w.shifts(a)[0], func(p *ShiftPlan) { p.Place = "别处" }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if got := w.now(a); got.State != Published || got.Version != a.Version || w.shifts(a)[0].State != ShiftOpen {
		t.Errorf("changed to %+v", got)
	}
	if n := len(w.find(Filter{})); n != 1 {
		t.Errorf("%d found", n)
	}
}

func TestClosing(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	a := w.published(goodShift(1), goodShift(2))
	_, err := w.CloseActivity(ctx, w.move(a))
	w.refused(err, ErrNotOver, "")
	_, err = w.CancelShift(ctx, a.ID, a.Version, w.shifts(a)[1].ID, "台风", w.admin)
	w.must(err)
	a = w.now(a)
	w.clk.Set(w.shifts(a)[0].EndsAt)
	a, err = w.CloseActivity(ctx, w.move(a))
	w.must(err)
	if a.State != Closed {
		t.Error(a.State)
	}
	p := PlanOf(a)
	_, err = w.Update(ctx, a.ID, a.Version, p, w.admin)
	w.refused(err, ErrIsClosed, "")
}

// Cancelling leaves shifts that are over as they were: somebody served there.
func TestCancellingHalfway(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	h := w.listen()
	a := w.published(goodShift(1), goodShift(5))
	w.clk.Set(deskDay.AddDate(0, 0, 3))
	a, err := w.CancelActivity(context.Background(), w.move(a))
	w.must(err)
	list := w.shifts(a)
	if list[0].State != ShiftOpen || list[1].State != ShiftCancelled || a.Reason != "天气" {
		t.Errorf("%+v", list)
	}
	if len(h.cancelled) != 1 || len(h.cancelled[0]) != 1 || h.cancelled[0][0] != list[1].ID {
		t.Errorf("told %v", h.cancelled)
	}
}
