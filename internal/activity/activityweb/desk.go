package activityweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// deskView is the organisation's page of one activity.
type deskView struct {
	Desk     ui.DeskInfo
	Activity activity.Activity
	Shifts   []activity.Shift
	Warnings []activity.Warning
	Unit     string // the recording unit
	May      bool   // the reader may write
	Form     *web.Form
	place    string
	over     bool // the last shift has ended
}

// activity shows where an activity stands, its shifts and the steps to take.
func (h handlers) activity(w http.ResponseWriter, r *http.Request) error {
	a, err := h.pathActivity(r)
	if err != nil {
		return err
	}
	return h.showDesk(w, r, a, http.StatusOK, web.NewForm(nil))
}

func (h handlers) showDesk(w http.ResponseWriter, r *http.Request, a activity.Activity, status int, f *web.Form) error {
	ctx := r.Context()
	v := deskView{Activity: a, Form: f, Warnings: a.Warnings(), May: h.Access.Can(account.From(ctx), account.PublishWork, targetOf(a))}
	v.Desk = h.desk(ctx, a.Org, ui.PageInfo{Title: a.Title, Back: projectPath(a.Project)})
	v.place = h.Regions.FullName(lang(ctx), a.Division)
	var err error
	if v.Shifts, err = h.Activities.ShiftsOf(ctx, a.ID); err != nil {
		return err
	}
	v.over = !slices.ContainsFunc(v.Shifts, func(s activity.Shift) bool { return s.State == activity.ShiftOpen && s.EndsAt.After(h.Clock.Now()) })
	v.Unit = h.unitName(ctx, a.RecordingUnit)
	return web.Page(w, r, status, deskPage(v))
}

// step takes a step of the organisation's: submit, withdraw, close, cancel.
// What a draft lacks is shown at the fields of its form.
func (h handlers) step(w http.ResponseWriter, r *http.Request) error {
	a, err := h.pathActivity(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	step := activity.Step(f.Get("step"))
	after, err := h.take(r.Context(), step, activity.Move{Activity: a.ID, Version: versionOf(f), Reason: f.Get("reason"), By: account.From(r.Context()).Person})
	switch {
	case err == nil:
		ui.SetFlash(w, r, ui.Jade, "work.step."+string(step))
		return web.Back(w, r, deskPath(after))
	case step == activity.Submit && len(fault.As(err).Fields) > 0:
		return h.showIncomplete(w, r, a, err)
	}
	if err := f.Show(err); err != nil {
		return err
	}
	return h.showDesk(w, r, a, http.StatusUnprocessableEntity, f)
}

// take maps a step of the organisation's to its service.
func (h handlers) take(ctx context.Context, step activity.Step, m activity.Move) (activity.Activity, error) {
	switch step {
	case activity.Submit:
		return h.Activities.Submit(ctx, m)
	case activity.Withdraw:
		return h.Activities.Withdraw(ctx, m)
	case activity.Close:
		return h.Activities.CloseActivity(ctx, m)
	case activity.Cancel:
		return h.Activities.CancelActivity(ctx, m)
	}
	var c fault.Check
	c.Add("step", fault.ErrBadValue)
	return activity.Activity{}, c.Err()
}

// showIncomplete opens the form of a draft with everything that it lacks.
func (h handlers) showIncomplete(w http.ResponseWriter, r *http.Request, a activity.Activity, err error) error {
	f := web.NewForm(nil)
	if err := f.Show(err); err != nil {
		return err
	}
	return again(w, r, editPage(h.editView(r.Context(), a, f)))
}

// endShift drops a shift of a draft, or calls off a published one.
func (h handlers) endShift(w http.ResponseWriter, r *http.Request) error {
	a, sh, err := h.pathShift(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	by := account.From(r.Context()).Person
	flash := "work.shift.dropped"
	if a.State == activity.Draft {
		_, err = h.Activities.DropShift(r.Context(), a.ID, versionOf(f), sh.ID, by)
	} else {
		flash = "work.shift.cancelled"
		_, err = h.Activities.CancelShift(r.Context(), a.ID, versionOf(f), sh.ID, f.Get("reason"), by)
	}
	if err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		return again(w, r, shiftPage(h.shiftView(r.Context(), a, sh, f)))
	}
	ui.SetFlash(w, r, ui.Jade, flash)
	return web.Back(w, r, deskPath(a))
}

// pathShift is the activity and the shift that a path names.
func (h handlers) pathShift(r *http.Request) (activity.Activity, activity.Shift, error) {
	a, err := h.pathActivity(r)
	if err != nil {
		return a, activity.Shift{}, err
	}
	id, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return a, activity.Shift{}, activity.ErrShiftNotFound
	}
	v, err := h.Activities.Shift(r.Context(), h.Pool, id)
	if err == nil && v.ActivityID != a.ID {
		err = activity.ErrShiftNotFound
	}
	return a, v.Shift, err
}

// steps are the buttons that a state offers, without those that need a reason.
func (v deskView) steps() []activity.Step {
	var out []activity.Step
	for _, s := range []activity.Step{activity.Submit, activity.Withdraw, activity.Close} {
		if v.Activity.State.Takes(s) && (s != activity.Close || v.over) {
			out = append(out, s)
		}
	}
	return out
}

// editable reports whether the activity may be changed now.
func (v deskView) editable() bool {
	return v.May && (v.Activity.State == activity.Draft || v.Activity.State == activity.Published)
}

func newProjectPath(org uuid.UUID) string { return "/console/orgs/" + org.String() + "/projects/new" }

func newActivityPath(project uuid.UUID) string { return projectPath(project) + "/activities/new" }

func shiftDeskPath(s activity.Shift) string {
	return "/console/activities/" + s.ActivityID.String() + "/shifts/" + s.ID.String()
}

func (v projectView) open() bool { return v.May && v.Project.State == activity.ProjectOpen }

func (v projectView) action() string {
	if v.Project.ID == uuid.Nil {
		return newProjectPath(v.Org)
	}
	return projectPath(v.Project.ID)
}
