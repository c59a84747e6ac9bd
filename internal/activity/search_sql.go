package activity

import (
	"fmt"
	"slices"
	"strconv"
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

// probeSQL finds the first n that fit among the next w.rows in order. The
// index of the order (listing_order) has all that marked asks for, so a row is
// read only where it promises to fit.
func (w *walk) probeSQL(n int) *statement {
	q := &statement{}
	fits := append(w.divided(q), w.marked(q)...)
	if exact := slices.Concat(w.near(q, "r"), w.onItsDay(q, "r")); len(exact) > 0 {
		fits = append(fits, "EXISTS (SELECT FROM activity.listing r WHERE r.activity = l.activity AND r.starts_at = l.starts_at AND "+and(exact...)+")")
	}
	fits = append(fits, w.shifts(q)...)
	q.text = fmt.Sprintf(`SELECT l.activity, l.starts_at FROM (
			SELECT activity, starts_at, division, marks FROM activity.listing l WHERE %s ORDER BY starts_at, activity LIMIT %s) l
		WHERE %s ORDER BY l.starts_at, l.activity LIMIT %s`, w.timed(q, w.until), q.arg(w.rows), and(fits...), q.arg(n))
	return q
}

// lastSQL finds the last of those, if there are so many, and the start of the
// last listing of all.
func (w *walk) lastSQL() *statement {
	q := &statement{}
	q.text = fmt.Sprintf(`SELECT l.activity, l.starts_at, (SELECT max(starts_at) FROM activity.listing) AS last
		FROM activity.listing l WHERE %s ORDER BY starts_at, activity OFFSET %s LIMIT 1`, w.timed(q, w.until), q.arg(w.rows-1))
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
		return "l.marks & " + mask + " = " + mask
	})
}

// onItsDay is marked without error: it reads the keys of the row.
func (w *walk) onItsDay(q *statement, row string) []string {
	return w.eachTerm(func(t term) string {
		return fmt.Sprintf("activity.listing_key(%s::bigint, %s.starts_at) = ANY (%s.keys)", q.arg(t.hash()), row, row)
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

// windowSQL finds listings of the days up to end by their keys.
func (w *walk) windowSQL(end time.Time, n int) *statement {
	q := &statement{}
	timed := w.timed(q, end)
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
