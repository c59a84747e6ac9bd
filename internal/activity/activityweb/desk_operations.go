package activityweb

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/region"
)

type (
	orgListIn struct {
		Org    uuid.UUID `path:"org" format:"uuid"`
		Before string    `query:"before" format:"uuid" doc:"Id of the last one of the page before"`
		State  string    `query:"state" enum:"draft,submitted,published,closed,cancelled"`
	}
	activitiesOut struct {
		Body struct {
			Items []activityJSON `json:"items"`
			Next  string         `json:"next,omitempty" doc:"What to send as before, or as after, for the next page"`
		}
	}
	projectsIn struct {
		Org    uuid.UUID `path:"org" format:"uuid"`
		Before string    `query:"before" format:"uuid"`
	}
	projectsOut struct {
		Body struct {
			Items []projectJSON `json:"items"`
			Next  string        `json:"next,omitempty"`
		}
	}
	projectBody struct {
		Name    string `json:"name"`
		Intro   string `json:"intro,omitempty"`
		Version int    `json:"version,omitempty" doc:"The version looked at; for changes"`
	}
	newProjectIn struct {
		Org  uuid.UUID `path:"org" format:"uuid"`
		Body projectBody
	}
	projectIn struct {
		Project uuid.UUID `path:"project" format:"uuid"`
		Body    projectBody
	}
	closeProjectIn struct {
		Project uuid.UUID `path:"project" format:"uuid"`
		Body    struct {
			Version int `json:"version"`
		}
	}
	projectOut    struct{ Body projectJSON }
	newActivityIn struct {
		Project uuid.UUID `path:"project" format:"uuid"`
		Body    struct {
			PlanJSON
			Shifts []ShiftPlanJSON `json:"shifts,omitempty" maxItems:"400"`
		}
	}
	changeActivityIn struct {
		Activity uuid.UUID `path:"activity" format:"uuid"`
		Body     struct {
			PlanJSON
			Version int `json:"version" doc:"The version looked at"`
		}
	}
	stepIn struct {
		Activity uuid.UUID `path:"activity" format:"uuid"`
		Step     string    `path:"step" enum:"submit,withdraw,close,cancel"`
		Body     struct {
			Version int    `json:"version" doc:"The version looked at"`
			Reason  string `json:"reason,omitempty" doc:"For cancel: what people signed up read"`
		}
	}
	reviewIn struct {
		Activity uuid.UUID `path:"activity" format:"uuid"`
		Body     struct {
			Version int      `json:"version" doc:"The version looked at"`
			Verdict string   `json:"verdict" enum:"publish,return"`
			Looked  []string `json:"looked,omitempty" doc:"For publish: all six classes of what is no volunteering"`
			Reason  string   `json:"reason,omitempty" doc:"For return"`
		}
	}
	waitingIn struct {
		Division string `path:"division" pattern:"^[0-9]{6,12}$"`
		After    string `query:"after" doc:"Cursor: next of the page before"`
	}
)

func (h handlers) deskOperations(api *web.API) {
	ofOrg, ofProject := h.Access.Allow(account.PublishWork, pathOrg), h.Access.Allow(account.PublishWork, h.projectTarget)
	publish := h.Access.Allow(account.PublishWork, h.activityTarget)
	op := func(method, path, id, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/v1" + path, Summary: summary, Tags: []string{"activities: organisation"}, DefaultStatus: status}
	}
	web.Op(api, op("GET", "/organisations/{org}/projects", "list-projects", "Projects of an organisation, newest first", 200), h.Access.Allow(account.ViewOrg, pathOrg), h.apiProjects)
	web.Op(api, op("POST", "/organisations/{org}/projects", "create-project", "Begin a project", 201), ofOrg, h.apiCreateProject)
	web.Op(api, op("PUT", "/projects/{project}", "change-project", "Change a project", 200), ofProject, h.apiChangeProject)
	web.Op(api, op("POST", "/projects/{project}/close", "close-project", "Close a project", 200), ofProject, h.apiCloseProject)
	web.Op(api, op("GET", "/organisations/{org}/activities", "list-activities", "Activities of an organisation, newest first", 200), h.Access.Allow(account.ViewOrg, pathOrg), h.apiOfOrg)
	web.Op(api, op("POST", "/projects/{project}/activities", "create-activity", "Begin an activity, as a draft, with any shifts that are known", 201), ofProject, h.apiCreate)
	web.Op(api, op("PUT", "/activities/{activity}", "change-activity", "Change a draft, or what was not reviewed of a published activity", 200), publish, h.apiChange)
	web.Op(api, op("POST", "/activities/{activity}/{step}", "step-activity", "Submit, withdraw, close or cancel an activity", 200), publish, h.apiStep)
	review := op("POST", "/activities/{activity}/review", "review-activity", "Publish or return an activity that waits for review", 200)
	review.Tags = []string{"activities: region"}
	web.Op(api, review, h.Access.Allow(account.ReviewActivity, h.activityTarget), h.apiReview)
	waiting := op("GET", "/regions/{division}/reviews", "list-reviews", "What waits for review in a division, the longest waiting first", 200)
	waiting.Tags = review.Tags
	web.Op(api, waiting, h.Access.Allow(account.ReviewActivity, pathDivision), h.apiWaiting)
}

