// Package federationweb is the pages of signing in and being verified with an
// outside identity provider.
//
// Owns: /login/with, /login/link, /me/identity; under /api/v1:
// me/identity-links.
// Words: as in federation.
// Invariants: a visit to a provider begins with a POST from our own page, so
// that no other site can link its visitor's account; a provider's answer is
// taken by the browser that asked; what does not fit is told without the
// other side's value.
// States, tables: none.
// Not here: Kapok as a provider (idpweb).
package federationweb

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"kapok/internal/account"
	"kapok/internal/federation"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need; main gives it.
type Deps struct {
	Providers  *federation.Service
	Accounts   *account.Service
	People     *person.Service
	TrustProxy bool // as account.DeviceOf
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	h := handlers{d}
	for _, r := range []struct {
		method, path string
		gate         web.Gate
		handler      web.Handler
	}{
		{"GET", "/login/with", account.Public, h.choose},
		{"POST", "/login/with/{provider}", account.Public, h.begin},
		{"GET", federation.CallbackPath("{provider}"), account.Public, h.callback},
		{"GET", "/login/link", account.Public, h.unlinked},
		{"GET", "/me/identity", account.SignedIn, h.identity},
		{"POST", "/me/identity", account.SignedIn, h.link},
		{"POST", "/me/identity/verify/{provider}", account.SignedIn, h.verify},
		{"POST", "/me/identity/links/{link}/end", account.Fresh(account.SignedIn), h.unlink},
	} {
		site.Handle(r.method, r.path, r.gate, r.handler)
	}
	h.operations(api)
}

type handlers struct{ Deps }

// What the browser carries to a provider and back, and afterwards until its
// owner has signed in or registered.
const (
	flowCookie = "identity-flow"
	keptCookie = "identity-kept"
)

func (h handlers) setCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: h.Accounts.Secure, SameSite: http.SameSiteLaxMode})
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// Prefill is what a provider just said of whoever registers now, as fields of
// the form.
func Prefill(s *federation.Service) func(*http.Request) url.Values {
	return func(r *http.Request) url.Values {
		st, _ := s.Kept(cookie(r, keptCookie))
		return st.Fields()
	}
}

func show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusOK, c)
}

func t(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }
