package activity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/words"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/region"
)

func (w *deskWorld) find(f Filter) []Hit {
	w.t.Helper()
	p, err := w.Search(context.Background(), f, "", 50)
	w.must(err)
	return p.Hits
}

func titles(hits []Hit) []string {
	out := []string{}
	for _, h := range hits {
		out = append(out, h.Title)
	}
	return out
}

// post publishes an activity with one shift.
func (w *deskWorld) publish(change func(*Plan, *ShiftPlan)) Activity {
	w.t.Helper()
	p, s := goodPlan(), goodShift(8)
	change(&p, &s)
	a, err := w.Create(context.Background(), w.project.ID, p, []ShiftPlan{s}, w.admin)
	w.must(err)
	a, err = w.Submit(context.Background(), w.move(a))
	w.must(err)
	a, err = w.Publish(context.Background(), w.move(a))
	w.must(err)
	return a
}

func TestFindByWordsAndFilters(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.publish(func(*Plan, *ShiftPlan) {})
	w.publish(func(p *Plan, s *ShiftPlan) {
		p.Title, p.Content, p.Field, p.LocalField, p.Division = "Beach cleanup 海岸清潔", "Bring gloves", "0006", "", persontest.CentralHK
		*s = goodShift(9)
		s.Lat, s.Lon = at(22.28), at(114.16)
	})
	w.publish(func(p *Plan, s *ShiftPlan) {
		p.Title, p.Content, p.Division = "垃圾分类入户宣传", "讲解2026年新规", persontest.Tianhe
		*s = goodShift(10)
		s.Lat, s.Lon, s.Capacity = at(23.13), at(113.36), 1
	})
	home, beach, waste := "探访养老院的老人", "Beach cleanup 海岸清潔", "垃圾分类入户宣传"
	for _, x := range []struct {
		name string
		f    Filter
		want []string
	}{
		{"all", Filter{}, []string{home, beach, waste}},
		{"the issue's example", Filter{Words: "养老院探访"}, []string{home}},
		{"in 繁體", Filter{Words: "養老院探訪"}, []string{home}},
		{"繁 title by 简", Filter{Words: "海岸清洁"}, []string{beach}},
		{"Latin", Filter{Words: "BEACH glove"}, []string{beach}},
		{"number", Filter{Words: "2026"}, []string{waste}},
		{"name of the organisation", Filter{Words: "木棉义工队"}, []string{home, beach, waste}},
		{"name of the division", Filter{Words: "天河"}, []string{waste}},
		{"place", Filter{Words: "党群服务中心 垃圾"}, []string{waste}},
		{"nothing", Filter{Words: "滑雪"}, []string{}},
		{"province", Filter{Division: "440000"}, []string{home, waste}},
		{"city", Filter{Division: persontest.Guangzhou}, []string{home, waste}},
		{"county", Filter{Division: persontest.Yuexiu}, []string{home}},
		{"village", Filter{Division: "440104003001"}, []string{home}},
		{"Hong Kong", Filter{Division: "810000"}, []string{beach}},
		{"field", Filter{Field: "0006"}, []string{beach}},
		{"local field", Filter{Field: "4408"}, []string{home, waste}},
		{"from a day", Filter{From: time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)}, []string{beach, waste}},
		{"until a day", Filter{Until: time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)}, []string{home}},
		{"near", Filter{Near: &Near{23.1, 113.3, 10}}, []string{waste}},
		{"too far", Filter{Near: &Near{23.1, 113.3, 5}}, []string{}},
		{"all together", Filter{Words: "垃圾 宣传", Division: persontest.Tianhe, Field: "0017", Near: &Near{23.1, 113.3, 10}, Free: true}, []string{waste}},
		{"SQL is a text", Filter{Words: `'); DROP TABLE activity.listing; --`}, []string{}},
	} {
		if diff := cmp.Diff(x.want, titles(w.find(x.f))); diff != "" {
			t.Errorf("%s: %s", x.name, diff)
		}
	}
	hit := w.find(Filter{Near: &Near{23.1, 113.3, 10}})[0]
	if hit.DistanceKm == nil || math.Abs(*hit.DistanceKm-6.99) > 0.05 || hit.Place == "" || hit.Free() != 1 || hit.Org != w.org.ID || hit.OrgName != w.org.Name {
		t.Errorf("%+v", hit)
	}
}

