// Package idpweb is the pages and endpoints of signing in to partner platforms
// with Kapok.
//
// Owns: /oauth/…, /.well-known/openid-configuration, /me/apps, /admin/clients;
// under /api/v1: me/apps, clients.
// Words: as in idp.
// Invariants: a person sees the partner's name, purpose and each value before
// agreeing, and nothing is ticked in advance; a secret is shown once.
// States, tables: none.
// Not here: outside identity providers (federationweb).
package idpweb

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/idp"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need; main gives it.
type Deps struct {
	Provider *idp.Service
	Accounts *account.Service
	Access   account.Access
}

// protocol is the gate of what partners' systems call: they show credentials of
// their own, which the endpoint itself checks and answers as OAuth asks for.
type protocol struct{}

func (protocol) Admit(*http.Request) error { return nil }
func (protocol) String() string            { return "oauth_client" }

// Register adds the pages, operations and endpoints.
func Register(site *web.Site, api *web.API, d Deps) {
	h := handlers{d}
	operate := d.Access.AnyScope(account.Operate)
	for _, r := range []struct {
		method, path string
		gate         web.Gate
		handler      web.Handler
	}{
		{"GET", idp.DiscoveryPath, account.Public, h.discovery},
		{"GET", idp.KeysPath, account.Public, h.library},
		{"GET", idp.AuthorizePath, account.Public, h.authorize},
		{"GET", idp.LogoutPath, account.Public, h.library},
		{"POST", idp.TokenPath, protocol{}, h.token},
		{"POST", idp.RevokePath, protocol{}, h.token},
		{"GET", idp.UserinfoPath, protocol{}, h.userinfo},
		{"GET", idp.QuestionPath("{request}"), account.SignedIn, h.questionPage},
		{"POST", idp.QuestionPath("{request}"), account.SignedIn, h.answer},
		{"GET", "/me/apps", account.SignedIn, h.apps},
		{"POST", "/me/apps/{client}/withdraw", account.SignedIn, h.withdraw},
		{"GET", "/admin/clients", operate, h.clients},
		{"POST", "/admin/clients", account.Fresh(operate), h.register},
		{"POST", "/admin/clients/{client}/secret", account.Fresh(operate), h.secret},
		{"POST", "/admin/clients/{client}/end", account.Fresh(operate), h.end},
	} {
		site.Handle(r.method, r.path, r.gate, r.handler)
	}
	h.operations(api)
}

type handlers struct{ Deps }

func show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusOK, c)
}

// signedIn is when the present session began.
func (h handlers) signedIn(ctx context.Context) (time.Time, error) {
	p := account.From(ctx)
	list, err := h.Accounts.Sessions(ctx, p.Account)
	for _, s := range list {
		if s.ID == p.Session {
			return s.CreatedAt, err
		}
	}
	return time.Time{}, err
}

func idIn(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue(name))
	if err != nil {
		return id, fault.ErrNotFound
	}
	return id, nil
}

func t(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }
