package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/region"
)

// fill writes n published activities of the year to come, with their shifts
// and search rows, in no order of time. The same seed gives the same data.
func fill(ctx context.Context, pool *pgxpool.Pool, tree *region.Tree, n int, seed uint64, from time.Time) error {
	g := newMaker(tree, n, seed, from)
	if err := g.fillOrgs(ctx, pool); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, `DROP INDEX activity.listing_keys`); err != nil {
		return err
	}
	const batch = 20_000
	for done := 0; done < n; done += batch {
		if err := g.copy(ctx, pool, min(batch, n-done)); err != nil {
			return err
		}
	}
	for _, sql := range []string{
		`SET maintenance_work_mem = '1GB'`,
		`CREATE INDEX listing_keys ON activity.listing USING gin (keys) WITH (fastupdate = off)`,
		`RESET maintenance_work_mem`,
		`VACUUM (ANALYZE) activity.activity, activity.shift, activity.listing`,
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// maker draws activities.
type maker struct {
	r        *rand.Rand
	tree     *region.Tree
	villages []region.Division
	orgs     []orgSeed
	from     time.Time
}

type orgSeed struct {
	id, project uuid.UUID
	name        string
	home        region.Division
}

func newMaker(tree *region.Tree, n int, seed uint64, from time.Time) *maker {
	g := &maker{r: rand.New(rand.NewPCG(seed, 7)), tree: tree, from: from.UTC().Truncate(24 * time.Hour)}
	g.collect("")
	for i := range max(20, n/40) {
		home := g.villages[g.r.IntN(len(g.villages))]
		g.orgs = append(g.orgs, orgSeed{g.id(), g.id(), fmt.Sprintf("%s志愿服务队%d", home.NameHans, i), home})
	}
	return g
}

// collect gathers the divisions at the bottom of the tree: villages, and the
// districts of Hong Kong and Macao.
func (g *maker) collect(code string) {
	below := g.tree.Children(code)
	if d, ok := g.tree.Get(code); ok && len(below) == 0 {
		g.villages = append(g.villages, d)
	}
	for _, d := range below {
		g.collect(d.Code)
	}
}

func (g *maker) id() uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], g.r.Uint64())
	binary.BigEndian.PutUint64(id[8:], g.r.Uint64())
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

func (g *maker) fillOrgs(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.CopyFrom(ctx, pgx.Identifier{"organisation", "organisation"},
		[]string{"id", "name", "name_key", "kind", "division", "county", "guiding_unit", "phone", "state", "applied_at", "applied_by"},
		pgx.CopyFromSlice(len(g.orgs), func(i int) ([]any, error) {
			o := g.orgs[i]
			return []any{o.id, o.name, o.name, "group", o.home.Code, g.tree.County(o.home.Code), "居委会", "020-12345678", "approved", g.from, o.id}, nil
		}))
	if err != nil {
		return err
	}
	_, err = pool.CopyFrom(ctx, pgx.Identifier{"activity", "project"}, []string{"id", "org", "name", "created_at", "created_by"},
		pgx.CopyFromSlice(len(g.orgs), func(i int) ([]any, error) {
			o := g.orgs[i]
			return []any{o.project, o.id, "常年志愿服务", g.from, o.id}, nil
		}))
	return err
}

// made is an activity with its shifts, ready to be copied.
type made struct {
	a      activity.Activity
	shifts []activity.Shift
	rows   []activity.ListingRow
}

func (g *maker) copy(ctx context.Context, pool *pgxpool.Pool, n int) error {
	var activities, shifts, listings [][]any
	for range n {
		m := g.make()
		a := m.a
		activities = append(activities, []any{a.ID, a.Project, a.Org, a.Org, a.Division, a.Title, a.Content, "陈志明", a.Field, "高温、交通", "published", g.from, a.Org, g.from})
		for _, s := range m.shifts {
			shifts = append(shifts, []any{s.ID, a.ID, s.StartsAt, s.EndsAt, s.Place, s.Lat, s.Lon, s.RadiusM, s.Capacity, s.Taken, g.from.Add(-24 * time.Hour), s.StartsAt, s.MinAge})
		}
		for _, l := range m.rows {
			listings = append(listings, []any{a.ID, l.StartsAt, l.EndsAt, l.Division, l.Lat, l.Lon, l.Keys})
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"activity", []string{"id", "project", "org", "recording_unit", "division", "title", "content", "responsible", "field", "risks", "state", "created_at", "created_by", "published_at"}, activities},
		{"shift", []string{"id", "activity", "starts_at", "ends_at", "place", "lat", "lon", "radius_m", "capacity", "taken", "signup_from", "signup_until", "min_age"}, shifts},
		{"listing", []string{"activity", "starts_at", "ends_at", "division", "lat", "lon", "keys"}, listings},
	} {
		if _, err := pool.CopyFrom(ctx, pgx.Identifier{"activity", t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return err
		}
	}
	return nil
}

// make draws an activity: most last one or two days, near the organisation.
func (g *maker) make() made {
	o := g.orgs[g.r.IntN(len(g.orgs))]
	where := o.home
	if g.r.IntN(10) == 0 {
		where = g.villages[g.r.IntN(len(g.villages))]
	}
	path := g.tree.Path(where.Code)
	near := path[min(len(path)-1, 2)].Name(i18n.ZhHans)
	t := drawTheme(g.r)
	spot := where.NameHans + places[g.r.IntN(len(places))]
	title, content := t.write(g.r, near)
	m := made{a: activity.Activity{ID: g.id(), Project: o.project, Org: o.id, Division: where.Code, Title: title, Content: content, Field: t.field}}
	first := g.from.AddDate(0, 0, g.weekendish())
	for i := range []int{1, 1, 1, 1, 1, 1, 2, 2, 3, 4}[g.r.IntN(10)] {
		m.shifts = append(m.shifts, g.shift(m.a.ID, first.AddDate(0, 0, 7*i), spot))
	}
	m.rows = activity.ListingRows(g.tree, m.a, o.name, "常年志愿服务", m.shifts)
	return m
}

// weekendish draws a day of the year to come, weekends three times as likely.
func (g *maker) weekendish() int {
	for {
		d := 1 + g.r.IntN(365)
		day := g.from.AddDate(0, 0, d).Weekday()
		if day == time.Saturday || day == time.Sunday || g.r.IntN(3) == 0 {
			return d
		}
	}
}

func (g *maker) shift(a uuid.UUID, day time.Time, place string) activity.Shift {
	start := day.Add(time.Duration(g.r.IntN(24)) * 30 * time.Minute) // 8:00 to 19:30 in Guangdong
	lat, lon := 21.5+g.r.Float64()*3, 111+g.r.Float64()*5
	capacity := 5 + g.r.IntN(60)
	return activity.Shift{ID: g.id(), ActivityID: a, StartsAt: start, EndsAt: start.Add(time.Duration(2+g.r.IntN(4)) * time.Hour), Place: place,
		Lat: &lat, Lon: &lon, RadiusM: 300, Capacity: capacity, Taken: g.r.IntN(capacity + 1), MinAge: []int{0, 0, 14, 18}[g.r.IntN(4)], State: activity.ShiftOpen}
}
