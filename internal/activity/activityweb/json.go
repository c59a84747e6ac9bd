package activityweb

import (
	"time"

	"github.com/google/uuid"

	"kapok/internal/activity"
)

// hitJSON is one thing found: a time at which shifts of an activity start.
type hitJSON struct {
	Activity uuid.UUID  `json:"activity" format:"uuid"`
	Title    string     `json:"title"`
	Org      uuid.UUID  `json:"org" format:"uuid"`
	OrgName  string     `json:"org_name"`
	Field    string     `json:"field" doc:"National service category"`
	Division string     `json:"division"`
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   time.Time  `json:"ends_at"`
	Place    string     `json:"place"`
	Lat      *float64   `json:"lat,omitempty"`
	Lng      *float64   `json:"lng,omitempty"`
	Km       *float64   `json:"km,omitempty" doc:"Distance from the point asked for"`
	Shifts   int        `json:"shifts" doc:"How many start then"`
	Capacity int        `json:"capacity"`
	Free     int        `json:"free" doc:"Places left"`
	Approval bool       `json:"approval" doc:"The organisation decides on each sign-up"`
	Until    *time.Time `json:"signup_until,omitempty"`
}

func hitsJSON(hits []activity.Hit) []hitJSON {
	out := make([]hitJSON, len(hits))
	for i, h := range hits {
		out[i] = hitJSON{h.Activity, h.Title, h.Org, h.OrgName, h.Field, h.Division, h.StartsAt, h.EndsAt, h.Place, h.Lat, h.Lon, h.DistanceKm,
			h.Shifts, h.Capacity, h.Free(), h.Approval, h.Until}
	}
	return out
}

// PlanJSON is what an organisation writes of an activity. It is exported because
// huma sees only exported types that are embedded.
type PlanJSON struct {
	RecordingUnit uuid.UUID       `json:"recording_unit,omitempty" format:"uuid" doc:"Unit that records and certifies; without it, the organiser"`
	Division      string          `json:"division,omitempty" doc:"County or below"`
	Title         string          `json:"title"`
	Content       string          `json:"content,omitempty"`
	Responsible   string          `json:"responsible,omitempty" doc:"Person in charge"`
	Contact       string          `json:"contact,omitempty" doc:"Public telephone or address"`
	Field         string          `json:"field,omitempty" doc:"National service category, 0001 to 0020 or 0099"`
	LocalField    string          `json:"local_field,omitempty" doc:"Field of the province, 4401 to 4408"`
	Objects       []string        `json:"objects,omitempty" doc:"Whom it serves, codes"`
	Guarantees    []string        `json:"guarantees,omitempty" doc:"What volunteers are given, codes"`
	Risks         string          `json:"risks,omitempty" doc:"Required before it is submitted"`
	Dangerous     bool            `json:"dangerous,omitempty" doc:"Then insured, and for adults only"`
	Insurance     string          `json:"insurance,omitempty" doc:"Number of the accident insurance policy"`
	Declarations  map[string]bool `json:"declarations,omitempty" doc:"Answers to: is it job, internal, own_benefit, no_aim, pay, time?"`
	TravelCounted bool            `json:"travel_counted,omitempty"`
	WithAdult     bool            `json:"with_adult,omitempty" doc:"Children under 14 come with an adult of the family"`
}

func (p PlanJSON) plan() activity.Plan {
	return activity.Plan{RecordingUnit: p.RecordingUnit, Division: p.Division, Title: p.Title, Content: p.Content, Responsible: p.Responsible,
		Contact: p.Contact, Field: p.Field, LocalField: p.LocalField, Objects: p.Objects, Guarantees: p.Guarantees, Risks: p.Risks,
		Dangerous: p.Dangerous, Insurance: p.Insurance, Declarations: p.Declarations, TravelCounted: p.TravelCounted, WithAdult: p.WithAdult}
}

// ShiftPlanJSON is what an organisation writes of a shift.
type ShiftPlanJSON struct {
	Name           string     `json:"name,omitempty" doc:"Post, when there are several"`
	StartsAt       time.Time  `json:"starts_at"`
	EndsAt         time.Time  `json:"ends_at" doc:"At most 24 hours later"`
	Place          string     `json:"place"`
	Lat            *float64   `json:"lat,omitempty"`
	Lng            *float64   `json:"lng,omitempty"`
	RadiusM        int        `json:"radius_m,omitempty" doc:"Check-in circle in metres; 0: the place is not judged"`
	Capacity       int        `json:"capacity"`
	WaitingMax     int        `json:"waiting_max,omitempty" doc:"Length of the waiting list; 0: none"`
	SignupFrom     *time.Time `json:"signup_from,omitempty"`
	SignupUntil    *time.Time `json:"signup_until,omitempty"`
	MinAge         int        `json:"min_age,omitempty"`
	MaxAge         int        `json:"max_age,omitempty"`
	Skills         []string   `json:"skills,omitempty"`
	Languages      []string   `json:"languages,omitempty"`
	Qualifications []string   `json:"qualifications,omitempty"`
	Approval       bool       `json:"approval,omitempty"`
}

