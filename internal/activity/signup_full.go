package activity

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
)

const (
	hintFor = time.Second // longest time in which a hint may refuse falsely
	hintMax = 4096        // hints kept at most; each is small, and old ones go first
)

// hint says that a shift was full, waiting list and all, at some moment, and
// who had signed up then: those are never turned away by it.
type hint struct {
	shift  uuid.UUID
	until  time.Time
	err    *fault.Error
	except map[uuid.UUID]struct{}
}

// hintTx makes the hint for a full shift whose lock the transaction holds.
func hintTx(ctx context.Context, tx pgx.Tx, s Shift, now time.Time) (hint, error) {
	h := hint{shift: s.ID, until: now.Add(hintFor), except: map[uuid.UUID]struct{}{}}
	_, h.err = room(s)
	rows, err := tx.Query(ctx, `SELECT person FROM activity.signup WHERE shift = $1 AND state <> 'cancelled'`, s.ID)
	if err != nil {
		return h, err
	}
	var person uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&person}, func() error { h.except[person] = struct{}{}; return nil })
	return h, err
}

// fullHints turns requests for full shifts away at the door, without a look at
// the database. It can refuse falsely for at most hintFor, when a place got
// free through another node; it can never grant anything.
type fullHints struct {
	drops   atomic.Uint64
	mu      sync.RWMutex
	byShift map[uuid.UUID]hint
}

// epoch marks the present; a hint made from what was read after it is noted
// only if nothing was dropped since.
func (f *fullHints) epoch() uint64 { return f.drops.Load() }

func (f *fullHints) note(epoch uint64, hints []hint) {
	if len(hints) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.drops.Load() != epoch {
		return
	}
	if f.byShift == nil || len(f.byShift) >= hintMax {
		f.byShift = map[uuid.UUID]hint{}
	}
	for _, h := range hints {
		f.byShift[h.shift] = h
	}
}

// drop forgets a shift at once: somebody cancelled, or it was edited.
func (f *fullHints) drop(shifts ...uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drops.Add(1)
	for _, id := range shifts {
		delete(f.byShift, id)
	}
}

func (f *fullHints) refuses(r SignUpRequest, now time.Time) error {
	f.mu.RLock()
	h, ok := f.byShift[r.Shift]
	f.mu.RUnlock()
	if !ok || !now.Before(h.until) {
		return nil
	}
	if _, known := h.except[r.Person]; known {
		return nil
	}
	return h.err
}
