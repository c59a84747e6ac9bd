package signupweb

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// Errors of this package.
var (
	ErrBadCursor     = fault.Define(fault.Invalid, "signupweb.bad_cursor")
	ErrNobodyChecked = fault.Define(fault.Invalid, "signupweb.nobody_checked")
)

// maxDecided is how many sign-ups one form may decide.
const maxDecided = 500

// line is one sign-up as the organiser sees it.
type line struct {
	activity.Signup
	Name        string // masked unless asked for in full
	Hidden      bool   // though asked for in full: a minor, for whom a second person has not agreed
	VolunteerNo string
	Age         int
}

// rosterView is the organiser's list of sign-ups of a shift.
type rosterView struct {
	Desk   ui.DeskInfo
	Shift  activity.ShiftView
	Lines  []line
	Full   bool // names in full
	May    bool // the reader may decide
	Values *web.Form
}

// group are the lines in the states, in order.
func (v rosterView) group(states ...activity.SignupState) []line {
	var out []line
	for _, l := range v.Lines {
		for _, s := range states {
			if l.State == s {
				out = append(out, l)
			}
		}
	}
	return out
}

// hidden reports whether a name is masked though asked for in full.
func (v rosterView) hidden() bool {
	return slices.ContainsFunc(v.Lines, func(l line) bool { return l.Hidden })
}

func (d Deps) rosterPage(w http.ResponseWriter, r *http.Request) error {
	return d.showRoster(w, r, http.StatusOK, nil)
}

func (d Deps) showRoster(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	sh, err := d.shift(r)
	if err != nil {
		return err
	}
	v := rosterView{Shift: sh, Full: r.URL.Query().Get("names") == "full", Values: f}
	if v.Lines, err = d.lines(r.Context(), sh, v.Full); err != nil {
		return err
	}
	v.May = d.Access.Can(account.From(r.Context()), account.ManageSignups, account.Target{Org: sh.Activity.Org, Region: sh.Activity.Division})
	if d.Desk != nil {
		v.Desk = d.Desk(r.Context(), sh.Activity.Org)
	}
	return web.Page(w, r, status, rosterPage(v))
}

// lines reads the roster with names; that it was read is recorded.
func (d Deps) lines(ctx context.Context, sh activity.ShiftView, full bool) ([]line, error) {
	list, err := d.Activities.Roster(ctx, d.Pool, sh.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for i, g := range list {
		ids[i] = g.Person
	}
	people, err := d.People.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	openly, err := d.openly(ctx, sh.ID, people, full)
	if err != nil {
		return nil, err
	}
	if err := d.seen(ctx, sh, ids, openly); err != nil {
		return nil, err
	}
	out := make([]line, len(list))
	for i, g := range list {
		p := people[g.Person]
		out[i] = line{Signup: g, Name: person.ShownName(i18n.From(ctx), p, openly), Hidden: full && !openly[p.ID], VolunteerNo: p.VolunteerNo, Age: p.Age(sh.StartsAt.In(zone(sh)))}
	}
	return out, nil
}

// openly are those whose names the reader sees in full, having asked for it.
func (d Deps) openly(ctx context.Context, shift uuid.UUID, people map[uuid.UUID]person.Person, full bool) (map[uuid.UUID]bool, error) {
	if !full {
		return nil, nil
	}
	var cleared map[uuid.UUID]bool
	if d.Cleared != nil {
		var err error
		if cleared, err = d.Cleared(ctx, account.From(ctx).Person, shift, slices.Collect(maps.Keys(people))); err != nil {
			return nil, err
		}
	}
	return person.Openly(slices.Collect(maps.Values(people)), d.People.Today(), cleared), nil
}

// seen notes that the reader looked at who signed up: of whom the name in full,
// of whom masked.
func (d Deps) seen(ctx context.Context, sh activity.ShiftView, who []uuid.UUID, openly map[uuid.UUID]bool) error {
	return audit.ReadNames(ctx, d.Pool, audit.Reading{At: d.Clock.Now(), Actor: account.From(ctx).Person, Subjects: who, Object: audit.Object("shift", sh.ID),
		Data: []audit.Data{audit.Age, audit.Service}, Purpose: "roster", Org: &sh.Activity.Org, Region: &sh.Activity.Division}, openly)
}

// decide approves or refuses the checked sign-ups.
func (d Deps) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return activity.ErrShiftNotFound
	}
	dec := activity.Decision{Shift: id, Signups: checked(f), Approve: f.Choice("decision", true, "approve", "refuse") == "approve",
		Reason: f.Text("reason", false, 200), By: account.From(r.Context()).Person}
	if len(dec.Signups) == 0 {
		f.Check.Add("signup", ErrNobodyChecked)
	}
	if !dec.Approve && dec.Reason == "" {
		f.Check.Add("reason", activity.ErrReasonNeeded)
	}
	if err := f.Err(); err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		return d.showRoster(w, r, http.StatusUnprocessableEntity, f)
	}
	if err := d.Activities.Decide(r.Context(), dec); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "signupweb.decided."+f.Get("decision"), "n", len(dec.Signups))
	return web.Back(w, r, "/console/shifts/"+id.String()+"/signups")
}

func checked(f *web.Form) []uuid.UUID {
	var ids []uuid.UUID
	all := f.All("signup")
	for _, s := range all[:min(len(all), maxDecided)] {
		id, err := uuid.Parse(s)
		if err != nil {
			f.Check.Add("signup", fault.ErrBadValue)
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}
