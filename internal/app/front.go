package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/siteweb"
	"kapok/internal/ui"
)

// outlook is the province's coming week, counted at most once a minute.
type outlook struct {
	mu    sync.Mutex
	known activity.Outlook
	until time.Duration // as clock.Running tells it
}

const outlookLife = time.Minute

func (a *App) coming(ctx context.Context) (activity.Outlook, error) {
	a.outlook.mu.Lock()
	defer a.outlook.mu.Unlock()
	if clock.Running() < a.outlook.until {
		return a.outlook.known, nil
	}
	now := a.Clock.Now()
	o, err := activity.OutlookOf(ctx, a.Pool, now, now.AddDate(0, 0, 7))
	if err == nil {
		a.outlook.known, a.outlook.until = o, clock.Running()+outlookLife
	}
	return o, err
}

const frontCards = 6

// front is the home page: what comes next, for the reader where known.
func (a *App) front(ctx context.Context) (siteweb.Front, error) {
	week, err := a.coming(ctx)
	if err != nil {
		return siteweb.Front{}, err
	}
	f := activity.Filter{Free: true}
	p := account.From(ctx)
	if p != nil {
		facts, err := a.People.Facts(ctx, a.Pool, []uuid.UUID{p.Person})
		if err != nil {
			return siteweb.Front{}, err
		}
		choices, err := a.Privacy.Choices(ctx, a.Pool, p.Person)
		if err != nil {
			return siteweb.Front{}, err
		}
		if mine, ok := facts[p.Person]; ok && choices.Suggestions {
			f.Suits = &mine
		}
	}
	page, err := a.Activities.Search(ctx, f, "", frontCards)
	if err != nil {
		return siteweb.Front{}, err
	}
	out := siteweb.Front{Activities: week.Activities, Free: week.Free, Chips: chips(ctx)}
	for _, h := range page.Hits {
		out.Cards = append(out.Cards, a.card(ctx, h))
	}
	if p != nil {
		out.Next, err = a.nextShift(ctx, p)
	}
	return out, err
}

func (a *App) card(ctx context.Context, h activity.Hit) ui.CardInfo {
	return ui.CardInfo{Title: h.Title, Href: fmt.Sprintf("/activities/%s", h.Activity),
		Meta: []string{ui.When(ctx, h.StartsAt, h.EndsAt, clock.ZoneOf(h.Division)), a.Regions.FullName(i18n.From(ctx), a.Regions.County(h.Division))},
		Tags: []ui.TagInfo{{Kind: ui.Jade, Text: i18n.T(ctx, "app.free", "n", h.Free(), "all", h.Capacity)}}}
}

// nextShift is the reader's own next service, if any.
func (a *App) nextShift(ctx context.Context, p *account.Principal) (*ui.CardInfo, error) {
	list, err := a.Activities.Upcoming(ctx, append([]uuid.UUID{p.Person}, p.Wards...))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	m := list[0]
	return &ui.CardInfo{Title: m.Title, Href: "/me/signups", Meta: []string{ui.When(ctx, m.StartsAt, m.EndsAt, clock.Shanghai), m.Place}}, nil
}

// chips are quick filters that suit most people.
func chips(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, c := range []struct{ key, href string }{
		{"near", "/activities?near=1"}, {"free", "/activities?free=1"}, {"elders", "/activities?q=" + "%E9%95%BF%E8%80%85"},
		{"green", "/activities?field=0006"}, {"school", "/activities?field=0003"}, {"map", "/activities?view=map"}, {"calendar", "/activities?view=calendar"},
	} {
		out = append(out, ui.Link{Href: c.href, Text: i18n.T(ctx, "app.chip."+c.key)})
	}
	return out
}
