package activity

import (
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/text"
	"kapok/internal/organisation"
	"kapok/internal/region"
)

// Lengths of texts, in characters.
const (
	MaxTitle = 50 // as the national system
	MaxLine  = 120
	MaxText  = 3000
)

// MaxShifts is how many shifts an activity may have.
const MaxShifts = 400

// Plan is what an organisation writes of an activity. A draft may be
// incomplete; Submit asks for everything at once.
type Plan struct {
	RecordingUnit uuid.UUID // zero: the organiser records itself
	Division      string
	Title         string
	Content       string
	Responsible   string
	Contact       string
	Field         string
	LocalField    string
	Objects       []string
	Guarantees    []string
	Risks         string
	Dangerous     bool
	Insurance     string
	Declarations  Declarations
	TravelCounted bool
	WithAdult     bool
}

// PlanOf is the plan of an activity as it stands, to be changed and handed back.
func PlanOf(a Activity) Plan {
	return Plan{RecordingUnit: a.RecordingUnit, Division: a.Division, Title: a.Title, Content: a.Content, Responsible: a.Responsible,
		Contact: a.Contact, Field: a.Field, LocalField: a.LocalField, Objects: a.Objects, Guarantees: a.Guarantees, Risks: a.Risks,
		Dangerous: a.Dangerous, Insurance: a.Insurance, Declarations: a.Declarations, TravelCounted: a.TravelCounted, WithAdult: a.WithAdult}
}

// check cleans a plan and finds what is wrong in it, whether complete or not.
func (p *Plan) check(c *fault.Check, tree *region.Tree) {
	for _, s := range []*string{&p.Title, &p.Content, &p.Responsible, &p.Contact, &p.Risks, &p.Insurance} {
		*s = text.Clean(*s)
	}
	text.Line(c, "title", p.Title, true, MaxTitle)
	text.Check(c, "content", p.Content, false, MaxText)
	text.Line(c, "responsible", p.Responsible, false, MaxLine)
	text.Line(c, "contact", p.Contact, false, MaxLine)
	text.Check(c, "risks", p.Risks, false, MaxText)
	text.Line(c, "insurance", p.Insurance, false, MaxLine)
	text.OneOf(c, "field", p.Field, false, Fields.Codes)
	text.OneOf(c, "local_field", p.LocalField, false, LocalFields.Codes)
	p.Objects = text.Subset(c, "objects", p.Objects, Objects.Codes, len(Objects.Codes))
	p.Guarantees = text.Subset(c, "guarantees", p.Guarantees, Guarantees.Codes, len(Guarantees.Codes))
	p.Declarations = p.Declarations.known()
	if p.Division != "" {
		c.Add("division", tree.Require(p.Division))
	}
}

func (p Plan) into(a *Activity) {
	a.RecordingUnit, a.Division, a.Title, a.Content, a.Responsible, a.Contact = p.RecordingUnit, p.Division, p.Title, p.Content, p.Responsible, p.Contact
	a.Field, a.LocalField, a.Objects, a.Guarantees, a.Risks = p.Field, p.LocalField, p.Objects, p.Guarantees, p.Risks
	a.Dangerous, a.Insurance, a.Declarations, a.TravelCounted, a.WithAdult = p.Dangerous, p.Insurance, p.Declarations, p.TravelCounted, p.WithAdult
}

// complete finds everything that stands against handing an activity in.
func (a Activity) complete(c *fault.Check, shifts []Shift, org organisation.Organisation, now time.Time) {
	text.Check(c, "content", a.Content, true, MaxText)
	text.Line(c, "responsible", a.Responsible, true, MaxLine)
	if a.Division == "" {
		c.Add("division", fault.ErrRequired)
	}
	if a.Field == "" {
		c.Add("field", fault.ErrRequired)
		c.Must(a.LocalField == "", "field", ErrFieldContradicts)
	}
	c.Must(a.Risks != "", "risks", ErrRisksNeeded)
	c.Must(!a.Dangerous || a.Insurance != "", "insurance", ErrInsuranceNeeded)
	a.Declarations.check(c)
	a.completeShifts(c, shifts, org, now)
}

func (a Activity) completeShifts(c *fault.Check, shifts []Shift, org organisation.Organisation, now time.Time) {
	open := 0
	for _, s := range shifts {
		if s.State != ShiftOpen {
			continue
		}
		open++
		c.Must(s.StartsAt.After(now), "shifts", ErrShiftPast)
		c.Must(a.oldEnough(s.MinAge), "shifts", a.adultsRule())
		c.Must(org.FiledOn(s.StartsAt) && org.FiledOn(s.EndsAt), "shifts", ErrOutsideFiling)
	}
	c.Must(open > 0, "shifts", ErrNoShift)
}

// reviewed finds what a plan would change although the administrator decided
// on it. The rest may be changed after publishing.
func (a Activity) reviewed(c *fault.Check, p Plan) {
	same := func(ok bool, field string) { c.Must(ok, field, ErrReviewed) }
	same(p.Title == a.Title, "title")
	same(p.Field == a.Field, "field")
	same(p.LocalField == a.LocalField, "local_field")
	same(p.Division == a.Division, "division")
	same(p.RecordingUnit == a.RecordingUnit, "recording_unit")
	same(p.Dangerous == a.Dangerous, "dangerous")
	same(p.WithAdult == a.WithAdult, "with_adult")
	same(p.TravelCounted == a.TravelCounted, "travel_counted")
	for _, class := range Classes {
		same(p.Declarations[class] == a.Declarations[class], "declare_"+class)
	}
	text.Check(c, "content", p.Content, true, MaxText)
	text.Line(c, "responsible", p.Responsible, true, MaxLine)
	c.Must(p.Risks != "", "risks", ErrRisksNeeded)
	c.Must(!p.Dangerous || p.Insurance != "", "insurance", ErrInsuranceNeeded)
}
