package activity

import (
	"fmt"
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

// probeSQL reads so many listings in order and says of each whether it fits.
func (w *walk) probeSQL(rows int) *statement {
	q := &statement{}
	fits := w.exact(q)
	for _, any := range w.terms {
		fits = append(fits, onItsDay(q, any))
	}
	q.text = fmt.Sprintf(`SELECT l.activity, l.starts_at, %s AS fits FROM (
			SELECT * FROM activity.listing WHERE (starts_at, activity) > (%s, %s) AND starts_at < %s
			ORDER BY starts_at, activity LIMIT %s) l
		ORDER BY l.starts_at, l.activity`, and(fits...), q.arg(w.at), q.arg(w.id), q.arg(w.until), q.arg(rows))
	return q
}

// onItsDay is the condition that a listing has one of the terms.
func onItsDay(q *statement, any []term) string {
	var out []string
	for _, t := range any {
		out = append(out, "activity.listing_key("+q.arg(t.hash())+"::integer, l.starts_at) = ANY (l.keys)")
	}
	return "(" + strings.Join(out, " OR ") + ")"
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
		out = append(out, "keys && "+q.arg(keysDuring(any, dayOf(w.at), dayOf(end.Add(-time.Microsecond))))+"::integer[]")
	}
	return out
}

// exact are the conditions that no key holds: distance, free places,
// suitability; and the division, which clashing hashes must never widen.
func (w *walk) exact(q *statement) []string {
	var out []string
	if w.filter.Division != "" {
		out = append(out, "l.division LIKE "+q.arg(region.Prefix(w.filter.Division)+"%"))
	}
	if n := w.filter.Near; n != nil {
		out = append(out, "l.lat IS NOT NULL", distanceSQL(q.arg(n.Lat)+"::float8", q.arg(n.Lon)+"::float8")+" <= "+q.arg(n.Km))
	}
	if w.filter.Free || w.filter.Suits != nil {
		out = append(out, "EXISTS (SELECT FROM activity.shift s WHERE "+and(w.shift(q)...)+")")
	}
	return out
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
