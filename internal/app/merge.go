package app

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/federation"
	"kapok/internal/idp"
	"kapok/internal/kit/fault"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/person/identityweb"
	"kapok/internal/privacy"
)

// connectMerge tells person of all areas in which rows belong to somebody. A
// merge locks and moves in this order.
func (a *App) connectMerge() {
	a.People.ConnectMerge(person.MergeDeps{
		Parts: []person.MergePart{
			a.Activities.MergePart(), a.Attendance.MergePart(), a.Records.MergePart(), a.Certificates.MergePart(),
			{Owned: notify.Owned()}, {Owned: federation.Owned()}, {Owned: idp.Owned()}, {Owned: privacy.Owned()}, a.Orgs.MergePart(), a.Accounts.MergePart(),
		},
		Tell: a.Notify.SendTx, Done: a.Accounts.Forget,
	})
}

// registerIdentity adds the pages about documents, their checks and merges.
func (a *App) registerIdentity() {
	identityweb.Register(a.Site, a.API, identityweb.Deps{People: a.People, Accounts: a.Accounts, Access: a.Access, Regions: a.Regions, Clock: a.Clock,
		Target: a.orgTarget, Member: a.isMember, Desk: a.orgDesk, RegionDesk: a.regionDesk, TrustProxy: a.Config.TrustProxy})
}

// orgTarget is the organisation that a path names.
func (a *App) orgTarget(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("org"))
	if err != nil {
		return account.Target{}, fault.ErrNotFound
	}
	o, err := a.Orgs.Get(r.Context(), id)
	return account.Target{Org: id, Region: o.Division}, err
}

func (a *App) isMember(ctx context.Context, org, who uuid.UUID) (bool, error) {
	all, err := a.Orgs.MembershipsOf(ctx, a.Pool, []uuid.UUID{who})
	for _, m := range all[who] {
		if m.Org == org {
			return true, nil
		}
	}
	return false, err
}
