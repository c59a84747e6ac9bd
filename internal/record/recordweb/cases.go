package recordweb

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// caseView is a forgotten check-out, to be settled.
type caseView struct {
	Desk       ui.DeskInfo
	Shift      activity.ShiftView
	Attendance attendance.Attendance
	Missing    *attendance.Missing
	Person     person.Person
	Zone       *time.Location
	Form       *web.Form
	Err        error
}

// attendanceOf finds the attendance that a path names, at the shift it names.
func (d Deps) attendanceOf(r *http.Request) (attendance.Attendance, error) {
	return d.ofShift(r.Context(), r.PathValue("shift"), r.PathValue("attendance"))
}

func (d Deps) caseView(r *http.Request, f *web.Form) (caseView, error) {
	ctx := r.Context()
	a, err := d.attendanceOf(r)
	if err != nil {
		return caseView{}, err
	}
	v := caseView{Attendance: a, Form: f}
	if v.Shift, err = d.Activities.Shift(ctx, d.Pool, a.Shift); err != nil {
		return v, err
	}
	v.Zone = clock.ZoneOf(v.Shift.Activity.Division)
	v.Desk = d.frame(ctx, v.Shift.Activity.Org, c(ctx, "case.title"), shiftPath(a.Shift))
	if m, err := attendance.MissingOf(ctx, d.Pool, a.ID); err == nil {
		v.Missing = &m
	}
	if v.Person, err = d.People.Get(ctx, a.Person); err != nil {
		return v, err
	}
	return v, d.seenOne(ctx, audit.Object("attendance", a.ID), v.Shift.Activity.Org, v.Shift.Activity.Division, a.Person)
}

func (d Deps) caseForm(w http.ResponseWriter, r *http.Request) error {
	v, err := d.caseView(r, web.NewForm(nil))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, casePage(v))
}

// settle ends a case as the button pressed says.
func (d Deps) settle(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := d.attendanceOf(r)
	if err != nil {
		return err
	}
	verdict := attendance.Verdict{Attendance: a.ID, By: me(r.Context()), How: attendance.How(f.Get("how")), Reason: f.Get("reason")}
	if verdict.How == attendance.Actual {
		verdict.OutAt = f.DateTime("out_at", true, clock.Shanghai)
	}
	if err = f.Err(); err == nil {
		err = d.Attendance.Settle(r.Context(), verdict)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "recordweb.desk.settled."+string(verdict.How))
		return web.Back(w, r, shiftPath(a.Shift))
	}
	return d.caseAgain(w, r, f, err)
}

func (d Deps) caseAgain(w http.ResponseWriter, r *http.Request, f *web.Form, err error) error {
	v, failed := d.caseView(r, f)
	if failed != nil {
		return failed
	}
	if v.Err = f.Show(err); v.Err != nil {
		return web.Refuse(w, r, v.Err, casePage(v))
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, casePage(v))
}

// ask asks the volunteer when he left.
func (d Deps) ask(w http.ResponseWriter, r *http.Request) error {
	a, err := d.attendanceOf(r)
	if err != nil {
		return err
	}
	if err := d.Attendance.Ask(r.Context(), a.ID, me(r.Context())); err != nil {
		return d.caseAgain(w, r, web.NewForm(nil), err)
	}
	ui.SetFlash(w, r, ui.Indigo, "recordweb.desk.asked")
	return web.Back(w, r, shiftPath(a.Shift))
}

// writeView is the form for somebody who came but was not checked in.
type writeView struct {
	Desk  ui.DeskInfo
	Shift activity.ShiftView
	Zone  *time.Location
	Form  *web.Form
	Err   error
}

func (d Deps) writeView(r *http.Request, f *web.Form) (writeView, error) {
	ctx := r.Context()
	id, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return writeView{}, fault.ErrNotFound
	}
	sh, err := d.Activities.Shift(ctx, d.Pool, id)
	return writeView{Desk: d.frame(ctx, sh.Activity.Org, c(ctx, "write.title"), shiftPath(id)), Shift: sh, Zone: clock.ZoneOf(sh.Activity.Division), Form: f}, err
}

func (d Deps) writeForm(w http.ResponseWriter, r *http.Request) error {
	v, err := d.writeView(r, web.NewForm(nil))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, writePage(v, web.ReadQuery(r).Get("no")))
}

func (d Deps) write(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := d.writeView(r, f)
	if err != nil {
		return err
	}
	entry := attendance.Entry{Shift: v.Shift.ID, By: me(r.Context()), Reason: f.Get("reason"),
		InAt: f.DateTime("in_at", true, v.Zone), OutAt: f.DateTime("out_at", true, v.Zone)}
	entry.Person, err = d.numbered(r.Context(), &f.Check, f.Get("volunteer_no"))
	if err == nil {
		if err = f.Err(); err == nil {
			_, err = d.Attendance.Write(r.Context(), entry)
		}
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "recordweb.desk.written")
		return web.Back(w, r, shiftPath(v.Shift.ID))
	}
	if v.Err = f.Show(err); v.Err != nil {
		return web.Refuse(w, r, v.Err, writePage(v, ""))
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, writePage(v, ""))
}

// numbered finds a person by volunteer number; an unknown one is noted at the field.
func (d Deps) numbered(ctx context.Context, check *fault.Check, no string) (uuid.UUID, error) {
	if no == "" {
		check.Add("volunteer_no", fault.ErrRequired)
		return uuid.Nil, nil
	}
	p, err := d.People.ByVolunteerNo(ctx, no)
	if err == nil {
		return p.ID, nil
	}
	if e := fault.As(err); e.Kind == fault.NotFound || e.Kind == fault.Invalid {
		check.Add("volunteer_no", ErrNoSuchVolunteer)
		return uuid.Nil, nil
	}
	return uuid.Nil, err
}

// likely is the way chosen at first.
func (v caseView) likely() string {
	if v.Missing != nil && v.Missing.AnswerOutAt != nil {
		return string(attendance.Answer)
	}
	return string(attendance.ShiftEnd)
}

// ways are the ways this case can be settled now.
func (v caseView) ways(ctx context.Context) []ui.Option {
	list := []attendance.How{attendance.ShiftEnd, attendance.Actual, attendance.Refused}
	if v.Missing != nil && v.Missing.AnswerOutAt != nil {
		list = append([]attendance.How{attendance.Answer}, list...)
	}
	var out []ui.Option
	for _, how := range list {
		if v.Attendance.State != attendance.Dismissed || how != attendance.Refused {
			out = append(out, ui.Option{Value: string(how), Text: c(ctx, "how."+string(how)), Hint: c(ctx, "how."+string(how)+".hint")})
		}
	}
	return out
}

// ErrNoSuchVolunteer: the number is nobody's.
var ErrNoSuchVolunteer = fault.Define(fault.Invalid, "recordweb.no_such_volunteer")
