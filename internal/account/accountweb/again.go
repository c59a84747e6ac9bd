package accountweb

import (
	"net/http"
	"net/url"
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
}

// stepUp is what a page does that met account.ErrStepUp.
func (h handlers) stepUp(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodGet {
		return web.Back(w, r, withNext("/login/again", r.URL.RequestURI()))
	}
	a := againForm{To: r.URL.RequestURI(), Carry: url.Values{}}
	if f, err := web.ReadForm(r); err == nil {
		for name, values := range f.Values {
			if name != "password" && name != "repeat" { // secrets are not written into pages
				a.Carry[name] = values
			}
		}
	}
	return web.Page(w, r, http.StatusForbidden, againView(a))
}

func (h handlers) againPage(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, againView(againForm{Next: r.URL.Query().Get("next")}))
}

func (h handlers) proveAgain(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a := carried(f)
	p := account.From(r.Context())
	refused := func(field string, err error) error {
		return web.Again(w, r, f, fault.At(field, err), func() templ.Component { return againView(a) })
	}
	secret, field := account.Secret{Password: r.PostForm.Get("password")}, "password"
	switch f.Get("do") {
	case "send":
		if a.Sent, err = h.Accounts.SendOwnCode(r.Context(), p, h.device(r), lang(r.Context())); err != nil {
			a.Sent = ""
			return refused("password", err)
		}
		return show(w, r, againView(a))
	case "code":
		secret, field = account.Secret{Code: f.Get("code")}, "code"
		if a.Sent, err = h.Accounts.PhoneOf(r.Context(), p.Person); err != nil {
			return err
		}
	}
	in, err := h.Accounts.Prove(r.Context(), p, secret, h.device(r))
	if err != nil {
		return refused(field, err)
	}
	h.Accounts.SetCookie(w, in)
	if a.To == "" {
		return h.done(w, r, "account.again.done", a.Next)
	}
	a.Done = true
	return show(w, r, againView(a))
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
