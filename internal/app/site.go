package app

import (
	"context"
	"net/http"

	"kapok/internal/account"
	"kapok/internal/account/accountweb"
	"kapok/internal/activity"
	"kapok/internal/activity/activityweb"
	"kapok/internal/activity/signupweb"
	"kapok/internal/api"
	"kapok/internal/attendance/attendanceweb"
	"kapok/internal/certificate/certificateweb"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/notify/notifyweb"
	"kapok/internal/organisation"
	"kapok/internal/organisation/organisationweb"
	"kapok/internal/person"
	"kapok/internal/person/personweb"
	"kapok/internal/record/recordweb"
	"kapok/internal/siteweb"
	"kapok/internal/ui"
)

// register adds the pages and operations of all areas.
func (a *App) register() {
	a.API = web.NewAPI(a.Site, "Kapok", api.Version)
	a.Site.Mount("GET /assets/", ui.Assets())
	a.Site.Handle("GET", "/healthz", account.Public, a.healthz)
	a.Site.Handle("GET", "/readyz", account.Public, a.readyz)
	api.Register(a.Site, a.API, account.Public)
	personweb.Register(a.Site, a.API, personweb.Deps{People: a.People, Accounts: a.Accounts, Regions: a.Regions, Orgs: a.Orgs,
		Lists: []person.CodeList{organisation.LocalFields, activity.Objects, activity.Guarantees}, Hub: hub, TrustProxy: a.Config.TrustProxy, Prefill: a.prefill()})
	accountweb.Register(a.Site, a.API, accountweb.Deps{Accounts: a.Accounts, People: a.People, Access: a.Access, Regions: a.Regions, Clock: a.Clock,
		RegionDesk: a.regionDesk, TrustProxy: a.Config.TrustProxy, Outside: len(a.Config.IdentityProviders) > 0})
	a.registerFederation()
	organisationweb.Register(a.Site, a.API, organisationweb.Deps{Pool: a.Pool, Clock: a.Clock, Orgs: a.Orgs, People: a.People, Regions: a.Regions, Access: a.Access,
		Forget: a.Accounts.Forget, Desk: a.orgDesk, RegionDesk: a.regionDesk, Tasks: a.orgTasks, RegionTasks: a.regionTasks})
	activityweb.Register(a.Site, a.API, activityweb.Deps{Pool: a.Pool, Clock: a.Clock, Regions: a.Regions, Access: a.Access, Activities: a.Activities,
		Calendars: activity.NewCalendars(a.Pool, a.Clock, a.Keys.Derive("activity/calendars")), Orgs: a.Orgs, People: a.People,
		Origin: a.Config.Base(), Desk: a.orgDesk, RegionDesk: a.regionDesk})
	signupweb.Register(a.Site, a.API, signupweb.Deps{Pool: a.Pool, Clock: a.Clock, Activities: a.Activities, People: a.People, Access: a.Access, Desk: a.orgDesk, Cleared: a.Privacy.Cleared})
	attendanceweb.Register(a.Site, a.API, attendanceweb.Deps{Pool: a.Pool, Clock: a.Clock, Activities: a.Activities, Attendance: a.Attendance,
		People: a.People, Access: a.Access, Base: a.Config.Base(), Desk: a.orgDesk})
	recordweb.Register(a.Site, a.API, recordweb.Deps{Pool: a.Pool, Clock: a.Clock, Records: a.Records, Attendance: a.Attendance, Activities: a.Activities,
		People: a.People, Orgs: a.Orgs, Regions: a.Regions, Access: a.Access, Desk: a.orgDesk, RegionDesk: a.regionDesk,
		Cleared: a.Privacy.Cleared})
	notifyweb.Register(a.Site, a.API, notifyweb.Deps{Messages: a.Notify})
	certificateweb.Register(a.Site, a.API, certificateweb.Deps{Certificates: a.Certificates, People: a.People})
	a.registerPrivacy()
	a.registerIdentity()
	siteweb.Register(a.Site, siteweb.Deps{Public: account.Public, Front: a.front})
}

// who is what the frame of a page shows of its reader.
func (a *App) who(r *http.Request) ui.Who {
	p := account.From(r.Context())
	if p == nil {
		return ui.Who{}
	}
	w := ui.Who{SignedIn: true}
	if n, err := a.Notify.Unread(r.Context(), p.Person); err == nil {
		w.Unread = n // the page is worth showing without the count
	}
	if p.Holds(account.ViewOrg) {
		w.Desks = append(w.Desks, ui.Link{Href: "/console", Text: i18n.T(r.Context(), "app.desk.org")})
	}
	w.Desks = append(w.Desks, desks(r.Context(), p)...)
	return w
}

// desks are those of offices, beside the desks of organisations.
func desks(ctx context.Context, p *account.Principal) (out []ui.Link) {
	for _, d := range []struct {
		opens     bool
		href, key string
	}{
		{p.Holds(account.OpenPerson) && !p.Holds(account.ViewRegion), "/admin/people", "app.region.people"},
		{p.Holds(account.ManageRoles), "/admin/roles", "app.region.roles"},
		{p.Holds(account.ReadAudit), "/admin/audit", "app.region.audit"},
		{p.Holds(account.ViewRegion), "/admin", "app.desk.region"},
		{p.Holds(account.Operate), "/admin/clients", "app.desk.clients"},
	} {
		if d.opens {
			out = append(out, ui.Link{Href: d.href, Text: i18n.T(ctx, d.key)})
		}
	}
	return out
}

// hub is what my page leads to beyond my own data. One's desks come first: on a
// phone, whose bar has no room for them, this is the way there.
func hub(ctx context.Context) []ui.Link {
	out := desks(ctx, account.From(ctx))
	for _, l := range []struct{ key, href string }{
		{"signups", "/me/signups"}, {"hours", "/me/hours"}, {"certificates", "/me/certificates"}, {"messages", "/me/messages"}, {"data", "/me/data"}, {"code", "/me/code"}, {"console", "/console"},
		{"identity", "/me/identity"}, {"apps", "/me/apps"},
	} {
		out = append(out, ui.Link{Href: l.href, Text: i18n.T(ctx, "app.hub."+l.key)})
	}
	return out
}
