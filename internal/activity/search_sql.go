package activity

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/pg"
	"kapok/internal/region"
)

// statement is put together from fixed parts; everything typed by people is an
// argument.
type statement struct {
	text string
	args []any
}

// arg adds an argument and returns its placeholder.
func (s *statement) arg(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

func and(conditions ...string) string {
	if len(conditions) == 0 {
		return "true"
	}
	return strings.Join(conditions, " AND ")
}

// ask runs a statement of the search. The planner knows no statistics of keys
// and would read the whole table; and as the best plan is always the same one,
// making it anew each time would take longer than running it. A batch is a
// transaction, so both settings hold for its statements only.
func ask[T any](ctx context.Context, db pg.DB, q *statement, row pgx.RowToFunc[T]) ([]T, error) {
	var b pgx.Batch
	b.Queue(`SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`)
	b.Queue(q.text, q.args...)
	results := db.SendBatch(ctx, &b)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, row)
}

// cardColumns are what a page shows of a listing.
const cardColumns = "l.activity, l.title, l.org, l.org_name, l.field, l.division, l.dangerous, l.place, l.starts_at, l.ends_at, l.lat, l.lon"

// noCard are the columns of cards for a row that is none, but a place in the order.
const noCard = `o.activity, '', o.activity, '', '', '', false, '', o.starts_at, o.starts_at, NULL, NULL,
	(SELECT max(starts_at) FROM activity.listing), 0, 0, 0, false, NULL, NULL`

// cards adds to the listings that a statement finds the places left now, and
// the distance. More is a column that the statement also has.
func (w *walk) cards(q *statement, found, more string) string {
	distance := "NULL::float8"
	if n := w.filter.Near; n != nil {
		distance = distanceSQL("l", q.arg(n.Lat)+"::float8", q.arg(n.Lon)+"::float8")
	}
	return `SELECT ` + cardColumns + more + `, p.shifts, p.capacity, p.taken, p.approval, p.until, ` + distance + ` AS distance_km
		FROM (` + found + `) l
		CROSS JOIN LATERAL (SELECT count(*)::integer AS shifts, coalesce(sum(s.capacity), 0)::integer AS capacity,
				coalesce(sum(least(s.taken, s.capacity)), 0)::integer AS taken,
				coalesce(bool_and(s.approval), false) AS approval, max(s.signup_until) AS until
			FROM activity.shift s WHERE s.activity = l.activity AND s.starts_at = l.starts_at AND s.state = 'open') p
		ORDER BY l.starts_at, l.activity`
}

// probeSQL finds the first n that fit among the next w.rows in order. The
// index of the order (listing_order) has all that marked asks for, so a row is
// read only where it promises to fit, and the index only as far as it takes:
// what was gone through is kept (MATERIALIZED) and looked at one by one, in its
// order (LATERAL). Only if fewer than n fit, the last one gone through follows,
// with the start of the last of all.
func (w *walk) probeSQL(n int) *statement {
	q := &statement{}
	timed := w.timed(q, w.until)
	fits := slices.Concat(w.divided(q, "o"), w.marked(q), w.onItsDay(q), w.near(q), w.shifts(q))
	limit := q.arg(n)
	found := `SELECT ` + cardColumns + ` FROM o CROSS JOIN LATERAL (SELECT * FROM activity.listing l
		WHERE l.activity = o.activity AND l.starts_at = o.starts_at OFFSET 0) l WHERE ` + and(fits...) + ` LIMIT ` + limit
	q.text = fmt.Sprintf(`WITH o AS MATERIALIZED (SELECT activity, starts_at, division, marks FROM activity.listing l
			WHERE %s ORDER BY starts_at, activity LIMIT %d)
		(%s) UNION ALL (SELECT %s FROM o OFFSET %d LIMIT 1) LIMIT %s`,
		timed, w.rows, w.cards(q, found, ", NULL::timestamptz AS last"), noCard, w.rows-1, limit)
	return q
}

// timed is the time that is left for the walk, up to end.
func (w *walk) timed(q *statement, end time.Time) string {
	return fmt.Sprintf(`(l.starts_at, l.activity) > (%s, %s) AND l.starts_at < %s`, q.arg(w.at), q.arg(w.id), q.arg(end))
}

// marked are the conditions that a listing has the marks of one of each of the
// terms; that of the division is left out, as divided says it exactly.
func (w *walk) marked(q *statement) []string {
	return w.eachTerm(func(t term) string {
		mask := q.arg(marksOf(t)) + "::bit(" + strconv.Itoa(markBits) + ")"
		return "o.marks & " + mask + " = " + mask
	})
}

// onItsDay is marked without error: it reads the keys of the row.
func (w *walk) onItsDay(q *statement) []string {
	return w.eachTerm(func(t term) string {
		return fmt.Sprintf("activity.listing_key(%s::bigint, l.starts_at) = ANY (l.keys)", q.arg(t.hash()))
	})
}

