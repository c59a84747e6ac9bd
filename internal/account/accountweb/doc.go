// Package accountweb is the pages and operations of signing in.
//
// Owns: /login, /login/again, /logout, /recover, /me/devices, /me/phone, /admin/phones,
// /login/second, /login/passkey, /me/passkeys, /me/authenticator, /me/recovery-codes,
// /admin/factors, /admin/roles; under /api/v1: phone-codes, sessions, admin/roles, admin/lost-factors, passkey-challenges and the
// second factors of oneself.
// Words: 登录 sign in, 验证码 code, 找回账号 recover, 设备 device.
// Invariants: no page or answer tells whether a phone or a document is
// registered before the phone is proved; a password is never shown again; what
// would hand the account over asks for a fresh sign-in.
// States, tables: none.
// Not here: becoming a volunteer (personweb).
package accountweb

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/region"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// ErrOwnCase keeps administrators from deciding their own request.
var ErrOwnCase = fault.Define(fault.Forbidden, "account.own_case")

// Deps is what the pages need; main gives it.
type Deps struct {
	Accounts   *account.Service
	People     *person.Service
	Access     account.Access
	Regions    *region.Tree
	Clock      clock.Clock
	RegionDesk func(ctx context.Context, division string) ui.DeskInfo // the frame of a division's desk
	TrustProxy bool                                                   // as account.DeviceOf
	Outside    bool                                                   // outside identity providers sign people in too, at /login/with
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	h := handlers{d}
	desk := d.Access.AnyScope(account.DecidePhone)
	one := d.Access.Allow(account.DecidePhone, h.requestRegion)
	roles := d.Access.AnyScope(account.ManageRoles)
	for _, r := range []struct {
		method, path string
		gate         web.Gate
		handler      web.Handler
	}{
		{"GET", "/login", account.Public, h.loginPage},
		{"POST", "/login", account.Public, h.login},
		{"GET", "/login/again", account.SignedIn, h.againPage},
		{"POST", "/login/again", account.SignedIn, h.proveAgain},
		{"POST", "/logout", account.SignedIn, h.logout},
		{"GET", "/recover", account.Public, h.recoverPage},
		{"GET", "/recover/phone", account.Public, h.newPhonePage},
		{"POST", "/recover/phone", account.Public, h.proveNewPhone},
		{"GET", "/recover/request", account.Public, h.requestPage},
		{"POST", "/recover/request", account.Public, h.ask},
		{"GET", "/me/devices", account.SignedIn, h.devices},
		{"POST", "/me/devices", account.SignedIn, h.revokeMany},
		{"POST", "/me/devices/{session}/end", account.SignedIn, h.revoke},
		{"POST", "/me/password", account.Fresh(account.SignedIn), h.setPassword},
		{"GET", "/me/phone", account.Fresh(account.SignedIn), h.changePhonePage},
		{"POST", "/me/phone", account.Fresh(account.SignedIn), h.changePhone},
		{"GET", "/admin/phones", desk, h.requests},
		{"POST", "/admin/phones/{request}", account.Fresh(one), h.decide},
		{"GET", "/login/second", account.SignedIn, h.againPage},
		{"POST", "/login/second", account.SignedIn, h.proveAgain},
		{"POST", "/login/second/lost", account.SignedIn, h.lostFactor},
		{"POST", "/login/passkey", account.Public, h.loginByPasskey},
		{"GET", "/me/passkeys/new", account.Fresh(account.SignedIn), h.newPasskeyPage},
		{"POST", "/me/passkeys", account.Fresh(account.SignedIn), h.addPasskey},
		{"POST", "/me/passkeys/{passkey}/remove", account.Fresh(account.SignedIn), h.removePasskey},
		{"GET", "/me/authenticator", account.Fresh(account.SignedIn), h.authenticatorPage},
		{"POST", "/me/authenticator", account.Fresh(account.SignedIn), h.confirmAuthenticator},
		{"POST", "/me/authenticator/remove", account.Fresh(account.SignedIn), h.removeAuthenticator},
		{"POST", "/me/recovery-codes", account.Fresh(account.SignedIn), h.renewRecovery},
		{"POST", "/admin/factors/{request}", account.Fresh(d.Access.Allow(account.DecidePhone, h.lostRegion)), h.decideLost},
		{"GET", "/admin/roles", roles, h.rolesPage},
		{"POST", "/admin/roles", account.Fresh(roles), h.giveRole},
		{"POST", "/admin/roles/{grant}/end", account.Fresh(roles), h.takeRole},
	} {
		site.Handle(r.method, r.path, r.gate, r.handler)
	}
	top := d.Access.AnyScope(account.RestoreTop)
	site.Handle("GET", "/admin/factors", top, h.topPage)
	site.Handle("POST", "/admin/factors/{request}/top", account.Fresh(top), h.decideTopPage)
	h.topOperations(api, top)
	site.Detour(account.ErrStepUp, h.stepUp)
	site.Detour(account.ErrSecondFactor, h.secondStep)
	h.operations(api)
	h.factorOperations(api)
	h.roleOperations(api, roles)
}

type handlers struct{ Deps }

func show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusOK, c)
}

func (h handlers) device(r *http.Request) account.Device {
	return h.Accounts.DeviceOf(r, account.Web, h.TrustProxy)
}

// readPhone reads the phone of a form; a fault of it is noted at the field.
func readPhone(f *web.Form) string {
	phone, bad := person.ParsePhone(f.Get("phone"), f.Get("phone_region"))
	f.Check.Add("phone", bad)
	return phone
}

// requestRegion finds the division of the request that a path names.
func (h handlers) requestRegion(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return account.Target{}, fault.ErrNotFound
	}
	n, err := h.Accounts.NewPhoneOf(r.Context(), id)
	return account.Target{Region: n.Region}, err
}

func t(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }
