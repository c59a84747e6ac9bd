package activity

import (
	"time"

	"github.com/google/uuid"
)

// ShiftState is whether a shift takes place.
type ShiftState string

// The states of a shift.
const (
	ShiftOpen      ShiftState = "open"
	ShiftCancelled ShiftState = "cancelled"
)

// MaxShift is the longest a shift may last; it may cross midnight.
const MaxShift = 24 * time.Hour

// Shift is one stretch of service at one place, with places to fill.
type Shift struct {
	ID         uuid.UUID
	ActivityID uuid.UUID `db:"activity"`
	Name       string    // post 岗位, when an activity has several
	StartsAt   time.Time
	EndsAt     time.Time
	Place      string
	Lat, Lon   *float64 // both or neither, degrees as a phone gives them (WGS 84)
	RadiusM    int      // check-in circle in metres; 0: the place is not judged

	Capacity   int
	Taken      int // pending and confirmed sign-ups; written by sign-ups only
	Waiting    int // people on the waiting list; written by sign-ups only
	WaitingMax int // length of the waiting list; 0: none

	SignupFrom  time.Time
	SignupUntil time.Time // sign-ups are open in [SignupFrom, SignupUntil)

	MinAge, MaxAge int // on the day the shift starts; 0: no limit
	Skills         []string
	Languages      []string
	Qualifications []string
	Approval       bool // the organisation decides on each sign-up
	State          ShiftState
}

// Free is the number of places left.
func (s Shift) Free() int { return max(0, s.Capacity-s.Taken) }

// Minutes is the planned length in whole minutes.
func (s Shift) Minutes() int { return int(s.EndsAt.Sub(s.StartsAt) / time.Minute) }

// ShiftView is a shift with the activity it belongs to: what sign-ups,
// attendance and records need to know, in one read.
type ShiftView struct {
	Shift
	Activity Activity
}
