package organisationweb

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/ui"
)

func (d Deps) public(w http.ResponseWriter, r *http.Request) error {
	o, err := d.find(r)
	if err != nil {
		return err
	}
	if o.State != organisation.Approved && o.State != organisation.Suspended {
		return organisation.ErrNotFound
	}
	return web.Page(w, r, http.StatusOK, publicPage(d, o))
}

// console leads to the one desk a person has, or lists them all with the
// applications on their way.
func (d Deps) console(w http.ResponseWriter, r *http.Request) error {
	all, err := d.Orgs.Memberships(r.Context(), me(r))
	if err != nil {
		return err
	}
	applied, err := d.Orgs.OfApplicant(r.Context(), me(r))
	if err != nil {
		return err
	}
	var desks []organisation.Membership
	for _, m := range all {
		if m.Role != string(organisation.Plain) {
			desks = append(desks, m)
		}
	}
	var pending []organisation.Organisation
	for _, o := range applied {
		if o.State == organisation.Applied || o.State == organisation.Returned || o.State == organisation.Refused {
			pending = append(pending, o)
		}
	}
	if len(desks) == 1 && len(pending) == 0 {
		return web.Back(w, r, fmt.Sprintf("/console/orgs/%s", desks[0].Org))
	}
	return web.Page(w, r, http.StatusOK, consolePage(desks, pending))
}

func (d Deps) desk(w http.ResponseWriter, r *http.Request) error {
	o, err := d.find(r)
	if err != nil {
		return err
	}
	tasks, err := d.Tasks(r.Context(), o.ID)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, deskPage(d, o, tasks))
}

func (d Deps) profileForm(w http.ResponseWriter, r *http.Request) error {
	o, err := d.find(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, profilePage(d, o, web.NewForm(nil), nil))
}

func (d Deps) profile(w http.ResponseWriter, r *http.Request) error {
	o, err := d.find(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, err = d.Orgs.UpdateProfile(r.Context(), o.ID, version(r), d.readProfile(f), me(r))
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "organisationweb.saved")
		return web.Back(w, r, fmt.Sprintf("/console/orgs/%s/profile", o.ID))
	}
	if other := f.Show(err); other != nil {
		return web.Refuse(w, r, other, profilePage(d, o, f, other))
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, profilePage(d, o, f, nil))
}

// roll is the members of an organisation with their names.
type roll struct {
	org     organisation.Organisation
	members []organisation.Member
	people  map[uuid.UUID]person.Person
	form    *web.Form
	err     error
	manage  bool // the reader may name members
}

func (d Deps) roll(r *http.Request, f *web.Form) (roll, error) {
	o, err := d.find(r)
	if err != nil {
		return roll{}, err
	}
	list, err := d.Orgs.Members(r.Context(), o.ID)
	if err != nil {
		return roll{}, err
	}
	ids := make([]uuid.UUID, len(list))
	for i, m := range list {
		ids[i] = m.Person
	}
	people, err := d.People.GetMany(r.Context(), ids)
	if err == nil {
		err = d.seen(r, o, "members", ids...)
	}
	manage := d.Access.Can(account.From(r.Context()), account.ManageOrg, account.Target{Org: o.ID, Region: o.Division})
	return roll{org: o, members: list, people: people, form: f, manage: manage}, err
}

func (d Deps) members(w http.ResponseWriter, r *http.Request) error {
	v, err := d.roll(r, web.NewForm(nil))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, membersPage(d, v))
}

func (d Deps) addMember(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := d.find(r)
	if err != nil {
		return err
	}
	_, err = d.Orgs.AddMember(r.Context(), organisation.Naming{Org: o.ID, VolunteerNo: f.Get("volunteer_no"), Role: organisation.Role(f.Get("role")), By: me(r)})
	if err != nil {
		return d.membersAgain(w, r, f, err)
	}
	d.Forget()
	ui.SetFlash(w, r, ui.Jade, "organisationweb.named")
	return web.Back(w, r, fmt.Sprintf("/console/orgs/%s/members", o.ID))
}

func (d Deps) membersAgain(w http.ResponseWriter, r *http.Request, f *web.Form, refusal error) error {
	v, err := d.roll(r, f)
	if err != nil {
		return err
	}
	if v.err = f.Show(refusal); v.err != nil {
		return web.Refuse(w, r, v.err, membersPage(d, v))
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, membersPage(d, v))
}

func (d Deps) removeMember(w http.ResponseWriter, r *http.Request) error {
	o, err := d.find(r)
	if err != nil {
		return err
	}
	who, err := uuid.Parse(r.PathValue("person"))
	if err != nil {
		return fault.ErrNotFound
	}
	if err := d.Orgs.RemoveMember(r.Context(), o.ID, who, me(r)); err != nil {
		return d.membersAgain(w, r, web.NewForm(nil), err)
	}
	d.Forget()
	ui.SetFlash(w, r, ui.Amber, "organisationweb.removed")
	return web.Back(w, r, fmt.Sprintf("/console/orgs/%s/members", o.ID))
}
