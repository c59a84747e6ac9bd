package attendanceweb

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/qr"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

func attendancePath(id uuid.UUID) string { return "/me/attendance/" + id.String() }

// resultView is the page of one attendance: what happened, and what is asked.
type resultView struct {
	attendance.Attendance
	Shift  activity.ShiftView
	Of     member              // of whom, when a ward
	Case   *attendance.Missing // of a forgotten check-out
	Values *web.Form
}

func (v resultView) zone() *time.Location { return zone(v.Shift) }

// minutes is the service time that counts.
func (v resultView) minutes() int {
	if v.OutAt == nil {
		return 0
	}
	_, _, n := attendance.Served(v.InAt, *v.OutAt, v.Shift.Shift)
	return n
}

func (d Deps) show(w http.ResponseWriter, r *http.Request) error {
	v, err := d.resultView(r.Context(), r.PathValue("attendance"))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, resultPage(v))
}

// own finds an attendance of the reader or a ward; to anybody else it does not exist.
func (d Deps) own(ctx context.Context, id string) (attendance.Attendance, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return attendance.Attendance{}, attendance.ErrNotFound
	}
	a, err := attendance.Get(ctx, d.Pool, parsed)
	if err == nil && !account.From(ctx).MayActFor(a.Person) {
		err = attendance.ErrNotFound
	}
	return a, err
}

func (d Deps) resultView(ctx context.Context, id string) (resultView, error) {
	a, err := d.own(ctx, id)
	if err != nil {
		return resultView{}, err
	}
	v := resultView{Attendance: a}
	if v.Shift, err = d.Attendance.Shift(ctx, a.Shift); err != nil {
		return v, err
	}
	family, err := d.family(ctx)
	v.Of = memberOf(family, a.Person)
	if err != nil || a.State != attendance.Unconfirmed {
		return v, err
	}
	m, err := attendance.MissingOf(ctx, d.Pool, a.ID)
	v.Case = &m
	return v, err
}

// answer keeps when the volunteer says he left.
func (d Deps) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := d.resultView(r.Context(), r.PathValue("attendance"))
	if err != nil {
		return err
	}
	reply := attendance.Reply{Attendance: v.ID, By: account.From(r.Context()).Person,
		OutAt: f.DateTime("out_at", true, v.zone()), Note: f.Text("note", false, 200)}
	if err = f.Err(); err == nil {
		err = d.Attendance.Answer(r.Context(), reply)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "attendanceweb.answered")
		return web.Back(w, r, attendancePath(v.ID))
	}
	if err := f.Show(err); err != nil {
		return web.Refuse(w, r, err, settledPage(v, err))
	}
	v.Values = f
	return web.Page(w, r, http.StatusUnprocessableEntity, resultPage(v))
}

// cardView is the personal code of one of the family.
type cardView struct {
	attendance.Code
	Of     member
	Family []member
	SVG    string
	Every  int // seconds until the next one
}

func (d Deps) cardView(r *http.Request) (cardView, error) {
	ctx := r.Context()
	who, err := whose(ctx, r.URL.Query().Get("for"))
	if err != nil {
		return cardView{}, err
	}
	family, err := d.family(ctx)
	if err != nil {
		return cardView{}, err
	}
	v := cardView{Code: d.Attendance.ShowCard(who), Of: memberOf(family, who), Family: family}
	v.Every = d.left(v.Code)
	code, err := qr.Encode(v.Token)
	if err == nil {
		v.SVG = code.SVG(t(ctx, "card.label"))
	}
	return v, err
}

// left is how many seconds a code is still shown.
func (d Deps) left(c attendance.Code) int {
	return max(1, int((c.Until.Sub(d.Clock.Now())+time.Second-1)/time.Second))
}

func (d Deps) card(w http.ResponseWriter, r *http.Request) error {
	v, err := d.cardView(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, cardPage(v))
}

func (d Deps) cardLive(w http.ResponseWriter, r *http.Request) error {
	v, err := d.cardView(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, cardCode(v))
}
