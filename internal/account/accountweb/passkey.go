package accountweb

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

// passkeyButton says whether the page can offer a passkey.
type passkeyButton struct {
	Off       bool   // this address can have none
	Elsewhere string // the page's address where passkeys work, if it is not here
}

// passkeyButton looks whether passkeys work where the reader is: of a site on
// one's own machine they do at localhost, not at 127.0.0.1.
func (h handlers) passkeyButton(r *http.Request, path string) passkeyButton {
	origin := h.Accounts.PasskeyOrigin()
	_, host, _ := strings.Cut(origin, "://")
	if strings.HasPrefix(host, "localhost") && r.Host != host {
		return passkeyButton{Elsewhere: origin + path}
	}
	return passkeyButton{Off: origin == ""}
}

// passkeyAnswer reads what the script put into the hidden fields.
func passkeyAnswer(f *web.Form) *account.PasskeyAnswer {
	id, _ := uuid.Parse(f.Get("challenge")) // none is an unknown challenge
	return &account.PasskeyAnswer{Challenge: id, Credential: []byte(f.Get("credential"))}
}

func (h handlers) loginByPasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in, err := h.Accounts.SignInByPasskey(r.Context(), *passkeyAnswer(f), h.device(r))
	if err != nil {
		l := loginForm{Values: f, Next: f.Get("next"), Outside: h.Outside, Passkey: h.passkeyButton(r, "/login")}
		return h.loginAgain(w, r, l, fault.At("credential", err))
	}
	return h.signedIn(w, r, in, f.Get("next"))
}

// newPasskey is the page that adds a passkey.
type newPasskey struct {
	Values  *web.Form
	Next    string
	Suggest string // a name: what the device is
	Button  passkeyButton
}

func (h handlers) newPasskeyPage(w http.ResponseWriter, r *http.Request) error {
	if err := h.Accounts.MayChangeFactors(r.Context(), account.From(r.Context())); err != nil {
		return err
	}
	return show(w, r, newPasskeyView(h.newPasskey(r, nil, r.URL.Query().Get("next"))))
}

func (h handlers) newPasskey(r *http.Request, f *web.Form, next string) newPasskey {
	return newPasskey{Values: f, Next: next, Suggest: h.device(r).Name, Button: h.passkeyButton(r, "/me/passkeys/new")}
}

func (h handlers) addPasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in, err := h.Accounts.AddPasskey(r.Context(), account.From(r.Context()), f.Get("name"), *passkeyAnswer(f), h.device(r))
	if err != nil {
		page := h.newPasskey(r, f, f.Get("next"))
		field := "credential"
		if fault.As(err).Code == account.ErrPasskeyName.Code {
			field = "name"
		}
		return web.Again(w, r, f, fault.At(field, err), func() templ.Component { return newPasskeyView(page) })
	}
	h.Accounts.SetCookie(w, in)
	return h.done(w, r, "account.passkey.added", orDevices(f.Get("next")))
}

func (h handlers) removePasskey(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("passkey"))
	if err != nil {
		return fault.ErrNotFound
	}
	if err := h.Accounts.RemovePasskey(r.Context(), account.From(r.Context()), id); err != nil {
		return err
	}
	return h.done(w, r, "account.passkey.removed", "/me/devices")
}

// orDevices is where setting up a factor ends.
func orDevices(next string) string {
	if next == "" {
		return "/me/devices"
	}
	return next
}
