package activityweb

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/region"
	"kapok/internal/ui"
)

// editView is the form of an activity.
type editView struct {
	Desk     ui.DeskInfo
	Activity activity.Activity // zero but for Project and Org: a new one
	Unit     string            // what stands in the field of the recording unit
	Form     *web.Form
	Tree     *region.Tree
	Conflict bool // somebody else saved meanwhile: what was typed is shown again
	action   string
}

func (h handlers) editView(ctx context.Context, a activity.Activity, f *web.Form) editView {
	v := editView{Activity: a, Form: f, Tree: h.Regions, action: deskPath(a) + "/edit"}
	back := deskPath(a)
	title := a.Title
	if a.ID == uuid.Nil {
		v.action, back, title = newActivityPath(a.Project), projectPath(a.Project), t(ctx, "work.activity.new")
	}
	if a.RecordingUnit != uuid.Nil && a.RecordingUnit != a.Org {
		v.Unit = h.unitName(ctx, a.RecordingUnit)
	}
	v.Desk = h.desk(ctx, a.Org, ui.PageInfo{Title: title, Back: back})
	return v
}

func (h handlers) newActivity(w http.ResponseWriter, r *http.Request) error {
	a, err := h.freshActivity(r)
	if err != nil {
		return err
	}
	return show(w, r, editPage(h.editView(r.Context(), a, web.NewForm(nil))))
}

// freshActivity is a new activity of the project of the path; it takes place
// where the organisation stands, until said otherwise.
func (h handlers) freshActivity(r *http.Request) (activity.Activity, error) {
	p, err := h.pathProject(r)
	if err != nil {
		return activity.Activity{}, err
	}
	org, err := h.Orgs.Get(r.Context(), p.Org)
	return activity.Activity{Project: p.ID, Org: p.Org, Division: org.Division, State: activity.Draft}, err
}

func (h handlers) createActivity(w http.ResponseWriter, r *http.Request) error {
	a, err := h.freshActivity(r)
	if err != nil {
		return err
	}
	return h.putActivity(w, r, a, func(ctx context.Context, _ int, p activity.Plan, by uuid.UUID) (activity.Activity, error) {
		return h.Activities.Create(ctx, a.Project, p, nil, by)
	})
}

func (h handlers) editActivity(w http.ResponseWriter, r *http.Request) error {
	a, err := h.pathActivity(r)
	if err != nil {
		return err
	}
	return show(w, r, editPage(h.editView(r.Context(), a, web.NewForm(nil))))
}

func (h handlers) saveActivity(w http.ResponseWriter, r *http.Request) error {
	a, err := h.pathActivity(r)
	if err != nil {
		return err
	}
	return h.putActivity(w, r, a, func(ctx context.Context, version int, p activity.Plan, by uuid.UUID) (activity.Activity, error) {
		return h.Activities.Update(ctx, a.ID, version, p, by)
	})
}

type put func(ctx context.Context, version int, p activity.Plan, by uuid.UUID) (activity.Activity, error)

// putActivity reads the form, saves it, or shows it again with its errors.
func (h handlers) putActivity(w http.ResponseWriter, r *http.Request, a activity.Activity, save put) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if ui.Choosing(f) {
		return show(w, r, editPage(h.editView(ctx, a, f)))
	}
	p, err := h.readPlan(ctx, f)
	if err == nil {
		a2, saved := save(ctx, versionOf(f), p, account.From(ctx).Person)
		if saved == nil {
			ui.SetFlash(w, r, ui.Jade, "work.saved")
			return web.Back(w, r, deskPath(a2))
		}
		err = saved
	}
	v := h.editView(ctx, a, f)
	if v.Conflict = isConflict(err); v.Conflict {
		return web.Page(w, r, http.StatusConflict, editPage(v))
	}
	if err := f.Show(err); err != nil {
		return err
	}
	return again(w, r, editPage(v))
}

// isConflict reports whether somebody else saved meanwhile: the form is shown
// again with what was typed, and with the version there is now.
func isConflict(err error) bool { return errors.Is(err, fault.ErrVersionConflict) }

// readPlan takes a plan from the form; the service checks it.
func (h handlers) readPlan(ctx context.Context, f *web.Form) (activity.Plan, error) {
	p := activity.Plan{
		Division: ui.ChosenDivision(h.Regions, f, "division"), Title: f.Get("title"), Content: f.Get("content"), Responsible: f.Get("responsible"),
		Contact: f.Get("contact"), Field: f.Get("field"), LocalField: f.Get("local_field"), Objects: f.All("objects"), Guarantees: f.All("guarantees"),
		Risks: f.Get("risks"), Dangerous: f.Has("dangerous"), Insurance: f.Get("insurance"), Declarations: activity.Declarations{}, TravelCounted: f.Has("travel_counted"), WithAdult: f.Has("with_adult"),
	}
	for _, class := range activity.Classes {
		switch f.Get("declare_" + class) {
		case "yes":
			p.Declarations[class] = true
		case "no":
			p.Declarations[class] = false
		}
	}
	unit, err := h.readUnit(ctx, f.Get("recording_unit"))
	p.RecordingUnit = unit
	return p, err
}

// readUnit finds the recording unit that was typed; nothing means the organiser.
func (h handlers) readUnit(ctx context.Context, typed string) (uuid.UUID, error) {
	if typed == "" {
		return uuid.Nil, nil
	}
	o, err := h.Orgs.Resolve(ctx, typed)
	if err != nil && fault.As(err).Is(organisation.ErrNotFound) {
		var c fault.Check
		c.Add("recording_unit", activity.ErrNoRecordingUnit)
		err = c.Err()
	}
	return o.ID, err
}

// answer is what was declared of a class, in words.
func answer(ctx context.Context, d activity.Declarations, class string) string {
	switch is, answered := d[class]; {
	case !answered:
		return t(ctx, "edit.unanswered")
	case is:
		return t(ctx, "edit.yes")
	}
	return t(ctx, "edit.no")
}

// declared is the value of the radio of a class.
func declared(d activity.Declarations, class string) string {
	switch is, answered := d[class]; {
	case !answered:
		return ""
	case is:
		return "yes"
	}
	return "no"
}

func codeOptions(ctx context.Context, list person.CodeList) []ui.Option {
	out := make([]ui.Option, len(list.Codes))
	for i, c := range list.Codes {
		out[i] = ui.Option{Value: c, Text: list.Text(lang(ctx), c)}
	}
	return out
}

func yesNo(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "no", Text: t(ctx, "edit.no")}, {Value: "yes", Text: t(ctx, "edit.yes")}}
}

func ticked(is bool) []string {
	if is {
		return []string{"1"}
	}
	return nil
}

func (v editView) published() bool { return v.Activity.State == activity.Published }

func (v editView) version() string { return strconv.Itoa(v.Activity.Version) }
