package certificate

import (
	"strings"

	"kapok/internal/kit/i18n"
)

// Lines tells a person in a language what a check found: the verdict first,
// then what the certificate states, or what to do.
func (r Report) Lines(l i18n.Lang) []string {
	w := words{l}
	lines := []string{w.text("check."+string(r.Finding), "key", r.Key)}
	if r.Finding != Good {
		return append(lines, w.text("check."+string(r.Finding)+".remedy"))
	}
	s := *r.Statement
	for _, row := range w.summary(s) {
		lines = append(lines, row[0]+w.text("check.colon")+row[1])
	}
	return append(lines, w.text("check.status", "url", s.Verify))
}

// Summary is a statement as pairs of label and text in a language, for pages
// and terminals: the three statutory things first. Names of activities, units
// and fields stay in the statement's own language.
func (s Statement) Summary(l i18n.Lang) [][2]string { return words{l}.summary(s) }

func (w words) summary(s Statement) [][2]string {
	join := w.text("content_join")
	names := make([]string, len(s.Units))
	for i, u := range s.Units {
		names[i] = u.Name
		if u.Minutes > 0 {
			names[i] = w.text("unit_hours", "unit", u.Name, "hours", hours(u.Minutes))
		}
	}
	holder := w.holder(s.Holder) + w.papers(s.Holder)
	return [][2]string{
		{w.text("holder"), holder},
		{w.text("time"), w.text("time_value", "hours", hours(s.Minutes), "grades", w.grades(s.Grades), "times", s.Times, "n", s.Times, "period", w.period(s.Period))},
		{w.text("work"), strings.Join(s.Content, join)},
		{w.text("units"), strings.Join(names, join)},
		{w.text("number"), string(s.Number)},
		{w.text("issued"), w.issued(s)},
		{w.text("issuer"), s.Issuer},
	}
}
