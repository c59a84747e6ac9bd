package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/region"
)

// life is a whole year, planned: who is there, what is organised, who serves
// when, and what comes of it. Replaying it is fill's.
type life struct {
	now, begin time.Time
	atlas      *atlas
	people     []*human
	bodies     []*body
	desks      map[string]*human // administrators by division
	runs       []*run            // activities, by creation
	cast       cast
}

// run is an activity.
type run struct {
	*service
	body        *body
	division    string
	title       string
	place       string
	content     string
	at          point
	responsible *human
	created     time.Time
	submitted   time.Time
	published   time.Time
	fate        runFate
	shifts      []*shift
	id          uuid.UUID // once written
	version     int
}

// runFate is what becomes of an activity.
type runFate string

const (
	goesOn       runFate = "published" // closed once it is over
	waitsReview  runFate = "submitted"
	staysDraft   runFate = "draft"
	wasReturned  runFate = "returned"
	wasCancelled runFate = "cancelled"
)

// shift is one stretch of an activity.
type shift struct {
	run          *run
	id           uuid.UUID          // once written
	shown        activity.ShiftView // what the screen with the code knows
	starts, ends time.Time
	capacity     int
	waiting      int // length of the waiting list
	until        time.Time
	signups      []*signup
	walkIns      []*visit
	confirmed    time.Time // when hours are confirmed; zero: not yet
}

// The span told: a year up to now, and six weeks to come.
const (
	past  = 365
	ahead = 42
)

// Options of a plan: what the fill's Options come down to.
type planOptions struct {
	seed  uint64
	scale float64 // 1: a few thousand people
	now   time.Time
}

const fullPeople = 3000

func plan(tree *region.Tree, o planOptions) (*life, error) {
	all, err := services()
	if err != nil {
		return nil, err
	}
	now := o.now.In(clock.Shanghai)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, clock.Shanghai)
	l := &life{now: now, begin: today.AddDate(0, 0, -past), atlas: newAtlas(tree, o.seed)}
	here := counties[:max(1, min(len(counties), int(o.scale*float64(len(counties))+0.5)))]
	people := &population{chance: newChance(o.seed, "people"), counties: here, atlas: l.atlas, numbers: newNumbers(), today: today, begin: l.begin}
	orgs := &organisations{people: people}
	orgs.fill()
	l.bodies, l.desks = orgs.bodies, orgs.desks
	l.cast = newCast(people, orgs)
	people.fill(max(100, int(fullPeople*o.scale)))
	l.people = people.people
	p := planner{chance: newChance(o.seed, "plan"), life: l, services: all, share: min(1, 0.35+o.scale)}
	p.activities()
	newCrew(o.seed, l).serve()
	return l, nil
}

// planner lays activities over the year.
type planner struct {
	chance
	life     *life
	services []service
	share    float64
}

// How many activities a body of a trade begins within the year and within the
// weeks to come.
var pace = map[string][2]int{
	"federation": {9, 4}, "street": {5, 2}, "school": {5, 2}, "hospital": {5, 2}, "social": {6, 2}, "library": {5, 2}, "rescue": {5, 2},
	"hk": {5, 2}, "macao": {4, 1}, "hklocal": {5, 2}, "molocal": {4, 1},
}

func (p *planner) activities() {
	for _, b := range p.life.bodies {
		if b.fate != "approved" && b.fate != "suspended" {
			continue
		}
		var mine []*service
		for i := range p.services {
			if p.services[i].offered(b.trade, b.county) {
				mine = append(mine, &p.services[i])
			}
		}
		if b.fate == "suspended" { // it published nothing of late, but some hours are not confirmed yet
			p.begin(b, mine, past-90, past-60, 0)
			continue
		}
		for i := range p.times(pace[b.trade][0]) {
			p.begin(b, mine, 16, past-1, i)
		}
		for i := range p.times(pace[b.trade][1]) {
			p.begin(b, mine, past-8, past+ahead, i)
		}
		if b == p.life.desk() {
			p.begin(b, mine, past-fresh, past-1, 0)
		}
	}
	slices.SortStableFunc(p.life.runs, func(a, b *run) int { return a.created.Compare(b.created) })
}

// desk is the organisation whose people one can sign in as. Its hours of the
// last days still wait, so that there is something to do.
func (l *life) desk() *body { return l.bodies[0] }

// fresh is how many days back these go.
const fresh = 4

func (p *planner) times(n int) int { return max(1, int(float64(n)*p.share+0.5)) }

