package certificate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kapok/internal/kit/i18n"
)

// 67号令 art. 15: service time, service content, recording unit; and art. 16:
// nothing else without the holder's wish.
func TestTheLeastACertificateStates(t *testing.T) {
	t.Parallel()
	s := stated(minimal(i18n.ZhHans), someone("张三"), someHours(6))
	want := Statement{
		Schema: Schema, Number: "K26-7QX4-M2D9-H", Language: i18n.ZhHans,
		Holder: Holder{Shown: FullName, Name: "张三"}, Period: Period{"2026-03-01", "2026-03-06"},
		Minutes: 555, Times: 6, Content: s.Content,
		Units:    []Share{{Name: "霞山区志愿者联合会"}, {Name: "广州市越秀区志愿者联合会"}},
		IssuedAt: noon, Issuer: "志愿广东", Verify: "https://kapok.example/verify/K26-7QX4-M2D9-H", Key: newSeedKey(1).Key().ID,
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	if len(s.Content) != 2 || s.Content[0] == "" {
		t.Errorf("service content %q", s.Content)
	}
	raw, err := s.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"1234", "K7Q-4821", "grade", "items", "陪长者过重阳"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%q was not chosen, but stands in %s", secret, raw)
		}
	}
}

func TestHolderIsShownAsChosen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		choice Choice
		want   Holder
	}{
		{Choice{Name: FullName}, Holder{Shown: FullName, Name: "李小文"}},
		{Choice{Name: MaskedName}, Holder{Shown: MaskedName, Name: "李*文"}},
		{Choice{Name: NumberOnly}, Holder{Shown: NumberOnly, VolunteerNo: "K7Q-4821"}},
		{Choice{Name: MaskedName, Number: true}, Holder{Shown: MaskedName, Name: "李*文", VolunteerNo: "K7Q-4821"}},
		{
			Choice{Name: FullName, Document: true, Language: i18n.ZhHans},
			Holder{Shown: FullName, Name: "李小文", Document: &Document{"mainland_id", "居民身份证", "1234"}},
		},
	} {
		if diff := cmp.Diff(c.want, c.choice.holder(someone("李小文"))); diff != "" {
			t.Errorf("%+v: %s", c.choice, diff)
		}
	}
}

func TestPeriodAndOrder(t *testing.T) {
	t.Parallel()
	hours := someHours(30)
	hours[0], hours[29] = hours[29], hours[0]
	got := Choice{From: "2026-03-10", To: "2026-03-12"}.within(hours)
	if len(got) != 3 || got[0].Date != "2026-03-10" || got[2].Date != "2026-03-12" {
		t.Errorf("got %v", got)
	}
	if all := (Choice{}).within(hours); all[0].Date != "2026-03-01" || len(all) != 30 {
		t.Errorf("without limits: %d records from %s", len(all), all[0].Date)
	}
}

// Whatever is shown, its parts add up to the total, and the statement survives
// being written and read.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := everything(rapid.SampledFrom(i18n.Langs).Draw(t, "language"))
		s := stated(c, someone("张三"), someHours(rapid.IntRange(1, 60).Draw(t, "n")))
		for name, list := range map[string][]Share{"units": s.Units, "fields": s.Fields, "grades": s.Grades} {
			minutes, times := 0, 0
			for _, p := range list {
				minutes, times = minutes+p.Minutes, times+p.Times
			}
			if minutes != s.Minutes || times != s.Times {
				t.Fatalf("%s add up to %d minutes, %d times of %d, %d", name, minutes, times, s.Minutes, s.Times)
			}
		}
		raw, err := s.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		var back Statement
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestHours(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int]string{0: "0.00", 1: "0.02", 60: "1.00", 90: "1.50", 100: "1.67", 10110: "168.50"} {
		if got := hours(minutes); got != want {
			t.Errorf("%d minutes are %s hours, want %s", minutes, got, want)
		}
	}
}
