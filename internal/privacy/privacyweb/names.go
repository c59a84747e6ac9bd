package privacyweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/audit"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/ui"
)

// namesLine is a request for the full names of a roster, with what it is about.
type namesLine struct {
	privacy.NamesRequest
	View activity.ShiftView
	By   person.Person // who asks
}

// shiftTarget is the organisation whose shift a path names.
func (d Deps) shiftTarget(r *http.Request) (account.Target, error) {
	v, err := d.shift(r.Context(), r.PathValue("shift"))
	return account.Target{Org: v.Activity.Org, Region: v.Activity.Division}, err
}

func (d Deps) shift(ctx context.Context, id string) (activity.ShiftView, error) {
	shift, err := uuid.Parse(id)
	if err != nil {
		return activity.ShiftView{}, activity.ErrShiftNotFound
	}
	return d.Activities.Shift(ctx, d.Pool, shift)
}

// namesTarget is the organisation whose request a path names. In a path that
// names an organisation too, it is that one's, or none.
func (d Deps) namesTarget(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("names"))
	if err != nil {
		return account.Target{}, privacy.ErrNoRequest
	}
	n, err := d.Privacy.NamesOf(r.Context(), id)
	if org := r.PathValue("org"); err == nil && org != "" && org != n.Org.String() {
		err = privacy.ErrNoRequest
	}
	return account.Target{Org: n.Org, Region: n.Division}, err
}

// orgTarget is the organisation that a path names.
func (d Deps) orgTarget(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("org"))
	if err != nil {
		return account.Target{}, organisation.ErrNotFound
	}
	o, err := d.Orgs.Get(r.Context(), id)
	return account.Target{Org: id, Region: o.Division}, err
}

// minors are those under age who stand on a roster, but for the reader.
func (d Deps) minors(ctx context.Context, shift uuid.UUID) (out []uuid.UUID, err error) {
	list, err := d.Activities.Roster(ctx, d.Pool, shift)
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, g := range list {
		gone := g.State == activity.SignupRefused || g.State == activity.SignupCancelled
		if !gone && g.Person != me(ctx) {
			ids = append(ids, g.Person)
		}
	}
	people, err := d.People.GetMany(ctx, ids)
	for _, id := range ids {
		if people[id].Age(d.People.Today()) < person.AdultFrom {
			out = append(out, id)
		}
	}
	return out, err
}

// alone reports whether nobody else of an organisation could decide for
// somebody.
func (d Deps) alone(ctx context.Context, org, who uuid.UUID) (bool, error) {
	list, err := d.Orgs.Members(ctx, org)
	return !slices.ContainsFunc(list, func(m organisation.Member) bool {
		return m.Person != who && (m.Role == organisation.Admin || m.Role == organisation.Approver)
	}), err
}

// askNames asks for the full names of the minors of a shift's roster.
func (d Deps) askNames(ctx context.Context, shift, reason string) (uuid.UUID, error) {
	v, err := d.shift(ctx, shift)
	if err != nil {
		return uuid.Nil, err
	}
	minors, err := d.minors(ctx, v.ID)
	if err != nil {
		return uuid.Nil, err
	}
	alone, err := d.alone(ctx, v.Activity.Org, me(ctx))
	if err != nil {
		return uuid.Nil, err
	}
	return d.Privacy.AskNames(ctx, privacy.NamesAsked{By: me(ctx), Org: v.Activity.Org, Shift: v.ID, Division: v.Activity.Division,
		Minors: minors, Reason: reason, Alone: alone})
}

// decideNames decides a request for one who came through the gate.
func (d Deps) decideNames(ctx context.Context, id string, approve bool) error {
	roster, err := uuid.Parse(id)
	if err != nil {
		return privacy.ErrNoRequest
	}
	n, err := d.Privacy.NamesOf(ctx, roster)
	if err != nil {
		return err
	}
	o, err := d.Orgs.Get(ctx, n.Org)
	if err != nil {
		return err
	}
	return d.Privacy.DecideNames(ctx, privacy.NamesDecision{Roster: roster, Approve: approve, By: me(ctx), Unit: o.Name})
}

// decideAlone decides as the division's administrator, for organisations that
// have nobody else.
func (d Deps) decideAlone(ctx context.Context, id string, approve bool) error {
	roster, err := uuid.Parse(id)
	if err != nil {
		return privacy.ErrNoRequest
	}
	n, err := d.Privacy.NamesOf(ctx, roster)
	if err != nil {
		return err
	}
	if !n.Alone || !d.has(account.From(ctx), privacy.ForProfile, n.Division) {
		return account.ErrNotAllowed
	}
	return d.decideNames(ctx, id, approve)
}

