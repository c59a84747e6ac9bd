package activityweb

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/region"
	"kapok/internal/ui"
)

// reviewsView lists what waits for review in the reader's division.
type reviewsView struct {
	Desk       ui.DeskInfo
	Division   string
	Choices    []string // the reader's divisions, when there are several
	Activities []activity.Activity
	Orgs       map[uuid.UUID]string
	Next       string
	Tree       *region.Tree
}

func (h handlers) reviews(w http.ResponseWriter, r *http.Request) error {
	ctx, f := r.Context(), web.ReadQuery(r)
	v := reviewsView{Choices: divisionsOf(account.From(ctx)), Tree: h.Regions}
	if len(v.Choices) == 0 {
		return account.ErrNotAllowed
	}
	v.Division = v.Choices[0]
	for _, d := range v.Choices {
		if f.Get("division") == d {
			v.Division = d
		}
	}
	list, err := h.Activities.Waiting(ctx, v.Division, f.Get("after"), workPage+1)
	if err != nil {
		return err
	}
	if len(list) > workPage {
		list = list[:workPage]
		v.Next = "/admin/activities?division=" + v.Division + "&after=" + list[workPage-1].WaitingCursor()
	}
	v.Activities = list
	ids := make([]uuid.UUID, len(list))
	for i, a := range list {
		ids[i] = a.Org
	}
	if v.Orgs, err = organisation.Names(ctx, h.Pool, ids); err != nil {
		return err
	}
	v.Desk = h.regionDesk(ctx, v.Division, ui.PageInfo{Title: t(ctx, "review.title")})
	return show(w, r, reviewsPage(v))
}

// divisionsOf are the divisions that a person administers.
func divisionsOf(p *account.Principal) []string {
	var out []string
	for _, g := range p.Grants {
		if g.Role == account.RegionAdmin {
			out = append(out, g.Region)
		}
	}
	return out
}

func (h handlers) regionDesk(ctx context.Context, division string, page ui.PageInfo) ui.DeskInfo {
	d := ui.DeskInfo{}
	if h.RegionDesk != nil {
		d = h.RegionDesk(ctx, division)
	}
	page.NoIndex = true
	d.PageInfo = page
	return d
}

// reviewView is everything a reviewer looks at before deciding.
type reviewView struct {
	Desk     ui.DeskInfo
	Activity activity.Activity
	Org      organisation.Organisation
	Unit     string
	Shifts   []activity.Shift
	Warnings []activity.Warning
	Form     *web.Form
	place    string
}

func (h handlers) reviewPage(w http.ResponseWriter, r *http.Request) error {
	a, err := h.pathActivity(r)
	if err != nil {
		return err
	}
	return h.showReview(w, r, a, http.StatusOK, web.NewForm(nil))
}

func (h handlers) showReview(w http.ResponseWriter, r *http.Request, a activity.Activity, status int, f *web.Form) (err error) {
	ctx := r.Context()
	v := reviewView{Activity: a, Form: f, Warnings: a.Warnings(), place: h.Regions.FullName(lang(ctx), a.Division)}
	v.Desk = h.regionDesk(ctx, a.Division, ui.PageInfo{Title: a.Title, Back: "/admin/activities"})
	if v.Org, err = h.Orgs.Get(ctx, a.Org); err != nil {
		return err
	}
	if v.Shifts, err = h.Activities.ShiftsOf(ctx, a.ID); err != nil {
		return err
	}
	v.Unit = h.unitName(ctx, a.RecordingUnit)
	return web.Page(w, r, status, reviewPage(v))
}

// decide publishes, after a look at each class of what is no volunteering, or
// returns with a reason.
func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	a, err := h.pathActivity(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	verdict := f.Get("verdict")
	m := activity.Move{Activity: a.ID, Version: versionOf(f), Reason: f.Get("reason"), By: account.From(r.Context()).Person}
	if _, err := h.judge(r.Context(), verdict, f.All("looked"), m); err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		return h.showReview(w, r, a, http.StatusUnprocessableEntity, f)
	}
	ui.SetFlash(w, r, ui.Jade, "review.done."+verdict)
	return web.Back(w, r, "/admin/activities")
}

// judge carries a reviewer's verdict out; pages and API share it.
func (h handlers) judge(ctx context.Context, verdict string, looked []string, m activity.Move) (activity.Activity, error) {
	switch activity.Step(verdict) {
	case activity.Publish:
		if err := activity.CheckReview(looked); err != nil {
			return activity.Activity{}, err
		}
		return h.Activities.Publish(ctx, m)
	case activity.Return:
		return h.Activities.Return(ctx, m)
	}
	var c fault.Check
	c.Add("verdict", fault.ErrBadValue)
	return activity.Activity{}, c.Err()
}

func reviewPath(a activity.Activity) string { return "/admin/activities/" + a.ID.String() }

func (v reviewsView) divisionLinks(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, d := range v.Choices {
		out = append(out, ui.Link{Href: "/admin/activities?division=" + d, Text: v.Tree.FullName(lang(ctx), d), Current: d == v.Division})
	}
	return out
}

func classOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, class := range activity.Classes {
		out = append(out, ui.Option{Value: class, Text: activity.Class(class).In(lang(ctx))})
	}
	return out
}
