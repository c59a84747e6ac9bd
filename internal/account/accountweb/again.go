package accountweb

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

// carryPrefix begins the names of fields that ride along.
const carryPrefix = "carry."

// againForm is the page that asks once more who somebody is. A form that was
// refused for it rides along in hidden fields, so that nothing typed is lost.
type againForm struct {
	Values *web.Form
	Next   string     // a page to return to, or
	To     string     // where the carried form goes
	Carry  url.Values // its fields
	Sent   string     // E.164 of the phone a code went to
	Done   bool
	Second bool // a second factor is asked for, not the same one again

	State   account.FactorState
	Strong  bool // only a cryptographic factor will do
	Passkey passkeyButton
	Lost    *account.LostFactor // what became of a lost second factor
	Renew   bool                // a recovery code was shown: a new factor can be set up
}

// path is where the page's forms go.
func (a againForm) path() string {
	if a.Second {
		return "/login/second"
	}
	return "/login/again"
}

// stepUp is what a page does that met account.ErrStepUp.
func (h handlers) stepUp(w http.ResponseWriter, r *http.Request) error {
	return h.detour(w, r, againForm{})
}

// secondStep is what a page does that met account.ErrSecondFactor.
func (h handlers) secondStep(w http.ResponseWriter, r *http.Request) error {
	return h.detour(w, r, againForm{Second: true})
}

func (h handlers) detour(w http.ResponseWriter, r *http.Request, a againForm) error {
	if r.Method == http.MethodGet {
		return web.Back(w, r, withNext(a.path(), r.URL.RequestURI()))
	}
	a.To, a.Carry = r.URL.RequestURI(), url.Values{}
	if f, err := web.ReadForm(r); err == nil {
		for name, values := range f.Values {
			if name != "password" && name != "repeat" { // secrets are not written into pages
				a.Carry[name] = values
			}
		}
	}
	if err := h.factors(r, &a); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusForbidden, againView(a))
}

func (h handlers) againPage(w http.ResponseWriter, r *http.Request) error {
	a := againForm{Next: r.URL.Query().Get("next"), Second: r.URL.Path == "/login/second"}
	if err := h.factors(r, &a); err != nil {
		return err
	}
	return show(w, r, againView(a))
}

// factors fills in what the account has to show.
func (h handlers) factors(r *http.Request, a *againForm) (err error) {
	p := account.From(r.Context())
	if a.State, err = h.Accounts.Factors(r.Context(), p.Account); err != nil {
		return err
	}
	a.Strong = a.Second || p.TwoFactors() && a.State.Strong()
	a.Renew = slices.Contains(p.Factors, account.ByRecovery)
	a.Passkey = h.passkeyButton(r, a.path())
	if !a.Second {
		return nil
	}
	lost, err := h.Accounts.LostFactorBy(r.Context(), p.Account)
	if errors.Is(err, account.ErrNoRequest) {
		return nil
	}
	a.Lost = &lost
	return err
}

func (h handlers) proveAgain(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a := carried(f)
	a.Second = r.URL.Path == "/login/second"
	if err := h.factors(r, &a); err != nil {
		return err
	}
	p := account.From(r.Context())
	refused := func(field string, err error) error {
		return web.Again(w, r, f, fault.At(field, err), func() templ.Component { return againView(a) })
	}
	secret, field := secretIn(r, f)
	switch f.Get("do") {
	case "send":
		if a.Sent, err = h.Accounts.SendOwnCode(r.Context(), p, h.device(r), lang(r.Context())); err != nil {
			a.Sent = ""
			return refused("password", err)
		}
		return show(w, r, againView(a))
	case "code":
		if a.Sent, err = h.Accounts.PhoneOf(r.Context(), p.Person); err != nil {
			return err
		}
	}
	in, err := h.Accounts.Prove(r.Context(), p, secret, h.device(r))
	if err != nil {
		return refused(field, err)
	}
	h.Accounts.SetCookie(w, in)
	if field == "recovery" { // on to setting up a new second factor
		return h.done(w, r, "account.second.recovered", withNext("/login/second", a.Next))
	}
	if a.To == "" {
		return h.done(w, r, "account.again.done", a.Next)
	}
	a.Done = true
	return show(w, r, againView(a))
}

// secretIn is what somebody shows, and the field it is typed into.
func secretIn(r *http.Request, f *web.Form) (account.Secret, string) {
	switch f.Get("do") {
	case "code":
		return account.Secret{Code: f.Get("code")}, "code"
	case "totp":
		return account.Secret{TOTP: f.Get("totp")}, "totp"
	case "recovery":
		return account.Secret{Recovery: f.Get("recovery")}, "recovery"
	case "passkey":
		return account.Secret{Passkey: passkeyAnswer(f)}, "credential"
	}
	return account.Secret{Password: r.PostForm.Get("password")}, "password" // as typed
}

// carried reads what rides along.
func carried(f *web.Form) againForm {
	a := againForm{Values: f, Next: f.Get("next"), Carry: url.Values{}}
	if to := f.Get("to"); to != "" {
		a.To = web.LocalPath(to)
	}
	for name, values := range f.Values {
		if inner, ok := strings.CutPrefix(name, carryPrefix); ok {
			a.Carry[inner] = values
		}
	}
	return a
}
