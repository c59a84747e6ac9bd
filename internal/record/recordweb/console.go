package recordweb

import (
	"context"
	_ "embed"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/record"
	"kapok/internal/ui"
)

//go:embed console_texts.json
var consoleTexts []byte
var _ = i18n.Register(consoleTexts)

func (d Deps) consoleRoutes(site *web.Site, api *web.API) {
	view, write, confirm := d.onShift(account.ViewOrg), d.onShift(account.RecordHours), d.onShift(account.ConfirmHours)
	site.Handle("GET", "/console/orgs/{org}/hours", d.Access.Allow(account.ViewOrg, d.orgTarget), d.open)
	site.Handle("GET", "/console/shifts/{shift}/hours", view, d.sheet)
	site.Handle("GET", "/console/shifts/{shift}/hours.xlsx", account.Fresh(view), d.xlsx)
	site.Handle("POST", "/console/shifts/{shift}/hours/confirm", confirm, d.confirm)
	site.Handle("GET", "/console/shifts/{shift}/hours/write", write, d.writeForm)
	site.Handle("POST", "/console/shifts/{shift}/hours/write", write, d.write)
	site.Handle("GET", "/console/shifts/{shift}/hours/{attendance}", write, d.caseForm)
	site.Handle("POST", "/console/shifts/{shift}/hours/{attendance}/settle", write, d.settle)
	site.Handle("POST", "/console/shifts/{shift}/hours/{attendance}/ask", write, d.ask)
	decide := d.Access.Allow(account.ConfirmHours, d.recordTarget)
	site.Handle("GET", "/console/records/{record}", d.Access.Allow(account.ViewOrg, d.recordTarget), d.entry)
	for _, verb := range []string{"amend", "void", "reinstate", "uphold"} {
		site.Handle("POST", "/console/records/{record}/"+verb, decide, d.decide(verb))
	}
	site.Handle("GET", "/admin/late", d.Access.AnyScope(account.ViewRegion), d.late)
	d.consoleOperations(api)
}

func c(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "recordweb.desk."+key, args...)
}

func (d Deps) onShift(act account.Action) web.Gate { return d.Access.Allow(act, d.shiftTarget) }

func (d Deps) shiftTarget(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return account.Target{}, activity.ErrShiftNotFound
	}
	v, err := d.Activities.Shift(r.Context(), d.Pool, id)
	return account.Target{Org: v.Activity.Org, Region: v.Activity.Division}, err
}

func (d Deps) recordTarget(r *http.Request) (account.Target, error) {
	rec, err := d.recordOf(r)
	return account.Target{Org: rec.Org, Region: rec.Division}, err
}

func (d Deps) orgTarget(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("org"))
	if err != nil {
		return account.Target{}, fault.ErrNotFound
	}
	o, err := d.Orgs.Get(r.Context(), id)
	return account.Target{Org: o.ID, Region: o.Division}, err
}

func (d Deps) recordOf(r *http.Request) (record.ServiceRecord, error) {
	id, err := uuid.Parse(r.PathValue("record"))
	if err != nil {
		return record.ServiceRecord{}, record.ErrNotFound
	}
	return record.Get(r.Context(), d.Pool, id)
}

func me(ctx context.Context) uuid.UUID { return account.From(ctx).Person }

// frame is the desk of an organisation, with the line of hours marked.
func (d Deps) frame(ctx context.Context, org uuid.UUID, title, back string) ui.DeskInfo {
	desk := ui.DeskInfo{}
	if d.Desk != nil {
		desk = d.Desk(ctx, org)
	}
	for i := range desk.Menu {
		desk.Menu[i].Current = strings.HasSuffix(desk.Menu[i].Href, "/hours")
	}
	desk.Title, desk.Back, desk.NoIndex = title, back, true
	return desk
}

func (d Deps) may(ctx context.Context, act account.Action, org uuid.UUID, division string) bool {
	return d.Access.Can(account.From(ctx), act, account.Target{Org: org, Region: division})
}

func shiftPath(shift uuid.UUID) string   { return "/console/shifts/" + shift.String() + "/hours" }
func recordPath(rec uuid.UUID) string    { return "/console/records/" + rec.String() }
func orgPath(org uuid.UUID) string       { return "/console/orgs/" + org.String() + "/hours" }
func casePath(shift, a uuid.UUID) string { return shiftPath(shift) + "/" + a.String() }
