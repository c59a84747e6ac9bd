package app

import "kapok/internal/person"

// connectFamily lets a change of a minor's facts reach the minor's places.
func (a *App) connectFamily() {
	a.People.ConnectPlaces(person.PlaceDeps{Recheck: a.Activities.Recheck, Tell: a.Notify.SendTx})
}
