package ui

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
)

func at(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2026, month, day, hour, minute, 0, 0, clock.Shanghai)
}

func reader(l i18n.Lang) context.Context {
	return WithView(i18n.With(context.Background(), l), View{Now: at(10, 16, 10, 0)})
}

func TestHours(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int]string{0: "0.00", 1: "0.02", 50: "0.83", 51: "0.85", 90: "1.50", 150: "2.50", 10110: "168.50", -30: "−0.50"} {
		if got := Hours(minutes); got != want {
			t.Errorf("Hours(%d) = %s, want %s", minutes, got, want)
		}
	}
}

func TestHoursNearest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.IntRange(0, 1_000_000).Draw(t, "minutes")
		shown, err := strconv.ParseFloat(Hours(minutes), 64)
		if err != nil {
			t.Fatal(err)
		}
		if diff := shown - float64(minutes)/60; diff > 0.0050001 || diff < -0.0050001 {
			t.Errorf("Hours(%d) = %v, off by %v", minutes, shown, diff)
		}
	})
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 28771: "28,771", 25000000: "25,000,000", -1234: "−1,234"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		start, end       time.Time
		hans, hant, engl string
	}{
		{"one day", at(10, 18, 9, 0), at(10, 18, 11, 30), "10月18日 周日 9:00–11:30", "10月18日 週日 9:00–11:30", "Sun 18 Oct 2026, 9:00–11:30"},
		{"past midnight", at(10, 18, 22, 0), at(10, 19, 6, 0), "10月18日 周日 22:00–次日 6:00", "10月18日 週日 22:00–翌日 6:00", "Sun 18 Oct 2026, 22:00–6:00 the next day"},
		{"several days", at(12, 31, 9, 0), at(12, 31, 9, 0).AddDate(0, 0, 2), "12月31日 周四 9:00 – 2027年1月2日 周六 9:00", "12月31日 週四 9:00 – 2027年1月2日 週六 9:00", "Thu 31 Dec 2026, 9:00 – Sat 2 Jan 2027, 9:00"},
	} {
		for l, want := range map[i18n.Lang]string{i18n.ZhHans: c.hans, i18n.ZhHant: c.hant, i18n.En: c.engl} {
			if got := When(reader(l), c.start.UTC(), c.end.UTC(), clock.Shanghai); got != want {
				t.Errorf("%s, %s: %q, want %q", c.name, l, got, want)
			}
		}
	}
}

func TestDateRange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to   time.Time
		hans, engl string
	}{
		{at(3, 1, 0, 0), at(10, 31, 0, 0), "2026年3月1日至10月31日", "1 Mar – 31 Oct 2026"},
		{at(3, 1, 0, 0), at(3, 1, 23, 0), "2026年3月1日", "1 Mar 2026"},
		{at(3, 1, 0, 0).AddDate(-1, 0, 0), at(3, 1, 0, 0), "2025年3月1日至2026年3月1日", "1 Mar 2025 – 1 Mar 2026"},
	} {
		if got := DateRange(reader(i18n.ZhHans), c.from, c.to, clock.Shanghai); got != c.hans {
			t.Errorf("got %q, want %q", got, c.hans)
		}
		if got := DateRange(reader(i18n.En), c.from, c.to, clock.Shanghai); got != c.engl {
			t.Errorf("got %q, want %q", got, c.engl)
		}
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	for want, due := range map[string]time.Time{
		"今天已截止": at(10, 16, 9, 0), "今天截止": at(10, 16, 18, 0), "明天截止": at(10, 17, 0, 30), "还有 3 天": at(10, 19, 9, 0), "已逾期 2 天": at(10, 14, 23, 0),
	} {
		if got := Due(reader(i18n.ZhHans), due.UTC(), clock.Shanghai); got != want {
			t.Errorf("Due(%v) = %q, want %q", due, got, want)
		}
	}
	for n, want := range map[int]string{7: "7 working days left", 1: "1 working day left", 0: "due today", -2: "2 working days late"} {
		if got := DueWorkdays(reader(i18n.En), n); got != want {
			t.Errorf("DueWorkdays(%d) = %q, want %q", n, got, want)
		}
	}
}

// A day is never shown one off, whatever the zone the time came in.
func TestDayIgnoresIncomingZone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		moment := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "unix"), 0)
		zone := time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "offset")*3600)
		if a, b := Day(reader(i18n.En), moment.In(zone), clock.Shanghai), Day(reader(i18n.En), moment.UTC(), clock.Shanghai); a != b {
			t.Errorf("%q in %v, %q in UTC", a, zone, b)
		}
		if c := Clock(moment, clock.Shanghai); strings.HasPrefix(c, "0") && !strings.HasPrefix(c, "0:") {
			t.Errorf("clock %q has a leading zero", c)
		}
	})
}
