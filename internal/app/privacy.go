package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/audit"
	"kapok/internal/audit/auditweb"
	"kapok/internal/certificate"
	"kapok/internal/federation"
	"kapok/internal/idp"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/held"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
	"kapok/internal/organisation"
	"kapok/internal/privacy"
	"kapok/internal/privacy/privacyweb"
	"kapok/internal/record"
)

// rights is what the platform has for the rights of people over their data.
type rights struct {
	Chain   *audit.Chain
	Privacy *privacy.Service
	Fonts   *pdf.Fonts
}

// AuditKey is what the chain over the audit is keyed with.
func AuditKey(k *crypt.Keys) []byte { return k.Derive("audit/chain") }

func (a *App) makePrivacy(context.Context) error {
	a.Chain = &audit.Chain{Pool: a.Pool, Key: AuditKey(a.Keys), Log: a.Log}
	a.Privacy = privacy.New(privacy.Deps{Pool: a.Pool, Clock: a.Clock, Log: a.Log, Keys: a.Keys, People: a.People, Regions: a.Regions, Tell: a.Notify.SendTx,
		Holdings: a.holdings(), Blocks: a.blocks(), Leave: a.Activities.GiveBack, Forget: a.Accounts.Forget})
	a.Privacy.Purges = a.purges()
	return nil
}

type (
	heldFunc  func(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error)
	eraseFunc func(ctx context.Context, tx pgx.Tx, person uuid.UUID) error
)

// holding is an area that shows all of what it holds, and erases by the person alone.
func holding(area string, list heldFunc, erase eraseFunc) privacy.Holding {
	h := privacy.Holding{Area: area, Held: func(ctx context.Context, db pg.DB, person uuid.UUID, _ bool) (held.Things, error) {
		return list(ctx, db, person)
	}}
	if erase != nil {
		h.Erase = func(ctx context.Context, tx pgx.Tx, d privacy.Deletion) error { return erase(ctx, tx, d.Person) }
	}
	return h
}

// holdings are the areas, in the order in which they erase: the person last.
func (a *App) holdings() []privacy.Holding {
	certificates := holding("certificate", certificate.Held, nil)
	certificates.Erase = func(ctx context.Context, tx pgx.Tx, d privacy.Deletion) error {
		if d.KeepCertificates {
			return nil
		}
		return certificate.EraseTx(ctx, tx, d.Person, d.At)
	}
	return []privacy.Holding{
		certificates,
		holding("record", record.Held, record.EraseTx),
		holding("attendance", attendance.Held, attendance.EraseTx),
		holding("activity", activity.Held, activity.EraseTx),
		holding("organisation", organisation.Held, organisation.EraseTx),
		holding("notify", notify.Held, notify.EraseTx),
		holding("idp", idp.Held, idp.EraseTx),
		holding("federation", federation.Held, federation.EraseTx),
		holding("account", account.Held, a.Accounts.EraseTx),
		{Area: "person", Held: a.People.Held, Erase: func(ctx context.Context, tx pgx.Tx, d privacy.Deletion) error {
			return a.People.EraseTx(ctx, tx, d.Person)
		}},
	}
}

// blocks are what must be settled before a person can be erased.
func (a *App) blocks() []privacy.Block {
	return []privacy.Block{
		{Code: "wards", Count: a.People.CountWards}, {Code: "sole_admin", Count: organisation.CountSoleAdmin}, {Code: "roles", Count: account.CountRoles},
		{Code: "attendance", Count: attendance.CountOpen}, {Code: "hours", Count: record.CountOpen},
	}
}

// purges apply the keeping times of the register.
func (a *App) purges() []privacy.Purge {
	return []privacy.Purge{
		{Item: "code", Delete: a.Accounts.PurgeCodes}, {Item: "session", Delete: a.Accounts.PurgeSessions}, {Item: "device", Delete: a.Accounts.PurgeDevices}, {Item: "new_phone", Delete: a.Accounts.PurgeNewPhones},
		{Item: "code", Delete: a.Accounts.PurgeChallenges}, {Item: "new_phone", Delete: a.Accounts.PurgeLostFactors},
		{Item: "code", Delete: func(ctx context.Context, before time.Time, limit int) (int64, error) {
			return attendance.PurgeTries(ctx, a.Pool, before, limit)
		}},
		{Item: "family_code", Delete: a.People.PurgeCodes}, {Item: "message", Delete: a.Notify.Purge}, {Item: "request", Delete: a.Privacy.PurgeRequests}, {Item: "access", Delete: a.Privacy.PurgeAccess},
	}
}

// outboxKept is how long a message waits in the folder for a gateway.
const outboxKept = 7 * 24 * time.Hour

// tidyPrivacy carries deletions out and deletes what is older than its keeping time.
func (a *App) tidyPrivacy(ctx context.Context) error {
	now := a.Clock.Now()
	_, erasing := a.Privacy.EraseDue(ctx)
	_, telling := a.Privacy.TellOpened(ctx)
	_, keeping := a.Privacy.Tidy(ctx)
	_, old := a.Chain.DeleteOld(ctx, now)
	return errors.Join(erasing, telling, keeping, old, notify.Outbox{Dir: filepath.Join(a.Config.Data, "outbox")}.Purge(now.Add(-outboxKept)))
}

func (a *App) registerPrivacy() {
	auditweb.Register(a.Site, a.API, auditweb.Deps{Pool: a.Pool, Clock: a.Clock, People: a.People, Access: a.Access, Desk: a.regionDesk})
	privacyweb.Register(a.Site, a.API, privacyweb.Deps{Pool: a.Pool, Clock: a.Clock, Privacy: a.Privacy, People: a.People, Orgs: a.Orgs, Regions: a.Regions,
		Access: a.Access, Activities: a.Activities, Fonts: a.Fonts, RegionDesk: a.regionDesk, OrgDesk: a.orgDesk, Partners: a.Partners.Names})
}

// runPrivacy does what no request asks for: sealing the audit.
func (a *App) runPrivacy(ctx context.Context, g *errgroup.Group) {
	g.Go(func() error { a.Chain.Run(ctx); return nil })
}
