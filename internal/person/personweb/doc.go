// Package personweb is the pages and operations about people: becoming a
// volunteer, my page, my family, what I agreed to.
//
// Owns: /register, /me, /me/profile, /me/wards, /me/consents,
// /consent/{version}, /children-rules; under /api/v1: volunteers, me, me/wards,
// regions, codes.
// Words: 注册 register, 我的 me, 家庭 family, 家庭码 family code, 同意 consent.
// Invariants: a page keeps what was typed; a refusal leads on; a document
// number is shown in full only in the form in which it was just typed.
// States, tables: none.
// Not here: signing in and lost phones (accountweb).
package personweb

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"kapok/internal/account"
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
	People     *person.Service
	Accounts   *account.Service
	Regions    *region.Tree
	Orgs       *organisation.Service
	Lists      []person.CodeList               // code lists of other areas, for GET /api/v1/codes
	Hub        func(context.Context) []ui.Link // what other areas have on my page; may be nil
	TrustProxy bool                            // as account.DeviceOf
	// Prefill is what an identity provider just said of whoever registers, as
	// fields of the form; may be nil.
	Prefill func(*http.Request) url.Values
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	h := handlers{d}
	for _, r := range []struct {
		method, path string
		gate         web.Gate
		handler      web.Handler
	}{
		{"GET", "/register", account.Public, h.phonePage},
		{"POST", "/register", account.Public, h.provePhone},
		{"GET", "/register/details", account.Public, h.detailsPage},
		{"POST", "/register/details", account.Public, h.enrol},
		{"GET", "/me", account.SignedIn, h.me},
		{"GET", "/me/profile", account.SignedIn, h.profilePage},
		{"POST", "/me/profile", account.SignedIn, h.saveProfile},
		{"GET", "/me/wards", account.SignedIn, h.wards},
		{"GET", "/me/wards/add", account.SignedIn, h.addWardPage},
		{"POST", "/me/wards/add", account.SignedIn, h.addWard},
		{"GET", "/me/wards/link", account.SignedIn, h.linkPage},
		{"POST", "/me/wards/link", account.SignedIn, h.link},
		{"GET", "/me/wards/{ward}", account.SignedIn, h.wardPage},
		{"POST", "/me/wards/{ward}", account.SignedIn, h.saveWard},
		{"GET", "/me/wards/{ward}/consents", account.SignedIn, h.serviceConsents},
		{"POST", "/me/wards/{ward}/consents", account.SignedIn, h.decideService},
		{"POST", "/me/wards/{ward}/end", account.SignedIn, h.endWard},
		{"POST", "/me/family-code", account.SignedIn, h.familyCode},
		{"GET", "/me/consents", account.SignedIn, h.consents},
		{"POST", "/me/consents", account.SignedIn, h.agree},
		{"GET", "/consent/{version}", account.Public, h.consentText},
		{"GET", "/children-rules", account.Public, h.childrenRules},
	} {
		site.Handle(r.method, r.path, r.gate, r.handler)
	}
	h.operations(api)
	h.serviceOperations(api)
}

type handlers struct{ Deps }

func show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusOK, c)
}

// again shows a form once more with its errors.
func again(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusUnprocessableEntity, c)
}

func t(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }

func lang(ctx context.Context) i18n.Lang { return i18n.From(ctx) }
