package activity

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kapok/internal/kit/clock"
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

// probeSQL reads so many listings in order. It answers with those that fit and
// with the last one read, each with its place in the order.
func (w *walk) probeSQL(rows int) *statement {
	q := &statement{}
	var columns string
	var fits []string
	if w.inDivision() {
		columns, fits = "activity, starts_at, division", w.byIndex(q)
	} else {
		columns, fits = "*", append(w.exact(q), w.onItsDay(q, "l")...)
	}
	q.text = fmt.Sprintf(`SELECT activity, starts_at, fits, nth FROM (
			SELECT l.activity, l.starts_at, %s AS fits, (row_number() OVER o)::integer AS nth, lead(l.starts_at) OVER o IS NULL AS last FROM (
				SELECT %s FROM activity.listing WHERE (starts_at, activity) > (%s, %s) AND starts_at < %s
				ORDER BY starts_at, activity LIMIT %s) l
			WINDOW o AS (ORDER BY l.starts_at, l.activity)) p
		WHERE fits OR last ORDER BY nth`, and(fits...), columns, q.arg(w.at), q.arg(w.id), q.arg(w.until), q.arg(rows))
	return q
}

// byIndex is exact and onItsDay for a probe that reads the index alone
// (listing_order holds the divisions), and a row only where it lies there.
func (w *walk) byIndex(q *statement) []string {
	out := append(w.divided(q), w.shifts(q)...)
	if row := append(w.near(q, "r"), w.onItsDay(q, "r")...); len(row) > 0 {
		out = append(out, "EXISTS (SELECT FROM activity.listing r WHERE r.activity = l.activity AND r.starts_at = l.starts_at AND "+and(row...)+")")
	}
	return out
}

// onItsDay are the conditions that a listing has one of each of the terms;
// that of the division is left out, as divided is as good.
func (w *walk) onItsDay(q *statement, row string) (out []string) {
	for _, any := range w.terms {
		if w.filter.Division != "" && slices.Equal(any, []term{divisionTerm(w.filter.Division)}) {
			continue
		}
		var one []string
		for _, t := range any {
			one = append(one, fmt.Sprintf("activity.listing_key(%s::bigint, %s.starts_at) = ANY (%s.keys)", q.arg(t.hash()), row, row))
		}
		out = append(out, "("+strings.Join(one, " OR ")+")")
	}
	return out
}

// windowSQL finds listings of the days up to end by their keys.
func (w *walk) windowSQL(end time.Time, n int) *statement {
	q := &statement{}
	timed := fmt.Sprintf(`(l.starts_at, l.activity) > (%s, %s) AND l.starts_at < %s`, q.arg(w.at), q.arg(w.id), q.arg(end))
	from := "activity.listing l"
	if keyed := w.keyed(q, end); len(keyed) > 0 {
		// Materialised, or the planner would walk in order and look at every row.
		from = "(SELECT * FROM found) l"
		q.text = "WITH found AS MATERIALIZED (SELECT activity, starts_at, division, lat, lon FROM activity.listing WHERE " + and(keyed...) + ") "
	}
	q.text += `SELECT l.activity, l.starts_at FROM ` + from + ` WHERE ` + and(append([]string{timed}, w.exact(q)...)...) +
		` ORDER BY l.starts_at, l.activity LIMIT ` + q.arg(n)
	return q
}

// keyed are the conditions that the index of keys answers.
func (w *walk) keyed(q *statement, end time.Time) []string {
	var out []string
	for _, any := range w.terms {
		out = append(out, "keys && "+q.arg(keysDuring(any, dayOf(w.at), dayOf(end.Add(-time.Microsecond))))+"::bigint[]")
	}
	return out
}

// exact are the conditions that no key holds: distance, free places,
// suitability; and the division, which clashing hashes must never widen.
func (w *walk) exact(q *statement) []string {
	return slices.Concat(w.divided(q), w.near(q, "l"), w.shifts(q))
}

func (w *walk) divided(q *statement) []string {
	if w.filter.Division == "" {
		return nil
	}
	return []string{"l.division LIKE " + q.arg(region.Prefix(w.filter.Division)+"%")}
}

func (w *walk) near(q *statement, row string) []string {
	n := w.filter.Near
	if n == nil {
		return nil
	}
	return []string{row + ".lat IS NOT NULL", distanceSQL(row, q.arg(n.Lat)+"::float8", q.arg(n.Lon)+"::float8") + " <= " + q.arg(n.Km)}
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
