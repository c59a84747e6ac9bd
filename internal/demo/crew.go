package demo

import (
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"
)

// signup is one person's sign-up and what came of it.
type signup struct {
	who    *human
	at     time.Time
	cancel time.Time // zero: did not cancel
	refuse bool      // where the organisation decides
	left   bool      // the organisation has not decided yet
	visit  *visit    // nil: did not come
	id     uuid.UUID // once signed up
}

// visit is somebody at a shift.
type visit struct {
	who     *human
	in, out time.Time // out zero: forgot to check out
	by      string    // qr, code, card, manual
	where   string    // near, far, unknown
}

// crew chooses who serves: those nearby who fit and have the day free, the
// eager ones more often.
type crew struct {
	chance
	life    *life
	byPlace map[string]*pool // by county, by city (four digits), and "" for all
	busy    map[*human]map[string]bool
}

// pool is people with running sums of their zeal, for weighted draws.
type pool struct {
	people []*human
	sums   []float64
}

func (p *pool) add(h *human) {
	last := 0.0
	if n := len(p.sums); n > 0 {
		last = p.sums[n-1]
	}
	p.people, p.sums = append(p.people, h), append(p.sums, last+h.zeal)
}

func (p *pool) draw(c chance) *human {
	x := c.Float64() * p.sums[len(p.sums)-1]
	return p.people[min(sort.SearchFloat64s(p.sums, x), len(p.people)-1)]
}

func newCrew(seed uint64, l *life) *crew {
	w := &crew{chance: newChance(seed, "crew"), life: l, byPlace: map[string]*pool{}, busy: map[*human]map[string]bool{}}
	for _, h := range l.people {
		county := h.county(l.atlas)
		for _, place := range []string{county, county[:4], ""} {
			if w.byPlace[place] == nil {
				w.byPlace[place] = &pool{}
			}
			w.byPlace[place].add(h)
		}
		w.busy[h] = map[string]bool{}
	}
	return w
}

// serve fills the shifts in the order in which they take place.
func (w *crew) serve() {
	var all []*shift
	for _, r := range w.life.runs {
		if r.fate == goesOn || r.fate == wasCancelled {
			all = append(all, r.shifts...)
		}
	}
	slices.SortStableFunc(all, func(a, b *shift) int { return a.starts.Compare(b.starts) })
	for _, s := range all {
		if s.ends.Before(w.life.now) {
			w.pastShift(s)
		} else {
			w.comingShift(s)
		}
		slices.SortStableFunc(s.signups, func(a, b *signup) int { return a.at.Compare(b.at) })
	}
}

func (w *crew) pastShift(s *shift) {
	want := min(s.capacity, int(float64(s.capacity)*(0.4+0.45*w.Float64())+0.5))
	for range want {
		u := w.signUp(s)
		if u == nil {
			break
		}
		if s.run.fate != wasCancelled {
			w.fate(s, u)
		}
	}
	if s.run.fate == wasCancelled {
		return
	}
	if !s.run.Dangerous && w.is(0.3) {
		if h := w.choose(s); h != nil {
			s.walkIns = append(s.walkIns, w.visit(s, h))
		}
	}
	w.confirmation(s)
}

// comingShift fills up the more the nearer it is; one in six is sought after.
func (w *crew) comingShift(s *shift) {
	days := s.starts.Sub(w.life.now).Hours() / 24
	share := max(0.1, 0.85-days/50) * (0.6 + 0.6*w.Float64())
	want := min(s.capacity-1, int(float64(s.capacity)*share))
	if w.is(0.17) && s.run.fate == goesOn {
		want = s.capacity + s.waiting/2
	}
	for range want {
		u := w.signUp(s)
		if u == nil {
			return
		}
		switch {
		case !s.starts.After(w.life.now): // it is going on right now
			if v := w.visit(s, u.who); !v.in.After(w.life.now) {
				v.out, u.visit = time.Time{}, v
			}
		case s.run.Approval && w.is(0.4):
			u.left = true
		case w.is(0.05):
			u.cancel = w.moment(u.at, w.life.now)
		}
	}
}

// signUp finds one more person for a shift.
func (w *crew) signUp(s *shift) *signup {
	h := w.choose(s)
	if h == nil {
		return nil
	}
	to := earlier(s.until, w.life.now)
	from := later(s.run.published, earlier(s.starts, w.life.now).AddDate(0, 0, -14), h.registered.Add(time.Hour))
	u := &signup{who: h, at: w.moment(from, to), refuse: s.run.Approval && w.is(0.06)}
	s.signups = append(s.signups, u)
	return u
}

