package privacyweb

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/ui"
)

// has reports whether somebody has the duty of a kind of access in a division:
// administrators of the division open pages of its people, security
// administrators those that an incident is about.
func (d Deps) has(p *account.Principal, kind privacy.AccessKind, division string) bool {
	return slices.ContainsFunc(p.Grants, func(g account.Grant) bool {
		switch kind {
		case privacy.ForProfile:
			return g.Role == account.RegionAdmin && d.Regions.Within(g.Region, division)
		case privacy.ForIncident:
			return g.Role == account.SecurityAdmin
		}
		return false
	})
}

// administers tells the divisions whose people the reader may open pages of.
func (d Deps) administers(ctx context.Context) func(division string) bool {
	p := account.From(ctx)
	return func(division string) bool { return d.has(p, privacy.ForProfile, division) }
}

// accessLine is a request with whose page it is about.
type accessLine struct {
	privacy.Access
	Who person.Person
}

// accessView is the desk of requests to open pages.
type accessView struct {
	Mine, Others []accessLine
	Names        []namesLine // of organisations that have nobody else to decide
	Form         *web.Form
}

func (d Deps) accessLines(ctx context.Context, list []privacy.Access) ([]accessLine, error) {
	ids := make([]uuid.UUID, len(list))
	for i, a := range list {
		ids[i] = a.Person
	}
	people, err := d.People.GetMany(ctx, ids)
	out := make([]accessLine, len(list))
	for i, a := range list {
		out[i] = accessLine{a, people[a.Person]}
	}
	return out, err
}

func (d Deps) accessView(ctx context.Context, f *web.Form) (v accessView, err error) {
	p := account.From(ctx)
	mine, err := d.Privacy.AccessAskedBy(ctx, p.Person)
	if err != nil {
		return v, err
	}
	others, err := d.Privacy.AccessToDecide(ctx, p.Person, func(a privacy.Access) bool { return d.has(p, a.Kind, a.Division) })
	if err != nil {
		return v, err
	}
	v.Form = f
	names, err := d.Privacy.NamesAlone(ctx, p.Person, d.administers(ctx))
	if err != nil {
		return v, err
	}
	if v.Names, err = d.namesLines(ctx, names); err != nil {
		return v, err
	}
	if v.Mine, err = d.accessLines(ctx, mine); err != nil {
		return v, err
	}
	v.Others, err = d.accessLines(ctx, others)
	return v, err
}

func (d Deps) accessPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.accessView(r.Context(), nil)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, d.accessDesk(v))
}

// askAccess asks for one person, found by volunteer number; nobody learns from
// the answer whether a number of another division exists.
func (d Deps) askAccess(ctx context.Context, no, reason string) (privacy.Access, error) {
	p := account.From(ctx)
	who, err := d.People.ByVolunteerNo(ctx, no)
	kind := privacy.ForProfile
	if err == nil && !d.has(p, kind, who.Division) {
		if kind = privacy.ForIncident; !d.has(p, kind, who.Division) {
			err = person.ErrNotFound
		}
	}
	if e := fault.As(err); err != nil && (e.Kind == fault.NotFound || e.Kind == fault.Invalid) {
		var c fault.Check
		c.Add("volunteer_no", person.ErrNotFound)
		err = c.Err()
	}
	if err != nil {
		return privacy.Access{}, err
	}
	return d.Privacy.AskAccess(ctx, p.Person, who, kind, reason)
}

func (d Deps) ask(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	reason := f.Text("reason", true, 500)
	if err = f.Err(); err == nil {
		_, err = d.askAccess(r.Context(), f.Get("volunteer_no"), reason)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "privacyweb.access.asked")
		return web.Back(w, r, "/admin/people")
	}
	if err := f.Show(err); err != nil {
		return err
	}
	v, err := d.accessView(r.Context(), f)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, d.accessDesk(v))
}

// accessTarget finds the division of the request that a path names.
func (d Deps) accessTarget(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("access"))
	if err != nil {
		return account.Target{}, privacy.ErrNoRequest
	}
	a, err := d.Privacy.AccessOf(r.Context(), id)
	return account.Target{Region: a.Division}, err
}

func (d Deps) decideAccess(ctx context.Context, x privacy.AccessDecision) error {
	a, err := d.Privacy.AccessOf(ctx, x.Access)
	if err == nil && !d.has(account.From(ctx), a.Kind, a.Division) {
		err = account.ErrNotAllowed // holds the action, but in another duty
	}
	if err != nil {
		return err
	}
	x.By = me(ctx)
	return d.Privacy.DecideAccess(ctx, x)
}

func (d Deps) decideAccessForm(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("access"))
	if err != nil {
		return privacy.ErrNoRequest
	}
	hours, approve := f.Int("tell_after_hours", false, 0, int(privacy.MaxTellAfter/time.Hour)), f.Choice("do", true, "approve", "refuse") == "approve"
	if err := f.Err(); err != nil {
		return err
	}
	err = d.decideAccess(r.Context(), privacy.AccessDecision{Access: id, Approve: approve, TellAfter: time.Duration(hours) * time.Hour})
	if err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "privacyweb.access.decided")
	return web.Back(w, r, "/admin/people")
}

// openPerson is one person's page for staff, under a valid approval.
func (d Deps) openPerson(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("person"))
	if err != nil {
		return fault.ErrNotFound
	}
	a, err := d.Privacy.OpenPerson(r.Context(), me(r.Context()), id)
	if err != nil {
		return err
	}
	p, err := d.People.Get(r.Context(), id)
	if err != nil {
		return err
	}
	things, err := d.things(r.Context(), id, false)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-store")
	return web.Page(w, r, http.StatusOK, d.personPage(a, p, things))
}

// year is the year asked for, else the present one in Beijing.
func (d Deps) year(r *http.Request) int {
	f := web.ReadQuery(r)
	if n := f.Int("year", true, 2020, 2200); f.Err() == nil {
		return n
	}
	return d.People.Today().Year()
}

func (d Deps) minorsReport(ctx context.Context, year int) ([]privacy.MinorAccess, error) {
	p := account.From(ctx)
	return d.Privacy.MinorsReport(ctx, year, func(division string) bool {
		return d.Access.Can(p, account.OpenPerson, account.Target{Region: division})
	})
}

func (d Deps) report(w http.ResponseWriter, r *http.Request) error {
	list, err := d.minorsReport(r.Context(), d.year(r))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, d.reportPage(d.year(r), list))
}
