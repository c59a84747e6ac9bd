package record

import (
	"time"

	"github.com/google/uuid"

	"kapok/internal/attendance"
)

// State is where a record stands; doc.go draws the ways.
type State string

// The states of a record.
const (
	StatePending   State = "pending"   // 待确认
	StateConfirmed State = "confirmed" // 已确认: counts
	StateDisputed  State = "disputed"  // 有异议: the volunteer objects; does not count until answered
	StateVoided    State = "voided"    // 已作废
)

// EntryWay is how a record came in.
type EntryWay string

// The entry ways; the last three come with later doors.
const (
	WayQR        EntryWay = "qr"
	WayCode      EntryWay = "code"
	WayCard      EntryWay = "card"
	WayManual    EntryWay = "manual"
	WayImport    EntryWay = "import"
	WayPaper     EntryWay = "paper"
	WayFederated EntryWay = "federated"
)

// Change is what made a version of a record.
type Change string

// The changes; all are journal events of the same name.
const (
	Claimed     Change = "claimed"
	ConfirmedBy Change = "confirmed"
	Amended     Change = "amended"
	DisputedBy  Change = "disputed"
	VoidedBy    Change = "voided"
	Reinstated  Change = "reinstated" // a void taken back; pending again
	Redated     Change = "redated"    // an estimated due day became exact
	Moved       Change = "moved"      // two registrations were merged, or taken apart: the record went to the other
)

// Cause is why a record was voided, by code.
type Cause string

// The causes.
const (
	NotGiven        Cause = "not_given"        // the service was not given
	Duplicate       Cause = "duplicate"        // recorded twice
	NotVolunteering Cause = "not_volunteering" // 67号令 art. 19
	WrongPerson     Cause = "wrong_person"
	False           Cause = "false" // found to be made up
)

// Causes lists all causes.
var Causes = []string{string(NotGiven), string(Duplicate), string(NotVolunteering), string(WrongPerson), string(False)}

// ServiceRecord is one stretch of service of one person. The fields marked *
// are the statutory ones (67号令 art. 7), as they were when recorded.
type ServiceRecord struct {
	ID          uuid.UUID
	Person      uuid.UUID
	Org         uuid.UUID // ran the activity and confirms
	RecorderOrg uuid.UUID // 记录单位
	Activity    uuid.UUID
	Shift       uuid.UUID
	Attendance  *uuid.UUID
	SignedUp    bool   // came with a confirmed sign-up
	Division    string // where it took place
	Field       string // service category

	ActivityName  string    // *
	ServiceDate   time.Time // * the day it began, at midnight UTC
	Place         string    // *
	Content       string    // *
	Minutes       int       // * service time actually given
	Organiser     string    // *
	Responsible   string    // *
	RecordingUnit string
	StartsAt      time.Time
	EndsAt        time.Time
	TravelCounted bool

	EntryWay EntryWay
	Grade    attendance.Grade
	State    State

	ActivityEndAt time.Time
	DueOn         time.Time  // last day in time, at midnight UTC
	DueEstimated  bool       // the holidays of that year were not known yet
	Recorder      *uuid.UUID // who typed it by hand; nil: it came from attendance
	RecordedAt    time.Time
	Approver      *uuid.UUID
	ConfirmedAt   *time.Time
	Late          bool // confirmed after DueOn

	Version   int
	Change    Change // what made this version, with who and why
	ChangedAt time.Time
	ChangedBy *uuid.UUID // nil: the system
	Cause     Cause      // of a void
	Reason    string
}

// Counts reports whether the hours count.
func (r ServiceRecord) Counts() bool { return r.State == StateConfirmed }

// Revision is one version of a record: what changed, who did it and why.
type Revision struct {
	Record  uuid.UUID
	Version int
	At      time.Time
	Actor   *uuid.UUID // nil: the system
	Change  Change
	Cause   Cause
	Reason  string
	Old     map[string]any // the columns that changed, as they were
	New     map[string]any
}
