package activityweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/ui"
)

const calendarType = "text/calendar; charset=utf-8"

// shiftCalendar is one shift as a file for a calendar program.
func (h handlers) shiftCalendar(w http.ResponseWriter, r *http.Request) error {
	a, err := h.public(r)
	if err != nil {
		return err
	}
	name, isCalendar := strings.CutSuffix(r.PathValue("file"), ".ics")
	id, err := uuid.Parse(name)
	if err != nil || !isCalendar {
		return fault.ErrNotFound
	}
	v, err := h.Activities.Shift(r.Context(), h.Pool, id)
	if err == nil && v.ActivityID != a.ID {
		err = activity.ErrShiftNotFound
	}
	if err != nil {
		return err
	}
	cal := newCalendar(a.Title)
	h.addEvent(r.Context(), cal, v, shiftStatus(v))
	w.Header().Set("Content-Disposition", `attachment; filename="`+id.String()+`.ics"`)
	return writeCalendar(w, cal)
}

func newCalendar(name string) *ics.Calendar {
	cal := ics.NewCalendarFor("Kapok")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(name)
	cal.SetXWRTimezone("Asia/Shanghai")
	return cal
}

func shiftStatus(v activity.ShiftView) ics.ObjectStatus {
	if v.State == activity.ShiftCancelled || v.Activity.State == activity.Cancelled {
		return ics.ObjectStatusCancelled
	}
	return ics.ObjectStatusConfirmed
}

func (h handlers) addEvent(ctx context.Context, cal *ics.Calendar, v activity.ShiftView, status ics.ObjectStatus) {
	e := cal.AddEvent(v.ID.String() + "@kapok")
	e.SetDtStampTime(h.Clock.Now())
	e.SetSequence(v.Activity.Version) // every change of time or place counts it up
	e.SetStartAt(v.StartsAt)
	e.SetEndAt(v.EndsAt)
	title := v.Activity.Title
	if v.Name != "" {
		title += " · " + v.Name
	}
	e.SetSummary(title)
	e.SetLocation(v.Place)
	if v.Lat != nil {
		e.SetGeo(strconv.FormatFloat(*v.Lat, 'f', 5, 64), strconv.FormatFloat(*v.Lon, 'f', 5, 64))
	}
	e.SetDescription(t(ctx, "cal.description", "responsible", v.Activity.Responsible, "contact", v.Activity.Contact, "risks", v.Activity.Risks))
	e.SetURL(h.Origin + "/activities/" + v.ActivityID.String())
	e.SetStatus(status)
}

func writeCalendar(w http.ResponseWriter, cal *ics.Calendar) error {
	w.Header().Set("Content-Type", calendarType)
	w.Header().Set("Cache-Control", "private, max-age=300")
	_, err := w.Write([]byte(cal.Serialize()))
	if err != nil {
		return nil // the client has gone
	}
	return nil
}

// feed is what a person is signed up for, for a calendar program that knows
// the secret address. It says nothing of who the person is.
func (h handlers) feed(w http.ResponseWriter, r *http.Request) error {
	token, isCalendar := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !isCalendar {
		return activity.ErrNoCalendar
	}
	who, err := h.Calendars.Person(r.Context(), token)
	if err != nil {
		return err
	}
	cal, err := h.calendarOf(r.Context(), who)
	if err != nil {
		return err
	}
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	return writeCalendar(w, cal)
}

// pastSignups is how many past sign-ups a feed still shows.
const pastSignups = 50

func (h handlers) calendarOf(ctx context.Context, who uuid.UUID) (*ics.Calendar, error) {
	people := []uuid.UUID{who}
	list, err := h.Activities.Upcoming(ctx, people)
	if err != nil {
		return nil, err
	}
	past, err := h.Activities.PastSignups(ctx, people, 0, pastSignups)
	if err != nil {
		return nil, err
	}
	list = append(list, past...)
	ids := make([]uuid.UUID, len(list))
	for i, m := range list {
		ids[i] = m.Shift
	}
	shifts, err := h.Activities.Shifts(ctx, h.Pool, ids)
	if err != nil {
		return nil, err
	}
	cal := newCalendar(t(ctx, "cal.name"))
	seen := map[uuid.UUID]bool{}
	for _, m := range list {
		if v, ok := shifts[m.Shift]; ok && !seen[m.Shift] { // the newest sign-up of a shift comes first
			seen[m.Shift] = true
			h.addEvent(ctx, cal, v, signupStatus(m.State, v))
		}
	}
	return cal, nil
}

func signupStatus(s activity.SignupState, v activity.ShiftView) ics.ObjectStatus {
	switch s {
	case activity.SignupConfirmed:
		return shiftStatus(v)
	case activity.SignupPending, activity.SignupWaiting:
		return ics.ObjectStatusTentative
	}
	return ics.ObjectStatusCancelled
}

// calendarView is the reader's page about the feed.
type calendarView struct{ Address string }

func (h handlers) calendarPage(w http.ResponseWriter, r *http.Request) error {
	token, err := h.Calendars.Of(r.Context(), account.From(r.Context()).Person)
	if err != nil {
		return err
	}
	v := calendarView{}
	if token != "" {
		v.Address = h.feedAddress(r, token)
	}
	return show(w, r, calendarPage(v))
}

// feedAddress is absolute, because it is copied into another program.
func (h handlers) feedAddress(r *http.Request, token string) string {
	origin := h.Origin
	if origin == "" {
		origin = "http://" + r.Host
	}
	return origin + "/calendar/" + token + ".ics"
}

func (h handlers) renewCalendar(w http.ResponseWriter, r *http.Request) error {
	if _, err := h.Calendars.Renew(r.Context(), account.From(r.Context()).Person); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "cal.made")
	http.Redirect(w, r, "/me/calendar", http.StatusSeeOther)
	return nil
}

func (h handlers) endCalendar(w http.ResponseWriter, r *http.Request) error {
	if err := h.Calendars.End(r.Context(), account.From(r.Context()).Person); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "cal.ended")
	http.Redirect(w, r, "/me/calendar", http.StatusSeeOther)
	return nil
}

// webcal is the address in the form that calendar programs open by themselves.
func (v calendarView) webcal() string {
	_, rest, _ := strings.Cut(v.Address, "://")
	return "webcal://" + rest
}
