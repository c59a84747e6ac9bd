package activityweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// shiftView is the form of a shift.
type shiftView struct {
	Desk     ui.DeskInfo
	Activity activity.Activity
	Shift    activity.Shift // zero: a new one
	Form     *web.Form
	Conflict bool // as in editView
	action   string
}

func (h handlers) shiftView(ctx context.Context, a activity.Activity, s activity.Shift, f *web.Form) shiftView {
	v := shiftView{Activity: a, Shift: s, Form: f, action: deskPath(a) + "/shifts/new"}
	title := t(ctx, "work.shift.new")
	if s.ID != uuid.Nil {
		v.action, title = shiftDeskPath(s), t(ctx, "work.shift.edit")
	}
	v.Desk = h.desk(ctx, a.Org, ui.PageInfo{Title: title, Back: deskPath(a)})
	return v
}

// formShift is the shift that the path names; a new one is filled like the
// last shift there is, as most repeat.
func (h handlers) formShift(r *http.Request) (activity.Activity, activity.Shift, error) {
	if r.PathValue("shift") != "" {
		return h.pathShift(r)
	}
	a, err := h.pathActivity(r)
	if err != nil {
		return a, activity.Shift{}, err
	}
	shifts, err := h.Activities.ShiftsOf(r.Context(), a.ID)
	s := activity.Shift{Capacity: 20}
	if a.AdultsOnly() {
		s.MinAge = activity.AgeAdult
	}
	if n := len(shifts); n > 0 {
		s = shifts[n-1]
		s.ID, s.StartsAt, s.EndsAt, s.SignupFrom, s.SignupUntil = uuid.Nil, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	}
	return a, s, err
}

func (h handlers) editShift(w http.ResponseWriter, r *http.Request) error {
	a, s, err := h.formShift(r)
	if err != nil {
		return err
	}
	return show(w, r, shiftPage(h.shiftView(r.Context(), a, s, web.NewForm(nil))))
}

func (h handlers) saveShift(w http.ResponseWriter, r *http.Request) error {
	a, s, err := h.formShift(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	plan := readShift(f, zoneOf(a.Division))
	if err = f.Err(); err != nil {
		_ = f.Check.Merge(onForm(plan.Check(h.Clock.Now()))) // so that all errors come at once
		err = f.Err()
	} else {
		_, err = h.Activities.PutShift(r.Context(), activity.ShiftEdit{Activity: a.ID, Version: versionOf(f), Shift: s.ID, Plan: plan, By: account.From(r.Context()).Person})
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "work.saved")
		return web.Back(w, r, deskPath(a))
	}
	v := h.shiftView(r.Context(), a, s, f)
	if v.Conflict = isConflict(err); v.Conflict {
		return web.Page(w, r, http.StatusConflict, shiftPage(v))
	}
	if err := f.Show(onForm(err)); err != nil {
		return err
	}
	return again(w, r, shiftPage(v))
}

// onForm names a field as the form does: phones fill in "lng".
func onForm(err error) error {
	if err == nil {
		return nil
	}
	e := *fault.As(err)
	fields := make([]fault.Field, len(e.Fields))
	for i, f := range e.Fields {
		if f.Name == "lon" {
			f.Name = "lng"
		}
		fields[i] = f
	}
	e.Fields = fields
	return &e
}

// readShift takes a shift from the form; times are local to where it takes place.
func readShift(f *web.Form, zone *time.Location) activity.ShiftPlan {
	p := activity.ShiftPlan{
		Name: f.Get("name"), Place: f.Get("place"), StartsAt: f.DateTime("starts_at", true, zone), EndsAt: f.DateTime("ends_at", true, zone),
		RadiusM: f.Int("radius_m", false, 0, 50_000), Capacity: f.Int("capacity", true, 1, 100_000), WaitingMax: f.Int("waiting_max", false, 0, 100_000),
		MinAge: f.Int("min_age", false, 0, 120), MaxAge: f.Int("max_age", false, 0, 120), Skills: f.All("skills"), Languages: f.All("languages"),
		Qualifications: f.All("qualifications"), Approval: f.Has("approval"),
	}
	p.SignupFrom, p.SignupUntil = optional(f.DateTime("signup_from", false, zone)), optional(f.DateTime("signup_until", false, zone))
	if lat, ok := f.Float("lat", false, -90, 90); ok {
		p.Lat = &lat
	}
	if lng, ok := f.Float("lng", false, -180, 180); ok {
		p.Lon = &lng
	}
	return p
}

func optional(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// local writes a time as <input type="datetime-local"> wants it.
func (v shiftView) local(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zoneOf(v.Activity.Division)).Format("2006-01-02T15:04")
}

func degreesText(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// count writes a number for the form; 0 leaves the field empty.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (v shiftView) published() bool { return v.Activity.State == activity.Published }

func (v shiftView) exists() bool { return v.Shift.ID != uuid.Nil }
