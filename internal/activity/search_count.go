package activity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/region"
)

// MaxCount is where counting of a day or a place stops: more is "99+". It
// keeps calendar and map quick, however many activities there are.
const MaxCount = 100

// DayCount is how much starts on a day.
type DayCount struct {
	Day   time.Time // its beginning, UTC+8
	Count int       // at most MaxCount
}

// Days counts what a filter finds on each day of [from, until), at most 62 days.
func (s *Service) Days(ctx context.Context, f Filter, from, until time.Time) ([]DayCount, error) {
	if err := f.Check(s.regions); err != nil {
		return nil, err
	}
	w := s.walk(f)
	var out []DayCount
	var cells []cell
	for d := dayOf(from); d.start().Before(until) && len(out) < 62; d++ {
		out = append(out, DayCount{Day: d.start()})
		cells = append(cells, cell{from: d, to: d, terms: w.terms})
	}
	counts, err := w.count(ctx, s.pool, cells)
	for i, n := range counts {
		out[i].Count = n
	}
	return out, err
}

// PlaceCount is how much starts in a division.
type PlaceCount struct {
	Division region.Division
	Count    int // at most MaxCount
}

// mapDays is how far the map looks when no end is given.
const mapDays = 30

// MapUntil is the time up to which Places counts.
func (s *Service) MapUntil(f Filter) time.Time {
	w := s.walk(f)
	return minTime(w.until, (dayOf(w.at) + mapDays).start())
}

// Places counts what a filter finds in each division straight below the one it
// asks for (the cities when it asks for none; in Hong Kong and Macao the
// districts), until MapUntil.
func (s *Service) Places(ctx context.Context, f Filter) ([]PlaceCount, error) {
	if err := f.Check(s.regions); err != nil {
		return nil, err
	}
	below := s.below(f.Division)
	f.Division = ""
	w := s.walk(f)
	w.until = s.MapUntil(f)
	last := dayOf(w.until.Add(-time.Microsecond))
	out, cells := make([]PlaceCount, len(below)), make([]cell, len(below))
	for i, d := range below {
		out[i].Division = d
		cells[i] = cell{from: dayOf(w.at), to: last, terms: append([][]term{{divisionTerm(d.Code)}}, w.terms...)}
	}
	counts, err := w.count(ctx, s.pool, cells)
	for i, n := range counts {
		out[i].Count = n
	}
	return out, err
}

// below are the divisions that the map shows for one; the smallest show themselves.
func (s *Service) below(code string) []region.Division {
	d, ok := s.regions.Get(code)
	if !ok {
		var out []region.Division
		for _, root := range s.regions.Children("") {
			if root.Level == region.Province {
				out = append(out, s.regions.Children(root.Code)...)
				continue
			}
			out = append(out, root)
		}
		return out
	}
	if below := s.regions.Children(code); len(below) > 0 {
		return below
	}
	return []region.Division{d}
}

// count counts the listings of each cell, up to MaxCount.
func (w *walk) count(ctx context.Context, db pg.DB, cells []cell) ([]int, error) {
	if len(cells) == 0 {
		return nil, nil
	}
	return ask(ctx, db, w.countSQL(cells), pgx.RowTo[int])
}

func (w *walk) countSQL(cells []cell) *statement {
	q := &statement{}
	lists, names, keyed := q.keyed(cells)
	since, til := times(cells, func(c cell) time.Time { return c.from.start() }), times(cells, func(c cell) time.Time { return (c.to + 1).start() })
	lists, names = append(lists, q.arg(since)+"::timestamptz[]", q.arg(til)+"::timestamptz[]"), append(names, "since", "til")
	timed := []string{"l.starts_at >= greatest(c.since, " + q.arg(w.at) + ")", "l.starts_at < least(c.til, " + q.arg(w.until) + ")"}
	q.text = fmt.Sprintf(`SELECT (SELECT count(*)::integer FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) found)
		FROM unnest(%s) WITH ORDINALITY AS c (%s, n) ORDER BY c.n`,
		inKeys(keyed), and(append(timed, w.exact(q)...)...), MaxCount, strings.Join(lists, ", "), strings.Join(names, ", "))
	return q
}

func times(cells []cell, of func(cell) time.Time) []time.Time {
	out := make([]time.Time, len(cells))
	for i, c := range cells {
		out[i] = of(c)
	}
	return out
}
