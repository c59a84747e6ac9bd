package activity

import (
	"time"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/text"
	"kapok/internal/person"
)

// farAhead is how long before its start a shift may be planned.
const farAhead = 2 * 366 * 24 * time.Hour

// ShiftPlan is what an organisation writes of a shift.
type ShiftPlan struct {
	Name           string
	StartsAt       time.Time
	EndsAt         time.Time
	Place          string
	Lat, Lon       *float64
	RadiusM        int
	Capacity       int
	WaitingMax     int
	SignupFrom     *time.Time // nil: at once
	SignupUntil    *time.Time // nil: until it starts
	MinAge, MaxAge int
	Skills         []string
	Languages      []string
	Qualifications []string
	Approval       bool
}

// ShiftPlanOf is the plan of a shift as it stands, to be changed and handed back.
func ShiftPlanOf(s Shift) ShiftPlan {
	return ShiftPlan{Name: s.Name, StartsAt: s.StartsAt, EndsAt: s.EndsAt, Place: s.Place, Lat: s.Lat, Lon: s.Lon, RadiusM: s.RadiusM,
		Capacity: s.Capacity, WaitingMax: s.WaitingMax, SignupFrom: &s.SignupFrom, SignupUntil: &s.SignupUntil, MinAge: s.MinAge,
		MaxAge: s.MaxAge, Skills: s.Skills, Languages: s.Languages, Qualifications: s.Qualifications, Approval: s.Approval}
}

// Check finds what is wrong in a shift's plan, all fields at once.
func (p ShiftPlan) Check(now time.Time) error {
	var c fault.Check
	p.check(&c, now)
	return c.Err()
}

// check cleans a shift's plan and finds what is wrong in it.
func (p *ShiftPlan) check(c *fault.Check, now time.Time) {
	p.Name, p.Place = text.Clean(p.Name), text.Clean(p.Place)
	text.Line(c, "name", p.Name, false, MaxTitle)
	text.Line(c, "place", p.Place, true, MaxLine)
	p.checkTimes(c, now)
	p.checkPoint(c)
	number(c, "capacity", p.Capacity, 1, 100_000)
	number(c, "waiting_max", p.WaitingMax, 0, 100_000)
	number(c, "min_age", p.MinAge, 0, 120)
	number(c, "max_age", p.MaxAge, 0, 120)
	c.Must(p.MaxAge == 0 || p.MaxAge >= p.MinAge, "max_age", ErrAges)
	p.Skills = text.Subset(c, "skills", p.Skills, person.Skills.Codes, 20)
	p.Languages = text.Subset(c, "languages", p.Languages, person.Languages.Codes, 20)
	p.Qualifications = text.Subset(c, "qualifications", p.Qualifications, person.Qualifications.Codes, 20)
}

func (p *ShiftPlan) checkTimes(c *fault.Check, now time.Time) {
	p.StartsAt, p.EndsAt = p.StartsAt.UTC().Truncate(time.Minute), p.EndsAt.UTC().Truncate(time.Minute)
	from := c.Must(p.StartsAt.Year() > 1, "starts_at", fault.ErrRequired)
	to := c.Must(p.EndsAt.Year() > 1, "ends_at", fault.ErrRequired)
	if !from || !to {
		return
	}
	c.Must(p.StartsAt.Before(now.Add(farAhead)), "starts_at", ErrShiftFar)
	switch {
	case !p.EndsAt.After(p.StartsAt):
		c.Add("ends_at", ErrShiftEnds)
	case p.EndsAt.Sub(p.StartsAt) > MaxShift:
		c.Add("ends_at", ErrShiftLong)
	}
	if p.SignupFrom == nil || p.SignupFrom.IsZero() {
		at := minTime(now, p.StartsAt.Add(-time.Minute)).Truncate(time.Minute)
		p.SignupFrom = &at
	}
	if p.SignupUntil == nil || p.SignupUntil.IsZero() {
		p.SignupUntil = &p.StartsAt
	}
	c.Must(p.SignupUntil.After(*p.SignupFrom) && !p.SignupUntil.After(p.EndsAt), "signup_until", ErrWindow)
}

func (p *ShiftPlan) checkPoint(c *fault.Check) {
	number(c, "radius_m", p.RadiusM, 0, 50_000)
	switch {
	case (p.Lat == nil) != (p.Lon == nil):
		c.Add("lat", ErrPointHalf)
	case p.Lat == nil:
		c.Must(p.RadiusM == 0, "lat", ErrPointNeeded)
	default:
		degrees(c, "lat", *p.Lat, 90)
		degrees(c, "lon", *p.Lon, 180)
	}
}

func (p ShiftPlan) into(s *Shift) {
	s.Name, s.StartsAt, s.EndsAt, s.Place, s.Lat, s.Lon, s.RadiusM = p.Name, p.StartsAt, p.EndsAt, p.Place, p.Lat, p.Lon, p.RadiusM
	s.Capacity, s.WaitingMax, s.SignupFrom, s.SignupUntil = p.Capacity, p.WaitingMax, *p.SignupFrom, *p.SignupUntil
	s.MinAge, s.MaxAge, s.Skills, s.Languages, s.Qualifications = p.MinAge, p.MaxAge, p.Skills, p.Languages, p.Qualifications
	s.Approval = p.Approval
}

func number(c *fault.Check, field string, n, low, high int) {
	c.Must(n >= low && n <= high, field, fault.ErrBadNumber.With("min", low, "max", high))
}

// degrees also refuses NaN, of which every comparison is false.
func degrees(c *fault.Check, field string, v, limit float64) {
	c.Must(v >= -limit && v <= limit, field, fault.ErrBadNumber.With("min", -limit, "max", limit))
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