// namesLines adds shifts and askers; that the askers were looked at is recorded.
func (d Deps) namesLines(ctx context.Context, list []privacy.NamesRequest) ([]namesLine, error) {
	ids := make([]uuid.UUID, len(list))
	for i, n := range list {
		ids[i] = n.AskedBy
	}
	people, err := d.People.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]namesLine, len(list))
	for i, n := range list {
		out[i] = namesLine{NamesRequest: n, By: people[n.AskedBy]}
		if out[i].View, err = d.Activities.Shift(ctx, d.Pool, n.Shift); err != nil {
			return nil, err
		}
		err := audit.Read(ctx, d.Pool, audit.Reading{At: d.Clock.Now(), Actor: me(ctx), Subjects: ids[i : i+1], Object: audit.Object("names", n.ID),
			Data: []audit.Data{audit.MaskedName}, Purpose: "names", Org: &n.Org, Region: &n.Division})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// namesView is an organiser's page about the full names of a roster.
type namesView struct {
	Desk   ui.DeskInfo
	View   activity.ShiftView
	Minors int
	Alone  bool
	Last   *privacy.NamesRequest
	Form   *web.Form
}

func (d Deps) namesPage(w http.ResponseWriter, r *http.Request) error {
	return d.showNames(w, r, http.StatusOK, nil)
}

func (d Deps) showNames(w http.ResponseWriter, r *http.Request, status int, f *web.Form) error {
	ctx := r.Context()
	sh, err := d.shift(ctx, r.PathValue("shift"))
	if err != nil {
		return err
	}
	minors, err := d.minors(ctx, sh.ID)
	if err != nil {
		return err
	}
	v := namesView{Desk: d.orgFrame(ctx, sh.Activity.Org), View: sh, Minors: len(minors), Form: f}
	if v.Alone, err = d.alone(ctx, sh.Activity.Org, me(ctx)); err != nil {
		return err
	}
	mine, err := d.Privacy.NamesAskedBy(ctx, me(ctx), sh.ID)
	if err != nil {
		return err
	}
	if len(mine) > 0 {
		v.Last = &mine[len(mine)-1]
	}
	return web.Page(w, r, status, d.namesForm(v))
}

func (d Deps) orgFrame(ctx context.Context, org uuid.UUID) ui.DeskInfo {
	desk := ui.DeskInfo{}
	if d.OrgDesk != nil {
		desk = d.OrgDesk(ctx, org)
	}
	desk.Title, desk.NoIndex = t(ctx, "names"), true
	return desk
}

func (d Deps) askNamesForm(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	reason := f.Text("reason", true, 500)
	if err = f.Err(); err == nil {
		_, err = d.askNames(r.Context(), r.PathValue("shift"), reason)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "privacyweb.names.asked")
		return web.Back(w, r, "/console/shifts/"+r.PathValue("shift")+"/names")
	}
	if err := f.Show(err); err != nil {
		return err
	}
	return d.showNames(w, r, http.StatusUnprocessableEntity, f)
}

// namesDesk is what waits for a second person of an organisation.
func (d Deps) namesDesk(w http.ResponseWriter, r *http.Request) error {
	on, err := d.orgTarget(r)
	if err != nil {
		return err
	}
	list, err := d.Privacy.NamesWaiting(r.Context(), on.Org, me(r.Context()))
	if err != nil {
		return err
	}
	lines, err := d.namesLines(r.Context(), list)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, d.namesDeskView(d.orgFrame(r.Context(), on.Org), lines))
}

func (d Deps) decideNamesForm(w http.ResponseWriter, r *http.Request) error {
	return d.decidedNames(w, r, d.decideNames, "/console/orgs/"+r.PathValue("org")+"/names")
}

func (d Deps) decideAloneForm(w http.ResponseWriter, r *http.Request) error {
	return d.decidedNames(w, r, d.decideAlone, "/admin/people")
}

func (d Deps) decidedNames(w http.ResponseWriter, r *http.Request, decide func(ctx context.Context, id string, approve bool) error, back string) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := decide(r.Context(), r.PathValue("names"), f.Choice("do", true, "approve", "refuse") == "approve" && f.Err() == nil); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "privacyweb.access.decided")
	return web.Back(w, r, back)
}
