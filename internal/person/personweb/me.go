package personweb

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// mine is what my page shows.
type mine struct {
	person.Person
	Due          []person.Purpose // texts to agree to
	NeedsConsent bool             // a minor without a guardian's consent
	Links        []ui.Link
}

func (h handlers) me(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), account.From(r.Context()).Person
	p, err := h.People.Get(ctx, who)
	if err != nil {
		return err
	}
	m := mine{Person: p}
	due, err := h.People.ConsentsDue(ctx, h.Accounts.Pool, []uuid.UUID{who})
	if err != nil {
		return err
	}
	m.Due = due[who]
	if p.Age(h.People.Today()) < person.AdultFrom {
		facts, err := h.People.Facts(ctx, h.Accounts.Pool, []uuid.UUID{who})
		if err != nil {
			return err
		}
		m.NeedsConsent = !facts[who].GuardianConsent && len(facts[who].ConsentOrgs) == 0
	}
	if h.Hub != nil {
		m.Links = h.Hub(ctx)
	}
	m.Links = append(m.Links, ownLinks(ctx)...)
	return show(w, r, mePage(m))
}

// ownLinks are the pages of this area and of account under /me.
func ownLinks(ctx context.Context) []ui.Link {
	return []ui.Link{
		{Href: "/me/profile", Text: t(ctx, "person.me.profile")},
		{Href: "/me/documents", Text: t(ctx, "person.me.documents")},
		{Href: "/me/wards", Text: t(ctx, "person.me.wards")},
		{Href: "/me/consents", Text: t(ctx, "person.me.consents")},
		{Href: "/me/devices", Text: t(ctx, "person.me.devices")},
	}
}

// profile is what the page of a person's facts shows, one's own or a ward's.
type profile struct {
	person.Person
	Documents []person.HeldDocument
	Values    *web.Form
	Ward      *person.Ward // nil for one's own
}

func (h handlers) profilePage(w http.ResponseWriter, r *http.Request) error {
	p, err := h.profile(r.Context(), account.From(r.Context()).Person)
	if err != nil {
		return err
	}
	return show(w, r, h.profileView(p))
}

func (h handlers) profile(ctx context.Context, id uuid.UUID) (profile, error) {
	p, err := h.People.Get(ctx, id)
	if err != nil {
		return profile{}, err
	}
	docs, err := h.People.Documents(ctx, id)
	return profile{Person: p, Documents: docs}, err
}

func (h handlers) saveProfile(w http.ResponseWriter, r *http.Request) error {
	who := account.From(r.Context()).Person
	p, err := h.profile(r.Context(), who)
	if err != nil {
		return err
	}
	return h.save(w, r, p, who, "/me/profile")
}

// save changes the facts of p; by is the person or a guardian.
func (h handlers) save(w http.ResponseWriter, r *http.Request, p profile, by uuid.UUID, page string) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p.Values = f
	if ui.Choosing(f) {
		return show(w, r, h.profileView(p))
	}
	version := f.Int("version", true, 1, 1<<30)
	in := person.Profile{Division: ui.ChosenDivision(h.Regions, f, "division"), Email: f.Get("email"), Skills: f.All("skills"),
		Languages: f.All("languages"), ServiceFields: f.All("service_fields"), Lang: i18n.Lang(f.Get("lang")), Version: version}
	err = f.Err()
	if err == nil {
		err = h.People.UpdateProfile(r.Context(), by, p.ID, in)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "person.profile.saved")
		return web.Back(w, r, page)
	}
	if err := f.Show(err); err != nil {
		return err
	}
	return again(w, r, h.profileView(p))
}

func langOptions() []ui.Option {
	return []ui.Option{{Value: string(i18n.ZhHans), Text: "简体中文"}, {Value: string(i18n.ZhHant), Text: "繁體中文"}, {Value: string(i18n.En), Text: "English"}}
}

// birthText is a birth date in figures, the same in all languages.
func birthText(p person.Person) string { return p.BirthDate.Format("2006-01-02") }
