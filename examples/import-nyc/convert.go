package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// rules are what the operator decides.
type rules struct {
	Division string         // under which the rows are filed
	Now      time.Time      // shifts lie after it
	Zone     *time.Location // of the times assumed
	Move     bool           // past dates move ahead by whole years of 52 weeks
}

// plan is an activity as the API takes it.
type plan struct {
	Division     string          `json:"division"`
	Title        string          `json:"title"`
	Content      string          `json:"content"`
	Responsible  string          `json:"responsible"`
	Contact      string          `json:"contact"`
	Field        string          `json:"field"`
	Risks        string          `json:"risks"`
	Declarations map[string]bool `json:"declarations"`
	Shifts       []shift         `json:"shifts"`
}

type shift struct {
	StartsAt   time.Time `json:"starts_at"`
	EndsAt     time.Time `json:"ends_at"`
	Place      string    `json:"place"`
	Lat        *float64  `json:"lat,omitempty"`
	Lng        *float64  `json:"lng,omitempty"`
	Capacity   int       `json:"capacity"`
	WaitingMax int       `json:"waiting_max"`
}

// What the platform bounds, and what the rows leave open.
const (
	maxTitle    = 50
	maxLine     = 120
	maxCapacity = 500 // "9999" in the file means "as many as come"
	maxShifts   = 6   // of an ongoing opportunity, one a week
	startHour   = 10  // the file gives days, never times
	usualHours  = 3
	year        = 52 * 7 // days: a shift by whole weeks keeps the weekday
)

// fields are the platform's service categories for those of the file.
var fields = map[string]string{
	"1": "0001", // Strengthening Communities
	"2": "0017", // Helping Neighbors in Need
	"3": "0003", // Education
	"4": "0006", // Environment
	"5": "0004", // Health
	"6": "0013", // Emergency Preparedness
	"":  "0099",
}

// What is no volunteering by the platform's law (67号令 art. 19): told by words.
var notVolunteering = []struct {
	words  *regexp.Regexp
	reason string
}{
	{regexp.MustCompile(`(?i)\binterns?(hips?)?\b`), "an internship is for the one who does it (own benefit), not volunteer service"},
	{regexp.MustCompile(`(?i)^(donate|give the gift)\b|\bclothing drive\b|\bmembership drive\b`), "asks for goods, money or members, not for time"},
	{regexp.MustCompile(`(?i)does your organization need|\bregister to attend\b`), "offers something to take part in, not service to give"},
}

// convert makes an activity of a row, or says why there is none.
func convert(r row, k rules) (plan, string) {
	switch {
	case r.Fault != "":
		return plan{}, r.Fault
	case r.Title == "":
		return plan{}, "no title"
	case utf8.RuneCountInString(r.Summary) < 10:
		return plan{}, "no description that says what is done"
	case r.Wanted < 1:
		return plan{}, "asks for no volunteers"
	case r.To.Before(r.From):
		return plan{}, "ends before it begins"
	}
	for _, n := range notVolunteering {
		if n.words.MatchString(r.Title) {
			return plan{}, n.reason
		}
	}
	days, moved, reason := k.days(r)
	if reason != "" {
		return plan{}, reason
	}
	p := plan{
		Division: k.Division, Title: cut(oneLine(r.Title), maxTitle), Content: r.content(moved), Responsible: cut(oneLine(r.Org), maxLine),
		Contact: cut("volunteer.nycservice.org"+r.URL, maxLine), Field: fields[r.Category],
		Risks:        "Not described by the source. Follow the organiser's instructions on site; ask about anything unclear before signing up.",
		Declarations: map[string]bool{"job": false, "internal": false, "own_benefit": false, "no_aim": false, "pay": false, "time": false},
	}
	if p.Field == "" {
		p.Field = fields[""]
	}
	for _, day := range days {
		p.Shifts = append(p.Shifts, k.shift(r, day))
	}
	return p, ""
}

// days are the days of service that lie ahead, by how many days they were
// moved, or why there are none.
func (k rules) days(r row) (days []time.Time, moved int, reason string) {
	tomorrow := time.Date(k.Now.Year(), k.Now.Month(), k.Now.Day()+1, 0, 0, 0, 0, time.UTC)
	from, to := r.From, r.To
	for to.Before(tomorrow) || !r.Ongoing && from.Before(tomorrow) {
		if !k.Move {
			return nil, 0, "lies in the past (" + r.From.Format("2006-01-02") + " to " + r.To.Format("2006-01-02") + ")"
		}
		moved, from, to = moved+year, from.AddDate(0, 0, year), to.AddDate(0, 0, year)
	}
	for day := from; !day.After(to) && len(days) < maxShifts; day = day.AddDate(0, 0, 7) {
		if !day.Before(tomorrow) {
			days = append(days, day)
		}
		if !r.Ongoing {
			break
		}
	}
	if len(days) == 0 {
		return nil, moved, "no day of it is left"
	}
	return days, moved, ""
}

func (k rules) shift(r row, day time.Time) shift {
	hours := r.Hours
	if hours < 1 || hours > 12 {
		hours = usualHours
	}
	starts := time.Date(day.Year(), day.Month(), day.Day(), startHour, 0, 0, 0, k.Zone)
	place := r.Address
	if place == "" {
		place = "New York (the source gives no address)"
	}
	return shift{
		StartsAt: starts, EndsAt: starts.Add(time.Duration(hours) * time.Hour), Place: cut(oneLine(place), maxLine),
		Lat: r.Lat, Lng: r.Lon, Capacity: min(r.Wanted, maxCapacity), WaitingMax: 5,
	}
}

// content says what the row says, where it comes from and what was assumed.
func (r row) content(moved int) string {
	var b strings.Builder
	if utf8.RuneCountInString(r.Title) > maxTitle {
		fmt.Fprintf(&b, "%s\n\n", r.Title)
	}
	fmt.Fprintf(&b, "%s\n\n", r.Summary)
	fmt.Fprintf(&b, "Offered by %s, New York City, United States. Foreign opportunity, imported for demonstration: NYC Open Data, dataset bquu-z2ht, opportunity %s. ", r.Org, r.ID)
	fmt.Fprintf(&b, "Original dates %s to %s", r.From.Format("2006-01-02"), r.To.Format("2006-01-02"))
	if moved > 0 {
		fmt.Fprintf(&b, ", moved ahead by %d weeks", moved/7)
	}
	b.WriteString(". The source gives no times of day: 10:00 is assumed")
	if r.Hours < 1 {
		fmt.Fprintf(&b, ", and %d hours", usualHours)
	}
	b.WriteString(".")
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// cut shortens a text to so many characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return s
}
