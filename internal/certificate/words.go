package certificate

import (
	"fmt"
	"strings"
	"time"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
)

// words writes a statement's parts in its language.
type words struct {
	lang i18n.Lang
}

func (w words) text(key string, args ...any) string {
	return i18n.Text(w.lang, "certificate."+key, args...)
}

// hours shows whole minutes as hours with two decimals.
func hours(minutes int) string {
	hundredths := (minutes*100 + 30) / 60
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

// day writes a date (YYYY-MM-DD) for a reader; an unreadable one stays as it is.
func (w words) day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	if w.lang == i18n.En {
		return t.Format("2" + nbsp + "January 2006")
	}
	return strings.ReplaceAll(t.Format("2006 年 1 月 2 日"), " ", nbsp)
}

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

func (w words) issued(s Statement) string {
	return w.day(s.IssuedAt.In(clock.Shanghai).Format(time.DateOnly))
}

func (w words) period(p Period) string {
	if p.From == p.To {
		return w.text("day", "day", w.day(p.From))
	}
	to := w.day(p.To)
	if year := to[:len("2006")]; w.lang != i18n.En && p.From[:4] == year {
		to = strings.TrimPrefix(to, year+nbsp+"年"+nbsp) // said once is enough
	}
	return w.text("period", "from", w.day(p.From), "to", to)
}

// holder is what stands for the name.
func (w words) holder(h Holder) string {
	if h.Shown == NumberOnly {
		return w.text("holder_number", "number", h.VolunteerNo)
	}
	return h.Name
}

// papers is the remark behind the name: document and volunteer number.
func (w words) papers(h Holder) string {
	var parts []string
	if h.Document != nil {
		parts = append(parts, w.text("document_tail", "kind", h.Document.Name, "tail", h.Document.Tail))
	}
	if h.VolunteerNo != "" && h.Shown != NumberOnly {
		parts = append(parts, w.text("document_number", "number", h.VolunteerNo))
	}
	if len(parts) == 0 {
		return ""
	}
	return w.text("document", "document", strings.Join(parts, w.text("grades_join")))
}

// shownFields is how many fields of service the sentence names.
const shownFields = 3

func (w words) content(list []string) string {
	join := w.text("content_join")
	if len(list) <= shownFields {
		return strings.Join(list, join)
	}
	return w.text("content_more", "content", strings.Join(list[:shownFields], join))
}

func (w words) grades(list []Share) string {
	if len(list) == 0 {
		return ""
	}
	var parts []string
	for _, g := range list {
		parts = append(parts, w.text("grade", "grade", g.Name, "hours", hours(g.Minutes)))
	}
	return w.text("grades", "grades", strings.Join(parts, w.text("grades_join")))
}

// Marks around the words that the sentence stresses.
const (
	stressOn  = "\x01"
	stressOff = "\x02"
)

func stressed(s string) string { return stressOn + s + stressOff }

// sentence is the certificate's one sentence, with marks around what it stresses.
func (w words) sentence(s Statement) string {
	return w.text("sentence",
		"holder", stressed(w.holder(s.Holder)), "document", w.papers(s.Holder), "period", w.period(s.Period),
		"content", w.content(s.Content), "times", stressed(fmt.Sprint(s.Times)), "n", s.Times,
		"hours", stressed(hours(s.Minutes)), "grades", w.grades(s.Grades))
}
