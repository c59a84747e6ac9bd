package activityweb_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
)

type answer struct {
	ID       string
	State    string
	Version  int
	Title    string
	Warnings []struct{ Class, Word string }
	Shifts   []struct {
		ID    string
		State string
		Place string
	}
	Insurance string
	Reason    string
}

func planBody() map[string]any {
	d := map[string]bool{}
	for _, c := range activity.Classes {
		d[c] = false
	}
	return map[string]any{"title": "社区读书会", "content": "给孩子读书", "division": persontest.Yuexiu, "responsible": "李文", "field": "0003", "risks": "无特别风险", "declarations": d}
}

func shiftBody(days int) map[string]any {
	start := time.Date(2026, 10, 18+days, 1, 0, 0, 0, time.UTC)
	return map[string]any{"starts_at": start, "ends_at": start.Add(2 * time.Hour), "place": "图书馆", "capacity": 5}
}

func with(m map[string]any, pairs ...any) map[string]any {
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// The whole life of an activity over the API.
func TestActivityOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	org, officer := w.SignedIn(t, i18n.En, w.admin), w.SignedIn(t, i18n.En, w.officer)
	var p struct {
		ID      string
		Version int
	}
	want := func(status int, got int, what any) {
		t.Helper()
		if status != got {
			t.Fatalf("answered %d, want %d: %+v", got, status, what)
		}
	}
	status, prob := org.API("POST", "/api/v1/organisations/"+w.org.ID.String()+"/projects", map[string]any{"name": "阅读"}, &p)
	want(201, status, prob)
	status, prob = org.API("PUT", "/api/v1/projects/"+p.ID, map[string]any{"name": "亲子阅读", "version": p.Version}, &p)
	want(200, status, prob)
	var a answer
	status, prob = org.API("POST", "/api/v1/projects/"+p.ID+"/activities", with(planBody(), "shifts", []any{shiftBody(2), shiftBody(3)}), &a)
	want(201, status, prob)
	if a.State != "draft" || len(a.Shifts) != 2 {
		t.Fatalf("%+v", a)
	}
	at := "/api/v1/activities/" + a.ID
	status, prob = org.API("PUT", at, with(planBody(), "version", a.Version, "content", "读完一起聚餐"), &a)
	want(200, status, prob)
	if len(a.Warnings) != 1 || a.Warnings[0].Class != "no_aim" {
		t.Errorf("warnings %+v", a.Warnings)
	}
	status, prob = org.API("POST", at+"/shifts", with(shiftBody(4), "version", a.Version), &a)
	want(201, status, prob)
	status, prob = org.API("PUT", at+"/shifts/"+a.Shifts[2].ID, with(shiftBody(5), "version", a.Version, "place", "文化站"), &a)
	want(200, status, prob)
	status, prob = org.API("POST", at+"/shifts/"+a.Shifts[0].ID+"/end", map[string]any{"version": a.Version}, &a)
	want(200, status, prob)
	status, prob = org.API("POST", at+"/submit", map[string]any{"version": a.Version}, &a)
	want(200, status, prob)
	var list struct{ Items []answer }
	status, prob = officer.API("GET", "/api/v1/regions/"+persontest.Yuexiu+"/reviews", nil, &list)
	want(200, status, prob)
	if len(list.Items) != 1 || list.Items[0].ID != a.ID {
		t.Errorf("reviews %+v", list)
	}
	status, prob = officer.API("POST", at+"/review", map[string]any{"version": a.Version, "verdict": "publish"}, nil)
	want(422, status, prob)
	status, prob = officer.API("POST", at+"/review", map[string]any{"version": a.Version, "verdict": "return", "reason": "请改"}, &a)
	want(200, status, prob)
	status, prob = org.API("POST", at+"/submit", map[string]any{"version": a.Version}, &a)
	want(200, status, prob)
	status, prob = officer.API("POST", at+"/review", map[string]any{"version": a.Version, "verdict": "publish", "looked": activity.Classes}, &a)
	want(200, status, prob)
	status, prob = org.API("POST", at+"/submit", map[string]any{"version": a.Version}, nil)
	if status != 409 || prob.Code != "activity.is_published" || prob.Title == "" || prob.Remedy == "" {
		t.Errorf("%d %+v", status, prob)
	}
	status, prob = org.API("POST", at+"/shifts/"+a.Shifts[0].ID+"/end", map[string]any{"version": a.Version, "reason": "台风"}, &a)
	want(200, status, prob)
	if a.Shifts[0].State != "cancelled" {
		t.Errorf("%+v", a.Shifts)
	}
	status, prob = org.API("GET", "/api/v1/organisations/"+w.org.ID.String()+"/activities?state=published", nil, &list)
	want(200, status, prob)
	if len(list.Items) != 1 {
		t.Errorf("%d published", len(list.Items))
	}
	status, prob = org.API("POST", at+"/cancel", map[string]any{"version": a.Version, "reason": "场地维修"}, &a)
	want(200, status, prob)
	status, prob = org.API("POST", "/api/v1/projects/"+p.ID+"/close", map[string]any{"version": p.Version}, &p)
	want(200, status, prob)
	var projects struct{ Items []struct{ State string } }
	status, prob = org.API("GET", "/api/v1/organisations/"+w.org.ID.String()+"/projects", nil, &projects)
	want(200, status, prob)
	if len(projects.Items) != 2 || projects.Items[0].State != "closed" {
		t.Errorf("projects %+v", projects)
	}
}

