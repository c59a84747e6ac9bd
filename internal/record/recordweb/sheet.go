package recordweb

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/record"
	"kapok/internal/ui"
)

// sheetView is the reconciliation of a shift as its organiser sees it.
type sheetView struct {
	record.Sheet
	Desk       ui.DeskInfo
	Zone       *time.Location
	Full       bool // names in full
	openly     map[uuid.UUID]bool
	MayConfirm bool
	MayWrite   bool
	Refused    []refusedLine // by the confirmation just made
	AlsoDone   int           // confirmed by the same
	Hidden     int           // lines left out of the page
}

// refusedLine is somebody whose hours could not be confirmed, and why.
type refusedLine struct {
	VolunteerNo string
	Why         *fault.Error
}

// maxLines is how many people stand on the page; all that need a look do, and
// the table to download has everybody.
const maxLines = 300

func (d Deps) sheet(w http.ResponseWriter, r *http.Request) error {
	v, err := d.sheetView(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, sheetPage(v))
}

func (d Deps) sheetView(r *http.Request) (sheetView, error) {
	ctx := r.Context()
	sh, err := d.sheetOf(r)
	if err != nil {
		return sheetView{}, err
	}
	a := sh.Shift.Activity
	v := sheetView{Sheet: sh, Zone: clock.ZoneOf(a.Division), Full: r.Method == http.MethodGet && r.URL.Query().Get("names") == "full",
		Desk:       d.frame(ctx, a.Org, a.Title, orgPath(a.Org)),
		MayConfirm: d.may(ctx, account.ConfirmHours, a.Org, a.Division), MayWrite: d.may(ctx, account.RecordHours, a.Org, a.Division)}
	if v.Full {
		if v.openly, err = d.openly(ctx, sh); err != nil {
			return sheetView{}, err
		}
	}
	err = d.seen(ctx, sh, v.openly, false)
	if n := max(maxLines, v.Looks); len(v.Rows) > n { // what needs a look comes first
		v.Hidden = len(v.Rows) - n
	}
	return v, err
}

func (d Deps) sheetOf(r *http.Request) (record.Sheet, error) {
	id, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return record.Sheet{}, fault.ErrNotFound
	}
	return d.Records.Reconciliation(r.Context(), id)
}

// Shown are the people on the page.
func (v sheetView) Shown() []record.Row { return v.Rows[:len(v.Rows)-v.Hidden] }

func (v sheetView) name(ctx context.Context, p person.Person) string {
	return person.ShownName(i18n.From(ctx), p, v.openly)
}

func (v sheetView) path() string { return shiftPath(v.Shift.ID) }

// pick carries a record with the version that the page showed.
func pick(r *record.ServiceRecord) string { return r.ID.String() + ":" + strconv.Itoa(r.Version) }

func readPicks(f *web.Form) ([]record.Pick, *fault.Error) {
	var out []record.Pick
	for _, s := range f.All("pick") {
		id, version, _ := strings.Cut(s, ":")
		n, err := strconv.Atoi(version)
		u, bad := uuid.Parse(id)
		if err != nil || bad != nil {
			return nil, fault.ErrBadValue
		}
		out = append(out, record.Pick{Record: u, Version: n})
	}
	if len(out) == 0 {
		return nil, fault.ErrRequired
	}
	return out, nil
}

// confirm confirms the records picked, in one go.
func (d Deps) confirm(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	picks, bad := readPicks(f)
	f.Check.Add("pick", bad)
	if err := f.Err(); err != nil {
		return err
	}
	shift, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return fault.ErrNotFound
	}
	out, err := d.Records.Confirm(r.Context(), record.Confirmation{Shift: shift, By: me(r.Context()), Picks: picks})
	if err != nil {
		return err
	}
	refused := slices.DeleteFunc(slices.Clone(out), func(o record.Outcome) bool { return o.Err == nil })
	if len(refused) > 0 {
		return d.confirmedInPart(w, r, refused, len(out)-len(refused))
	}
	ui.SetFlash(w, r, ui.Jade, "recordweb.desk.confirmed", "n", len(out))
	return web.Back(w, r, shiftPath(shift))
}

// confirmedInPart shows the sheet again with those who could not be confirmed.
func (d Deps) confirmedInPart(w http.ResponseWriter, r *http.Request, refused []record.Outcome, n int) error {
	v, err := d.sheetView(r)
	if err != nil {
		return err
	}
	v.AlsoDone = n
	for _, o := range refused {
		i := slices.IndexFunc(v.Rows, func(x record.Row) bool { return x.Record != nil && x.Record.ID == o.Record })
		l := refusedLine{Why: o.Err}
		if i >= 0 {
			l.VolunteerNo = v.Rows[i].Person.VolunteerNo
		}
		v.Refused = append(v.Refused, l)
	}
	return web.Page(w, r, http.StatusConflict, sheetPage(v))
}

// xlsx hands out the sheet as a table; that names leave Kapok is noted.
func (d Deps) xlsx(w http.ResponseWriter, r *http.Request) error {
	sh, err := d.sheetOf(r)
	if err != nil {
		return err
	}
	openly, err := d.openly(r.Context(), sh)
	if err != nil {
		return err
	}
	if err := d.seen(r.Context(), sh, openly, true); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := sh.WriteXLSX(&out, i18n.From(r.Context()), openly); err != nil {
		return err
	}
	day := sh.Shift.StartsAt.In(clock.ZoneOf(sh.Shift.Activity.Division)).Format(time.DateOnly)
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="hours-%s.xlsx"; filename*=UTF-8''%s`,
		day, url.PathEscape(sh.Shift.Activity.Title+" "+day+".xlsx")))
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(out.Bytes()) // the browser may have gone; nothing to do
	return nil
}
