package record

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/attendance"
	"kapok/internal/kit/pg"
)

// Filter narrows the records of a person; zero values do not narrow.
type Filter struct {
	Year     int // of the service date
	Field    string
	Org      uuid.UUID
	State    State
	From, To time.Time        // service dates, both included
	Grade    attendance.Grade // this or stronger
}

const where = ` person = $1 AND ($2 = 0 OR extract(year FROM service_date) = $2) AND ($3 = '' OR field = $3)
	AND ($4::uuid IS NULL OR org = $4) AND ($5 = '' OR state = $5)
	AND ($6::date IS NULL OR service_date >= $6) AND ($7::date IS NULL OR service_date <= $7) AND ($8 = '' OR grade <= $8)`

func (f Filter) args(person uuid.UUID) []any {
	return []any{person, f.Year, f.Field, optional(f.Org), string(f.State), optional(f.From), optional(f.To), string(f.Grade)}
}

func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Confirmed lists the confirmed records of a person, oldest first, for
// certificates. The filter's State is ignored.
func Confirmed(ctx context.Context, db pg.DB, person uuid.UUID, f Filter) ([]ServiceRecord, error) {
	f.State = StateConfirmed
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM record.service_record WHERE`+where+` ORDER BY service_date, id`, f.args(person)...)
	return pg.All[ServiceRecord](rows, err)
}

// List lists records of a person, newest service first, n at most; after is
// the cursor of the last one seen (ServiceRecord.Cursor), "" begins.
func List(ctx context.Context, db pg.DB, person uuid.UUID, f Filter, after string, n int) ([]ServiceRecord, error) {
	day, id, err := pg.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM record.service_record WHERE`+where+`
		AND ($9::date IS NULL OR (service_date, id) < ($9, $10)) ORDER BY service_date DESC, id DESC LIMIT $11`,
		append(f.args(person), optional(day), id, n)...)
	return pg.All[ServiceRecord](rows, err)
}

// Cursor is the record's place in List.
func (r ServiceRecord) Cursor() string { return pg.Cursor(r.ServiceDate, r.ID) }

// Total is what a person has given in one year, for one organisation, in one
// field, with one grade of evidence; minutes.
type Total struct {
	Year             int
	Org              uuid.UUID
	Field            string
	Grade            attendance.Grade
	ConfirmedMinutes int
	ConfirmedCount   int
	PendingMinutes   int // pending and disputed
	PendingCount     int
}

// Sum is a total over several lines.
type Sum struct{ Confirmed, ConfirmedCount, Pending, PendingCount int }

func (s *Sum) add(t Total) {
	s.Confirmed += t.ConfirmedMinutes
	s.ConfirmedCount += t.ConfirmedCount
	s.Pending += t.PendingMinutes
	s.PendingCount += t.PendingCount
}

// Hours is the account of a person: all lines, and what they add up to.
type Hours struct {
	Lines   []Total
	All     Sum
	ByYear  map[int]Sum
	ByField map[string]Sum
	ByOrg   map[uuid.UUID]Sum
	ByGrade map[attendance.Grade]Sum
}

// MyHours is the account of a person, from the reader Totals; it follows the
// records within a moment. Of the filter only Year, Field and Org narrow it.
func MyHours(ctx context.Context, db pg.DB, person uuid.UUID, f Filter) (Hours, error) {
	rows, err := db.Query(ctx, `SELECT year, org, field, grade, confirmed_minutes, confirmed_count, pending_minutes, pending_count
		FROM record.hours_total WHERE person = $1 AND confirmed_count + pending_count > 0
			AND ($2 = 0 OR year = $2) AND ($3 = '' OR field = $3) AND ($4::uuid IS NULL OR org = $4)
		ORDER BY year DESC, org, field, grade`, person, f.Year, f.Field, optional(f.Org))
	lines, err := pg.All[Total](rows, err)
	h := Hours{Lines: lines, ByYear: map[int]Sum{}, ByField: map[string]Sum{}, ByOrg: map[uuid.UUID]Sum{}, ByGrade: map[attendance.Grade]Sum{}}
	for _, t := range lines {
		h.All.add(t)
		put(h.ByYear, t.Year, t)
		put(h.ByField, t.Field, t)
		put(h.ByOrg, t.Org, t)
		put(h.ByGrade, t.Grade, t)
	}
	return h, err
}

func put[K comparable](m map[K]Sum, k K, t Total) {
	s := m[k]
	s.add(t)
	m[k] = s
}
