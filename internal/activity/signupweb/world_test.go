package signupweb_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/activity"
	"kapok/internal/activity/activityweb"
	"kapok/internal/activity/signupweb"
	"kapok/internal/kit/clock"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
)

// world is a site with the pages of activities and sign-ups, one organisation
// and its people.
type world struct {
	*accounttest.Bed
	t          testing.TB
	activities *activity.Service
	org        organisation.Organisation
	project    activity.Project
	leader     person.Person // may decide
	recorder   person.Person // may only look
	cleared    map[uuid.UUID]bool
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t}
	var orgs *organisation.Service
	w.Bed = accounttest.New(t, func(b *accounttest.Bed) {
		orgs = organisation.New(b.Pool, b.Clock, persontest.Regions(), b.People)
		w.activities = activity.New(b.Pool, b.Clock, persontest.Regions(), orgs, b.People)
		activityweb.Register(b.Site, b.API, activityweb.Deps{Pool: b.Pool, Clock: b.Clock, Regions: persontest.Regions(), Access: b.Access,
			Activities: w.activities, Calendars: activity.NewCalendars(b.Pool, b.Clock, bytes.Repeat([]byte{7}, 32)), Orgs: orgs, People: b.People})
		signupweb.Register(b.Site, b.API, signupweb.Deps{Pool: b.Pool, Clock: b.Clock, Activities: w.activities, People: b.People, Access: b.Access,
			Cleared: func(context.Context, uuid.UUID, uuid.UUID, []uuid.UUID) (map[uuid.UUID]bool, error) {
				return w.cleared, nil
			}})
		b.Site.Mount("GET /assets/", ui.Assets())
	})
	ctx := context.Background()
	w.leader, w.recorder = w.Account(t, "1990-05-01"), w.Account(t, "1991-05-01")
	o, err := orgs.Apply(ctx, organisation.Profile{Name: "木棉义工队", Kind: organisation.Group, Division: persontest.Yuexiu, GuidingUnit: "居委会", Phone: "020-83331234"}, w.leader.ID)
	w.must(err)
	w.org, err = orgs.Decide(ctx, organisation.Decision{Org: o.ID, Verdict: organisation.Approve, By: uuid.New()})
	w.must(err)
	w.Roles[w.leader.ID] = []account.Grant{{Role: account.TeamLeader, Org: o.ID}}
	w.Roles[w.recorder.ID] = []account.Grant{{Role: account.OrgRecorder, Org: o.ID}}
	w.project, err = w.activities.CreateProject(ctx, o.ID, activity.ProjectPlan{Name: "敬老"}, w.leader.ID)
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// post publishes an activity with one shift in three days, 9:00 to 11:30.
func (w *world) post(changes ...func(*activity.ShiftPlan)) activity.ShiftView {
	w.t.Helper()
	ctx := context.Background()
	d := activity.Declarations{}
	for _, c := range activity.Classes {
		d[c] = false
	}
	start := time.Date(2026, 10, 21, 9, 0, 0, 0, clock.Shanghai)
	sh := activity.ShiftPlan{StartsAt: start, EndsAt: start.Add(150 * time.Minute), Place: "盐运西社区党群服务中心", Capacity: 2}
	for _, c := range changes {
		c(&sh)
	}
	a, err := w.activities.Create(ctx, w.project.ID, activity.Plan{Division: "440104003001", Title: "探访养老院的老人", Content: "陪伴聊天、读报",
		Responsible: "陈志明", Contact: "020-83331234", Field: "0017", LocalField: "4408", Objects: []string{"03"}, Guarantees: []string{"01"},
		Risks: "高温、交通", Declarations: d}, []activity.ShiftPlan{sh}, w.leader.ID)
	w.must(err)
	for _, step := range []func(context.Context, activity.Move) (activity.Activity, error){w.activities.Submit, w.activities.Publish} {
		a, err = step(ctx, activity.Move{Activity: a.ID, Version: a.Version, By: w.leader.ID})
		w.must(err)
	}
	list, err := w.activities.ShiftsOf(ctx, a.ID)
	w.must(err)
	return activity.ShiftView{Shift: list[0], Activity: a}
}

func (w *world) join(v activity.ShiftView, p person.Person) activity.Signup {
	w.t.Helper()
	g, err := w.activities.SignUp(context.Background(), activity.SignUpRequest{Shift: v.ID, Person: p.ID, By: p.ID})
	w.must(err)
	return g
}

func (w *world) roster(v activity.ShiftView) []activity.Signup {
	w.t.Helper()
	list, err := w.activities.Roster(context.Background(), w.Pool, v.ID)
	w.must(err)
	return list
}

func path(v activity.ShiftView, verb string) string {
	return fmt.Sprintf("/activities/%s/shifts/%s/%s", v.ActivityID, v.ID, verb)
}

func forPerson(id uuid.UUID) url.Values { return url.Values{"for": {id.String()}} }

func text(p accounttest.Page) string { return strings.Join(strings.Fields(p.Find("main").Text()), " ") }

// sees fails unless the page has all the texts.
func sees(t testing.TB, p accounttest.Page, status int, texts ...string) {
	t.Helper()
	if p.Status != status {
		t.Errorf("%s: status %d, want %d", p.Path, p.Status, status)
	}
	for _, x := range texts {
		if !strings.Contains(text(p), x) {
			t.Errorf("%s: no %q in %.900s", p.Path, x, text(p))
		}
	}
}
