package app

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"kapok/internal/organisation"
	"kapok/internal/organisation/organisationweb"
	"kapok/internal/record"
)

// tasksShown is where a desk stops counting: more than that is simply much.
const tasksShown = 100

// orgTasks are what waits on an organisation's desk.
func (a *App) orgTasks(ctx context.Context, org uuid.UUID) ([]organisationweb.Task, error) {
	clocks, err := a.Records.OpenOfOrgs(ctx, []uuid.UUID{org}, "", tasksShown)
	href := fmt.Sprintf("/console/orgs/%s/hours", org)
	return []organisationweb.Task{{Key: "hours", Count: len(clocks), Href: href}, {Key: "late", Count: late(clocks), Href: href}}, err
}

func late(clocks []record.ShiftClock) int {
	n := 0
	for _, c := range clocks {
		if c.WorkdaysLeft < 0 {
			n++
		}
	}
	return n
}

// regionTasks are what waits on the desk of a division's administrator.
func (a *App) regionTasks(ctx context.Context, division string) ([]organisationweb.Task, error) {
	orgs, err := a.Orgs.List(ctx, organisation.Filter{Division: division, States: []organisation.State{organisation.Applied}, Limit: tasksShown})
	if err != nil {
		return nil, err
	}
	reviews, err := a.Activities.CountWaiting(ctx, division)
	if err != nil {
		return nil, err
	}
	clocks, err := a.Records.OpenOfDivision(ctx, division, "", tasksShown)
	if err != nil {
		return nil, err
	}
	phones, err := a.Accounts.NewPhones(ctx, func(r string) bool { return a.Regions.Within(division, r) })
	query := "?division=" + division
	return []organisationweb.Task{
		{Key: "applications", Count: len(orgs), Href: "/admin/organisations" + query}, {Key: "reviews", Count: reviews, Href: "/admin/activities" + query},
		{Key: "late", Count: late(clocks), Href: "/admin/late" + query}, {Key: "phones", Count: len(phones), Href: "/admin/phones" + query},
	}, err
}
