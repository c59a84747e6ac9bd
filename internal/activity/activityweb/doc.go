// Package activityweb is the pages and operations of activities: finding them,
// reading of them, writing and reviewing them, and calendars.
//
// Owns: /activities (list, map, calendar), /activities/{activity}, iCal of a
// shift and of a person, /me/calendar, /console/orgs/{org}/activities with the
// editor, /admin/activities; under /api/v1: search, projects, activities,
// shifts, reviews.
// Words: 找活动 find, 日历 calendar, 地图 map, 班次 shift, 审核 review.
// Invariants: everything works without JavaScript; an address holds the whole
// filter, so a page can be shared; what is not published is not found by those
// who do not run or review it; every form carries the version it was opened with.
// States, tables: none.
// Not here: the box for signing up (signupbox), its pages (signupweb), the
// organisation's other pages (organisationweb).
package activityweb

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/activity/signupbox"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/region"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need; main gives it.
type Deps struct {
	Pool       *pgxpool.Pool
	Clock      clock.Clock
	Regions    *region.Tree
	Access     account.Access
	Activities *activity.Service
	Calendars  *activity.Calendars
	Orgs       *organisation.Service
	People     *person.Service
	Origin     string // https://host, for links in calendars
	// Desk and RegionDesk are the frames of the desks: name and menu.
	Desk       func(ctx context.Context, org uuid.UUID) ui.DeskInfo
	RegionDesk func(ctx context.Context, division string) ui.DeskInfo
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	h := handlers{d, signupbox.Loader{Activities: d.Activities, People: d.People, Clock: d.Clock}}
	ofOrg, ofProject := d.Access.Allow(account.PublishWork, pathOrg), d.Access.Allow(account.PublishWork, h.projectTarget)
	publish := d.Access.Allow(account.PublishWork, h.activityTarget)
	review := d.Access.Allow(account.ReviewActivity, h.activityTarget)
	for _, r := range []struct {
		method, path string
		gate         web.Gate
		handler      web.Handler
	}{
		{"GET", "/activities", account.Public, h.find},
		{"GET", "/activities/{activity}", account.Public, h.show},
		{"GET", "/activities/{activity}/shifts/{file}", account.Public, h.shiftCalendar},
		{"GET", "/calendar/{file}", account.Public, h.feed},
		{"GET", "/me/calendar", account.SignedIn, h.calendarPage},
		{"POST", "/me/calendar", account.SignedIn, h.renewCalendar},
		{"POST", "/me/calendar/end", account.SignedIn, h.endCalendar},

		{"GET", "/console/orgs/{org}/activities", d.Access.Allow(account.ViewOrg, pathOrg), h.work},
		{"GET", "/console/orgs/{org}/projects/new", ofOrg, h.newProject},
		{"POST", "/console/orgs/{org}/projects/new", ofOrg, h.createProject},
		{"GET", "/console/projects/{project}", d.Access.Allow(account.ViewOrg, h.projectTarget), h.project},
		{"POST", "/console/projects/{project}", ofProject, h.saveProject},
		{"POST", "/console/projects/{project}/close", ofProject, h.closeProject},
		{"GET", "/console/projects/{project}/activities/new", ofProject, h.newActivity},
		{"POST", "/console/projects/{project}/activities/new", ofProject, h.createActivity},
		{"GET", "/console/activities/{activity}", d.Access.Allow(account.ViewOrg, h.activityTarget), h.activity},
		{"GET", "/console/activities/{activity}/edit", publish, h.editActivity},
		{"POST", "/console/activities/{activity}/edit", publish, h.saveActivity},
		{"POST", "/console/activities/{activity}/step", publish, h.step},
		{"GET", "/console/activities/{activity}/shifts/new", publish, h.editShift},
		{"POST", "/console/activities/{activity}/shifts/new", publish, h.saveShift},
		{"GET", "/console/activities/{activity}/shifts/{shift}", publish, h.editShift},
		{"POST", "/console/activities/{activity}/shifts/{shift}", publish, h.saveShift},
		{"POST", "/console/activities/{activity}/shifts/{shift}/end", publish, h.endShift},

		{"GET", "/admin/activities", d.Access.AnyScope(account.ReviewActivity), h.reviews},
		{"GET", "/admin/activities/{activity}", review, h.reviewPage},
		{"POST", "/admin/activities/{activity}", review, h.decide},
	} {
		site.Handle(r.method, r.path, r.gate, r.handler)
	}
	h.searchOperations(api)
	h.deskOperations(api)
	h.shiftOperations(api)
}

type handlers struct {
	Deps
	boxes signupbox.Loader
}

func show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusOK, c)
}

// again shows a form once more with its errors.
func again(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusUnprocessableEntity, c)
}

func t(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }

func lang(ctx context.Context) i18n.Lang { return i18n.From(ctx) }

// pathOrg is the organisation that a path names.
func pathOrg(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("org"))
	if err != nil {
		return account.Target{}, organisation.ErrNotFound
	}
	return account.Target{Org: id}, nil
}

func (h handlers) projectTarget(r *http.Request) (account.Target, error) {
	p, err := h.pathProject(r)
	return account.Target{Org: p.Org}, err
}

func (h handlers) activityTarget(r *http.Request) (account.Target, error) {
	a, err := h.pathActivity(r)
	return targetOf(a), err
}

func targetOf(a activity.Activity) account.Target {
	return account.Target{Org: a.Org, Region: a.Division}
}

func (h handlers) pathProject(r *http.Request) (activity.Project, error) {
	id, err := uuid.Parse(r.PathValue("project"))
	if err != nil {
		return activity.Project{}, activity.ErrProjectNotFound
	}
	return h.Activities.Project(r.Context(), id)
}

func (h handlers) pathActivity(r *http.Request) (activity.Activity, error) {
	id, err := uuid.Parse(r.PathValue("activity"))
	if err != nil {
		return activity.Activity{}, activity.ErrNotFound
	}
	return h.Activities.Get(r.Context(), id)
}
