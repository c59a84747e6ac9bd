package activity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// walk goes through the listings in the order of their start until a page is
// full. The time it takes must not grow with the number of activities:
//
//   - First it probes: it goes through the next listings in order and keeps
//     those that fit, until it has a page. The index of the order tells nearly
//     all that do not fit, so that this costs no more than the page does.
//   - Where little fits, the index of keys is asked, for a window of days. From
//     what the probe saw, the window is made just long enough to fill the page;
//     while it does not, the next one is longer. All keys have the day in them,
//     so a window costs what stands in it, not what stands in the table.
type walk struct {
	now    time.Time
	filter Filter
	terms  [][]term  // a listing must have one of each
	at     time.Time // next is after (at, id)
	id     uuid.UUID
	until  time.Time
	rows   int // entries of the index of the order that the probe goes through
}

// spot is a listing found.
type spot struct {
	Activity uuid.UUID
	StartsAt time.Time
}

const (
	probeRows = 2000 // of a probe
	shiftRows = 300  // of a probe where only shifts tell what fits
	spare     = 2    // a window is made for so many times the page
	maxWindow = 120  // days
	maxGrowth = 8    // a window is at most so many times longer than the one before
)

// collect finds the next n.
func (w *walk) collect(ctx context.Context, db pg.DB, n int) ([]spot, error) {
	found, err := w.probe(ctx, db, n)
	if err != nil || len(found) >= n {
		return found, err
	}
	p, err := w.probed(ctx, db, len(found))
	if err != nil || p.end {
		return found, err
	}
	w.at, w.id, w.until = p.at, p.id, minTime(w.until, p.last.Add(time.Microsecond))
	for days := p.window(n); len(found) < n && w.at.Before(w.until); {
		end := (dayOf(w.at) + day(days)).start()
		more, err := w.window(ctx, db, minTime(end, w.until), n-len(found))
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
		w.at, w.id = end, uuid.Nil
		days = min(days*min(maxGrowth, max(2, n/(len(more)+1))), maxWindow)
	}
	return found, nil
}

// probed is what a probe that filled no page has learnt.
type probed struct {
	at   time.Time // the last listing it went through
	id   uuid.UUID
	fits int
	span time.Duration
	last time.Time // start of the last listing of all
	end  bool      // there are no more listings
}

// window estimates how many days hold n listings that fit.
func (p probed) window(n int) int {
	days := max(p.span.Hours()/24, 0.02)
	fitsPerDay := (float64(p.fits) + 0.5) / days
	return int(min(max(1, spare*float64(n)/fitsPerDay), maxWindow/2))
}

// probe finds the next n in order, if they are not far.
func (w *walk) probe(ctx context.Context, db pg.DB, n int) ([]spot, error) {
	q := w.probeSQL(n)
	rows, err := db.Query(ctx, q.text, q.args...)
	return pg.All[spot](rows, err)
}

func (w *walk) probed(ctx context.Context, db pg.DB, fits int) (probed, error) {
	q := w.lastSQL()
	p := probed{fits: fits}
	err := db.QueryRow(ctx, q.text, q.args...).Scan(&p.id, &p.at, &p.last)
	if errors.Is(err, pgx.ErrNoRows) {
		return probed{end: true}, nil
	}
	p.span = p.at.Sub(w.at)
	return p, err
}

// window asks the index of keys for those after (at, id) that start before end.
func (w *walk) window(ctx context.Context, db pg.DB, end time.Time, n int) ([]spot, error) {
	q := w.windowSQL(end, n)
	var b pgx.Batch
	// The planner knows no statistics of keys and would read the whole table; a
	// batch is a transaction, so this holds for its statements only.
	b.Queue(`SELECT set_config('enable_seqscan', 'off', true)`)
	b.Queue(q.text, q.args...)
	results := db.SendBatch(ctx, &b)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, err
	}
	rows, err := results.Query()
	return pg.All[spot](rows, err)
}
