package activityweb_test

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/activity"
	"kapok/internal/activity/activityweb"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// world is a site with one organisation, its administrator and the
// administrator of its district.
type world struct {
	*accounttest.Bed
	t          testing.TB
	activities *activity.Service
	orgs       *organisation.Service
	org        organisation.Organisation
	admin      person.Person // of the organisation
	officer    person.Person // of the district
	project    activity.Project
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t}
	w.Bed = accounttest.New(t, func(b *accounttest.Bed) {
		w.orgs = organisation.New(b.Pool, b.Clock, persontest.Regions(), b.People)
		w.activities = activity.New(b.Pool, b.Clock, persontest.Regions(), w.orgs, b.People)
		activityweb.Register(b.Site, b.API, activityweb.Deps{Pool: b.Pool, Clock: b.Clock, Regions: persontest.Regions(), Access: b.Access,
			Activities: w.activities, Calendars: activity.NewCalendars(b.Pool, b.Clock, bytes.Repeat([]byte{7}, 32)), Orgs: w.orgs, People: b.People, Origin: "https://kapok.test"})
	})
	w.admin, w.officer = w.Account(t, "1990-05-01"), w.Account(t, "1980-05-01")
	w.org = w.approve(organisation.Profile{Name: "木棉义工队", Kind: organisation.Group, Division: persontest.Yuexiu, GuidingUnit: "居委会", Phone: "020-83331234"})
	w.Roles[w.admin.ID] = []account.Grant{{Role: account.OrgAdmin, Org: w.org.ID}}
	w.Roles[w.officer.ID] = []account.Grant{{Role: account.RegionAdmin, Region: persontest.Yuexiu}}
	var err error
	w.project, err = w.activities.CreateProject(context.Background(), w.org.ID, activity.ProjectPlan{Name: "敬老"}, w.admin.ID)
	w.must(err)
	return w
}

func (w *world) approve(p organisation.Profile) organisation.Organisation {
	w.t.Helper()
	o, err := w.orgs.Apply(context.Background(), p, w.admin.ID)
	w.must(err)
	o, err = w.orgs.Decide(context.Background(), organisation.Decision{Org: o.ID, Verdict: organisation.Approve, By: uuid.New()})
	w.must(err)
	return o
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func plan() activity.Plan {
	d := activity.Declarations{}
	for _, c := range activity.Classes {
		d[c] = false
	}
	return activity.Plan{Division: "440104003001", Title: "探访养老院的老人", Content: "陪伴聊天、读报", Responsible: "陈志明", Contact: "020-83331234",
		Field: "0017", LocalField: "4408", Objects: []string{"03"}, Guarantees: []string{"01", "05"}, Risks: "高温、交通", Declarations: d}
}

func shift(days int) activity.ShiftPlan {
	lat, lon := 23.125, 113.268
	start := time.Date(2026, 10, 18+days, 9, 0, 0, 0, clock.Shanghai)
	return activity.ShiftPlan{StartsAt: start, EndsAt: start.Add(150 * time.Minute), Place: "盐运西社区党群服务中心", Capacity: 10, Lat: &lat, Lon: &lon, RadiusM: 200}
}

func (w *world) draft(change ...func(*activity.Plan)) activity.Activity {
	w.t.Helper()
	p := plan()
	for _, c := range change {
		c(&p)
	}
	a, err := w.activities.Create(context.Background(), w.project.ID, p, []activity.ShiftPlan{shift(3)}, w.admin.ID)
	w.must(err)
	return a
}

func (w *world) published(change ...func(*activity.Plan)) activity.Activity {
	w.t.Helper()
	a := w.draft(change...)
	for _, step := range []func(context.Context, activity.Move) (activity.Activity, error){w.activities.Submit, w.activities.Publish} {
		var err error
		a, err = step(context.Background(), activity.Move{Activity: a.ID, Version: a.Version, By: w.admin.ID})
		w.must(err)
	}
	return a
}

func (w *world) now(a activity.Activity) activity.Activity {
	w.t.Helper()
	got, err := w.activities.Get(context.Background(), a.ID)
	w.must(err)
	return got
}

func (w *world) shifts(a activity.Activity) []activity.Shift {
	w.t.Helper()
	list, err := w.activities.ShiftsOf(context.Background(), a.ID)
	w.must(err)
	return list
}

// sees fails unless the page has all the texts.
func sees(t testing.TB, p accounttest.Page, status int, texts ...string) {
	t.Helper()
	if p.Status != status {
		t.Errorf("%s: status %d, want %d", p.Path, p.Status, status)
	}
	text := strings.Join(strings.Fields(p.Text()), " ")
	for _, x := range texts {
		if !strings.Contains(text, x) {
			t.Errorf("%s: no %q in %.1500s", p.Path, x, text)
		}
	}
}

// languages are all languages of the pages.
var languages = i18n.Langs

var keyShowing = regexp.MustCompile(`\b(find|show|work|edit|shift|review|cal|activity|code|ui|fault)\.[a-z_]+`)

// noKeys fails when a key shows instead of its text.
func noKeys(t testing.TB, p accounttest.Page) {
	t.Helper()
	if p.Status != 200 {
		t.Errorf("%s: status %d", p.Path, p.Status)
	}
	if m := keyShowing.FindString(p.Find("body").Text()); m != "" {
		t.Errorf("%s shows the key %s", p.Path, m)
	}
}
