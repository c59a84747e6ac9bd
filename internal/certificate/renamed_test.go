package certificate

import (
	"testing"
	"time"

	"kapok/internal/kit/i18n"
)

// A certificate with the name of before stays valid and says so; one issued
// afterwards, or one that shows no name, has nothing to say.
func TestANameCorrectedAfterTheIssue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	who := b.volunteer(3)
	number := minimal(i18n.ZhHans)
	number.Name = NumberOnly
	before, nameless := b.issued(t, who, minimal(i18n.ZhHans)), b.issued(t, who, number)
	b.clock.Advance(time.Hour)
	at := b.clock.Now()
	b.named, b.name = &at, "张叁"
	b.clock.Advance(time.Hour)
	after := b.issued(t, who, minimal(i18n.ZhHans))
	for n, want := range map[Number]bool{before.Number: true, nameless.Number: false, after.Number: false} {
		got, err := b.Lookup(t.Context(), n)
		if err != nil || got.NameCorrected != want || got.Status != Valid {
			t.Errorf("%s: %+v, %v; want corrected %v", n, got, err, want)
		}
	}
	if got, _ := b.Lookup(t.Context(), after.Number); got.Statement.Holder.Name != "张叁" {
		t.Errorf("the later one names %s", got.Statement.Holder.Name)
	}
	next, err := b.Replace(t.Context(), before.Number, Order{Person: who, Actor: who, Choice: minimal(i18n.ZhHans)})
	if err != nil || next.Statement.Holder.Name != "张叁" {
		t.Errorf("replaced by %+v, %v", next.Statement.Holder, err)
	}
	if got, _ := b.Lookup(t.Context(), before.Number); got.Status != Replaced || got.NameCorrected {
		t.Errorf("the old one is %+v", got)
	}
}
