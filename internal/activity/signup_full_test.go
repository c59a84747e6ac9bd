package activity

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestHintTurnsAwayWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(1, 0))
	in, out := w.volunteer(), w.volunteer()
	w.joined(v, in)
	w.refusedFull(v) // leaves the hint
	w.pool.Close()
	_, err := w.join(v, out)
	w.refused(err, ErrShiftFull)
	w.clk.Advance(hintFor)
	if _, err := w.join(v, out); err == nil || errors.Is(err, ErrShiftFull) {
		t.Errorf("an old hint still answers: %v", err)
	}
}

func TestHintIsDroppedByCancellingAndEditing(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(1, 0))
	in, next, last := w.volunteer(), w.volunteer(), w.volunteer()
	w.joined(v, in)
	w.refusedFull(v)
	_, err := w.leave(v, in)
	w.must(err)
	w.joined(v, next)
	w.refusedFull(v)
	more := v.Shift
	more.Capacity = 2
	w.must(w.edit(more))
	w.forgetHints(v.ID)
	w.joined(v, last)
}

func TestHintMadeBeforeADropIsNotKept(t *testing.T) {
	t.Parallel()
	var f fullHints
	id := uuid.New()
	before := f.epoch()
	f.drop(uuid.New())
	f.note(before, []hint{{shift: id, until: time.Now().Add(time.Hour), err: ErrShiftFull}})
	if f.refuses(SignUpRequest{Shift: id}, time.Now()) != nil {
		t.Error("a hint from before a cancellation was kept")
	}
	f.note(f.epoch(), []hint{{shift: id, until: time.Now().Add(time.Hour), err: ErrShiftFull, except: map[uuid.UUID]struct{}{uuid.Nil: {}}}})
	if f.refuses(SignUpRequest{Shift: id, Person: uuid.New()}, time.Now()) == nil {
		t.Error("a fresh hint was not kept")
	}
	if f.refuses(SignUpRequest{Shift: id}, time.Now()) != nil {
		t.Error("somebody signed up already was turned away")
	}
	for range hintMax {
		f.note(f.epoch(), []hint{{shift: uuid.New()}})
	}
	if len(f.byShift) > hintMax {
		t.Errorf("%d hints are kept", len(f.byShift))
	}
}
