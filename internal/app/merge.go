package app

import (
	"kapok/internal/notify"
	"kapok/internal/person"
)

// connectMerge tells person of all areas in which rows belong to somebody. A
// merge locks and moves in this order.
func (a *App) connectMerge() {
	a.People.ConnectMerge(person.MergeDeps{
		Parts: []person.MergePart{
			a.Activities.MergePart(), a.Attendance.MergePart(), a.Records.MergePart(), a.Certificates.MergePart(),
			{Owned: notify.Owned()}, a.Orgs.MergePart(), a.Accounts.MergePart(),
		},
		Tell: a.Notify.SendTx, Done: a.Accounts.Forget,
	})
}
