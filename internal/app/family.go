package app

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/person"
)

// connectFamily lets a change of a minor's facts reach the minor's places and roles.
func (a *App) connectFamily() {
	a.Orgs.Tell = a.Notify.SendTx
	a.People.ConnectPlaces(person.PlaceDeps{Recheck: a.Activities.Recheck, Tell: a.Notify.SendTx, HoldRoles: a.Orgs.HoldStaffTx, EndRoles: a.endRolesOf})
}

// endRolesOf takes all roles of staff from somebody who turns out to be a minor.
func (a *App) endRolesOf(ctx context.Context, tx pgx.Tx, who person.Person, by uuid.UUID) error {
	if err := a.Orgs.EndStaffTx(ctx, tx, who.ID, by); err != nil {
		return err
	}
	return a.Accounts.EndAllTx(ctx, tx, who.ID, by, i18n.Text(who.Lang, "account.minor.reason"))
}
