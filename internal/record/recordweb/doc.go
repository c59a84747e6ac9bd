// Package recordweb is the pages and operations of hours: the volunteer's own
// account of them, and the organiser's and administrator's desks.
//
// Owns: /me/hours, /me/hours/{record}; /console/orgs/{org}/hours,
// /console/shifts/{shift}/hours and what hangs below; /admin/late.
// Words: 我的时数 my hours, 核对时数 reconciliation, 异议 objection.
// Invariants: a record is shown to its person, the guardian and its
// organisation only; every change asks for a reason and shows the old value.
// Not here: what may happen to a record (record).
package recordweb

import (
	"context"
	_ "embed"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/record"
	"kapok/internal/region"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need; main gives it.
type Deps struct {
	Pool       *pgxpool.Pool
	Clock      clock.Clock
	Records    *record.Service
	Attendance *attendance.Service
	Activities *activity.Service
	People     *person.Service
	Orgs       *organisation.Service
	Regions    *region.Tree
	Access     account.Access
	Desk       func(ctx context.Context, org uuid.UUID) ui.DeskInfo
	RegionDesk func(ctx context.Context, division string) ui.DeskInfo
	// Cleared are the minors of a shift whose names by may read in full; nil: none.
	Cleared func(ctx context.Context, by, shift uuid.UUID, people []uuid.UUID) (map[uuid.UUID]bool, error)
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	site.Handle("GET", "/me/hours", account.SignedIn, d.mine)
	site.Handle("GET", "/me/hours/{record}", account.SignedIn, d.one)
	site.Handle("POST", "/me/hours/{record}/object", account.SignedIn, d.object)
	d.mineOperations(api)
	d.consoleRoutes(site, api)
}

// own finds a record of the reader or a ward; to others it does not exist.
func (d Deps) own(ctx context.Context, id string) (record.ServiceRecord, error) {
	n, err := uuid.Parse(id)
	if err != nil {
		return record.ServiceRecord{}, fault.ErrNotFound
	}
	rec, err := record.Get(ctx, d.Pool, n)
	if err == nil && !account.From(ctx).MayActFor(rec.Person) {
		err = fault.ErrNotFound
	}
	return rec, err
}

// holder is whose hours are asked for: the reader's, or those of the ward named.
func holder(ctx context.Context, ward string) (uuid.UUID, error) {
	p := account.From(ctx)
	if ward == "" {
		return p.Person, nil
	}
	id, err := uuid.Parse(ward)
	if err != nil || !p.MayActFor(id) {
		return uuid.Nil, person.ErrNotGuardian
	}
	return id, nil
}
