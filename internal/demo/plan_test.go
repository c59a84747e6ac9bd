package demo

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/region"
)

var today = time.Date(2026, 11, 24, 10, 30, 0, 0, clock.Shanghai)

func realTree(t testing.TB) *region.Tree {
	t.Helper()
	r, err := region.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []region.Division
	for _, f := range rows[1:] {
		list = append(list, region.Division{Code: f[0], Parent: f[1], Level: region.Level(f[2]), NameHans: f[3], NameHant: f[4], NameEn: f[5]})
	}
	return region.NewTree(list)
}

func planned(t testing.TB, seed uint64, scale float64) *life {
	t.Helper()
	l, err := plan(realTree(t), planOptions{seed: seed, scale: scale, now: today})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sketch is a life in words, to be compared.
func sketch(l *life) []string {
	var out []string
	for _, h := range l.people {
		out = append(out, h.hans+h.hant+h.latin+h.document.number+h.phone+h.division+h.registered.String())
	}
	for _, r := range l.runs {
		out = append(out, r.title+r.place+r.created.String())
		for _, s := range r.shifts {
			for _, u := range s.signups {
				out = append(out, fmt.Sprint(s.starts, u.who.document.number, u.at, u.visit != nil))
			}
		}
	}
	return out
}

func TestSameSeedSameLife(t *testing.T) {
	t.Parallel()
	a, b, other := sketch(planned(t, 7, 0.05)), sketch(planned(t, 7, 0.05)), sketch(planned(t, 8, 0.05))
	if d := cmp.Diff(a, b); d != "" {
		t.Errorf("the same seed made two lives:\n%s", d)
	}
	if slices.Equal(a, other) {
		t.Error("another seed made the same life")
	}
}

func TestDocumentsAndPhonesHaveTheRightForm(t *testing.T) {
	t.Parallel()
	seen, kinds := map[string]bool{}, map[string]int{}
	for _, h := range planned(t, 1, 1).people {
		d, err := person.ParseDocument(person.DocumentInput{Kind: person.DocumentKind(h.document.kind), Issuer: h.document.issuer, Number: h.document.number}, today)
		if err != nil {
			t.Errorf("%+v: %v", h.document, err)
			continue
		}
		kinds[h.document.kind]++
		if string(d.Kind) != h.document.kind {
			t.Errorf("%+v is read as %s", h.document, d.Kind)
		}
		if key := d.Class + d.Key; seen[key] {
			t.Errorf("%+v is given out twice", h.document)
		} else {
			seen[key] = true
		}
		if female := d.Gender == person.Female; d.Gender != "" && female != h.female {
			t.Errorf("%+v does not suit the sex", h.document)
		}
		if h.phone == "" {
			continue
		}
		if got, err := person.ParsePhone(h.phone, ""); err != nil || got != h.phone {
			t.Errorf("phone %s: %s %v", h.phone, got, err)
		}
	}
	for _, k := range []string{"mainland_id", "residence_permit", "travel_permit", "hkid", "macao_bir", "passport"} {
		if kinds[k] == 0 {
			t.Errorf("nobody has a %s", k)
		}
	}
}

func TestPopulationIsPlausible(t *testing.T) {
	t.Parallel()
	l := planned(t, 1, 1)
	women, young, minors := 0, 0, 0
	for _, h := range l.people {
		if h.female {
			women++
		}
		switch age := h.age(today); {
		case age < 18:
			minors++
			if h.guardian == nil || h.guardian.age(today) < 18 || h.guardian.registered.After(h.registered) {
				t.Errorf("%s, %d, has no guardian who was there before", h.hans, age)
			}
		case age < 35:
			young++
		case age > 95:
			t.Errorf("%s is %d", h.hans, age)
		}
		if err := l.atlas.tree.Require(h.division); err != nil {
			t.Errorf("%s lives in %q", h.hans, h.division)
		}
	}
	n := float64(len(l.people))
	if n < 2500 || n > 4000 {
		t.Errorf("%v people", n)
	}
	if share := float64(women) / n; share < 0.47 || share > 0.58 {
		t.Errorf("%.2f are women", share)
	}
	if share := float64(young) / n; share < 0.35 || share > 0.65 {
		t.Errorf("%.2f are young adults", share)
	}
	if minors < 150 {
		t.Errorf("%d minors", minors)
	}
}

func TestOrganisationsAreInOrder(t *testing.T) {
	t.Parallel()
	l := planned(t, 1, 1)
	names, codes := map[string]bool{}, map[string]bool{}
	for _, b := range l.bodies {
		if names[b.county+b.name] {
			t.Errorf("%s twice in %s", b.name, b.county)
		}
		names[b.county+b.name] = true
		if b.creditCode != "" && (!organisation.ValidCreditCode(b.creditCode) || codes[b.creditCode]) {
			t.Errorf("%s: code %s", b.name, b.creditCode)
		}
		codes[b.creditCode] = true
		if strings.Contains(b.name+b.intro+b.guidingUnit, "{") || utf8.RuneCountInString(b.name) > 60 {
			t.Errorf("name %q", b.name)
		}
		if b.desk == nil || b.admin == nil {
			t.Errorf("%s has no desk or no administrator", b.name)
		}
	}
	if len(l.bodies) < 60 {
		t.Errorf("%d organisations", len(l.bodies))
	}
}

func TestServicesCoverTheProvincesFields(t *testing.T) {
	t.Parallel()
	all, err := services()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 60 {
		t.Errorf("%d kinds of service", len(all))
	}
	local := map[string]int{}
	for _, s := range all {
		local[s.Local]++
		ok := organisation.Fields.Has(s.Field) && s.Content != "" && s.Risks != "" && len(s.By) > 0 && len(s.Start) > 0 &&
			s.Hours > 0 && s.Hours <= 12 && 0 < s.Capacity[0] && s.Capacity[0] <= s.Capacity[1] && (!s.Dangerous || s.MinAge >= 18) &&
			slices.Contains([]string{"weekly", "once", "camp"}, s.Runs) && slices.Contains([]string{"weekend", "weekday", "any"}, s.Days)
		if !ok {
			t.Errorf("%s is not whole: %+v", s.Key, s)
		}
		for code, list := range map[*person.CodeList][]string{&person.Skills: s.Skills, &person.Languages: s.Languages,
			&person.Qualifications: s.Qualifications, &activity.Objects: s.Objects, &activity.Guarantees: s.Guarantees} {
			for _, c := range list {
				if !code.Has(c) {
					t.Errorf("%s: %s is no %s", s.Key, c, code.Name)
				}
			}
		}
	}
	for _, f := range organisation.LocalFields.Codes {
		if local[f] < 4 {
			t.Errorf("field %s has %d kinds of service", f, local[f])
		}
	}
}

func TestSeasons(t *testing.T) {
	t.Parallel()
	s := service{Season: []string{"01-18..03-02", "12-20..12-31"}, Days: "weekend"}
	for d, want := range map[string]bool{"2026-01-18": true, "2026-01-17": false, "2026-03-02": true, "2026-03-03": false, "2026-12-25": true} {
		day, _ := time.Parse("2006-01-02", d)
		if s.inSeason(day) != want {
			t.Errorf("%s in season: %v", d, !want)
		}
	}
	if s.onDay(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		t.Error("a Tuesday is no weekend")
	}
}

func TestYearIsFullAndLawful(t *testing.T) {
	t.Parallel()
	l := planned(t, 1, 1)
	var hours float64
	future, full, waitingApproval, unconfirmed, byFate := 0, 0, 0, 0, map[runFate]int{}
	type dayOf struct {
		h   *human
		day string
	}
	taken := map[dayOf]string{}
	for _, r := range l.runs {
		byFate[r.fate]++
		if n := utf8.RuneCountInString(r.title); n > activity.MaxTitle || strings.Contains(r.title+r.place+r.content, "{") {
			t.Errorf("title of %d: %q at %q", n, r.title, r.place)
		}
		if r.created.After(l.now) || !r.created.Before(r.submitted) || r.fate == goesOn && !(r.submitted.Before(r.published) && r.published.Before(r.shifts[0].starts)) {
			t.Errorf("%s: created %s, submitted %s, published %s, begins %s", r.title, r.created, r.submitted, r.published, r.shifts[0].starts)
		}
		if !within(l.atlas.borders[r.body.county], r.at) {
			t.Errorf("%s lies outside %s", r.title, r.body.county)
		}
		for _, s := range r.shifts {
			if s.starts.After(l.now) {
				future++
				if len(s.signups) > s.capacity {
					full++
				}
			} else if s.confirmed.IsZero() && r.fate == goesOn {
				unconfirmed++
			}
			for _, u := range s.signups {
				if u.left {
					waitingApproval++
				}
				if u.at.After(l.now) || u.at.Before(r.published) || u.at.Before(u.who.registered) || !u.at.Before(s.starts) {
					t.Errorf("%s signs up for %s at %s", u.who.hans, r.title, u.at)
				}
				key := dayOf{u.who, s.starts.Format("2006-01-02")}
				if was := taken[key]; was != "" {
					t.Errorf("%s has both %s and %s on %s", u.who.hans, was, r.title, key.day)
				}
				taken[key] = r.title
				if u.visit != nil {
					hours += r.Hours
				}
			}
		}
	}
	t.Logf("%d people, %d organisations, %d activities %v, %.0f hours, %d shifts to come (%d with a waiting list, %d approvals open), %d to confirm",
		len(l.people), len(l.bodies), len(l.runs), byFate, hours, future, full, waitingApproval, unconfirmed)
	for what, ok := range map[string]bool{"hours": hours > 20_000, "activities": len(l.runs) > 300, "shifts to come": future > 120, "full ones": full > 8,
		"open approvals": waitingApproval > 5, "unconfirmed": unconfirmed > 20, "for review": byFate[waitsReview] > 5, "cancelled": byFate[wasCancelled] > 0} {
		if !ok {
			t.Errorf("too few %s", what)
		}
	}
}

// The plan must not depend on the day it is made on: any day of the year gives
// a whole life.
func TestEveryMonthMakesALife(t *testing.T) {
	t.Parallel()
	tree := realTree(t)
	for month := time.January; month <= time.December; month++ {
		now := time.Date(2027, month, 15, 9, 0, 0, 0, clock.Shanghai)
		l, err := plan(tree, planOptions{seed: 3, scale: 0.05, now: now})
		if err != nil {
			t.Fatal(err)
		}
		shifts := 0
		for _, r := range l.runs {
			shifts += len(r.shifts)
		}
		if shifts < 60 {
			t.Errorf("%s: %d shifts", month, shifts)
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	tree := realTree(b)
	for b.Loop() {
		if _, err := plan(tree, planOptions{seed: 1, scale: 1, now: today}); err != nil {
			b.Fatal(err)
		}
	}
}
