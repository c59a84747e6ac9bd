package attendanceweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/audit"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/qr"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

func shiftPath(v activity.ShiftView, page string) string {
	return "/console/shifts/" + v.ID.String() + "/" + page
}

// codeView is the code as it is projected. It names nobody.
type codeView struct {
	attendance.Code
	Shift activity.ShiftView
	SVG   string
	Left  int // seconds until the next one
	Came  int
	Err   error // why no code is shown
}

// every is how often the part renews itself, in seconds: often enough for the
// countdown and the count, and on the dot when the code changes.
func (v codeView) every() int { return min(5, v.Left) }

func (d Deps) codeView(r *http.Request) (codeView, error) {
	sh, err := d.shift(r)
	if err != nil {
		return codeView{}, err
	}
	v := codeView{Shift: sh}
	if v.Code, v.Err = d.Attendance.ShowCode(sh); v.Err != nil {
		return v, nil
	}
	v.Left = d.left(v.Code)
	list, err := attendance.OfShift(r.Context(), d.Pool, sh.ID)
	if err != nil {
		return v, err
	}
	v.Came = len(list)
	code, err := qr.Encode(d.address(v.Code))
	if err == nil {
		v.SVG = code.SVG(t(r.Context(), "code.label"))
	}
	return v, err
}

// address is what a shift's QR code carries.
func (d Deps) address(c attendance.Code) string { return d.Base + attendance.ScanPath + c.Token }

func (d Deps) code(w http.ResponseWriter, r *http.Request) error {
	v, err := d.codeView(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, codePage(v))
}

func (d Deps) codeLive(w http.ResponseWriter, r *http.Request) error {
	v, err := d.codeView(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, codePart(v))
}

// line is one who came, as the organiser sees them.
type line struct {
	attendance.Attendance
	Name        string // masked
	VolunteerNo string
}

// onceIn is how long one look at who came stands for the next: the page shows
// them again after every scan.
const onceIn = 10 * time.Minute

// lines adds masked names; that they were read is recorded.
func (d Deps) lines(ctx context.Context, list []attendance.Attendance) ([]line, error) {
	if len(list) == 0 {
		return nil, nil
	}
	who := make([]uuid.UUID, len(list))
	for i, a := range list {
		who[i] = a.Person
	}
	people, err := d.People.GetMany(ctx, who)
	if err == nil {
		err = audit.Read(ctx, d.Pool, audit.Reading{At: d.Clock.Now(), Actor: account.From(ctx).Person, Subjects: who, Object: audit.Object("shift", list[0].Shift),
			Data: []audit.Data{audit.MaskedName, audit.Service}, Purpose: "check_in", Org: &list[0].Org, Within: onceIn})
	}
	out := make([]line, len(list))
	for i, a := range list {
		p := people[a.Person]
		out[i] = line{a, person.MaskName(person.NameIn(i18n.From(ctx), p)), p.VolunteerNo}
	}
	return out, err
}

// maxLines is how many of those who came stand on the page of scanning; the
// reconciliation has all of them.
const maxLines = 50

// scanView is the page where the organiser scans personal codes.
type scanView struct {
	Desk   *ui.DeskInfo
	Shift  activity.ShiftView
	Dir    attendance.Direction
	Lines  []line // newest first
	Came   int
	There  int // of them, not gone yet
	Done   *line
	Err    error
	Values *web.Form
}

func (d Deps) scan(w http.ResponseWriter, r *http.Request) error {
	v, err := d.scanView(r, attendance.Direction(r.URL.Query().Get("dir")))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, scanPage(v))
}

func (d Deps) scanView(r *http.Request, dir attendance.Direction) (scanView, error) {
	ctx := r.Context()
	sh, err := d.shift(r)
	if err != nil {
		return scanView{}, err
	}
	v := scanView{Shift: sh, Dir: d.likely(dir, sh)}
	if d.Desk != nil {
		desk := d.Desk(ctx, sh.Activity.Org)
		v.Desk = &desk
	}
	list, err := attendance.OfShift(ctx, d.Pool, sh.ID)
	if err != nil {
		return v, err
	}
	v.Came = len(list)
	for _, a := range list {
		if a.State == attendance.Open {
			v.There++
		}
	}
	if err := d.done(ctx, &v, list, r.URL.Query().Get("done")); err != nil {
		return v, err
	}
	slices.Reverse(list)
	v.Lines, err = d.lines(ctx, list[:min(len(list), maxLines)])
	return v, err
}

// likely is the direction chosen at first: in during the first half of a shift.
func (d Deps) likely(dir attendance.Direction, sh activity.ShiftView) attendance.Direction {
	switch {
	case dir == attendance.In || dir == attendance.Out:
		return dir
	case d.Clock.Now().Before(sh.StartsAt.Add(sh.EndsAt.Sub(sh.StartsAt) / 2)):
		return attendance.In
	}
	return attendance.Out
}

// done finds the one who was just scanned.
func (d Deps) done(ctx context.Context, v *scanView, list []attendance.Attendance, id string) error {
	i := slices.IndexFunc(list, func(a attendance.Attendance) bool { return a.ID.String() == id })
	if i < 0 {
		return nil
	}
	one, err := d.lines(ctx, list[i:i+1])
	if err == nil {
		v.Done = &one[0]
	}
	return err
}

// scanCard checks in or out whose personal code was scanned or typed.
func (d Deps) scanCard(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	dir := attendance.Direction(f.Choice("dir", true, string(attendance.In), string(attendance.Out)))
	code := f.Text("code", true, 500)
	var a attendance.Attendance
	if err = f.Err(); err == nil {
		var sh activity.ShiftView
		if sh, err = d.shift(r); err == nil {
			a, err = d.goByCard(r.Context(), sh.ID, code, dir)
		}
	}
	if err == nil {
		q := "?dir=" + string(dir) + "&done=" + a.ID.String()
		return web.Back(w, r, strings.TrimSuffix(r.URL.Path, "/")+q)
	}
	return d.scanAgain(w, r, f, err)
}

func (d Deps) goByCard(ctx context.Context, shift uuid.UUID, code string, dir attendance.Direction) (attendance.Attendance, error) {
	proof, err := d.Attendance.ReadCard(ctx, shift, code, account.From(ctx).Person)
	if err != nil {
		return attendance.Attendance{}, forOrganiser(err)
	}
	a, err := d.Attendance.Go(ctx, proof, dir, nil)
	return a, forOrganiser(err)
}

// scanAgain shows the page with the refusal; the code is gone from the field,
// as it will not be good again.
func (d Deps) scanAgain(w http.ResponseWriter, r *http.Request, f *web.Form, err error) error {
	v, failed := d.scanView(r, attendance.Direction(f.Get("dir")))
	if failed != nil {
		return failed
	}
	if f.Show(err) == nil {
		v.Values = f
		return web.Page(w, r, http.StatusUnprocessableEntity, scanPage(v))
	}
	v.Err = err
	return web.Refuse(w, r, err, scanPage(v))
}