// load is how much goes on at a time of the year: March is 学雷锋月, summer is
// the pupils'.
func load(day time.Time) float64 {
	switch day.Month() {
	case time.March:
		return 1
	case time.July, time.August:
		return 0.7
	case time.February:
		return 0.4
	}
	return 0.5
}

// begin makes one activity that starts between two days of the year told.
func (p *planner) begin(b *body, mine []*service, from, to, nth int) {
	for range 400 {
		s := pick(p.chance, mine)
		day := p.life.begin.AddDate(0, 0, p.between(from, to))
		if !s.inSeason(day) || !s.onDay(day) || !p.is(load(day)) || b.filing != nil && !b.filing.covers(day) {
			continue
		}
		if r := p.run(b, s, day, nth); len(r.shifts) > 0 {
			p.life.runs = append(p.life.runs, r)
			return
		}
	}
}

func (f *filing) covers(day time.Time) bool { return !day.Before(f.from) && day.Before(f.to) }

func (p *planner) run(b *body, s *service, first time.Time, nth int) *run {
	village := (&population{chance: p.chance, atlas: p.life.atlas}).realVillage(b.division)
	say := p.life.atlas.filler(village)
	r := &run{service: s, body: b, division: village, title: say(s.Title), place: say(s.At), content: say(s.Content),
		at: p.life.atlas.around(p.chance, p.life.atlas.near(village), b.county, 0.004), fate: goesOn, responsible: b.leaders[nth%len(b.leaders)]}
	for _, day := range p.days(s, first) {
		for _, start := range p.starts(s) {
			if sh := p.shift(r, day, start); b.filing == nil || b.filing.covers(sh.ends) {
				r.shifts = append(r.shifts, sh)
			}
		}
	}
	p.prepare(r)
	return r
}

// days lays a run over the calendar from its first day on.
func (p *planner) days(s *service, first time.Time) []time.Time {
	last := p.life.begin.AddDate(0, 0, past+ahead)
	n, step := 1, 1
	switch s.Runs {
	case "weekly":
		n, step = p.between(3, 7), 7
	case "camp":
		n = p.between(3, 5)
	}
	var out []time.Time
	for day := first; len(out) < n && day.Before(last) && s.inSeason(day); day = day.AddDate(0, 0, step) {
		if s.onDay(day) {
			out = append(out, day)
		}
	}
	return out
}

// starts chooses among the times of a day: one of them, or all at big events.
func (p *planner) starts(s *service) []string {
	if s.Runs == "once" {
		return s.Start
	}
	return []string{pick(p.chance, s.Start)}
}

func (p *planner) shift(r *run, day time.Time, start string) *shift {
	hour, minute, _ := strings.Cut(start, ":")
	from := day.Add(time.Duration(atoi(hour)*60+atoi(minute)) * time.Minute)
	s := &shift{run: r, starts: from, ends: from.Add(time.Duration(r.Hours*60) * time.Minute), capacity: p.between(r.Capacity[0], r.Capacity[1])}
	s.until = from.Add(-time.Duration(pick(p.chance, []int{0, 2, 12, 24})) * time.Hour)
	if p.is(0.6) {
		s.waiting = max(2, s.capacity/4)
	}
	return s
}

// prepare dates the writing, handing in and publishing of a run, and decides
// what becomes of it.
func (p *planner) prepare(r *run) {
	if len(r.shifts) == 0 {
		return
	}
	l, first := p.life, r.shifts[0].starts
	lead := p.between(9, 20)
	if soon := int(first.Sub(l.now).Hours() / 24); soon > 0 {
		lead = max(lead, soon+p.between(1, 8)) // what is to come is published by now
	}
	r.created = daytime(p.chance, first.AddDate(0, 0, -lead))
	r.submitted = r.created.Add(time.Duration(p.between(20, 300)) * time.Minute)
	r.published = daytime(p.chance, r.submitted.AddDate(0, 0, p.between(1, 3)))
	switch x := p.Float64(); {
	case r.published.After(l.now) || first.After(l.now) && x < 0.10:
		r.fate = pick(p.chance, []runFate{waitsReview, waitsReview, waitsReview, staysDraft, wasReturned})
		recent := daytime(p.chance, l.now.AddDate(0, 0, -p.between(1, 4)))
		r.created, r.submitted = recent, recent.Add(40*time.Minute)
	case x > 0.97 && len(r.shifts) > 1:
		r.fate = wasCancelled
	}
}

// daytime is a minute of a day at which people work.
func daytime(c chance, day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), c.between(8, 20), c.IntN(60), c.IntN(60), 0, day.Location())
}

func atoi(s string) int {
	n := 0
	for _, d := range s {
		n = 10*n + int(d-'0')
	}
	return n
}
