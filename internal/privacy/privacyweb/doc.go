// Package privacyweb is the pages and operations of people's rights over their
// data.
//
// Owns: /me/data and what hangs below, /privacy/register, /admin/corrections,
// /admin/people, /admin/access and /admin/names, /console/shifts/{shift}/names,
// /console/orgs/{org}/names; under /api/v1: the same.
// Words: 我的信息 my data, 谁看过 who looked, 更正申请 correction.
// Invariants: a page is about the reader or a ward; phone and e-mail are hidden
// until asked for, numbers of documents always; an administrator who opens a
// correction leaves a trace that its person sees.
// Not here: what is held and how it is erased (privacy and the areas).
package privacyweb

import (
	"context"
	_ "embed"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/region"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need.
type Deps struct {
	Pool       *pgxpool.Pool
	Clock      clock.Clock
	Privacy    *privacy.Service
	People     *person.Service
	Orgs       *organisation.Service
	Activities *activity.Service
	Regions    *region.Tree
	Access     account.Access
	Fonts      *pdf.Fonts
	RegionDesk func(ctx context.Context, division string) ui.DeskInfo
	OrgDesk    func(ctx context.Context, org uuid.UUID) ui.DeskInfo
	Partners   func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) // names of partner platforms among those who looked
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	one := d.Access.Allow(account.DecideCorrection, d.requestTarget)
	anywhere, second := d.Access.AnyScope(account.OpenPerson), d.Access.Allow(account.OpenPerson, d.accessTarget)
	for _, r := range []struct {
		method, path string
		gate         web.Gate
		handler      web.Handler
	}{
		{"GET", "/privacy/register", account.Public, d.register},
		{"GET", "/me/data", account.SignedIn, d.mine},
		{"POST", "/me/data/show", account.Fresh(account.SignedIn), d.showAll},
		{"GET", "/me/data/looks", account.SignedIn, d.looksPage},
		{"GET", "/me/data/download.json", account.Fresh(account.SignedIn), d.downloadJSON},
		{"GET", "/me/data/download.pdf", account.Fresh(account.SignedIn), d.downloadPDF},
		{"POST", "/me/data/consent", account.SignedIn, d.consent},
		{"POST", "/me/data/choices", account.SignedIn, d.choose},
		{"POST", "/me/data/corrections", account.SignedIn, d.askCorrection},
		{"POST", "/me/data/deletion", account.Fresh(account.SignedIn), d.askDeletion},
		{"POST", "/me/data/requests/{request}/withdraw", account.SignedIn, d.withdraw},
		{"POST", "/me/data/requests/{request}/appeal", account.SignedIn, d.appeal},
		{"GET", "/admin/corrections", d.Access.AnyScope(account.DecideCorrection), d.corrections},
		{"POST", "/admin/corrections/{request}", account.Fresh(one), d.decide},
		{"GET", "/admin/people", anywhere, d.accessPage},
		{"POST", "/admin/people", anywhere, d.ask},
		{"GET", "/admin/people/report", anywhere, d.report},
		{"GET", "/admin/people/report.xlsx", account.Fresh(anywhere), d.reportXLSX},
		{"GET", "/admin/people/{person}", anywhere, d.openPerson},
		{"POST", "/admin/access/{access}", account.Fresh(second), d.decideAccessForm},
	} {
		site.Handle(r.method, r.path, r.gate, r.handler)
	}
	d.operations(api, one)
	d.accessOperations(api, anywhere, second)
	d.registerNames(site, api, anywhere)
}

// namesGates are who may ask for the full names of a roster's minors, and decide.
type namesGates struct{ ask, see, decide, anywhere, alone web.Gate }

func (d Deps) registerNames(site *web.Site, api *web.API, anywhere web.Gate) {
	g := namesGates{ask: d.Access.Allow(account.ViewOrg, d.shiftTarget), see: d.Access.Allow(account.ClearNames, d.orgTarget),
		decide: d.Access.Allow(account.ClearNames, d.namesTarget), anywhere: anywhere, alone: d.Access.Allow(account.OpenPerson, d.namesTarget)}
	site.Handle("GET", "/console/shifts/{shift}/names", g.ask, d.namesPage)
	site.Handle("POST", "/console/shifts/{shift}/names", g.ask, d.askNamesForm)
	site.Handle("GET", "/console/orgs/{org}/names", g.see, d.namesDesk)
	site.Handle("POST", "/console/orgs/{org}/names/{names}", account.Fresh(g.decide), d.decideNamesForm)
	site.Handle("POST", "/admin/names/{names}", account.Fresh(g.alone), d.decideAloneForm)
	d.namesOperations(api, g)
}

// whose is who a page is about: the reader, or the ward named.
func whose(ctx context.Context, ward string) (uuid.UUID, error) {
	p := account.From(ctx)
	if ward == "" {
		return p.Person, nil
	}
	id, err := uuid.Parse(ward)
	if err != nil || !p.MayActFor(id) {
		return uuid.Nil, person.ErrNotGuardian
	}
	return id, nil
}

func me(ctx context.Context) uuid.UUID { return account.From(ctx).Person }

func t(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "privacyweb."+key, args...)
}
