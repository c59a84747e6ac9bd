package accountweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

func (h handlers) recoverPage(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, recoverView())
}

// phoneStep is a page that proves a new phone: for a lost one, or to change it.
type phoneStep struct {
	Values *web.Form
	Action string
	Sent   string // E.164 of the phone a code went to
	Taken  bool   // the phone opens an account already
}

func (h handlers) newPhonePage(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, newPhoneView(phoneStep{Action: "/recover/phone"}))
}

func (h handlers) proveNewPhone(w http.ResponseWriter, r *http.Request) error {
	step := phoneStep{Action: "/recover/phone"}
	view := func() templ.Component { return newPhoneView(step) }
	phone, err := h.provePhone(w, r, &step, view)
	if err != nil || phone == "" {
		return err
	}
	if _, _, err := h.Accounts.WithPhone(r.Context(), phone); err == nil {
		step.Taken = true
		return show(w, r, view())
	} else if !errors.Is(err, account.ErrNoAccount) {
		return err
	}
	h.Accounts.SetProof(w, phone, account.ForPhone)
	return web.Back(w, r, "/recover/request")
}

// provePhone runs the two halves of proving a phone. It returns the phone once
// the code was right; "" means that a page was shown.
func (h handlers) provePhone(w http.ResponseWriter, r *http.Request, step *phoneStep, view func() templ.Component) (string, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return "", err
	}
	step.Values = f
	phone := readPhone(f)
	if err := f.Err(); err != nil {
		return "", web.Again(w, r, f, err, view)
	}
	if f.Get("do") == "check" {
		step.Sent = phone
		if err := h.Accounts.ProvePhone(r.Context(), phone, account.ForPhone, f.Get("code"), h.device(r)); err != nil {
			return "", web.Again(w, r, f, fault.At("code", err), view)
		}
		return phone, nil
	}
	if err := h.Accounts.SendCode(r.Context(), phone, account.ForPhone, h.device(r), lang(r.Context())); err != nil {
		return "", web.Again(w, r, f, fault.At("phone", err), view)
	}
	step.Sent = phone
	return "", show(w, r, view())
}

// request is the page of the request for a new phone: the form, or what became
// of the last one from this phone.
type request struct {
	Values *web.Form
	Phone  string // E.164, proved
	Asked  *account.Asked
}

func (h handlers) requestPage(w http.ResponseWriter, r *http.Request) error {
	phone, ok := h.Accounts.ProofIn(r, account.ForPhone)
	if !ok {
		return web.Back(w, r, "/recover/phone")
	}
	page := request{Phone: phone}
	asked, err := h.Accounts.AskedFrom(r.Context(), phone)
	switch {
	case err == nil:
		page.Asked = &asked
	case !errors.Is(err, account.ErrNoRequest):
		return err
	}
	return show(w, r, requestView(page))
}

// ask opens the request. Every well-formed document gets the same answer,
// whether or not it is somebody's.
func (h handlers) ask(w http.ResponseWriter, r *http.Request) error {
	phone, ok := h.Accounts.ProofIn(r, account.ForPhone)
	if !ok {
		return web.Back(w, r, "/recover/phone")
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	page := request{Values: f, Phone: phone}
	doc, bad := person.ParseDocument(person.DocumentInput{Kind: person.DocumentKind(f.Get("document_kind")),
		Issuer: f.Get("document_issuer"), Number: f.Get("document_number")}, h.People.Today())
	if bad != nil {
		f.Check.Add(person.DocumentField(bad), bad)
		return web.Again(w, r, f, f.Err(), func() templ.Component { return requestView(page) })
	}
	who, division, err := h.holder(r.Context(), doc)
	if err != nil {
		return err
	}
	if err := h.Accounts.AskNewPhone(r.Context(), who, division, phone); err != nil {
		return err
	}
	return web.Back(w, r, "/recover/request")
}

// holder finds whose document it is and where they live; uuid.Nil when it is
// nobody's who may have an account.
func (h handlers) holder(ctx context.Context, doc person.Document) (uuid.UUID, string, error) {
	id, err := h.People.ByDocument(ctx, h.Accounts.Pool, doc)
	if errors.Is(err, person.ErrNotFound) {
		return uuid.Nil, "", nil
	}
	if err != nil {
		return uuid.Nil, "", err
	}
	p, err := h.People.Get(ctx, id)
	if err != nil || p.Age(h.People.Today()) < person.ChildUnder {
		return uuid.Nil, "", err
	}
	return p.ID, p.Division, nil
}

func (h handlers) changePhonePage(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, newPhoneView(phoneStep{Action: "/me/phone"}))
}

func (h handlers) changePhone(w http.ResponseWriter, r *http.Request) error {
	step := phoneStep{Action: "/me/phone"}
	view := func() templ.Component { return newPhoneView(step) }
	phone, err := h.provePhone(w, r, &step, view)
	if err != nil || phone == "" {
		return err
	}
	if err := h.Accounts.ChangePhone(r.Context(), account.From(r.Context()), phone); err != nil {
		step.Sent = ""
		return web.Again(w, r, step.Values, fault.At("phone", err), view)
	}
	return h.done(w, r, "account.phone.changed", "/me/profile")
}