// moment is a minute between two times, by day when there is room.
func (w *crew) moment(from, to time.Time) time.Time {
	span := to.Sub(from)
	if span <= 2*time.Minute {
		return from.Add(span / 2)
	}
	for range 20 {
		t := from.Add(time.Duration(w.Int64N(int64(span)))).Truncate(time.Second)
		if h := t.Hour(); h >= 7 && h < 23 {
			return t
		}
	}
	return from.Add(span / 2)
}

// choose draws somebody who fits and is free; nil when there is nobody left.
func (w *crew) choose(s *shift) *human {
	county := s.run.body.county
	for range 150 {
		place := county
		switch x := w.Float64(); {
		case x > 0.94 || w.byPlace[county] == nil:
			place = ""
		case x > 0.75 && w.byPlace[county[:4]] != nil:
			place = county[:4]
		}
		if h := w.byPlace[place].draw(w.chance); w.fits(s, h) {
			w.busy[h][day(s.starts)], w.busy[h][day(s.ends)] = true, true
			return h
		}
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

func day(t time.Time) string { return t.Format("0102") }

func (w *crew) fits(s *shift, h *human) bool {
	r := s.run
	latest := earlier(s.until, w.life.now)
	age := h.age(s.starts)
	return !w.busy[h][day(s.starts)] && !w.busy[h][day(s.ends)] && h.registered.Add(2*time.Hour).Before(latest) &&
		age >= max(r.MinAge, 8) && (!r.Dangerous || age >= 18) && (!r.WithAdult || age >= 14) && (r.Hours < 8 || age >= 18) && age < 80 &&
		hasAll(r.Skills, h.skills) && hasAll(r.Languages, h.languages) && hasAll(r.Qualifications, h.qualifications) &&
		!r.body.staffed(h)
}

func hasAll(want, have []string) bool {
	return !slices.ContainsFunc(want, func(x string) bool { return !slices.Contains(have, x) })
}

// staffed reports whether somebody runs the body; they do not record their own
// hours.
func (b *body) staffed(h *human) bool {
	return h == b.admin || h == b.approver || h == b.recorder || slices.Contains(b.leaders, h) || h == b.desk
}

// fate decides what became of a sign-up of a shift that is over.
func (w *crew) fate(s *shift, u *signup) {
	switch x := w.Float64(); {
	case u.refuse:
	case x < 0.06:
		u.cancel = w.moment(u.at, s.starts)
	case x < 0.11: // did not come
	default:
		u.visit = w.visit(s, u.who)
		if x < 0.13 {
			u.visit.out = time.Time{}
		}
	}
}

func (w *crew) visit(s *shift, h *human) *visit {
	v := &visit{who: h, by: "qr", where: "near"}
	early := w.between(0, 14)
	v.in = s.starts.Add(-time.Duration(early)*time.Minute - time.Duration(w.IntN(60))*time.Second)
	if w.is(0.1) {
		v.in = s.starts.Add(time.Duration(w.between(1, 24)) * time.Minute)
	}
	v.out = s.ends.Add(time.Duration(w.between(-3, 12)) * time.Minute)
	if w.is(0.04) {
		v.out = s.ends.Add(-time.Duration(w.between(20, 45)) * time.Minute)
	}
	switch x := w.Float64(); {
	case x < 0.12:
		v.by = "code"
	case x < 0.22:
		v.by = "card"
	case x < 0.25:
		v.by = "manual"
	}
	switch x := w.Float64(); {
	case x < 0.22:
		v.where = "unknown"
	case x < 0.26:
		v.where = "far"
	}
	return v
}

// confirmation dates the organisation's word on a shift: within days as a
// rule, late at times, and what is recent is still to be done.
func (w *crew) confirmation(s *shift) {
	if s.run.body == w.life.desk() && s.ends.After(w.life.now.AddDate(0, 0, -fresh-1)) {
		return
	}
	after := w.between(1, 8)
	switch x := w.Float64(); {
	case x < 0.03:
		after = w.between(16, 26)
	case x < 0.06 && s.ends.After(w.life.now.AddDate(0, 0, -45)):
		return // forgotten: overdue today
	}
	if at := daytime(w.chance, s.ends.AddDate(0, 0, after)); at.Before(w.life.now) {
		s.confirmed = at
	}
}