func (p ShiftPlanJSON) plan() activity.ShiftPlan {
	return activity.ShiftPlan{Name: p.Name, StartsAt: p.StartsAt, EndsAt: p.EndsAt, Place: p.Place, Lat: p.Lat, Lon: p.Lng, RadiusM: p.RadiusM,
		Capacity: p.Capacity, WaitingMax: p.WaitingMax, SignupFrom: p.SignupFrom, SignupUntil: p.SignupUntil, MinAge: p.MinAge, MaxAge: p.MaxAge,
		Skills: p.Skills, Languages: p.Languages, Qualifications: p.Qualifications, Approval: p.Approval}
}

// shiftJSON is a shift as everybody may see it.
type shiftJSON struct {
	ID uuid.UUID `json:"id" format:"uuid"`
	ShiftPlanJSON
	Taken   int    `json:"taken"`
	Waiting int    `json:"waiting"`
	State   string `json:"state" enum:"open,cancelled"`
}

func shiftOf(s activity.Shift) shiftJSON {
	return shiftJSON{s.ID, ShiftPlanJSON{s.Name, s.StartsAt, s.EndsAt, s.Place, s.Lat, s.Lon, s.RadiusM, s.Capacity, s.WaitingMax, &s.SignupFrom,
		&s.SignupUntil, s.MinAge, s.MaxAge, s.Skills, s.Languages, s.Qualifications, s.Approval}, s.Taken, s.Waiting, string(s.State)}
}

func shiftsJSON(list []activity.Shift) []shiftJSON {
	out := make([]shiftJSON, len(list))
	for i, s := range list {
		out[i] = shiftOf(s)
	}
	return out
}

// activityJSON is an activity; the last fields are for those who run or review it.
type activityJSON struct {
	ID      uuid.UUID `json:"id" format:"uuid"`
	Project uuid.UUID `json:"project" format:"uuid"`
	Org     uuid.UUID `json:"org" format:"uuid"`
	OrgName string    `json:"org_name,omitempty"`
	PlanJSON
	State    string        `json:"state" enum:"draft,submitted,published,closed,cancelled"`
	Version  int           `json:"version" doc:"Counts every change; send it with yours"`
	Shifts   []shiftJSON   `json:"shifts,omitempty"`
	Reason   string        `json:"reason,omitempty" doc:"Why it was returned or cancelled"`
	Warnings []warningJSON `json:"warnings,omitempty" doc:"Words that often stand for what is no volunteering"`
}

type warningJSON struct {
	Class string `json:"class"`
	Word  string `json:"word"`
}

// publicOf leaves out what only those who run or review an activity see.
func publicOf(a activity.Activity) activityJSON {
	out := activityJSON{ID: a.ID, Project: a.Project, Org: a.Org, State: string(a.State), Version: a.Version, PlanJSON: PlanJSON{
		a.RecordingUnit, a.Division, a.Title, a.Content, a.Responsible, a.Contact, a.Field, a.LocalField, a.Objects, a.Guarantees, a.Risks,
		a.Dangerous, "", nil, a.TravelCounted, a.WithAdult}}
	if a.State == activity.Cancelled {
		out.Reason = a.Reason
	}
	return out
}

func fullOf(a activity.Activity) activityJSON {
	out := publicOf(a)
	out.Insurance, out.Declarations, out.Reason = a.Insurance, a.Declarations, a.Reason
	for _, w := range a.Warnings() {
		out.Warnings = append(out.Warnings, warningJSON{w.Class, w.Word})
	}
	return out
}

func fullList(list []activity.Activity) []activityJSON {
	out := make([]activityJSON, len(list))
	for i, a := range list {
		out[i] = fullOf(a)
	}
	return out
}

type projectJSON struct {
	ID      uuid.UUID `json:"id" format:"uuid"`
	Org     uuid.UUID `json:"org" format:"uuid"`
	Name    string    `json:"name"`
	Intro   string    `json:"intro,omitempty"`
	State   string    `json:"state" enum:"open,closed"`
	Version int       `json:"version"`
}

func projectOf(p activity.Project) projectJSON {
	return projectJSON{p.ID, p.Org, p.Name, p.Intro, string(p.State), p.Version}
}
