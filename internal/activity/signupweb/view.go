package signupweb

import (
	"context"
	"slices"

	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/ui"
)

// standing are the states in which a sign-up still counts.
var standing = []activity.SignupState{activity.SignupPending, activity.SignupConfirmed, activity.SignupWaiting}

// mineMeta are the facts below the title of a sign-up in a list.
func mineMeta(ctx context.Context, m activity.MySignup) []string {
	facts := []string{ui.When(ctx, m.StartsAt, m.EndsAt, clock.Shanghai), m.Place}
	if m.ShiftName != "" {
		facts = append(facts, m.ShiftName)
	}
	return facts
}

// frame is the desk around the roster.
func (v rosterView) frame(ctx context.Context) ui.DeskInfo {
	d := v.Desk
	d.PageInfo = ui.PageInfo{Title: i18n.T(ctx, "signupweb.roster.title", "activity", v.Shift.Activity.Title), NoIndex: true,
		Back: "/console/activities/" + v.Shift.ActivityID.String()}
	return d
}

// picked reports whether a line was checked in the form that is shown again.
func (v rosterView) picked(l line) bool {
	return v.Values != nil && slices.Contains(v.Values.All("signup"), l.ID.String())
}

// columns of the roster.
func columns(ctx context.Context) []ui.Col {
	t := func(key string) string { return i18n.T(ctx, "signupweb.roster."+key) }
	return []ui.Col{{Label: t("name"), Lead: true}, {Label: t("no")}, {Label: t("age"), Numeric: true}, {Label: t("at")}, {Label: t("state")}}
}
