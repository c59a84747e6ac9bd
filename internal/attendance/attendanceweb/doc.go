// Package attendanceweb is the pages and operations of being there: the code
// that the organiser shows, checking in and out, the volunteer's own code, the
// answer to a forgotten check-out.
//
// Owns: /checkin, /checkin/{ticket}, /c/{code} (where a shift's QR code leads),
// /me/code, /me/attendance/{attendance}, /console/shifts/{shift}/code and
// …/scan; under /api/v1: the code and the attendance of a shift, scans,
// attendance, me/code, me/attendance.
//
// Words: 签到 check in, 签退 check out, 动态码 rotating code, 个人码 card, 凭条
// ticket, 扫个人码 scan a card.
//
// Invariants: looking at a page never checks anybody in or out, a button does;
// the direction is always said. Pressing twice, going back and two tabs change
// nothing a second time. A code read before signing in is kept in that browser
// only. What is projected shows no names; lists of organisers mask them. A
// position goes to the service and nowhere else.
//
// States, tables: none.
//
// Not here: hours and their confirmation (recordweb), sign-ups (signupweb).
package attendanceweb

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need; main gives it.
type Deps struct {
	Pool       *pgxpool.Pool
	Clock      clock.Clock
	Activities *activity.Service
	Attendance *attendance.Service
	People     *person.Service
	Access     account.Access
	Base       string // https://host: what a shift's QR code begins with
	// Desk is the frame of an organisation's desk: its name and menu. nil
	// leaves both out.
	Desk func(ctx context.Context, org uuid.UUID) ui.DeskInfo
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	run := d.Access.Allow(account.RunShift, d.target)
	site.Handle("GET", "/checkin", account.SignedIn, d.checkin)
	site.Handle("POST", "/checkin", account.SignedIn, d.typed)
	site.Handle("GET", attendance.ScanPath+"{code}", account.Public, d.scanned)
	site.Handle("GET", "/checkin/{ticket}", account.SignedIn, d.arrive)
	site.Handle("POST", "/checkin/{ticket}", account.SignedIn, d.confirm)
	site.Handle("GET", "/me/code", account.SignedIn, d.card)
	site.Handle("GET", "/me/code/live", account.SignedIn, d.cardLive)
	site.Handle("GET", "/me/attendance/{attendance}", account.SignedIn, d.show)
	site.Handle("POST", "/me/attendance/{attendance}", account.SignedIn, d.answer)
	site.Handle("GET", "/console/shifts/{shift}/code", run, d.code)
	site.Handle("GET", "/console/shifts/{shift}/code/live", run, d.codeLive)
	site.Handle("GET", "/console/shifts/{shift}/scan", run, d.scan)
	site.Handle("POST", "/console/shifts/{shift}/scan", run, d.scanCard)
	d.operations(api)
}

// target is the organisation whose shift the path names.
func (d Deps) target(r *http.Request) (account.Target, error) {
	v, err := d.shift(r)
	return account.Target{Org: v.Activity.Org, Region: v.Activity.Division}, err
}

// shift is the shift the path names.
func (d Deps) shift(r *http.Request) (activity.ShiftView, error) {
	id, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return activity.ShiftView{}, activity.ErrShiftNotFound
	}
	return d.Attendance.Shift(r.Context(), id)
}

func t(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "attendanceweb."+key, args...)
}