// eachTerm makes a condition of each list of terms: that it holds for one of them.
func (w *walk) eachTerm(has func(term) string) (out []string) {
	for _, any := range w.terms {
		if w.filter.Division != "" && slices.Equal(any, []term{divisionTerm(w.filter.Division)}) {
			continue
		}
		var one []string
		for _, t := range any {
			one = append(one, has(t))
		}
		out = append(out, "("+strings.Join(one, " OR ")+")")
	}
	return out
}

// windowSQL finds the first n in spans of days by their keys. The spans are
// looked at one after the other, in their order, and no more of them than it
// takes; without spans, the listings are.
func (w *walk) windowSQL(spans []cell, n int) *statement {
	q := &statement{}
	lists, names, keyed := q.keyed(spans)
	limit := " LIMIT " + q.arg(n)
	fits := and(append(w.exact(q), w.timed(q, w.until))...)
	found := `SELECT ` + cardColumns + ` FROM ` + inKeys(keyed) + ` WHERE ` + fits + ` ORDER BY l.starts_at, l.activity` + limit
	if len(spans) > 0 {
		found = fmt.Sprintf("SELECT %s FROM unnest(%s) AS c (%s) CROSS JOIN LATERAL (%s) l%s",
			cardColumns, strings.Join(lists, ", "), strings.Join(names, ", "), found, limit)
	}
	q.text = w.cards(q, found, "")
	return q
}

// cell is a span of days with the terms to be counted in it; all cells of one
// statement have as many.
type cell struct {
	from, to day
	terms    [][]term
}

// keyed makes lists of the keys of cells, one for each term, the names by which
// they are joined as c, and the conditions that the index of keys answers.
func (s *statement) keyed(cells []cell) (lists, names, conditions []string) {
	if len(cells) == 0 {
		return nil, nil, nil
	}
	for i := range cells[0].terms {
		keys := make([]string, len(cells))
		for j, c := range cells {
			keys[j] = arrayText(keysDuring(c.terms[i], c.from, c.to))
		}
		lists, names = append(lists, s.arg(keys)+"::text[]"), append(names, fmt.Sprintf("k%d", i))
		conditions = append(conditions, fmt.Sprintf("keys && c.k%d::bigint[]", i))
	}
	return lists, names, conditions
}

// arrayText is a list as PostgreSQL writes it: there are no lists of lists of
// different lengths, but lists of such texts.
func arrayText(keys []int64) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%d", k)
	}
	b.WriteByte('}')
	return b.String()
}

// inKeys are the listings that meet conditions of keyed. OFFSET 0 keeps all
// others out of it: the index of keys does the finding.
func inKeys(conditions []string) string {
	if len(conditions) == 0 {
		return "activity.listing l"
	}
	return "(SELECT * FROM activity.listing WHERE " + and(conditions...) + " OFFSET 0) l"
}

// exact are the conditions that no key holds: distance, free places,
// suitability; and the division, which clashing hashes must never widen.
func (w *walk) exact(q *statement) []string {
	return slices.Concat(w.divided(q, "l"), w.near(q), w.shifts(q))
}

func (w *walk) divided(q *statement, row string) []string {
	if w.filter.Division == "" {
		return nil
	}
	return []string{row + ".division LIKE " + q.arg(region.Prefix(w.filter.Division)+"%")}
}

func (w *walk) near(q *statement) []string {
	n := w.filter.Near
	if n == nil {
		return nil
	}
	return []string{"l.lat IS NOT NULL", distanceSQL("l", q.arg(n.Lat)+"::float8", q.arg(n.Lon)+"::float8") + " <= " + q.arg(n.Km)}
}

func (w *walk) shifts(q *statement) []string {
	if !w.filter.Free && w.filter.Suits == nil {
		return nil
	}
	return []string{"EXISTS (SELECT FROM activity.shift s WHERE " + and(w.shift(q)...) + ")"}
}

// shift are the conditions of which one shift of a listing must meet all.
func (w *walk) shift(q *statement) []string {
	out := []string{"s.activity = l.activity", "s.starts_at = l.starts_at", "s.state = 'open'"}
	if w.filter.Free {
		out = append(out, "s.taken < s.capacity", "s.signup_until > "+q.arg(w.now))
	}
	if f := w.filter.Suits; f != nil {
		age := fmt.Sprintf("extract(year FROM age((l.starts_at AT TIME ZONE '%s')::date, %s::date))",
			clock.Shanghai, q.arg(f.BirthDate.Format(time.DateOnly)))
		out = append(out, "s.min_age <= "+age, "(s.max_age = 0 OR s.max_age >= "+age+")",
			"s.skills <@ "+q.list(f.Skills), "s.languages <@ "+q.list(f.Languages), "s.qualifications <@ "+q.list(f.Qualifications))
	}
	return out
}

// list adds a list; a nil one would be NULL, which contains nothing.
func (s *statement) list(list []string) string {
	if list == nil {
		list = []string{}
	}
	return s.arg(list) + "::text[]"
}
