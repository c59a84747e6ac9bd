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

// fillBatch is how many activities are drawn and copied at a time.
const fillBatch = 5_000

// fill writes n published activities of the year to come, with their shifts
// and search rows, in no order of time. The same seed gives the same data.
// What a running platform pays for as it goes is left until the end: the
// commits need not last, and references are checked and the
// indexes of the search made over full tables.
func fill(ctx context.Context, e *Env, n int, from time.Time) error {
	g := newMaker(e.App.Regions, n, e.Seed, from)
	return e.Pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		if err := execAll(ctx, c, `SET synchronous_commit = off`, `SET maintenance_work_mem = '1GB'`,
			`DROP INDEX activity.listing_keys`, `DROP INDEX activity.listing_order`,
			`ALTER TABLE activity.listing DROP CONSTRAINT listing_activity_fkey`, `ALTER TABLE activity.shift DROP CONSTRAINT shift_activity_fkey`); err != nil {
			return err
		}
		if err := g.fillOrgs(ctx, c); err != nil {
			return err
		}
		if err := g.fillActivities(ctx, c, n, e.logf); err != nil {
			return err
		}
		e.logf("making the indexes of %d activities", n)
		return execAll(ctx, c, // as migration 00040 has them
			`CREATE INDEX listing_order ON activity.listing (starts_at, activity) INCLUDE (division, marks)`,
			`CREATE INDEX listing_keys ON activity.listing USING gin (keys) WITH (fastupdate = off)`,
			`ALTER TABLE activity.shift ADD FOREIGN KEY (activity) REFERENCES activity.activity`,
			`ALTER TABLE activity.listing ADD FOREIGN KEY (activity) REFERENCES activity.activity`,
			`RESET ALL`,
			`VACUUM (ANALYZE) activity.activity, activity.shift, activity.listing, organisation.organisation`)
	})
}

// warm reads what a search reads into the database's memory, where a platform
// that has been running for a while has it: else the first to ask would wait for
// the disk. It goes by the indexes: reading a table from end to end keeps nothing.
func warm(ctx context.Context, e *Env) error {
	return e.Pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		return execAll(ctx, c, `SET enable_seqscan = off`, `SET enable_sort = off`, `SET enable_bitmapscan = off`,
			`SELECT count(title) FROM (SELECT title FROM activity.listing ORDER BY starts_at, activity) x`,
			`SELECT count(activity) FROM (SELECT activity FROM activity.listing ORDER BY activity, starts_at) x`,
			`SELECT count(place) FROM (SELECT place FROM activity.shift ORDER BY activity, starts_at, id) x`,
			`RESET ALL`)
	})
}

func execAll(ctx context.Context, c *pgxpool.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// fillActivities draws batches in two goroutines and copies each as it comes.
func (g *maker) fillActivities(ctx context.Context, c *pgxpool.Conn, n int, logf func(string, ...any)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := (n + fillBatch - 1) / fillBatch
	drawn := make(chan batch)
	for worker := range 2 {
		go func() {
			for k := worker; k < batches; k += 2 {
				select {
				case drawn <- g.fork(uint64(k)).draw(min(fillBatch, n-k*fillBatch)):
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	for done := 0; done < n; {
		select {
		case b := <-drawn:
			if err := b.copy(ctx, c); err != nil {
				return err
			}
			done += len(b.activities)
			logf("%d of %d activities", done, n)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// maker draws activities.
type maker struct {
	r        *rand.Rand
	seed     uint64
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
	g := &maker{r: rand.New(rand.NewPCG(seed, 7)), seed: seed, tree: tree, from: from.UTC().Truncate(24 * time.Hour)}
	g.collect("")
	for i := range max(20, n/40) {
		home := g.villages[g.r.IntN(len(g.villages))]
		g.orgs = append(g.orgs, orgSeed{g.id(), g.id(), fmt.Sprintf("%s志愿服务队%d", home.NameHans, i), home})
	}
	return g
}

// fork is a maker of the k-th batch, which draws the same whoever runs it.
func (g *maker) fork(k uint64) *maker {
	f := *g
	f.r = rand.New(rand.NewPCG(g.seed, 1_000+k))
	return &f
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

func (g *maker) fillOrgs(ctx context.Context, c *pgxpool.Conn) error {
	_, err := c.Conn().CopyFrom(ctx, pgx.Identifier{"organisation", "organisation"},
		[]string{"id", "name", "name_key", "kind", "division", "county", "guiding_unit", "phone", "state", "applied_at", "applied_by"},
		pgx.CopyFromSlice(len(g.orgs), func(i int) ([]any, error) {
			o := g.orgs[i]
			return []any{o.id, o.name, o.name, "group", o.home.Code, g.tree.County(o.home.Code), "居委会", "020-12345678", "approved", g.from, o.id}, nil
		}))
	if err != nil {
		return err
	}
	_, err = c.Conn().CopyFrom(ctx, pgx.Identifier{"activity", "project"}, []string{"id", "org", "name", "created_at", "created_by"},
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

// batch is a number of activities as rows to be copied.
type batch struct{ activities, shifts, listings [][]any }

func (g *maker) draw(n int) (b batch) {
	for range n {
		m := g.make()
		a := m.a
		b.activities = append(b.activities, []any{a.ID, a.Project, a.Org, a.Org, a.Division, a.Title, a.Content, "陈志明", a.Field, "高温、交通", "published", g.from, a.Org, g.from})
		for _, s := range m.shifts {
			b.shifts = append(b.shifts, []any{s.ID, a.ID, s.StartsAt, s.EndsAt, s.Place, s.Lat, s.Lon, s.RadiusM, s.Capacity, s.Taken, g.from.Add(-24 * time.Hour), s.StartsAt, s.MinAge})
		}
		for _, l := range m.rows {
			b.listings = append(b.listings, []any{a.ID, a.Title, a.Org, l.Org, a.Field, a.Division, a.Dangerous, l.StartsAt, l.EndsAt, l.Place, l.Lat, l.Lon, l.Keys, l.Marks})
		}
	}
	return b
}

func (b batch) copy(ctx context.Context, c *pgxpool.Conn) error {
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"activity", []string{"id", "project", "org", "recording_unit", "division", "title", "content", "responsible", "field", "risks", "state", "created_at", "created_by", "published_at"}, b.activities},
		{"shift", []string{"id", "activity", "starts_at", "ends_at", "place", "lat", "lon", "radius_m", "capacity", "taken", "signup_from", "signup_until", "min_age"}, b.shifts},
		{"listing", []string{"activity", "title", "org", "org_name", "field", "division", "dangerous", "starts_at", "ends_at", "place", "lat", "lon", "keys", "marks"}, b.listings},
	} {
		if _, err := c.Conn().CopyFrom(ctx, pgx.Identifier{"activity", t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
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
