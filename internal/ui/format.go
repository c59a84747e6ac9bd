package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kapok/internal/kit/i18n"
)

// Hours writes service time, kept in whole minutes, as hours with two
// decimals: 150 is "2.50". Half a hundredth rounds away from zero.
func Hours(minutes int) string {
	sign := ""
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	hundredths := (minutes*100 + 30) / 60
	return fmt.Sprintf("%s%d.%02d", sign, hundredths/100, hundredths%100)
}

// HoursText is Hours with the unit, in the reader's language: "2.50 小时".
func HoursText(ctx context.Context, minutes int) string {
	return i18n.T(ctx, "ui.hours", "hours", Hours(minutes))
}

// Number groups thousands: 28,771.
func Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

var (
	weekdaysHans = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}
	weekdaysHant = [...]string{"週日", "週一", "週二", "週三", "週四", "週五", "週六"}
)

// Day writes a day: 10月18日 周六, 10月18日 週六, Sat 18 Oct 2026. Chinese adds
// the year when it is not the present one.
func Day(ctx context.Context, t time.Time, zone *time.Location) string {
	t = t.In(zone)
	l := i18n.From(ctx)
	if l == i18n.En {
		return t.Format("Mon 2 Jan 2006")
	}
	day := weekdaysHans[t.Weekday()]
	if l == i18n.ZhHant {
		day = weekdaysHant[t.Weekday()]
	}
	return yearUnlessNow(ctx, t, zone) + t.Format("1月2日 ") + day
}

func yearUnlessNow(ctx context.Context, t time.Time, zone *time.Location) string {
	now := ViewFrom(ctx).Now
	if !now.IsZero() && now.In(zone).Year() == t.Year() {
		return ""
	}
	return t.Format("2006年")
}

// Date writes a day without the weekday: 2026年10月18日, 18 Oct 2026. For
// documents and lists where the year matters.
func Date(ctx context.Context, t time.Time, zone *time.Location) string {
	if i18n.From(ctx) == i18n.En {
		return t.In(zone).Format("2 Jan 2006")
	}
	return t.In(zone).Format("2006年1月2日")
}

// Clock writes a time of day: 9:00.
func Clock(t time.Time, zone *time.Location) string { return clockOf(t.In(zone)) }

func clockOf(t time.Time) string { return strings.TrimPrefix(t.Format("15:04"), "0") }

// Moment writes a day with a time: 10月18日 周六 9:00; Sat 18 Oct 2026, 9:00.
func Moment(ctx context.Context, t time.Time, zone *time.Location) string {
	return Day(ctx, t, zone) + comma(ctx) + Clock(t, zone)
}

func comma(ctx context.Context) string {
	if i18n.From(ctx) == i18n.En {
		return ", "
	}
	return " "
}

// When writes a span of time: 10月18日 周六 9:00–11:30; past midnight
// 22:00–次日 6:00; over several days both days in full.
func When(ctx context.Context, start, end time.Time, zone *time.Location) string {
	from, to := start.In(zone), end.In(zone)
	switch days := daysBetween(from, to); days {
	case 0:
		return Moment(ctx, start, zone) + "–" + clockOf(to)
	case 1:
		return Moment(ctx, start, zone) + "–" + i18n.T(ctx, "ui.next_day", "time", clockOf(to))
	}
	return Moment(ctx, start, zone) + " – " + Moment(ctx, end, zone)
}

// DateRange writes a span of whole days, both included, with the year: 2026年3月1日
// 至 10月31日; 1 Mar – 31 Oct 2026.
func DateRange(ctx context.Context, from, to time.Time, zone *time.Location) string {
	a, b := from.In(zone), to.In(zone)
	switch {
	case daysBetween(a, b) == 0:
		return Date(ctx, from, zone)
	case i18n.From(ctx) == i18n.En && a.Year() == b.Year():
		return a.Format("2 Jan") + " – " + Date(ctx, to, zone)
	case i18n.From(ctx) == i18n.En:
		return Date(ctx, from, zone) + " – " + Date(ctx, to, zone)
	case a.Year() == b.Year():
		return Date(ctx, from, zone) + "至" + b.Format("1月2日")
	}
	return Date(ctx, from, zone) + "至" + Date(ctx, to, zone)
}

func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

// Due says how far off a deadline is, by the calendar days of the zone: today,
// tomorrow, in 3 days, 2 days late. Working days are counted by kit/workday;
// for them use DueWorkdays.
func Due(ctx context.Context, due time.Time, zone *time.Location) string {
	now := ViewFrom(ctx).Now
	switch days := daysBetween(now.In(zone), due.In(zone)); {
	case due.Before(now) && days == 0:
		return i18n.T(ctx, "ui.due.passed")
	case days < 0:
		return i18n.T(ctx, "ui.due.late", "n", -days)
	case days == 0:
		return i18n.T(ctx, "ui.due.today")
	case days == 1:
		return i18n.T(ctx, "ui.due.tomorrow")
	default:
		return i18n.T(ctx, "ui.due.days", "n", days)
	}
}

// DueWorkdays says how many working days are left: 还有 7 个工作日; negative
// ones are late (67号令 art. 11: ten working days to confirm).
func DueWorkdays(ctx context.Context, n int) string {
	switch {
	case n < 0:
		return i18n.T(ctx, "ui.due.workdays_late", "n", -n)
	case n == 0:
		return i18n.T(ctx, "ui.due.today")
	}
	return i18n.T(ctx, "ui.due.workdays", "n", n)
}
