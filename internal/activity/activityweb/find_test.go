package activityweb_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
)

func TestFindPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.published()
	w.published(func(p *activity.Plan) {
		p.Title, p.Division, p.Field, p.LocalField = "Beach cleanup", persontest.CentralHK, "0006", ""
	})
	for _, l := range languages {
		b := w.Browser(t, l)
		for _, path := range []string{"/activities", "/activities?view=map", "/activities?view=calendar&month=2026-10", "/activities?view=map&division=440100"} {
			noKeys(t, b.Get(path))
		}
	}
	b := w.Browser(t, i18n.ZhHans)
	sees(t, b.Get("/activities"), 200, "探访养老院的老人", "Beach cleanup", "木棉义工队", "10月21日 周三 9:00–11:30", "关爱特殊群体")
	if p := b.Get("/activities?q=" + url.QueryEscape("養老院探訪")); p.Find("article").Length() != 1 {
		t.Errorf("%d found", p.Find("article").Length())
	}
	sees(t, b.Get("/activities?q=滑雪"), 200, "没有找到合适的活动")
	sees(t, b.Get("/activities?lat=23.12&lng=113.27&km=1"), 200, "公里")
	if p := b.Get("/activities?lat=22&lng=110&km=1"); p.Find("article").Length() != 0 {
		t.Error("found far away")
	}
	p := b.Get("/activities?view=calendar&month=2026-10&q=cleanup")
	day := p.Find("table.month a")
	if href, _ := day.Attr("href"); day.Length() != 1 || href != "/activities?from=2026-10-21&q=cleanup&until=2026-10-21" {
		t.Errorf("day leads to %q", href)
	}
	if p.Find("table.month td").Length()%7 != 0 {
		t.Error("weeks are not whole")
	}
	m := b.Get("/activities?view=map&q=cleanup")
	if m.Find("svg.map path").Length() < 2 || m.Find(`a.pill[href="/activities?division=810000&q=cleanup"]`).Text() != "1" {
		t.Errorf("map: %s", m.Find("ul.places").Text())
	}
	sees(t, b.Get("/activities?view=map&division=440104"), 200, "北京街道")
}

// Mistakes in the address are shown at the form, and never break the page.
func TestFindWithMistakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.Browser(t, i18n.En)
	for _, q := range []string{"from=yesterday", "until=2026-13-01", "field=9", "km=1000", "lat=x&lng=1", "after=!!", "from=2026-10-20&until=2026-10-01", "q=%ff%fe",
		"q=" + strings.Repeat("a", 101)} {
		sees(t, b.Get("/activities?"+q), 422)
	}
	for _, q := range []string{"division=1", "division=440100&division=440104&division=zz", "view=globe", "month=x", "q=%27%3B--", "mine=1", "free=1&km=5", "unknown=1",
		"q=" + url.QueryEscape("<script>alert(1)</script>")} {
		p := b.Get("/activities?" + q)
		sees(t, p, 200)
		if strings.Contains(p.Body, "<script>alert") {
			t.Error("a script came through")
		}
	}
}

func TestFindSuitsMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.published()
	s := w.shifts(a)[0]
	p := activity.ShiftPlanOf(s)
	p.Skills = []string{"04"}
	_, err := w.activities.PutShift(context.Background(), activity.ShiftEdit{Activity: a.ID, Version: a.Version, Shift: s.ID, Plan: p, By: w.admin.ID})
	w.must(err)
	b := w.SignedIn(t, i18n.ZhHans, w.officer)
	if n := b.Get("/activities").Find("article").Length(); n != 1 {
		t.Errorf("%d in all", n)
	}
	if n := b.Get("/activities?mine=1").Find("article").Length(); n != 0 {
		t.Errorf("%d suit somebody without the skill", n)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		a := w.draft()
		for d := 4; d < 12; d++ {
			_, err := w.activities.PutShift(context.Background(), activity.ShiftEdit{Activity: a.ID, Version: w.now(a).Version, Plan: shift(d), By: w.admin.ID})
			w.must(err)
		}
		a = w.now(a)
		a, err := w.activities.Submit(context.Background(), activity.Move{Activity: a.ID, Version: a.Version, By: w.admin.ID})
		w.must(err)
		_, err = w.activities.Publish(context.Background(), activity.Move{Activity: a.ID, Version: a.Version, By: w.officer.ID})
		w.must(err)
	}
	b := w.Browser(t, i18n.ZhHans)
	first := b.Get("/activities?free=1")
	next, ok := first.Find(`a[rel=next]`).Attr("href")
	if first.Find("article").Length() != 20 || !ok {
		t.Fatalf("%d on the first page", first.Find("article").Length())
	}
	second := b.Get(next)
	if n := second.Find("article").Length(); n != 7 {
		t.Errorf("%d on the second page", n)
	}
	if prev, _ := second.Find(`a[rel=prev]`).Attr("href"); prev != "/activities?free=1" {
		t.Errorf("back leads to %s", prev)
	}
}

func TestActivityPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.published(func(p *activity.Plan) { p.Content = `陪伴聊天 </script><script>alert("x")</script>` })
	draft := w.draft()
	for _, l := range languages {
		p := w.Browser(t, l).Get("/activities/" + a.ID.String())
		sees(t, p, 200, "探访养老院的老人", "陈志明", "高温、交通", "木棉义工队")
		noKeys(t, p)
	}
	b := w.Browser(t, i18n.ZhHans)
	p := b.Get("/activities/" + a.ID.String())
	if strings.Contains(p.Body, `<script>alert`) {
		t.Error("a script came through")
	}
	var ld struct {
		Graph []map[string]any `json:"@graph"`
	}
	w.must(json.Unmarshal([]byte(p.Find(`script[type="application/ld+json"]`).Text()), &ld))
	if len(ld.Graph) != 2 || ld.Graph[0]["@type"] != "JobPosting" || ld.Graph[0]["employmentType"] != "VOLUNTEER" || ld.Graph[1]["@type"] != "Event" ||
		ld.Graph[1]["startDate"] != "2026-10-21T09:00:00+08:00" || ld.Graph[1]["eventStatus"] != "https://schema.org/EventScheduled" {
		t.Errorf("%+v", ld.Graph)
	}
	for _, path := range []string{draft.ID.String(), "x", "0198c7d2-7c1e-7000-8000-000000000000"} {
		sees(t, b.Get("/activities/"+path), 404)
	}
	_, err := w.activities.CancelActivity(context.Background(), activity.Move{Activity: a.ID, Version: a.Version, Reason: "台风", By: w.admin.ID})
	w.must(err)
	sees(t, b.Get("/activities/"+a.ID.String()), 200, "活动已取消。台风")
}
