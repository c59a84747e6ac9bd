package organisation

import (
	"time"

	"github.com/google/uuid"
)

// Kind is what sort of body an organisation is.
type Kind string

// The kinds (national system: types 1 to 3; offshore bodies beside them).
const (
	Group        Kind = "group"         // 志愿服务团体: not registered, guided by a committee or unit
	VolunteerOrg Kind = "volunteer_org" // 志愿服务组织, registered with civil affairs
	LegalPerson  Kind = "legal_person"  // 其他法人组织: school, hospital, company, committee
	Offshore     Kind = "offshore"      // 境外非政府组织 with a filing
)

// Kinds lists all kinds.
var Kinds = []string{string(Group), string(VolunteerOrg), string(LegalPerson), string(Offshore)}

// State is where an organisation stands.
type State string

// The states; transitions in state.go.
const (
	Applied   State = "applied"   // waits for the administrator of its division
	Returned  State = "returned"  // to be mended by the applicant
	Refused   State = "refused"   // final
	Approved  State = "approved"  // works
	Suspended State = "suspended" // may finish its records, publish nothing
)

// States lists all states.
var States = []string{string(Applied), string(Returned), string(Refused), string(Approved), string(Suspended)}

// Filing kinds of offshore bodies (境外非政府组织境内活动管理法 art. 9).
const (
	Office    = "office"    // registered representative office
	Temporary = "temporary" // filed temporary activity, at most one year
)

// FilingKinds lists both.
var FilingKinds = []string{Office, Temporary}

// Profile is what an organisation says of itself.
type Profile struct {
	Name        string
	Kind        Kind
	Division    string
	CreditCode  string // mainland legal persons
	RegistryNo  string // Hong Kong and Macao bodies
	GuidingUnit string // groups
	FilingKind  string // offshore bodies, with the four below
	FilingNo    string
	FilingFrom  *time.Time
	FilingTo    *time.Time // last day
	Partner     string     // Chinese partner of a temporary activity
	Phone       string     // public telephone of the organisation
	Email       string
	Address     string
	Fields      []string // at most four service fields
	Intro       string
}

// Organisation is a body that runs volunteer service, or applies to.
type Organisation struct {
	ID uuid.UUID
	Profile
	County    string // county above Division
	State     State
	Reason    string // why it was returned, refused or suspended
	Version   int
	AppliedAt time.Time
	AppliedBy uuid.UUID
	DecidedAt *time.Time
}

// Working reports whether it may publish and run activities.
func (o Organisation) Working() bool { return o.State == Approved }

// FiledOn reports whether an offshore body's filing covers the day (in UTC
// date terms); other kinds need no filing.
func (o Organisation) FiledOn(day time.Time) bool {
	if o.Kind != Offshore {
		return true
	}
	return o.FilingFrom != nil && o.FilingTo != nil && !day.Before(*o.FilingFrom) && day.Before(o.FilingTo.AddDate(0, 0, 1))
}
