package activityweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
)

// FilterIn is the filter of a search, as the page has it.
type FilterIn struct {
	Q        string `query:"q" doc:"Words, in any script"`
	Division string `query:"division" doc:"Code of a division; everything below it counts"`
	Field    string `query:"field" doc:"National category or field of the province"`
	From     string `query:"from" doc:"First day, YYYY-MM-DD"`
	Until    string `query:"until" doc:"Last day, YYYY-MM-DD"`
	Lat      string `query:"lat" doc:"With lng and km: distance from a point"`
	Lng      string `query:"lng"`
	Km       string `query:"km" doc:"1 to 100; 5 without it"`
	Free     bool   `query:"free" doc:"With places left"`
	Mine     bool   `query:"mine" doc:"What suits the reader's age, skills, languages and qualifications"`
}

// form gives the page's reader of filters what the API was asked, so that both
// follow the same rules.
func (in FilterIn) form() *web.Form {
	v := url.Values{}
	for name, value := range map[string]string{"q": in.Q, "division": in.Division, "field": in.Field, "from": in.From, "until": in.Until,
		"lat": in.Lat, "lng": in.Lng, "km": in.Km, "free": one(in.Free), "mine": one(in.Mine)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return web.NewForm(v)
}

func one(is bool) string {
	if is {
		return "1"
	}
	return ""
}

// read makes the filter, or says all that is wrong with it.
func (h handlers) read(ctx context.Context, in FilterIn) (activity.Filter, error) {
	q, err := h.readQuery(ctx, in.form())
	if err == nil {
		err = q.form.Err()
	}
	if err == nil && in.Division != "" && q.filter.Division != in.Division {
		q.filter.Division = in.Division // unknown: the search says so
	}
	return q.filter, err
}

type (
	searchIn struct {
		FilterIn
		After string `query:"after" doc:"Cursor: next of the page before"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	searchOut struct {
		Body struct {
			Items []hitJSON `json:"items"`
			Next  string    `json:"next,omitempty" doc:"Cursor of the next page; missing at the end"`
		}
	}
	daysIn struct {
		FilterIn
		Month string `query:"month" doc:"YYYY-MM; the present month without it"`
	}
	countJSON struct {
		Day      string `json:"day,omitempty" doc:"YYYY-MM-DD"`
		Division string `json:"division,omitempty"`
		Count    int    `json:"count" doc:"100 means 100 or more"`
	}
	countsOut struct {
		Body struct {
			Until *time.Time  `json:"until,omitempty" doc:"Up to which was counted"`
			Items []countJSON `json:"items"`
		}
	}
	activityIn struct {
		Activity uuid.UUID `path:"activity" format:"uuid"`
	}
	activityOut struct{ Body activityJSON }
)

func (h handlers) searchOperations(api *web.API) {
	web.Op(api, huma.Operation{OperationID: "search-activities", Method: http.MethodGet, Path: "/api/v1/activities", Tags: []string{"activities"},
		Summary: "Find activities, in the order of their start"}, account.Public, h.apiSearch)
	web.Op(api, huma.Operation{OperationID: "count-activities-by-day", Method: http.MethodGet, Path: "/api/v1/activities/days", Tags: []string{"activities"},
		Summary: "How much starts on each day of a month"}, account.Public, h.apiDays)
	web.Op(api, huma.Operation{OperationID: "count-activities-by-place", Method: http.MethodGet, Path: "/api/v1/activities/places", Tags: []string{"activities"},
		Summary: "How much starts in each division below one"}, account.Public, h.apiPlaces)
	web.Op(api, huma.Operation{OperationID: "get-activity", Method: http.MethodGet, Path: "/api/v1/activities/{activity}", Tags: []string{"activities"},
		Summary: "An activity with its shifts; drafts for those only who run or review them"}, account.Public, h.apiActivity)
}

func (h handlers) apiSearch(ctx context.Context, in *searchIn) (*searchOut, error) {
	f, err := h.read(ctx, in.FilterIn)
	if err != nil {
		return nil, err
	}
	page, err := h.Activities.Search(ctx, f, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &searchOut{}
	out.Body.Items, out.Body.Next = hitsJSON(page.Hits), page.Next
	return out, nil
}

func (h handlers) apiDays(ctx context.Context, in *daysIn) (*countsOut, error) {
	form := in.form()
	form.Values.Set("month", in.Month)
	q, err := h.readQuery(ctx, form)
	if err == nil {
		err = form.Err()
	}
	if err != nil {
		return nil, err
	}
	days, err := h.Activities.Days(ctx, q.monthFilter(), q.month, q.month.AddDate(0, 1, 0))
	out := &countsOut{}
	for _, d := range days {
		out.Body.Items = append(out.Body.Items, countJSON{Day: d.Day.In(zone).Format(time.DateOnly), Count: d.Count})
	}
	return out, err
}

func (h handlers) apiPlaces(ctx context.Context, in *FilterIn) (*countsOut, error) {
	f, err := h.read(ctx, *in)
	if err != nil {
		return nil, err
	}
	places, err := h.Activities.Places(ctx, f)
	out := &countsOut{}
	until := h.Activities.MapUntil(f)
	out.Body.Until = &until
	for _, p := range places {
		out.Body.Items = append(out.Body.Items, countJSON{Division: p.Division.Code, Count: p.Count})
	}
	return out, err
}

func (h handlers) apiActivity(ctx context.Context, in *activityIn) (*activityOut, error) {
	a, err := h.Activities.Get(ctx, in.Activity)
	if err != nil {
		return nil, err
	}
	p := account.From(ctx)
	insider := h.Access.Can(p, account.ViewOrg, targetOf(a)) || h.Access.Can(p, account.ReviewActivity, targetOf(a))
	if a.PublishedAt == nil && !insider {
		return nil, activity.ErrNotFound
	}
	out := &activityOut{Body: publicOf(a)}
	if insider {
		out.Body = fullOf(a)
	}
	names, err := organisation.Names(ctx, h.Pool, []uuid.UUID{a.Org})
	if err != nil {
		return nil, err
	}
	out.Body.OrgName = names[a.Org]
	shifts, err := h.Activities.ShiftsOf(ctx, a.ID)
	out.Body.Shifts = shiftsJSON(shifts)
	return out, err
}
