package notify

import (
	"fmt"
	"strings"
	"time"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
)

// Text is a message in a language.
type Text struct{ Title, Body string }

// Render makes the text of a message. Args whose name ends in _on are days
// (2006-01-02), those in _at moments (RFC 3339, shown in Beijing time), and
// minutes are shown as hours with two decimals.
func Render(l i18n.Lang, kind string, args map[string]any) Text {
	pairs := make([]any, 0, 2*len(args))
	for name, v := range args {
		pairs = append(pairs, name, shown(l, name, v))
	}
	return Text{i18n.Text(l, "notify."+kind+".title", pairs...), i18n.Text(l, "notify."+kind+".body", pairs...)}
}

// Text is the message in a language.
func (m Received) Text(l i18n.Lang) Text { return Render(l, m.Kind, m.Args) }

func shown(l i18n.Lang, name string, v any) any {
	switch x := v.(type) {
	case float64: // all numbers of JSON
		if name == "minutes" || strings.HasSuffix(name, "_minutes") {
			return hours(int(x))
		}
		return int64(x)
	case int:
		if name == "minutes" || strings.HasSuffix(name, "_minutes") {
			return hours(x)
		}
	case string:
		if t, err := time.Parse("2006-01-02", x); err == nil && strings.HasSuffix(name, "_on") {
			return day(l, t)
		}
		if t, err := time.Parse(time.RFC3339, x); err == nil && strings.HasSuffix(name, "_at") {
			return moment(l, t.In(clock.Shanghai))
		}
	}
	return v
}

func hours(minutes int) string {
	hundredths := (minutes*100 + 30) / 60
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

func day(l i18n.Lang, t time.Time) string {
	if l == i18n.En {
		return t.Format("2 Jan 2006")
	}
	return t.Format("2006年1月2日")
}

func moment(l i18n.Lang, t time.Time) string {
	if l == i18n.En {
		return day(l, t) + t.Format(", 15:04")
	}
	return day(l, t) + t.Format(" 15:04")
}
