package attendanceweb

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/attendance"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// checkinView is the page 签到.
type checkinView struct {
	today
	Family []member
	Values *web.Form
	For    uuid.UUID // chosen at first
	Code   bool      // 长者模式: the second step, in which the code is read
}

// codeStep is the second step of 长者模式.
const codeStep = "/checkin?code=1"

func (v checkinView) page(ctx context.Context) ui.PageInfo {
	p := ui.PageInfo{Title: t(ctx, "title"), Tab: ui.TabCheck, Narrow: true, NoIndex: true}
	if v.Code {
		p.Back = "/checkin"
	}
	return p
}

// direction is what the button of the second step does.
func (v checkinView) direction() attendance.Direction {
	if first := v.first(); first != nil {
		return first.next()
	}
	return attendance.In
}

// first is what most likely is to be done now: the first visit not finished.
func (v checkinView) first() *visit {
	for i := range v.Now {
		if v.Now[i].next() != "" {
			return &v.Now[i]
		}
	}
	return nil
}

func (d Deps) checkin(w http.ResponseWriter, r *http.Request) error {
	v, err := d.checkinView(r, nil)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, checkinPage(v))
}

func (d Deps) checkinView(r *http.Request, f *web.Form) (checkinView, error) {
	family, err := d.family(r.Context())
	if err != nil {
		return checkinView{}, err
	}
	v := checkinView{Family: family, Values: f, For: family[0].ID, Code: ui.IsElder(r.Context()) && (f != nil || r.URL.Query().Has("code"))}
	v.today, err = d.today(r.Context(), family)
	if first := v.first(); first != nil {
		v.For = first.ID
	}
	return v, err
}

// typed reads what was typed, or scanned within the page. With a direction (the
// one button of 长者模式) that is all; else the page of the shift follows.
func (d Deps) typed(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	who, err := whose(r.Context(), f.Get("for"))
	if err != nil {
		return err
	}
	code, do := f.Text("code", true, 500), attendance.Direction(f.Choice("do", false, string(attendance.In), string(attendance.Out)))
	err = f.Err()
	var proof attendance.Proof
	if err == nil {
		proof, err = d.Attendance.Read(r.Context(), who, code, nil)
	}
	if err != nil {
		return d.typedAgain(w, r, f, err)
	}
	ticket := d.Attendance.Ticket(proof)
	if do == "" {
		return web.Back(w, r, "/checkin/"+ticket)
	}
	a, err := d.Attendance.Go(r.Context(), proof, do, nil)
	if err != nil {
		return d.refuse(w, r, ticket, err)
	}
	return web.Back(w, r, attendancePath(a.ID))
}

// typedAgain shows the page once more with what is wrong with the code.
func (d Deps) typedAgain(w http.ResponseWriter, r *http.Request, f *web.Form, err error) error {
	status := web.Status(fault.As(err).Kind)
	if err := f.Show(fault.At("code", err)); err != nil {
		return err
	}
	v, failed := d.checkinView(r, f)
	if failed != nil {
		return failed
	}
	return web.Page(w, r, status, checkinPage(v))
}