// All mistakes of a body come back at once, under the body's names, and never
// with what was sent.
func TestMistakesOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(t, i18n.En, w.admin)
	at := "/api/v1/projects/" + w.project.ID.String() + "/activities"
	status, p := b.API("POST", at, map[string]any{"title": "", "field": "x", "division": "1", "recording_unit": "0198c7d2-7c1e-7000-8000-000000000000",
		"shifts": []any{with(shiftBody(2), "place", "", "lat", 91, "lng", 181)}}, nil)
	got := map[string]string{}
	for _, e := range p.Errors {
		got[e.Field] = e.Code
	}
	for field, code := range map[string]string{"title": "kit.required", "field": "kit.bad_value", "division": "region.unknown", "recording_unit": "activity.no_recording_unit",
		"shifts.0.place": "kit.required", "shifts.0.lat": "kit.bad_number", "shifts.0.lng": "kit.bad_number"} {
		if status != 422 || got[field] != code {
			t.Errorf("%d: %s is %q, want %q", status, field, got[field], code)
		}
	}
	a := w.draft(func(p *activity.Plan) { p.Declarations = nil })
	status, p = b.API("POST", "/api/v1/activities/"+a.ID.String()+"/submit", map[string]any{"version": 1}, nil)
	if status != 422 || len(p.Errors) != 6 || p.Errors[0].Field != "declarations.job" {
		t.Errorf("%d %+v", status, p.Errors)
	}
	status, p = b.API("POST", "/api/v1/activities/"+a.ID.String()+"/submit", map[string]any{"version": 9}, nil)
	if status != 409 || p.Code != "kit.version_conflict" {
		t.Errorf("%d %s", status, p.Code)
	}
	if status, _ := b.API("POST", "/api/v1/activities/"+a.ID.String()+"/dance", map[string]any{"version": 1}, nil); status != 422 {
		t.Errorf("dance: %d", status)
	}
}

func TestSearchOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.published()
	cancelled := w.published(func(p *activity.Plan) { p.Title, p.Dangerous, p.Insurance = "海岸清洁", false, "" })
	b := w.Browser(t, i18n.En)
	var found struct {
		Items []struct {
			Activity, Title, OrgName string
			StartsAt                 time.Time `json:"starts_at"`
			Free                     int
			Km                       float64
		}
		Next string
	}
	status, prob := b.API("GET", "/api/v1/activities?q="+url.QueryEscape("養老院探訪")+"&division=440100&lat=23.1&lng=113.2&km=20&free=true", nil, &found)
	if status != 200 || len(found.Items) != 1 || found.Items[0].Title != "探访养老院的老人" || found.Items[0].Free != 10 || found.Items[0].Km < 1 {
		t.Errorf("%d %+v %+v", status, found, prob)
	}
	status, _ = b.API("GET", "/api/v1/activities?limit=1", nil, &found)
	if status != 200 || len(found.Items) != 1 || found.Next == "" {
		t.Errorf("%d %+v", status, found)
	}
	first := found.Items[0].Activity
	status, _ = b.API("GET", "/api/v1/activities?limit=1&after="+found.Next, nil, &found)
	if status != 200 || len(found.Items) != 1 || found.Items[0].Activity == first {
		t.Errorf("%d %+v", status, found)
	}
	for query, code := range map[string]string{"after=!": "after", "division=1": "division", "from=x": "from", "km=x&lat=1&lng=1": "km", "field=1": "field"} {
		if status, p := b.API("GET", "/api/v1/activities?"+query, nil, nil); status != 422 || len(p.Errors) != 1 || p.Errors[0].Field != code {
			t.Errorf("%s: %d %+v", query, status, p)
		}
	}
	var counts struct {
		Items []struct {
			Day, Division string
			Count         int
		}
	}
	status, _ = b.API("GET", "/api/v1/activities/days?month=2026-10", nil, &counts)
	if status != 200 || len(counts.Items) != 31 || counts.Items[20].Count != 2 || counts.Items[20].Day != "2026-10-21" {
		t.Errorf("%d %+v", status, counts)
	}
	status, _ = b.API("GET", "/api/v1/activities/places?division=440100", nil, &counts)
	if status != 200 || len(counts.Items) != 2 || counts.Items[0].Count != 2 {
		t.Errorf("%d %+v", status, counts)
	}
	var a answer
	status, _ = b.API("GET", "/api/v1/activities/"+cancelled.ID.String(), nil, &a)
	if status != 200 || a.Title != "海岸清洁" || len(a.Shifts) != 1 || len(a.Warnings) != 0 {
		t.Errorf("%d %+v", status, a)
	}
}

func TestCalendarOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(t, i18n.En, w.admin)
	var c struct{ Address string }
	if status, _ := b.API("GET", "/api/v1/me/calendar", nil, &c); status != 200 || c.Address != "" {
		t.Errorf("%d %s", status, c.Address)
	}
	status, _ := b.API("POST", "/api/v1/me/calendar", nil, &c)
	first := c.Address
	if status != 200 || first == "" {
		t.Errorf("%d %s", status, first)
	}
	if status, _ := b.API("GET", "/api/v1/me/calendar", nil, &c); status != 200 || c.Address != first {
		t.Errorf("%d %s", status, c.Address)
	}
	c.Address = ""
	if status, _ := b.API("DELETE", "/api/v1/me/calendar", nil, &c); status != 200 || c.Address != "" {
		t.Error(fmt.Sprint(status, c.Address))
	}
}