func at(f float64) *float64 { return &f }

func TestFreeAndSuitable(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	full := w.publish(func(p *Plan, s *ShiftPlan) { p.Title, s.Capacity = "只要一人", 1 })
	w.publish(func(p *Plan, s *ShiftPlan) { p.Title, s.MinAge = "成年", 18; *s = later(*s, 1) })
	w.publish(func(p *Plan, s *ShiftPlan) {
		p.Title, s.Skills, s.Languages = "会急救", []string{"01"}, []string{"cantonese"}
		*s = later(*s, 2)
	})
	w.publish(func(p *Plan, s *ShiftPlan) { p.Title, s.MaxAge = "青年", 35; *s = later(*s, 3) })
	all := []string{"只要一人", "成年", "会急救", "青年"}
	someone := persontest.Adult(t, w.people)
	_, err := w.SignUp(context.Background(), SignUpRequest{w.shifts(full)[0].ID, someone.ID, someone.ID})
	w.must(err)
	if diff := cmp.Diff(all[1:], titles(w.find(Filter{Free: true}))); diff != "" {
		t.Errorf("free: %s", diff)
	}
	born := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	for name, x := range map[string]struct {
		f    person.Facts
		want []string
	}{
		"an adult with all":               {person.Facts{BirthDate: born("1995-01-01"), Skills: []string{"01", "02"}, Languages: []string{"cantonese"}}, all},
		"without the language":            {person.Facts{BirthDate: born("1995-01-01"), Skills: []string{"01"}}, []string{all[0], all[1], all[3]}},
		"18 on the day":                   {person.Facts{BirthDate: born("2008-10-19")}, []string{all[0], all[1], all[3]}},
		"18 a day late":                   {person.Facts{BirthDate: born("2008-10-20")}, []string{all[0], all[3]}},
		"too old for one":                 {person.Facts{BirthDate: born("1960-01-01")}, []string{all[0], all[1]}},
		"36 on the day of the last shift": {person.Facts{BirthDate: born("1990-10-21")}, []string{all[0], all[1]}},
	} {
		if diff := cmp.Diff(x.want, titles(w.find(Filter{Suits: &x.f}))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func later(s ShiftPlan, days int) ShiftPlan {
	s.StartsAt, s.EndsAt = s.StartsAt.AddDate(0, 0, days), s.EndsAt.AddDate(0, 0, days)
	return s
}

func TestFilterIsChecked(t *testing.T) {
	t.Parallel()
	tree := persontest.Regions()
	for field, f := range map[string]Filter{
		"q": {Words: strings.Repeat("长", 101)}, "division": {Division: "1"}, "field": {Field: "x"}, "km": {Near: &Near{23, 113, 0}}, "lat": {Near: &Near{math.NaN(), 113, 5}},
	} {
		if err := f.Check(tree); err == nil || fault.As(err).Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	w := newDeskWorld(t)
	_, err := w.Search(context.Background(), Filter{Division: "1"}, "", 10)
	w.refused(err, region.ErrUnknown, "division")
	_, err = w.Search(context.Background(), Filter{}, "!", 10)
	w.refused(err, fault.ErrBadValue, "after")
}

// The key in SQL and in Go must be one and the same.
func TestListingKeyAgrees(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		tm := term(fmt.Sprintf("w:%d", r.Uint64()))
		at := time.Unix(r.Int64N(4e9)-1e9, 0)
		var got int64
		w.must(w.pool.QueryRow(context.Background(), `SELECT activity.listing_key($1, $2)`, tm.hash(), at).Scan(&got))
		if want := tm.key(dayOf(at)); got != want {
			t.Fatalf("%s at %s: SQL %d, Go %d", tm, at, got, want)
		}
		if d := dayOf(at); at.Before(d.start()) || !at.Before((d + 1).start()) {
			t.Fatalf("%s is not on its day", at)
		}
	}
}

// TestWalkFindsWhatAScanFinds compares the search with a plain look at every
// listing, for random activities and filters, page by page, with probes that
// see everything and probes that see so little that windows do the work.
func TestWalkFindsWhatAScanFinds(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := rand.New(rand.NewPCG(7, 7))
	list := w.scatter(r, 1500)
	for i := range 60 {
		f := drawFilter(r)
		want := scan(f, list)
		got := w.pages(r, f)
		if len(want) == 0 {
			want = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("filter %d %+v near %+v: %s", i, f, f.Near, diff)
		}
	}
}

// pages walks to the end with pages of random lengths.
func (w *deskWorld) pages(r *rand.Rand, f Filter) (got []spot) {
	w.t.Helper()
	walk := w.walk(f)
	for {
		next := *walk
		next.rows = []int{0, 1, 10, 100, walk.rows}[r.IntN(5)]
		n := 1 + r.IntN(40)
		page, err := next.collect(context.Background(), w.pool, n)
		w.must(err)
		got = append(got, spots(page)...)
		if len(page) < n {
			return got
		}
		walk.at, walk.id = page[n-1].StartsAt, page[n-1].Activity
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	want := w.scatter(rand.New(rand.NewPCG(8, 8)), 100)
	var got []spot
	for after := ""; ; {
		p, err := w.Search(context.Background(), Filter{}, after, 7)
		w.must(err)
		got = append(got, spots(p.Hits)...)
		if after = p.Next; after == "" {
			break
		}
	}
	if diff := cmp.Diff(scan(Filter{}, want), got); diff != "" {
		t.Error(diff)
	}
}

// Marks never hide a term that is there, and seldom show one that is not.
func TestMarks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	shown := 0
	for range 1000 {
		terms := make([]term, 120)
		for i := range terms {
			terms[i] = term(fmt.Sprintf("w:%d", r.Uint64()))
		}
		row := marksOf(terms[1:]...).Bytes
		has := func(t term) bool {
			mask := marksOf(t).Bytes
			return new(big.Int).And(new(big.Int).SetBytes(row), new(big.Int).SetBytes(mask)).Cmp(new(big.Int).SetBytes(mask)) == 0
		}
		if has(terms[0]) {
			shown++
		}
		if !has(terms[1+r.IntN(119)]) {
			t.Fatal("a term is hidden")
		}
	}
	if shown > 50 {
		t.Errorf("%d of 1000 rows show a term they have not", shown)
	}
}

// spot is what tells one hit from another.
type spot struct {
	Activity uuid.UUID
	StartsAt time.Time
}

func spots(hits []Hit) (out []spot) {
	for _, h := range hits {
		out = append(out, spot{h.Activity, h.StartsAt})
	}
	return out
}

type scattered struct {
	spot
	terms    []string
	division string
	field    string
	lat, lon float64
	free     bool
}

var scatterWords = []string{"养老", "清洁", "急救", "teach", "植树", "红棉"}

// scatter writes listings straight into the tables: some words are in nearly
// all of them, some in few; some days are full and most are empty.
func (w *deskWorld) scatter(r *rand.Rand, n int) []scattered {
	w.t.Helper()
	ctx := context.Background()
	divisions := []string{persontest.Beijing, persontest.Tianhe, persontest.Dongcheng, persontest.CentralHK}
	var out []scattered
	w.must(pg.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		for range n {
			l, a, s := w.drawListing(r, divisions)
			if err := errors.Join(insertActivity(ctx, tx, a), saveActivity(ctx, tx, &a), insertShift(ctx, tx, s)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE activity.shift SET taken = $2 WHERE id = $1`, s.ID, s.Taken); err != nil {
				return err
			}
			var b pgx.Batch
			ListingRows(w.regions, a, "某队", "某项目", []Shift{s})[0].insert(&b, a)
			if err := tx.SendBatch(ctx, &b).Close(); err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	}))
	slices.SortFunc(out, func(a, b scattered) int {
		if c := a.StartsAt.Compare(b.StartsAt); c != 0 {
			return c
		}
		return strings.Compare(a.Activity.String(), b.Activity.String())
	})
	return out
}

func (w *deskWorld) drawListing(r *rand.Rand, divisions []string) (scattered, Activity, Shift) {
	p := goodPlan()
	p.Title, p.Field, p.LocalField = "", []string{"0001", "0006", "0017"}[r.IntN(3)], ""
	for i, word := range scatterWords {
		if r.IntN(1+i*i*3) == 0 {
			p.Title += word + " "
		}
	}
	p.Division = divisions[min(r.IntN(8), 3)]
	a := Activity{ID: newID(), Project: w.project.ID, Org: w.org.ID, State: Published, CreatedAt: deskDay, CreatedBy: w.admin}
	p.into(&a)
	a.RecordingUnit, a.Title, a.Content = w.org.ID, a.Title+"某", "某"
	days := r.IntN(700)
	if r.IntN(3) > 0 {
		days = r.IntN(20)
	}
	start := deskDay.AddDate(0, 0, days).Add(time.Duration(r.IntN(48)) * 30 * time.Minute)
	early := deskDay.AddDate(0, 0, -1)
	s := newShift(a.ID, ShiftPlan{StartsAt: start, EndsAt: start.Add(time.Hour), Place: "某处", Capacity: 2, Lat: at(22 + 2*r.Float64()), Lon: at(113 + 2*r.Float64()),
		SignupFrom: &early, SignupUntil: &start, Skills: []string{}, Languages: []string{}, Qualifications: []string{}})
	s.Taken = []int{0, 2}[r.IntN(2)]
	return scattered{spot{a.ID, start}, words.Index(a.Title), a.Division, a.Field, *s.Lat, *s.Lon, s.Taken < s.Capacity && start.After(deskDay)}, a, s
}

func drawFilter(r *rand.Rand) Filter {
	var f Filter
	if r.IntN(3) > 0 {
		f.Words = scatterWords[r.IntN(len(scatterWords))]
		if r.IntN(3) == 0 {
			f.Words += " " + scatterWords[r.IntN(len(scatterWords))]
		}
	}
	if r.IntN(2) == 0 {
		f.Division = []string{"440000", persontest.Guangzhou, persontest.Tianhe, persontest.Dongcheng, "810000"}[r.IntN(5)]
	}
	if r.IntN(3) == 0 {
		f.Field = []string{"0001", "0006", "0017"}[r.IntN(3)]
	}
	if r.IntN(3) == 0 {
		f.From = deskDay.AddDate(0, 0, r.IntN(400))
	}
	if r.IntN(3) == 0 {
		f.Until = deskDay.AddDate(0, 0, r.IntN(800))
	}
	if r.IntN(3) == 0 {
		f.Near = &Near{22 + 2*r.Float64(), 113 + 2*r.Float64(), float64(Distances[r.IntN(len(Distances))])}
	}
	f.Free = r.IntN(4) == 0
	return f
}

// scan is the search without any index.
func scan(f Filter, list []scattered) []spot {
	var out []spot
	for _, l := range list {
		fits := !l.StartsAt.Before(deskDay) && !l.StartsAt.Before(f.From) &&
			(f.Until.IsZero() || l.StartsAt.Before(f.Until)) && (f.Field == "" || l.field == f.Field) && (!f.Free || l.free) &&
			(f.Division == "" || strings.HasPrefix(l.division, region.Prefix(f.Division)))
		for _, word := range words.Query(f.Words) {
			fits = fits && slices.Contains(l.terms, word)
		}
		if fits && f.Near != nil {
			fits = haversine(f.Near.Lat, f.Near.Lon, l.lat, l.lon) <= f.Near.Km
		}
		if fits {
			out = append(out, l.spot)
		}
	}
	return out
}

func haversine(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 12742 * math.Asin(math.Sqrt(a))
}

func TestNearTermsCoverTheCircle(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		n := Near{Lat: r.Float64()*180 - 90, Lon: r.Float64()*350 - 175, Km: float64(Distances[r.IntN(len(Distances))])}
		south, west, north, east := n.box()
		lat, lon := south+r.Float64()*(north-south), west+r.Float64()*(east-west)
		terms := n.terms()
		if len(terms) > 60 {
			t.Fatalf("%+v has %d squares", n, len(terms))
		}
		covered := slices.ContainsFunc(pointTerms(&lat, &lon), func(p term) bool { return slices.Contains(terms, p) })
		if haversine(n.Lat, n.Lon, lat, lon) <= n.Km && !covered {
			t.Fatalf("%+v does not cover %f %f", n, lat, lon)
		}
	}
}
