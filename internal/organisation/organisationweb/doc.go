// Package organisationweb is the pages and operations of organisations: their
// public page, applying, the desk's front, members, and the decisions of the
// administrators of divisions.
//
// Owns: /organisations/{org}, /console, /console/apply, /console/orgs/{org}
// with profile and members, /admin, /admin/organisations.
// Words: 组织工作台 organisation's desk, 地区工作台 division's desk.
// Not here: activities on the desk (activityweb), hours (recordweb).
package organisationweb

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
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

// Task is a thing waiting on a desk: how many, and where to see them.
type Task struct {
	Key   string // text organisationweb.task.<Key>
	Count int
	Href  string
}

// Deps is what the pages need.
type Deps struct {
	Pool    *pgxpool.Pool
	Clock   clock.Clock
	Orgs    *organisation.Service
	People  *person.Service
	Regions *region.Tree
	Access  account.Access
	// Forget drops remembered sessions when roles change.
	Forget func()
	// Desk and RegionDesk are the frames with their menus.
	Desk       func(ctx context.Context, org uuid.UUID) ui.DeskInfo
	RegionDesk func(ctx context.Context, division string) ui.DeskInfo
	// Tasks and RegionTasks are what waits on a desk, from the areas above.
	Tasks       func(ctx context.Context, org uuid.UUID) ([]Task, error)
	RegionTasks func(ctx context.Context, division string) ([]Task, error)
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	site.Handle("GET", "/organisations/{org}", account.Public, d.public)
	site.Handle("GET", "/console", account.SignedIn, d.console)
	site.Handle("GET", "/console/apply", account.SignedIn, d.applyForm)
	site.Handle("POST", "/console/apply", account.SignedIn, d.apply)
	site.Handle("GET", "/console/orgs/{org}", d.allow(account.ViewOrg), d.desk)
	site.Handle("GET", "/console/orgs/{org}/application", account.SignedIn, d.applicationForm)
	site.Handle("POST", "/console/orgs/{org}/application", account.SignedIn, d.reapply)
	site.Handle("GET", "/console/orgs/{org}/profile", d.allow(account.ManageOrg), d.profileForm)
	site.Handle("POST", "/console/orgs/{org}/profile", d.allow(account.ManageOrg), d.profile)
	site.Handle("GET", "/console/orgs/{org}/members", d.allow(account.ViewOrg), d.members)
	site.Handle("POST", "/console/orgs/{org}/members", d.allow(account.ManageOrg), d.addMember)
	site.Handle("POST", "/console/orgs/{org}/members/{person}/remove", d.allow(account.ManageOrg), d.removeMember)
	site.Handle("GET", "/admin", d.Access.AnyScope(account.ViewRegion), d.region)
	site.Handle("GET", "/admin/organisations", d.Access.AnyScope(account.DecideOrg), d.applications)
	site.Handle("GET", "/admin/organisations/{org}", d.allow(account.DecideOrg), d.application)
	site.Handle("POST", "/admin/organisations/{org}", account.Fresh(d.allow(account.DecideOrg)), d.decide)
	d.operations(api)
}

func (d Deps) allow(act account.Action) web.Gate { return d.Access.Allow(act, d.target) }

// target is the organisation that a path names.
func (d Deps) target(r *http.Request) (account.Target, error) {
	o, err := d.find(r)
	return account.Target{Org: o.ID, Region: o.Division}, err
}

func (d Deps) find(r *http.Request) (organisation.Organisation, error) {
	id, err := uuid.Parse(r.PathValue("org"))
	if err != nil {
		return organisation.Organisation{}, fault.ErrNotFound
	}
	return d.Orgs.Get(r.Context(), id)
}

// seen notes that the reader looked at people of an organisation.
func (d Deps) seen(r *http.Request, o organisation.Organisation, purpose string, who ...uuid.UUID) error {
	return audit.Read(r.Context(), d.Pool, audit.Reading{At: d.Clock.Now(), Actor: me(r), Subjects: who, Object: audit.Object("organisation", o.ID),
		Data: []audit.Data{audit.MaskedName, audit.RoleOf}, Purpose: purpose, Org: &o.ID, Region: &o.Division})
}

func me(r *http.Request) uuid.UUID { return account.From(r.Context()).Person }

// divisions are the divisions a person administers.
func divisions(p *account.Principal, act account.Action) []string {
	var out []string
	for _, g := range p.Grants {
		if g.Role == account.RegionAdmin && g.Region != "" && p.Holds(act) {
			out = append(out, g.Region)
		}
	}
	return out
}

// chosenDivision is the division a page of the region's desk is about: the one
// asked for if it is the reader's, else the reader's first.
func chosenDivision(r *http.Request) string {
	own := divisions(account.From(r.Context()), account.ViewRegion)
	for _, code := range own {
		if code == r.URL.Query().Get("division") {
			return code
		}
	}
	if len(own) == 0 {
		return ""
	}
	return own[0]
}
