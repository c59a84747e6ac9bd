package activityweb_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
)

func parse(t *testing.T, body string) []*ics.VEvent {
	t.Helper()
	cal, err := ics.ParseCalendar(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return cal.Events()
}

func property(e *ics.VEvent, p ics.ComponentProperty) string {
	if x := e.GetProperty(p); x != nil {
		return x.Value
	}
	return ""
}

func TestShiftCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, other := w.published(), w.published()
	s := w.shifts(a)[0]
	b := w.Browser(t, i18n.ZhHans)
	p := b.Get("/activities/" + a.ID.String() + "/shifts/" + s.ID.String() + ".ics")
	events := parse(t, p.Body)
	if p.Status != 200 || len(events) != 1 {
		t.Fatalf("%d, %d events", p.Status, len(events))
	}
	e := events[0]
	start, err := e.GetStartAt()
	if err != nil || !start.Equal(s.StartsAt) || property(e, ics.ComponentPropertySummary) != a.Title || property(e, ics.ComponentPropertyStatus) != "CONFIRMED" ||
		property(e, ics.ComponentPropertyLocation) != s.Place || property(e, ics.ComponentPropertyUrl) != "https://kapok.test/activities/"+a.ID.String() {
		t.Errorf("%s", p.Body)
	}
	for _, path := range []string{other.ID.String() + "/shifts/" + s.ID.String() + ".ics", a.ID.String() + "/shifts/" + s.ID.String(), a.ID.String() + "/shifts/x.ics",
		w.draft().ID.String() + "/shifts/" + s.ID.String() + ".ics"} {
		if p := b.Get("/activities/" + path); p.Status != 404 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	_, err = w.activities.CancelShift(context.Background(), a.ID, a.Version, s.ID, "台风", w.admin.ID)
	w.must(err)
	if e := parse(t, b.Get("/activities/"+a.ID.String()+"/shifts/"+s.ID.String()+".ics").Body)[0]; property(e, ics.ComponentPropertyStatus) != "CANCELLED" {
		t.Error("a cancelled shift is not marked")
	}
}

func TestPersonalFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.published()
	s := w.shifts(a)[0]
	_, err := w.activities.SignUp(context.Background(), activity.SignUpRequest{Shift: s.ID, Person: w.admin.ID, By: w.admin.ID})
	w.must(err)
	b := w.SignedIn(t, i18n.ZhHans, w.admin)
	sees(t, b.Get("/me/calendar"), 200, "生成日历地址")
	made := b.Post("/me/calendar", url.Values{})
	sees(t, made, 200, "日历地址已生成")
	address, _ := made.Find("#f-address").Attr("value")
	path, ok := strings.CutPrefix(address, "https://kapok.test")
	if !ok || !strings.HasPrefix(path, "/calendar/") {
		t.Fatalf("address %q", address)
	}
	anybody := w.Browser(t, i18n.En)
	feed := anybody.Get(path)
	events := parse(t, feed.Body)
	if feed.Status != 200 || len(events) != 1 || property(events[0], ics.ComponentPropertyStatus) != "CONFIRMED" {
		t.Fatalf("%d %s", feed.Status, feed.Body)
	}
	if strings.Contains(feed.Body, w.admin.VolunteerNo) || strings.Contains(feed.Body, w.admin.NameHans) {
		t.Error("the feed says who it is")
	}
	// Another time is another sequence, so that calendars follow.
	p := activity.ShiftPlanOf(s)
	p.StartsAt = p.StartsAt.Add(-time.Hour)
	_, err = w.activities.PutShift(context.Background(), activity.ShiftEdit{Activity: a.ID, Version: a.Version, Shift: s.ID, Plan: p, By: w.admin.ID})
	w.must(err)
	moved := parse(t, anybody.Get(path).Body)[0]
	if start, _ := moved.GetStartAt(); !start.Equal(p.StartsAt) || property(moved, ics.ComponentPropertySequence) == property(events[0], ics.ComponentPropertySequence) {
		t.Error("the feed did not follow")
	}
	b.Post("/me/calendar", url.Values{})
	if p := anybody.Get(path); p.Status != 404 {
		t.Errorf("the old address answers %d", p.Status)
	}
	sees(t, b.Post("/me/calendar/end", url.Values{}), 200, "日历地址已停用", "生成日历地址")
	for _, x := range []string{"/calendar/x.ics", "/calendar/x"} {
		if p := anybody.Get(x); p.Status != 404 {
			t.Errorf("%s: %d", x, p.Status)
		}
	}
}
