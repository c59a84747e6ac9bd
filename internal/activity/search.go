package activity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/words"
	"kapok/internal/person"
	"kapok/internal/region"
)

// Filter is what activities are searched by; zero values ask for nothing.
type Filter struct {
	Words    string
	Division string    // everything below it
	Field    string    // national or local
	From     time.Time // start at this time or later; earlier than now means now
	Until    time.Time // start before this time
	Near     *Near
	Free     bool          // with a place left and sign-ups open
	Suits    *person.Facts // what this person may serve at
}

// MaxWords is the longest query in characters.
const MaxWords = 100

// horizon is how far ahead a search looks when no end is given.
const horizon = farAhead

// Check finds what is wrong with a filter.
func (f Filter) Check(tree *region.Tree) error {
	var c fault.Check
	c.Must(len([]rune(f.Words)) <= MaxWords, "q", fault.ErrTooLong.With("max", MaxWords))
	if f.Division != "" {
		_, known := tree.Get(f.Division)
		c.Must(known, "division", region.ErrUnknown)
	}
	c.Must(f.Field == "" || Fields.Has(f.Field) || LocalFields.Has(f.Field), "field", fault.ErrBadValue)
	if n := f.Near; n != nil {
		degrees(&c, "lat", n.Lat, 90)
		degrees(&c, "lon", n.Lon, 180)
		c.Must(n.Km > 0 && n.Km <= MaxKm, "km", fault.ErrBadNumber.With("min", 1, "max", MaxKm))
	}
	return c.Err()
}

// Hit is one thing found: a time at which shifts of an activity start.
type Hit struct {
	Activity   uuid.UUID
	Title      string
	Org        uuid.UUID
	OrgName    string
	Field      string
	Division   string
	Dangerous  bool
	StartsAt   time.Time
	EndsAt     time.Time
	Lat, Lon   *float64
	Place      string
	Shifts     int // that start then
	Capacity   int // of all of them
	Taken      int
	Approval   bool       // all of them want the organisation's approval
	Until      *time.Time // the last end of sign-ups
	DistanceKm *float64   // from the point asked for
}

// Free is the number of places left.
func (h Hit) Free() int { return max(0, h.Capacity-h.Taken) }

// Page is a page of hits, in the order of their start.
type Page struct {
	Hits []Hit
	Next string // cursor of the next page, "" at the end
}

// MaxPage is the longest page.
const MaxPage = 100

// Search finds a page of published activities to come, ordered by start; after
// is the cursor of the page before. Errors: fields, region.ErrUnknown.
func (s *Service) Search(ctx context.Context, f Filter, after string, limit int) (Page, error) {
	if err := f.Check(s.regions); err != nil {
		return Page{}, err
	}
	at, id, err := pg.ParseCursor(after)
	if err != nil {
		return Page{}, err
	}
	if limit <= 0 || limit > MaxPage {
		limit = 20
	}
	w := s.walk(f)
	if at.After(w.at) {
		w.at, w.id = at, id
	}
	hits, err := w.collect(ctx, s.pool, limit+1)
	if err != nil || len(hits) <= limit {
		return Page{Hits: hits}, err
	}
	last := hits[limit-1]
	return Page{hits[:limit], pg.Cursor(last.StartsAt, last.Activity)}, nil
}

// walk prepares the walk of a filter from now, or from its first time.
func (s *Service) walk(f Filter) *walk {
	now := s.clk.Now()
	w := &walk{now: now, filter: f, at: now, until: now.Add(horizon)}
	if f.From.After(now) {
		w.at = f.From.UTC()
	}
	if !f.Until.IsZero() && f.Until.Before(w.until) {
		w.until = f.Until.UTC()
	}
	if f.Words != "" {
		for _, t := range wordTerms(words.Query(f.Words)) {
			w.terms = append(w.terms, []term{t})
		}
	}
	if d, ok := s.regions.Get(f.Division); ok {
		w.terms = append(w.terms, []term{divisionTerm(d.Code)})
	}
	if f.Field != "" {
		w.terms = append(w.terms, []term{fieldTerm(f.Field)})
	}
	if f.Near != nil {
		w.terms = append(w.terms, f.Near.terms())
	}
	switch d, _ := s.regions.Get(f.Division); {
	case rare(f, d.Level):
		w.rows = 0
	case len(w.terms) == 0:
		w.rows = shiftRows
	default:
		w.rows = probeRows
	}
	return w
}

// rare reports whether so few listings fit that a probe would hardly ever fill
// a page: one in a hundred or so stands in a county, and in a city few have a word.
func rare(f Filter, level region.Level) bool {
	switch level {
	case "", region.Province:
		return false
	case region.City, region.SAR:
		return f.Words != ""
	}
	return true
}
