package activityweb

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// The ways to look at what was found.
const (
	asList     = "list"
	asMap      = "map"
	asCalendar = "calendar"
)

var views = []string{asList, asMap, asCalendar}

// query is what the address of the page for finding asks for.
type query struct {
	form   *web.Form
	filter activity.Filter
	view   string
	after  string
	month  time.Time  // first day of the month of the calendar
	keep   url.Values // the filter in its standard form, for links
}

const defaultKm = 5

// readQuery reads the address; mistakes are noted in the form.
func (h handlers) readQuery(ctx context.Context, f *web.Form) (query, error) {
	q := query{form: f, view: f.Get("view"), after: f.Get("after"), keep: url.Values{}}
	if !slices.Contains(views, q.view) {
		q.view = asList
	}
	q.filter.Words = f.Text("q", false, activity.MaxWords)
	q.filter.Division = ui.ChosenDivision(h.Regions, f, "division")
	q.filter.Field = f.Choice("field", false, slices.Concat(activity.LocalFields.Codes, activity.Fields.Codes)...)
	q.filter.Free = f.Has("free")
	q.readDays(f)
	q.readNear(f)
	q.readMonth(f, h.Clock.Now())
	if err := h.readSuits(ctx, &q); err != nil {
		return q, err
	}
	q.remember()
	return q, nil
}

func (q *query) readDays(f *web.Form) {
	if d := f.Date("from", false); !d.IsZero() {
		q.filter.From = startOfDay(d)
	}
	if d := f.Date("until", false); !d.IsZero() {
		q.filter.Until = startOfDay(d).AddDate(0, 0, 1)
		f.Check.Must(q.filter.Until.After(q.filter.From), "until", fault.ErrBadDate)
	}
}

// startOfDay is where a day begins in the zone that all divisions share.
func startOfDay(d time.Time) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, clock.Shanghai)
}

// readNear needs a point; the distance alone, as the form sends it, asks nothing.
func (q *query) readNear(f *web.Form) {
	km := f.Int("km", false, 1, activity.MaxKm)
	lat, hasLat := f.Float("lat", false, -90, 90)
	lng, hasLng := f.Float("lng", false, -180, 180)
	if !hasLat || !hasLng {
		return
	}
	if km == 0 {
		km = defaultKm
	}
	q.filter.Near = &activity.Near{Lat: lat, Lon: lng, Km: float64(km)}
}

func (q *query) readMonth(f *web.Form, now time.Time) {
	q.month = now.In(clock.Shanghai)
	if m, err := time.ParseInLocation("2006-01", f.Get("month"), clock.Shanghai); err == nil {
		q.month = m
	} else if !q.filter.From.IsZero() {
		q.month = q.filter.From.In(clock.Shanghai)
	}
	q.month = time.Date(q.month.Year(), q.month.Month(), 1, 0, 0, 0, 0, clock.Shanghai)
}

// readSuits asks for what the reader may serve at; nobody is only asked for
// what suits anybody.
func (h handlers) readSuits(ctx context.Context, q *query) error {
	p := account.From(ctx)
	if !q.form.Has("mine") || p == nil {
		return nil
	}
	facts, err := h.People.Facts(ctx, h.Pool, []uuid.UUID{p.Person})
	if f, ok := facts[p.Person]; ok {
		q.filter.Suits = &f
	}
	return err
}

// remember keeps the filter as links carry it on.
func (q *query) remember() {
	set := func(name, value string) {
		if value != "" {
			q.keep.Set(name, value)
		}
	}
	set("q", q.filter.Words)
	set("division", q.filter.Division)
	set("field", q.filter.Field)
	set("from", q.form.Get("from"))
	set("until", q.form.Get("until"))
	if n := q.filter.Near; n != nil {
		set("km", strconv.Itoa(int(n.Km)))
		set("lat", fmt.Sprintf("%.2f", n.Lat))
		set("lng", fmt.Sprintf("%.2f", n.Lon))
	}
	if q.filter.Free {
		set("free", "1")
	}
	if q.filter.Suits != nil {
		set("mine", "1")
	}
	if q.view != asList {
		set("view", q.view)
	}
}

// link is the address of this page with some values changed; "" takes one out.
func (q query) link(pairs ...string) string {
	v := url.Values{}
	for name, values := range q.keep {
		v[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v.Del(pairs[i]); pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return "/activities"
	}
	return "/activities?" + v.Encode()
}

// narrowed reports whether anything beyond words is asked for.
func (q query) narrowed() bool {
	f := q.filter
	return f.Division != "" || f.Field != "" || !f.From.IsZero() || !f.Until.IsZero() || f.Near != nil || f.Free || f.Suits != nil
}

// filtered reports whether anything is asked for at all.
func (q query) filtered() bool { return q.filter.Words != "" || q.narrowed() }
