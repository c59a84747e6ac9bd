package activity

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"kapok/internal/person/persontest"
)

// Calendar and map count what the list finds.
func TestCountsAgreeWithTheList(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	r := rand.New(rand.NewPCG(9, 9))
	list := w.scatter(r, 600)
	for range 25 {
		f := drawFilter(r)
		days, err := w.Days(ctx, f, deskDay, deskDay.AddDate(0, 0, 40))
		w.must(err)
		want := map[day]int{}
		for _, s := range scan(f, list) {
			want[dayOf(s.StartsAt)]++
		}
		for _, d := range days {
			if d.Count != min(MaxCount, want[dayOf(d.Day)]) {
				t.Fatalf("%+v on %s: %d, want %d", f, d.Day, d.Count, want[dayOf(d.Day)])
			}
		}
		if len(days) != 41 && len(days) != 40 {
			t.Fatalf("%d days", len(days))
		}
		f.Division = []string{"", "440000", persontest.Guangzhou, "810000", persontest.CentralHK}[r.IntN(5)]
		places, err := w.Places(ctx, f)
		w.must(err)
		for _, p := range places {
			g := f
			g.Division, g.Until = p.Division.Code, w.MapUntil(f)
			if n := min(MaxCount, len(scan(g, list))); n != p.Count {
				t.Fatalf("%+v in %s: %d, want %d", f, p.Division.Code, p.Count, n)
			}
		}
	}
	f := Filter{}
	places, err := w.Places(ctx, f)
	if err != nil || len(places) != 3 { // two cities of the test's province, Hong Kong
		t.Errorf("%d places: %v", len(places), err)
	}
	if until := w.MapUntil(Filter{Until: deskDay.Add(time.Hour)}); !until.Equal(deskDay.Add(time.Hour)) {
		t.Errorf("until %s", until)
	}
}
