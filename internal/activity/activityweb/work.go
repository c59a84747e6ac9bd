package activityweb

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/ui"
)

const (
	workPage     = 20  // activities on a page of the desk
	workProjects = 100 // projects shown beside them
)

// workView is what an organisation has under way.
type workView struct {
	Desk       ui.DeskInfo
	Org        uuid.UUID
	Projects   []activity.Project
	Activities []activity.Activity
	Next       string
	May        bool // the reader may write
	state      string
	before     uuid.UUID
}

var workStates = []activity.State{activity.Draft, activity.Submitted, activity.Published, activity.Closed, activity.Cancelled}

func (h handlers) work(w http.ResponseWriter, r *http.Request) error {
	target, err := pathOrg(r)
	if err != nil {
		return err
	}
	ctx, f := r.Context(), web.ReadQuery(r)
	v := workView{Org: target.Org, state: f.Get("state"), before: beforeOf(f), May: h.Access.Can(account.From(ctx), account.PublishWork, target)}
	v.Desk = h.desk(ctx, v.Org, ui.PageInfo{Title: t(ctx, "work.title")})
	if v.Projects, err = h.Activities.Projects(ctx, v.Org, uuid.Max, workProjects); err != nil {
		return err
	}
	list, err := h.Activities.OfOrg(ctx, v.Org, v.before, workPage+1, v.chosenStates()...)
	if err != nil {
		return err
	}
	v.Activities, v.Next = cutPage(list, func(id string) string { return v.link("before", id) })
	return show(w, r, workList(v))
}

func (v workView) chosenStates() []activity.State {
	for _, s := range workStates {
		if string(s) == v.state {
			return []activity.State{s}
		}
	}
	return nil
}

// beforeOf is the cursor of lists that run from new to old.
func beforeOf(f *web.Form) uuid.UUID {
	if id, err := uuid.Parse(f.Get("before")); err == nil {
		return id
	}
	return uuid.Max
}

// cutPage takes the one too many off a list and makes the link to what follows.
func cutPage(list []activity.Activity, link func(id string) string) ([]activity.Activity, string) {
	if len(list) <= workPage {
		return list, ""
	}
	list = list[:workPage]
	return list, link(list[workPage-1].ID.String())
}

func (h handlers) desk(ctx context.Context, org uuid.UUID, page ui.PageInfo) ui.DeskInfo {
	d := ui.DeskInfo{}
	if h.Desk != nil {
		d = h.Desk(ctx, org)
	}
	page.NoIndex = true
	d.PageInfo = page
	return d
}

// projectView is a project with its activities.
type projectView struct {
	Desk       ui.DeskInfo
	Org        uuid.UUID
	Project    activity.Project // zero: a new one
	Form       *web.Form
	Activities []activity.Activity
	Next       string
	May        bool
}

func (h handlers) project(w http.ResponseWriter, r *http.Request) error {
	p, err := h.pathProject(r)
	if err != nil {
		return err
	}
	v, err := h.viewProject(r, p, web.NewForm(nil))
	if err != nil {
		return err
	}
	return show(w, r, projectPage(v))
}

func (h handlers) viewProject(r *http.Request, p activity.Project, f *web.Form) (projectView, error) {
	ctx := r.Context()
	v := projectView{Org: p.Org, Project: p, Form: f, May: h.Access.Can(account.From(ctx), account.PublishWork, account.Target{Org: p.Org})}
	v.Desk = h.desk(ctx, p.Org, ui.PageInfo{Title: p.Name, Back: workPath(p.Org)})
	list, err := h.Activities.OfProject(ctx, p.ID, beforeOf(web.ReadQuery(r)), workPage+1)
	v.Activities, v.Next = cutPage(list, func(id string) string { return projectPath(p.ID) + "?before=" + id })
	return v, err
}

func (h handlers) newProject(w http.ResponseWriter, r *http.Request) error {
	target, err := pathOrg(r)
	if err != nil {
		return err
	}
	return show(w, r, projectPage(h.freshProject(r.Context(), target.Org, web.NewForm(nil))))
}

func (h handlers) freshProject(ctx context.Context, org uuid.UUID, f *web.Form) projectView {
	return projectView{Org: org, Form: f, May: true, Desk: h.desk(ctx, org, ui.PageInfo{Title: t(ctx, "work.project.new"), Back: workPath(org)})}
}

func (h handlers) createProject(w http.ResponseWriter, r *http.Request) error {
	target, err := pathOrg(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := h.Activities.CreateProject(r.Context(), target.Org, projectPlan(f), account.From(r.Context()).Person)
	if err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		return again(w, r, projectPage(h.freshProject(r.Context(), target.Org, f)))
	}
	return web.Back(w, r, projectPath(p.ID))
}

func projectPlan(f *web.Form) activity.ProjectPlan {
	return activity.ProjectPlan{Name: f.Get("name"), Intro: f.Get("intro")}
}

func (h handlers) saveProject(w http.ResponseWriter, r *http.Request) error {
	p, err := h.pathProject(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, err = h.Activities.UpdateProject(r.Context(), p.ID, versionOf(f), projectPlan(f), account.From(r.Context()).Person)
	if err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		v, err := h.viewProject(r, p, f)
		if err != nil {
			return err
		}
		return again(w, r, projectPage(v))
	}
	ui.SetFlash(w, r, ui.Jade, "work.saved")
	return web.Back(w, r, projectPath(p.ID))
}

func (h handlers) closeProject(w http.ResponseWriter, r *http.Request) error {
	p, err := h.pathProject(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if _, err := h.Activities.CloseProject(r.Context(), p.ID, versionOf(f), account.From(r.Context()).Person); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "work.project.closed")
	return web.Back(w, r, projectPath(p.ID))
}

// versionOf is the version that a form was opened with; a wrong one is none,
// which conflicts.
func versionOf(f *web.Form) int { return web.NewForm(f.Values).Int("version", false, 1, 1<<30) }

func workPath(org uuid.UUID) string { return "/console/orgs/" + org.String() + "/activities" }

func projectPath(id uuid.UUID) string { return "/console/projects/" + id.String() }

func deskPath(a activity.Activity) string { return "/console/activities/" + a.ID.String() }

func (v workView) link(pairs ...string) string {
	q := query{keep: map[string][]string{}}
	if v.state != "" {
		q.keep.Set("state", v.state)
	}
	return workPath(v.Org) + withoutPath(q.link(pairs...))
}

// withoutPath is the query of a link, with its question mark.
func withoutPath(link string) string {
	if i := len("/activities"); len(link) > i {
		return link[i:]
	}
	return ""
}

func (v workView) stateLinks(ctx context.Context) []ui.Link {
	out := []ui.Link{{Href: workPath(v.Org), Text: t(ctx, "work.all"), Current: v.state == ""}}
	for _, s := range workStates {
		out = append(out, ui.Link{Href: workPath(v.Org) + "?state=" + string(s), Text: t(ctx, "activity.state."+string(s)), Current: v.state == string(s)})
	}
	return out
}

// openProjects are those that take new activities.
func (v workView) openProjects() []activity.Project {
	var out []activity.Project
	for _, p := range v.Projects {
		if p.State == activity.ProjectOpen {
			out = append(out, p)
		}
	}
	return out
}

// unitName is the name of an organisation for the form, or its id.
func (h handlers) unitName(ctx context.Context, id uuid.UUID) string {
	names, err := organisation.Names(ctx, h.Pool, []uuid.UUID{id})
	if err != nil || names[id] == "" {
		return id.String()
	}
	return names[id]
}
