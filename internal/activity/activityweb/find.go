package activityweb

import (
	"context"
	"net/http"
	"time"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/web"
	"kapok/internal/region"
	"kapok/internal/region/borders"
	"kapok/internal/ui"
)

const pageSize = 20

// findView is the page for finding activities.
type findView struct {
	query
	tree     *region.Tree
	signedIn bool
	wrong    bool // the filter has mistakes: nothing was looked for

	hits []activity.Hit
	next string

	days   []activity.DayCount
	places []activity.PlaceCount
	shapes borders.Map
	until  time.Time // up to which the map counts
}

func (h handlers) find(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := h.readQuery(ctx, web.ReadQuery(r))
	if err != nil {
		return err
	}
	v := findView{query: q, tree: h.Regions, signedIn: account.From(ctx) != nil}
	err = q.form.Err()
	if err == nil {
		err = h.look(ctx, &v)
	}
	if err != nil {
		if err := q.form.Show(err); err != nil {
			return err
		}
		v.wrong = true
		return again(w, r, findPage(v))
	}
	return show(w, r, findPage(v))
}

// look fills the view that was chosen.
func (h handlers) look(ctx context.Context, v *findView) (err error) {
	switch v.view {
	case asCalendar:
		v.days, err = h.Activities.Days(ctx, v.monthFilter(), v.month, v.month.AddDate(0, 1, 0))
		return err
	case asMap:
		v.until = h.Activities.MapUntil(v.filter)
		v.places, err = h.Activities.Places(ctx, v.filter)
		v.shapes = h.draw(v.filter.Division, v.places)
		return err
	}
	page, err := h.Activities.Search(ctx, v.filter, v.after, pageSize)
	if err != nil {
		return err
	}
	v.hits, v.next = page.Hits, page.Next
	return nil
}

// monthFilter leaves the days out: the calendar shows the whole month.
func (q query) monthFilter() activity.Filter {
	f := q.filter
	f.From, f.Until = time.Time{}, time.Time{}
	return f
}

const mapWidth = 800

// draw draws the places counted; where their borders are not known (towns),
// the division above them.
func (h handlers) draw(division string, places []activity.PlaceCount) borders.Map {
	var codes []string
	for _, p := range places {
		if borders.Has(p.Division.Code) {
			codes = append(codes, p.Division.Code)
		}
	}
	for code := division; len(codes) == 0 && code != ""; {
		if borders.Has(code) {
			codes = append(codes, code)
		}
		d, _ := h.Regions.Get(code)
		code = d.Parent
	}
	return borders.Draw(codes, mapWidth)
}

// card is a hit in the list.
func (v findView) card(ctx context.Context, hit activity.Hit) ui.CardInfo {
	c := ui.CardInfo{Title: hit.Title, Href: "/activities/" + hit.Activity.String(),
		Meta: []string{ui.When(ctx, hit.StartsAt, hit.EndsAt, zoneOf(hit.Division)), hit.Place + v.distance(ctx, hit), hit.OrgName},
		Tags: []ui.TagInfo{{Kind: ui.Plain, Text: activity.FieldName(lang(ctx), hit.Field)}}}
	if hit.Dangerous {
		c.Tags = append(c.Tags, ui.TagInfo{Kind: ui.Amber, Text: t(ctx, "find.dangerous")})
	}
	if hit.Approval {
		c.Tags = append(c.Tags, ui.TagInfo{Kind: ui.Plain, Text: t(ctx, "find.approval")})
	}
	return c
}
