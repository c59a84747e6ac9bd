package organisationweb

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/ui"
)

// readProfile reads all fields of a profile; what is wrong with them the
// service says, all at once.
func (d Deps) readProfile(f *web.Form) organisation.Profile {
	day := func(name string) *time.Time {
		t := f.Date(name, false)
		if t.IsZero() {
			return nil
		}
		return &t
	}
	return organisation.Profile{
		Name: f.Get("name"), Kind: organisation.Kind(f.Get("kind")), Division: ui.ChosenDivision(d.Regions, f, "division"),
		CreditCode: f.Get("credit_code"), RegistryNo: f.Get("registry_no"), GuidingUnit: f.Get("guiding_unit"),
		FilingKind: f.Get("filing_kind"), FilingNo: f.Get("filing_no"), FilingFrom: day("filing_from"), FilingTo: day("filing_to"),
		Partner: f.Get("partner"), Phone: f.Get("phone"), Email: f.Get("email"), Address: f.Get("address"),
		Fields: f.All("fields"), Intro: f.Get("intro"),
	}
}

// applyView is the form of an application, new or returned.
type applyView struct {
	form   *web.Form
	d      Deps
	action string
	old    *organisation.Organisation // nil for a new one
	err    error                      // a refusal that is no field's
}

func (d Deps) applyForm(w http.ResponseWriter, r *http.Request) error {
	return web.Page(w, r, http.StatusOK, applyPage(applyView{form: web.NewForm(nil), d: d, action: "/console/apply"}))
}

func (d Deps) apply(w http.ResponseWriter, r *http.Request) error {
	return d.submit(w, r, applyView{d: d, action: "/console/apply"}, func(p organisation.Profile) error {
		_, err := d.Orgs.Apply(r.Context(), p, me(r))
		return err
	})
}

// submit reads the form, does what is asked, and shows the form again with
// what was typed when it is refused.
func (d Deps) submit(w http.ResponseWriter, r *http.Request, v applyView, do func(organisation.Profile) error) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v.form = f
	if ui.Choosing(f) {
		return web.Page(w, r, http.StatusOK, applyPage(v))
	}
	p := d.readProfile(f)
	if err := f.Check.Merge(do(p)); err != nil {
		v.err = err
		return web.Refuse(w, r, err, applyPage(v))
	}
	if err := f.Err(); err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		return web.Page(w, r, http.StatusUnprocessableEntity, applyPage(v))
	}
	ui.SetFlash(w, r, ui.Jade, "organisationweb.applied")
	return web.Back(w, r, "/console")
}

// returned finds an application of the reader that came back; to others it
// does not exist.
func (d Deps) returned(r *http.Request) (organisation.Organisation, error) {
	o, err := d.find(r)
	if err == nil && (o.AppliedBy != me(r) || o.State != organisation.Returned) {
		err = fault.ErrNotFound
	}
	return o, err
}

func (d Deps) applicationForm(w http.ResponseWriter, r *http.Request) error {
	o, err := d.returned(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, applyPage(applyView{form: web.NewForm(nil), d: d, old: &o, action: fmt.Sprintf("/console/orgs/%s/application", o.ID)}))
}

func (d Deps) reapply(w http.ResponseWriter, r *http.Request) error {
	o, err := d.returned(r)
	if err != nil {
		return err
	}
	v := applyView{d: d, old: &o, action: fmt.Sprintf("/console/orgs/%s/application", o.ID)}
	return d.submit(w, r, v, func(p organisation.Profile) error {
		_, err := d.Orgs.Reapply(r.Context(), o.ID, version(r), p, me(r))
		return err
	})
}

// version is the version of what a form was opened with.
func version(r *http.Request) int {
	n, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return -1 // no version ever: the service answers that somebody changed it
	}
	return n
}
