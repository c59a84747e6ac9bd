package certificate

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/i18n"
	"kapok/internal/organisation"
	"kapok/internal/person"
)

// Choice is what the holder wants on the certificate. Nothing that is not
// chosen is on it, except the three things that 67号令 art. 15 demands.
type Choice struct {
	Language i18n.Lang
	From, To string // YYYY-MM-DD, inclusive; "" for no limit
	Name     NameForm
	Number   bool // the volunteer number beside the name
	Document bool // kind and last characters of the document
	Units    bool // hours by recording unit
	Fields   bool // hours by field of service
	Grades   bool // hours by grade of evidence
	Items    bool // every record
}

// Subject is what is known of the holder.
type Subject struct {
	ID           uuid.UUID
	Name         func(i18n.Lang) string // in the script that suits a language
	VolunteerNo  string
	DocumentKind string // code list "document"; "" when there is none
	DocumentTail string
}

// Hour is one confirmed service record, as a certificate needs it.
type Hour struct {
	Record   uuid.UUID
	Version  int
	Date     string // YYYY-MM-DD
	Activity string
	Content  string
	Unit     string // recording unit
	Field    string // code of the field of service
	Grade    string
	Minutes  int
}

// within is the records of the chosen period, oldest first.
func (c Choice) within(hours []Hour) []Hour {
	in := func(h Hour) bool { return (c.From == "" || h.Date >= c.From) && (c.To == "" || h.Date <= c.To) }
	var out []Hour
	for _, h := range hours {
		if in(h) {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b Hour) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), slices.Compare(a.Record[:], b.Record[:]))
	})
	return out
}

// Origin is where a certificate comes from.
type Origin struct {
	Issuer string
	Verify string // address of the verification page of this certificate
	Key    string
	At     time.Time
}

// build states the hours (at least one, oldest first) in the form chosen.
func build(number Number, who Subject, hours []Hour, c Choice, from Origin) Statement {
	s := Statement{
		Schema: Schema, Number: number, Language: c.Language, Holder: c.holder(who),
		Period: Period{hours[0].Date, hours[len(hours)-1].Date}, Times: len(hours),
		IssuedAt: from.At.UTC().Truncate(time.Second), Issuer: from.Issuer, Verify: from.Verify, Key: from.Key,
	}
	field := func(h Hour) Share { return Share{Code: h.Field, Name: organisation.FieldName(c.Language, h.Field)} }
	for _, h := range hours {
		s.Minutes += h.Minutes
		if c.Items {
			s.Items = append(s.Items, c.item(h))
		}
	}
	fields := shares(hours, field)
	for _, f := range fields {
		s.Content = append(s.Content, f.Name)
	}
	s.Units = shares(hours, func(h Hour) Share { return Share{Name: h.Unit} })
	if !c.Units {
		conceal(s.Units)
	}
	if c.Fields {
		s.Fields = fields
	}
	if c.Grades {
		s.Grades = shares(hours, func(h Hour) Share { return Share{Name: h.Grade} })
		slices.SortFunc(s.Grades, func(a, b Share) int { return cmp.Compare(a.Name, b.Name) })
	}
	return s
}

func (c Choice) holder(who Subject) Holder {
	h := Holder{Shown: c.Name}
	switch name := who.Name(c.Language); c.Name {
	case FullName:
		h.Name = name
	case MaskedName:
		h.Name = person.MaskName(name)
	}
	if c.Number || c.Name == NumberOnly {
		h.VolunteerNo = who.VolunteerNo
	}
	if c.Document && who.DocumentKind != "" {
		kind := person.DocumentKinds.Text(c.Language, who.DocumentKind)
		h.Document = &Document{Kind: who.DocumentKind, Name: kind, Tail: who.DocumentTail}
	}
	return h
}

func (c Choice) item(h Hour) Item {
	i := Item{Date: h.Date, Activity: h.Activity, Content: h.Content, Unit: h.Unit, Minutes: h.Minutes}
	if c.Grades {
		i.Grade = h.Grade
	}
	return i
}

// shares adds the hours up by what part says, the largest part first.
func shares(hours []Hour, part func(Hour) Share) []Share {
	var out []Share
	index := map[Share]int{}
	for _, h := range hours {
		key := part(h)
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, key)
		}
		out[i].Minutes += h.Minutes
		out[i].Times++
	}
	slices.SortStableFunc(out, func(a, b Share) int { return cmp.Compare(b.Minutes, a.Minutes) })
	return out
}

// conceal keeps the names only.
func conceal(list []Share) {
	for i := range list {
		list[i].Minutes, list[i].Times = 0, 0
	}
}
