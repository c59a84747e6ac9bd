package personweb

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// phoneForm is the first step: a phone, then the code sent to it.
type phoneForm struct {
	Values *web.Form
	Sent   string // E.164 of the phone a code went to; "" before
	Next   string // where to go afterwards
}

func (h handlers) phonePage(w http.ResponseWriter, r *http.Request) error {
	if account.From(r.Context()) != nil {
		return web.Back(w, r, "/me")
	}
	return show(w, r, registerPhone(phoneForm{Next: r.URL.Query().Get("next")}))
}

// provePhone sends a code, or checks the one typed and goes on.
func (h handlers) provePhone(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p := phoneForm{Values: f, Next: f.Get("next")}
	phone, bad := person.ParsePhone(f.Get("phone"), f.Get("phone_region"))
	f.Check.Add("phone", bad)
	if err := f.Err(); err != nil {
		return h.phoneAgain(w, r, p, err)
	}
	if f.Get("do") != "check" {
		if err := h.Accounts.SendCode(r.Context(), phone, account.ForRegister, h.device(r), lang(r.Context())); err != nil {
			return h.phoneAgain(w, r, p, fault.At("phone", err))
		}
		p.Sent = phone
		return show(w, r, registerPhone(p))
	}
	p.Sent = phone
	if err := h.Accounts.ProvePhone(r.Context(), phone, account.ForRegister, f.Get("code"), h.device(r)); err != nil {
		return h.phoneAgain(w, r, p, fault.At("code", err))
	}
	return h.proved(w, r, phone, p.Next)
}

// proved goes on with a phone that was proved: who has an account already is
// simply signed in.
func (h handlers) proved(w http.ResponseWriter, r *http.Request, phone, next string) error {
	acc, who, err := h.Accounts.WithPhone(r.Context(), phone)
	if err == nil {
		return h.signIn(w, r, acc, who, next, "person.register.known")
	}
	if !errors.Is(err, account.ErrNoAccount) {
		return err
	}
	h.Accounts.SetProof(w, phone, account.ForRegister)
	return web.Back(w, r, "/register/details?next="+url.QueryEscape(next))
}

func (h handlers) phoneAgain(w http.ResponseWriter, r *http.Request, p phoneForm, err error) error {
	if err := p.Values.Show(err); err != nil {
		return err
	}
	return again(w, r, registerPhone(p))
}

// details is the second and third step: which document, then the facts.
type details struct {
	Values *web.Form
	Kind   person.DocumentKind // "" asks for it
	Phone  string              // E.164
	Next   string
	Known  bool // the document is registered: show the ways to the account
	Today  string
}

func (h handlers) detailsPage(w http.ResponseWriter, r *http.Request) error {
	phone, ok := h.Accounts.ProofIn(r, account.ForRegister)
	if !ok {
		return web.Back(w, r, "/register")
	}
	d := details{Phone: phone, Next: r.URL.Query().Get("next"), Today: h.today()}
	kind := r.URL.Query().Get("document")
	if h.Prefill != nil {
		d.Values = web.NewForm(h.Prefill(r))
		kind = cmp.Or(kind, d.Values.Get("document_kind"))
	}
	if person.DocumentKinds.Has(kind) {
		d.Kind = person.DocumentKind(kind)
	}
	return show(w, r, h.registerDetails(d))
}

// enrol makes person and account and signs in.
func (h handlers) enrol(w http.ResponseWriter, r *http.Request) error {
	phone, ok := h.Accounts.ProofIn(r, account.ForRegister)
	if !ok {
		ui.SetFlash(w, r, ui.Amber, "person.register.late")
		return web.Back(w, r, "/register")
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d := details{Values: f, Kind: person.DocumentKind(f.Get("document_kind")), Phone: phone, Next: f.Get("next"), Today: h.today()}
	if ui.Choosing(f) {
		return show(w, r, h.registerDetails(d))
	}
	reg := h.registration(f)
	reg.Phone, reg.PhoneProven, reg.Lang = phone, true, lang(r.Context())
	err = f.Check.Merge(h.People.Check(reg))
	if err == nil {
		err = f.Err()
	}
	if err == nil {
		return h.enrolled(w, r, d, reg)
	}
	return h.detailsAgain(w, r, d, err)
}

func (h handlers) enrolled(w http.ResponseWriter, r *http.Request, d details, reg person.Registration) error {
	acc, who, err := h.Accounts.Enrol(r.Context(), h.People, reg)
	if err != nil {
		d.Known = errors.Is(err, person.ErrAlreadyRegistered)
		return h.detailsAgain(w, r, d, err)
	}
	return h.signIn(w, r, acc, who, d.Next, "person.register.done")
}

func (h handlers) detailsAgain(w http.ResponseWriter, r *http.Request, d details, err error) error {
	if err := d.Values.Show(err); err != nil {
		return err
	}
	return again(w, r, h.registerDetails(d))
}

// registration reads the facts of a form, for oneself or for a ward.
func (h handlers) registration(f *web.Form) person.Registration {
	r := person.Registration{
		Document: person.DocumentInput{Kind: person.DocumentKind(f.Get("document_kind")), Issuer: f.Get("document_issuer"), Number: f.Get("document_number")},
		NameHans: f.Get("name_hans"), NameHant: f.Get("name_hant"), NameLatin: f.Get("name_latin"),
		Gender: f.Get("gender"), BirthDate: f.Date("birth_date", false), Division: ui.ChosenDivision(h.Regions, f, "division"),
		Email: f.Get("email"), Skills: f.All("skills"), Languages: f.All("languages"), ServiceFields: f.All("service_fields"),
		Relation: f.Get("relation"), Consents: map[person.Purpose]string{},
	}
	for _, p := range person.Purposes {
		r.Consents[p] = f.Get("consent_" + string(p))
	}
	return r
}

func (h handlers) today() string { return h.People.Today().Format("2006-01-02") }

// countryOptions lists who may issue a passport, by name.
func countryOptions(l i18n.Lang) []ui.Option {
	out := make([]ui.Option, 0, len(person.Countries()))
	for _, code := range person.Countries() {
		out = append(out, ui.Option{Value: code, Text: person.CountryName(l, code)})
	}
	return out
}

// options turns a code list into choices.
func options(l i18n.Lang, list person.CodeList) []ui.Option {
	out := make([]ui.Option, len(list.Codes))
	for i, c := range list.Codes {
		out[i] = ui.Option{Value: c, Text: list.Text(l, c)}
	}
	return out
}