// pathDivision is the division that a path names.
func pathDivision(r *http.Request) (account.Target, error) {
	return account.Target{Region: r.PathValue("division")}, nil
}

func by(ctx context.Context) uuid.UUID { return account.From(ctx).Person }

func cursorOf(before string) uuid.UUID {
	if id, err := uuid.Parse(before); err == nil {
		return id
	}
	return uuid.Max
}

func (h handlers) apiProjects(ctx context.Context, in *projectsIn) (*projectsOut, error) {
	list, err := h.Activities.Projects(ctx, in.Org, cursorOf(in.Before), workPage)
	out := &projectsOut{}
	out.Body.Items = []projectJSON{}
	for _, p := range list {
		out.Body.Items = append(out.Body.Items, projectOf(p))
	}
	if len(list) == workPage {
		out.Body.Next = list[workPage-1].ID.String()
	}
	return out, err
}

func (h handlers) apiCreateProject(ctx context.Context, in *newProjectIn) (*projectOut, error) {
	p, err := h.Activities.CreateProject(ctx, in.Org, activity.ProjectPlan{Name: in.Body.Name, Intro: in.Body.Intro}, by(ctx))
	return &projectOut{projectOf(p)}, err
}

func (h handlers) apiChangeProject(ctx context.Context, in *projectIn) (*projectOut, error) {
	p, err := h.Activities.UpdateProject(ctx, in.Project, in.Body.Version, activity.ProjectPlan{Name: in.Body.Name, Intro: in.Body.Intro}, by(ctx))
	return &projectOut{projectOf(p)}, err
}

func (h handlers) apiCloseProject(ctx context.Context, in *closeProjectIn) (*projectOut, error) {
	p, err := h.Activities.CloseProject(ctx, in.Project, in.Body.Version, by(ctx))
	return &projectOut{projectOf(p)}, err
}

func (h handlers) apiOfOrg(ctx context.Context, in *orgListIn) (*activitiesOut, error) {
	var states []activity.State
	if in.State != "" {
		states = append(states, activity.State(in.State))
	}
	list, err := h.Activities.OfOrg(ctx, in.Org, cursorOf(in.Before), workPage, states...)
	out := &activitiesOut{}
	out.Body.Items = fullList(list)
	if len(list) == workPage {
		out.Body.Next = list[workPage-1].ID.String()
	}
	return out, err
}

func (h handlers) apiCreate(ctx context.Context, in *newActivityIn) (*activityOut, error) {
	shifts := make([]activity.ShiftPlan, len(in.Body.Shifts))
	for i, s := range in.Body.Shifts {
		shifts[i] = s.plan()
	}
	a, err := h.Activities.Create(ctx, in.Project, in.Body.plan(), shifts, by(ctx))
	if err != nil {
		return nil, inJSON(err)
	}
	return h.withShifts(ctx, a)
}

func (h handlers) apiChange(ctx context.Context, in *changeActivityIn) (*activityOut, error) {
	a, err := h.Activities.Update(ctx, in.Activity, in.Body.Version, in.Body.plan(), by(ctx))
	if err != nil {
		return nil, inJSON(err)
	}
	return h.withShifts(ctx, a)
}

func (h handlers) apiStep(ctx context.Context, in *stepIn) (*activityOut, error) {
	a, err := h.take(ctx, activity.Step(in.Step), activity.Move{Activity: in.Activity, Version: in.Body.Version, Reason: in.Body.Reason, By: by(ctx)})
	if err != nil {
		return nil, inJSON(err)
	}
	return h.withShifts(ctx, a)
}

func (h handlers) apiReview(ctx context.Context, in *reviewIn) (*activityOut, error) {
	a, err := h.judge(ctx, in.Body.Verdict, in.Body.Looked, activity.Move{Activity: in.Activity, Version: in.Body.Version, Reason: in.Body.Reason, By: by(ctx)})
	if err != nil {
		return nil, err
	}
	return h.withShifts(ctx, a)
}

func (h handlers) apiWaiting(ctx context.Context, in *waitingIn) (*activitiesOut, error) {
	if _, known := h.Regions.Get(in.Division); !known {
		return nil, region.ErrUnknown
	}
	list, err := h.Activities.Waiting(ctx, in.Division, in.After, workPage)
	out := &activitiesOut{}
	out.Body.Items = fullList(list)
	if len(list) == workPage {
		out.Body.Next = list[workPage-1].WaitingCursor()
	}
	return out, err
}

func (h handlers) withShifts(ctx context.Context, a activity.Activity) (*activityOut, error) {
	shifts, err := h.Activities.ShiftsOf(ctx, a.ID)
	out := &activityOut{fullOf(a)}
	out.Body.Shifts = shiftsJSON(shifts)
	return out, err
}

// inJSON names fields as the body does.
func inJSON(err error) error {
	e := *fault.As(err)
	fields := make([]fault.Field, len(e.Fields))
	for i, f := range e.Fields {
		switch name := f.Name; {
		case len(name) > 8 && name[:8] == "declare_":
			f.Name = "declarations." + name[8:]
		case len(name) > 4 && name[len(name)-4:] == ".lon", name == "lon":
			f.Name = name[:len(name)-3] + "lng"
		}
		fields[i] = f
	}
	e.Fields = fields
	return &e
}
