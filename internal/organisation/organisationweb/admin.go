package organisationweb

import (
	"net/http"
	"net/url"

	"kapok/internal/account"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/ui"
)

func (d Deps) region(w http.ResponseWriter, r *http.Request) error {
	division := chosenDivision(r)
	tasks, err := d.RegionTasks(r.Context(), division)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, regionPage(d, division, divisions(account.From(r.Context()), account.ViewRegion), tasks))
}

// shelf is a list of organisations in a division.
type shelf struct {
	division string
	state    organisation.State
	orgs     []organisation.Organisation
	next     string
}

const pageSize = 30

func (d Deps) applications(w http.ResponseWriter, r *http.Request) error {
	f := web.ReadQuery(r)
	s := shelf{division: chosenDivision(r), state: organisation.State(f.Choice("state", false, organisation.States...))}
	if s.state == "" || f.Err() != nil {
		s.state = organisation.Applied
	}
	list, err := d.Orgs.List(r.Context(), organisation.Filter{Division: s.division, States: []organisation.State{s.state}, After: f.Get("after"), Limit: pageSize + 1})
	if err != nil {
		return err
	}
	if s.orgs = list; len(list) > pageSize {
		s.orgs = list[:pageSize]
		s.next = "/admin/organisations?" + url.Values{"division": {s.division}, "state": {string(s.state)}, "after": {s.orgs[pageSize-1].Cursor()}}.Encode()
	}
	return web.Page(w, r, http.StatusOK, applicationsPage(d, s))
}

func (d Deps) application(w http.ResponseWriter, r *http.Request) error {
	o, err := d.find(r)
	if err != nil {
		return err
	}
	return d.showApplication(w, r, o, web.NewForm(nil), nil)
}

func (d Deps) showApplication(w http.ResponseWriter, r *http.Request, o organisation.Organisation, f *web.Form, refusal error) error {
	applicant, err := d.People.Get(r.Context(), o.AppliedBy)
	if err != nil {
		return err
	}
	if err := d.seen(r, o, "application", applicant.ID); err != nil {
		return err
	}
	page := applicationPage(d, o, applicant, f, refusal)
	switch {
	case refusal != nil:
		return web.Refuse(w, r, refusal, page)
	case len(f.Errors()) > 0:
		return web.Page(w, r, http.StatusUnprocessableEntity, page)
	}
	return web.Page(w, r, http.StatusOK, page)
}

func (d Deps) decide(w http.ResponseWriter, r *http.Request) error {
	o, err := d.find(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, err = d.Orgs.Decide(r.Context(), organisation.Decision{Org: o.ID, Verdict: organisation.Verdict(f.Get("verdict")), Reason: f.Get("reason"), Version: version(r), By: me(r)})
	if err != nil {
		return d.showApplication(w, r, o, f, f.Show(err))
	}
	d.Forget()
	ui.SetFlash(w, r, ui.Jade, "organisationweb.decided")
	return web.Back(w, r, "/admin/organisations")
}
