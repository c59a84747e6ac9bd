package accountweb

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

// loginForm is the page of signing in: by code in two steps, or by password.
type loginForm struct {
	Values     *web.Form
	Next       string
	Sent       string // E.164 of the phone a code went to
	ByPassword bool
	Unknown    bool // the phone was proved and opens no account
	Outside    bool // offer outside identity providers
	Passkey    passkeyButton
}

func (h handlers) loginPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return show(w, r, loginView(loginForm{Next: q.Get("next"), ByPassword: q.Get("by") == "password", Outside: h.Outside, Passkey: h.passkeyButton(r, "/login")}))
}

func (h handlers) login(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	l := loginForm{Values: f, Next: f.Get("next"), ByPassword: f.Get("do") == "password", Outside: h.Outside, Passkey: h.passkeyButton(r, "/login")}
	phone := readPhone(f)
	if err := f.Err(); err != nil {
		return h.loginAgain(w, r, l, err)
	}
	switch f.Get("do") {
	case "password":
		in, err := h.Accounts.SignInByPassword(r.Context(), phone, r.PostForm.Get("password"), h.device(r)) // as typed, not trimmed
		if err != nil {
			return h.loginAgain(w, r, l, fault.At("password", err))
		}
		return h.signedIn(w, r, in, l.Next)
	case "code":
		l.Sent = phone
		in, err := h.Accounts.SignInByCode(r.Context(), phone, f.Get("code"), h.device(r))
		if errors.Is(err, account.ErrNoAccount) {
			return h.unknown(w, r, l)
		}
		if err != nil {
			return h.loginAgain(w, r, l, fault.At("code", err))
		}
		return h.signedIn(w, r, in, l.Next)
	}
	if err := h.Accounts.SendCode(r.Context(), phone, account.ForLogin, h.device(r), lang(r.Context())); err != nil {
		return h.loginAgain(w, r, l, fault.At("phone", err))
	}
	l.Sent = phone
	return show(w, r, loginView(l))
}

// unknown leads on somebody whose phone was proved and opens no account:
// registering goes on without a second code.
func (h handlers) unknown(w http.ResponseWriter, r *http.Request, l loginForm) error {
	h.Accounts.SetProof(w, l.Sent, account.ForRegister)
	l.Unknown = true
	return show(w, r, loginView(l))
}

func (h handlers) loginAgain(w http.ResponseWriter, r *http.Request, l loginForm, err error) error {
	return web.Again(w, r, l.Values, err, func() templ.Component { return loginView(l) })
}

// signedIn hands the browser its new session and ends the one it had, so that
// no session lives on from before the sign-in.
func (h handlers) signedIn(w http.ResponseWriter, r *http.Request, in account.SignIn, next string) error {
	if before := account.From(r.Context()); before != nil {
		if err := h.Accounts.Revoke(r.Context(), before.Account, before.Session); err != nil {
			return err
		}
	}
	h.Accounts.SetCookie(w, in)
	if next == "" {
		next = "/me"
	}
	who, err := h.Accounts.Who(r.Context(), in.Token)
	if err != nil {
		return err
	}
	if who != nil && len(who.Withheld) > 0 {
		next = withNext("/login/second", web.LocalPath(next))
	}
	return web.Back(w, r, next)
}

func (h handlers) logout(w http.ResponseWriter, r *http.Request) error {
	p := account.From(r.Context())
	if err := h.Accounts.Revoke(r.Context(), p.Account, p.Session); err != nil {
		return err
	}
	h.Accounts.ClearCookie(w)
	return web.Back(w, r, "/")
}
