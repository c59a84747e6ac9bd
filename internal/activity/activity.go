package activity

import (
	"time"

	"github.com/google/uuid"
)

// State is where an activity stands.
type State string

// The states of an activity; transitions in state.go.
const (
	Draft     State = "draft"     // the organisation is writing
	Submitted State = "submitted" // waits for the administrator of its division
	Published State = "published" // found by everybody, sign-ups possible
	Closed    State = "closed"    // over
	Cancelled State = "cancelled" // does not take place
)

// Activity is what people serve at: the statutory fields (67号令 art. 7), the
// risks (条例 art. 12) and what it is not (67号令 art. 19).
type Activity struct {
	ID            uuid.UUID
	Project       uuid.UUID
	Org           uuid.UUID // 活动组织单位
	RecordingUnit uuid.UUID // 记录单位; may differ from Org (67号令 art. 26)
	Division      string    // where it takes place
	Title         string    // 活动名称
	Content       string    // 服务内容
	Responsible   string    // 活动负责人
	Contact       string    // public contact: a telephone of the organisation or an address
	Field         string    // national service category, see Fields
	LocalField    string    // field of the province 44xx, or ""
	Objects       []string  // whom it serves, see Objects
	Guarantees    []string  // what volunteers are given, see Guarantees
	Risks         string    // what may happen, and what is done about it (条例 art. 12)
	Dangerous     bool      // then insured (条例 art. 17) and for adults only
	WithAdult     bool      // children under 14 come with an adult of the family
	Insurance     string    // number of the accident insurance policy
	Declarations  Declarations
	TravelCounted bool // whether travel counts as service time; shown on the record
	State         State
	Reason        string // why it was returned or cancelled
	Version       int    // counts every change of the activity or its shifts
	CreatedAt     time.Time
	CreatedBy     uuid.UUID
	SubmittedAt   *time.Time
	PublishedAt   *time.Time
}

// Project is what an organisation's activities belong to.
type Project struct {
	ID        uuid.UUID
	Org       uuid.UUID
	Name      string
	Intro     string
	State     ProjectState
	Version   int
	CreatedAt time.Time
	CreatedBy uuid.UUID
}

// ProjectState is whether a project takes new activities.
type ProjectState string

// The states of a project.
const (
	ProjectOpen   ProjectState = "open"
	ProjectClosed ProjectState = "closed"
)
