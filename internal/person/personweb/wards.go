package personweb

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

func (h handlers) wards(w http.ResponseWriter, r *http.Request) error {
	list, err := h.People.WardsOf(r.Context(), account.From(r.Context()).Person)
	if err != nil {
		return err
	}
	return show(w, r, wardsPage(list, h.People.Today()))
}

// wardForm is the page that adds a child: which document, then the facts.
type wardForm struct {
	Values *web.Form
	Kind   person.DocumentKind // "" asks for it
	Known  bool                // the child is registered: another guardian links by a family code
	Today  string
}

func (h handlers) addWardPage(w http.ResponseWriter, r *http.Request) error {
	f := wardForm{Today: h.today()}
	if kind := r.URL.Query().Get("document"); person.DocumentKinds.Has(kind) {
		f.Kind = person.DocumentKind(kind)
	}
	return show(w, r, h.addWardView(f))
}

func (h handlers) addWard(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	page := wardForm{Values: f, Kind: person.DocumentKind(f.Get("document_kind")), Today: h.today()}
	if ui.Choosing(f) {
		return show(w, r, h.addWardView(page))
	}
	reg := h.registration(f)
	reg.Guardian, reg.Lang = account.From(r.Context()).Person, lang(r.Context())
	err = f.Check.Merge(h.People.Check(reg))
	if err == nil {
		err = f.Err()
	}
	if err == nil {
		_, err = h.People.Register(r.Context(), reg)
	}
	if err == nil {
		h.Accounts.Forget() // the new ward holds at once
		ui.SetFlash(w, r, ui.Jade, "person.ward.added")
		return web.Back(w, r, "/me/wards")
	}
	page.Known = errors.Is(err, person.ErrAlreadyRegistered)
	if err := f.Show(err); err != nil {
		return err
	}
	return again(w, r, h.addWardView(page))
}

func (h handlers) linkPage(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, linkView(nil))
}

func (h handlers) link(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, err = h.People.LinkWard(r.Context(), account.From(r.Context()).Person, f.Get("family_code"), f.Get("relation"),
		map[person.Purpose]string{person.ConsentGuardian: f.Get("consent_guardian")})
	if err == nil {
		h.Accounts.Forget()
		ui.SetFlash(w, r, ui.Jade, "person.ward.linked")
		return web.Back(w, r, "/me/wards")
	}
	if err := f.Show(fault.At("family_code", err)); err != nil {
		return err
	}
	return again(w, r, linkView(f))
}

// ward finds the ward that a path names among those of the guardian.
func (h handlers) ward(r *http.Request) (person.Ward, error) {
	list, err := h.People.WardsOf(r.Context(), account.From(r.Context()).Person)
	if err != nil {
		return person.Ward{}, err
	}
	for _, w := range list {
		if w.ID.String() == r.PathValue("ward") {
			return w, nil
		}
	}
	return person.Ward{}, fault.ErrNotFound
}

func (h handlers) wardProfile(r *http.Request) (profile, error) {
	ward, err := h.ward(r)
	if err != nil {
		return profile{}, err
	}
	p, err := h.profile(r.Context(), ward.ID)
	p.Ward = &ward
	return p, err
}

func (h handlers) wardPage(w http.ResponseWriter, r *http.Request) error {
	p, err := h.wardProfile(r)
	if err != nil {
		return err
	}
	return show(w, r, h.profileView(p))
}

func (h handlers) saveWard(w http.ResponseWriter, r *http.Request) error {
	p, err := h.wardProfile(r)
	if err != nil {
		return err
	}
	return h.save(w, r, p, account.From(r.Context()).Person, p.action())
}

func (h handlers) endWard(w http.ResponseWriter, r *http.Request) error {
	ward, err := h.ward(r)
	if err != nil {
		return err
	}
	if err := h.People.EndGuardianship(r.Context(), account.From(r.Context()).Person, ward.ID); err != nil {
		return err
	}
	h.Accounts.Forget()
	ui.SetFlash(w, r, ui.Jade, "person.ward.ended")
	return web.Back(w, r, "/me/wards")
}

// familyCode shows a code once: for oneself, or for a ward named in the form.
func (h handlers) familyCode(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return web.ErrUnreadable.Because(err)
	}
	by := account.From(r.Context()).Person
	ward, err := uuid.Parse(r.PostForm.Get("ward"))
	if err != nil {
		ward = by
	}
	code, err := h.People.FamilyCode(r.Context(), by, ward)
	if err != nil {
		return err
	}
	return show(w, r, familyCodePage(code))
}

func wardPath(id uuid.UUID) string { return "/me/wards/" + id.String() }

func (p profile) title(ctx context.Context) string {
	if p.Ward != nil {
		return person.NameIn(lang(ctx), p.Person)
	}
	return t(ctx, "person.me.profile")
}

func (p profile) action() string {
	if p.Ward != nil {
		return wardPath(p.ID)
	}
	return "/me/profile"
}

func (p profile) back() string {
	if p.Ward != nil {
		return "/me/wards"
	}
	return "/me"
}

// allNames joins a person's names in all scripts.
func allNames(p person.Person) string {
	var out []string
	for _, n := range []string{p.NameHans, p.NameHant, p.NameLatin} {
		if n != "" {
			out = append(out, n)
		}
	}
	return strings.Join(out, " · ")
}
