package activity

import (
	"context"
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
//   - Where little fits, or is bound to (rare), the index of keys is asked, for
//     spans of days that grow until the page is full. All keys have the day in
//     them, so a span costs what stands in it, not what stands in the table.
//
// Each step is one statement that brings all a page shows: a row of the listing
// has it, but for the places left.
type walk struct {
	now    time.Time
	filter Filter
	terms  [][]term  // a listing must have one of each
	at     time.Time // next is after (at, id)
	id     uuid.UUID
	until  time.Time
	rows   int // entries of the index of the order that a probe goes through; 0: no probe
}

const (
	probeRows = 700 // of a probe
	shiftRows = 300 // of a probe where only shifts tell what fits
)

// collect finds the next n.
func (w *walk) collect(ctx context.Context, db pg.DB, n int) (found []Hit, err error) {
	for often := w.rows > 0; often; {
		hits, p, err := w.probe(ctx, db, n-len(found))
		if err != nil {
			return nil, err
		}
		if found = append(found, hits...); len(found) == n || p.end {
			return found, nil
		}
		w.at, w.id, w.until = p.at, p.id, minTime(w.until, p.last.Add(time.Microsecond))
		often = 2*len(hits) >= n
	}
	for length := day(1); len(found) < n && w.at.Before(w.until); length *= 16 {
		if length > 1 && w.rows == 0 { // no probe has seen where all of them end
			if err := w.stopAtLast(ctx, db); err != nil {
				return nil, err
			}
		}
		spans, end := w.spans(length)
		hits, err := w.window(ctx, db, spans, n-len(found))
		if err != nil {
			return nil, err
		}
		found, w.at, w.id = append(found, hits...), end, uuid.Nil
	}
	return found, nil
}

// stopAtLast lets the walk end with the last listing of all.
func (w *walk) stopAtLast(ctx context.Context, db pg.DB) error {
	var last *time.Time
	if err := db.QueryRow(ctx, `SELECT max(starts_at) FROM activity.listing`).Scan(&last); err != nil || last == nil {
		return err
	}
	w.until = minTime(w.until, last.Add(time.Microsecond))
	return nil
}

// spans are the next days of the walk, at first few and then more at a time, and
// where they end. A search for no term has no keys to look up: it walks on in order.
func (w *walk) spans(length day) (out []cell, end time.Time) {
	if len(w.terms) == 0 {
		return nil, w.until
	}
	from, last := dayOf(w.at), dayOf(w.until.Add(-time.Microsecond))
	for _, n := range []day{1, 1, 2, 2, 4, 4, 8, 8} {
		if from > last {
			break
		}
		to := min(from+n*length-1, last)
		out, from = append(out, cell{from: from, to: to, terms: w.terms}), to+1
	}
	return out, from.start()
}

// probed is how far a probe went that filled no page.
type probed struct {
	at   time.Time // the last listing it went through
	id   uuid.UUID
	last time.Time // start of the last listing of all
	end  bool      // there are no more listings
}

// seen is a hit or, with the start of the last listing of all, the last listing
// that a probe went through.
type seen struct {
	Hit
	Last *time.Time
}

// probe finds the next n in order, if they are not far.
func (w *walk) probe(ctx context.Context, db pg.DB, n int) ([]Hit, probed, error) {
	list, err := ask(ctx, db, w.probeSQL(n), pgx.RowToStructByName[seen])
	if err != nil {
		return nil, probed{}, err
	}
	var found []Hit
	p := probed{end: true}
	for _, s := range list {
		if s.Last == nil {
			found = append(found, s.Hit)
			continue
		}
		p = probed{at: s.StartsAt, id: s.Activity, last: *s.Last}
	}
	return found, p, nil
}

// window asks the index of keys for those after (at, id) in spans of days.
func (w *walk) window(ctx context.Context, db pg.DB, spans []cell, n int) ([]Hit, error) {
	return ask(ctx, db, w.windowSQL(spans, n), pgx.RowToStructByName[Hit])
}
