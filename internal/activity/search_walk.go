package activity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/region"
)

// walk goes through the listings in the order of their start until a page is
// full. The time it takes must not grow with the number of activities:
//
//   - First it probes: it reads the next few hundred listings in order and
//     keeps those that fit. Where much fits, that is all. When a division is
//     asked for it reads further, as the index alone tells where a listing is.
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
}

// spot is a listing found.
type spot struct {
	Activity uuid.UUID
	StartsAt time.Time
}

const (
	probeRows = 50   // listings read by the probe: each is a page of the table
	indexRows = 1000 // entries read by it where the index alone tells what fits
	mixedRows = 300  // and where it tells the division, but the row the rest
	spare     = 2    // a window is made for so many times the page
	maxWindow = 120  // days
	maxGrowth = 8    // a window is at most so many times longer than the one before
)

// collect finds the next n.
func (w *walk) collect(ctx context.Context, db pg.DB, n int) ([]spot, error) {
	found, p, err := w.probe(ctx, db, n)
	if err != nil || len(found) >= n || p.end {
		return found[:min(len(found), n)], err
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

// probed is what the probe learns.
type probed struct {
	at   time.Time // the last listing read
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

// probe reads the next listings in order, whether they fit or not.
func (w *walk) probe(ctx context.Context, db pg.DB, n int) ([]spot, probed, error) {
	rows := w.probeRows(n)
	q := w.probeSQL(rows)
	var b pgx.Batch
	b.Queue(q.text, q.args...)
	b.Queue(`SELECT coalesce(max(starts_at), $1) FROM activity.listing`, w.at)
	results := db.SendBatch(ctx, &b)
	defer results.Close()
	read, err := results.Query()
	seen, err := pg.All[struct {
		spot
		Fits bool
		Nth  int
	}](read, err)
	if err != nil {
		return nil, probed{}, err
	}
	p := probed{at: w.at, id: w.id, end: true}
	var found []spot
	for _, r := range seen {
		if r.Fits {
			found = append(found, r.spot)
		}
		p.at, p.id, p.span, p.end = r.StartsAt, r.Activity, r.StartsAt.Sub(w.at), r.Nth < rows
	}
	p.fits = len(found)
	return found, p, results.QueryRow().Scan(&p.last)
}

// probeRows is how many listings the probe reads: a page where everything
// fits, more where the index tells enough to leave most of them unread.
func (w *walk) probeRows(n int) int {
	switch {
	case len(w.terms) == 0 && !w.filter.Free && w.filter.Suits == nil:
		return n
	case w.inDivision() && len(w.terms) == 1 && !w.filter.Free && w.filter.Suits == nil:
		return indexRows
	case w.inDivision():
		return mixedRows
	}
	return probeRows
}

// inDivision says that the division asked for is a small part of the whole:
// below a province or a special administrative region.
func (w *walk) inDivision() bool { return len(region.Prefix(w.filter.Division)) > 2 }

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
