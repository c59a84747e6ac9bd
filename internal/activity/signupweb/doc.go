// Package signupweb is the pages and operations of sign-ups.
//
// Owns: POST /activities/{activity}/shifts/{shift}/signup, GET and POST …/cancel,
// POST …/ask-guardian and …/family,
// /me/signups, /console/shifts/{shift}/signups; under /api/v1: sign-ups of a
// shift, of the reader, the organiser's decisions.
//
// Words: 报名 sign-up, 亲子报名 family sign-up, 我的报名 my sign-ups, 名单 roster, 审核 decision.
//
// Invariants: pressing twice, going back or answering from two tabs changes
// nothing a second time; a refusal names every reason; names of volunteers are
// masked for organisers unless they ask for them in full, which is recorded; a
// minor's stays masked without a second person's approval.
//
// States, tables: none.
//
// Not here: the box on the page of an activity (signupbox), attendance.
package signupweb

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/activity"
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
	People     *person.Service
	Access     account.Access
	// Desk is the frame of an organisation's desk: its name and menu. nil
	// leaves both out.
	Desk func(ctx context.Context, org uuid.UUID) ui.DeskInfo
	// Cleared are the minors of a shift whose names by may read in full; nil: none.
	Cleared func(ctx context.Context, by, shift uuid.UUID, people []uuid.UUID) (map[uuid.UUID]bool, error)
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	site.Handle("POST", "/activities/{activity}/shifts/{shift}/signup", account.SignedIn, d.signUp)
	site.Handle("GET", "/activities/{activity}/shifts/{shift}/cancel", account.SignedIn, d.cancelPage)
	site.Handle("POST", "/activities/{activity}/shifts/{shift}/cancel", account.SignedIn, d.cancel)
	site.Handle("POST", "/activities/{activity}/shifts/{shift}/family", account.SignedIn, d.signUpFamily)
	site.Handle("POST", "/activities/{activity}/shifts/{shift}/ask-guardian", account.SignedIn, d.askGuardian)
	site.Handle("GET", "/me/signups", account.SignedIn, d.mine)
	site.Handle("GET", "/console/shifts/{shift}/signups", d.Access.Allow(account.ViewOrg, d.target), d.rosterPage)
	site.Handle("POST", "/console/shifts/{shift}/signups", d.Access.Allow(account.ManageSignups, d.target), d.decide)
	d.operations(api)
	d.familyOperations(api)
}

// target is the organisation whose shift the path names.
func (d Deps) target(r *http.Request) (account.Target, error) {
	v, err := d.shift(r)
	return account.Target{Org: v.Activity.Org, Region: v.Activity.Division}, err
}

// shift is the shift the path names, with its activity.
func (d Deps) shift(r *http.Request) (activity.ShiftView, error) {
	id, err := uuid.Parse(r.PathValue("shift"))
	if err != nil {
		return activity.ShiftView{}, activity.ErrShiftNotFound
	}
	v, err := d.Activities.Shift(r.Context(), d.Pool, id)
	if err == nil && r.PathValue("activity") != "" && r.PathValue("activity") != v.ActivityID.String() {
		err = activity.ErrShiftNotFound
	}
	return v, err
}

// whose is who a sign-up is for: the reader, or a ward named by id.
func whose(ctx context.Context, ward string) (who, by uuid.UUID, err error) {
	p := account.From(ctx)
	if ward == "" {
		return p.Person, p.Person, nil
	}
	id, err := uuid.Parse(ward)
	if err != nil || !p.MayActFor(id) {
		return uuid.Nil, uuid.Nil, person.ErrNotGuardian
	}
	return id, p.Person, nil
}
