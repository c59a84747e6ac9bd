package attendance

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
)

// State is where an attendance stands; doc.go draws the ways.
type State string

// The states of an attendance.
const (
	Open        State = "open"        // 已签到
	Complete    State = "complete"    // 已签退
	Unconfirmed State = "unconfirmed" // 待确认: nobody knows yet when the person left
	Dismissed   State = "dismissed"   // 不计: no service was given, with the reason
)

// Method is how one side of an attendance was proved.
type Method string

// The methods.
const (
	QR         Method = "qr"          // the volunteer scanned the rotating code
	Digits     Method = "code"        // the volunteer typed its six digits
	Card       Method = "card"        // the organiser scanned the volunteer's card
	Manual     Method = "manual"      // written by the organiser while check-out was open
	ManualLate Method = "manual_late" // written by the organiser afterwards
	Settled    Method = "settled"     // time of leaving settled in a case
)

// Place is what is kept of a position.
type Place string

// The judgements.
const (
	Near    Place = "near"
	Far     Place = "far"
	Unknown Place = "unknown"
)

// Attendance is one person at one shift.
type Attendance struct {
	ID        uuid.UUID
	Shift     uuid.UUID
	Person    uuid.UUID
	Signup    *uuid.UUID // nil: came without a sign-up
	Org       uuid.UUID
	State     State
	InAt      time.Time
	InMethod  Method
	InPlace   Place
	InBy      *uuid.UUID // organiser; nil: the volunteer himself
	OutAt     *time.Time // set when complete
	OutMethod *Method
	OutPlace  *Place
	OutBy     *uuid.UUID
	ClosesAt  time.Time // check-out by the volunteer ends
	Reason    string    // of a manual, settled or dismissed one
}

// Direction is what a code is shown for.
type Direction string

// The directions. They are always said, never guessed: a double click must not
// check out who has just checked in.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Served is the service time of an attendance: the part of the presence that
// lies within the shift, in whole minutes begun and ended. Coming early or
// leaving late adds nothing; the organiser may amend the record with a reason.
func Served(in, out time.Time, shift activity.Shift) (from, to time.Time, minutes int) {
	from, to = in, out
	if from.Before(shift.StartsAt) {
		from = shift.StartsAt
	}
	if to.After(shift.EndsAt) {
		to = shift.EndsAt
	}
	return from, to, max(0, int(to.Sub(from)/time.Minute))
}

// Missing is the case of a forgotten check-out.
type Missing struct {
	Attendance  uuid.UUID
	OpenedAt    time.Time
	AskedAt     *time.Time // the organiser asked the volunteer
	AskedBy     *uuid.UUID
	AnsweredAt  *time.Time
	AnswerOutAt *time.Time // when the volunteer says he left
	AnswerNote  string
	SettledAt   *time.Time
	SettledBy   *uuid.UUID
	SettledHow  *How
}

// How says how a case was settled.
type How string

// The ways to settle a case.
const (
	ShiftEnd How = "shift_end" // stayed until the end of the shift
	Actual   How = "actual"    // left at the time the organiser gives
	Answer   How = "answer"    // left when the volunteer said
	Refused  How = "dismissed" // gave no service
)

// CaseEvent is what happened to an attendance that is no plain check-out.
type CaseEvent string

// The events of a case.
const (
	CaseOpened    CaseEvent = "unconfirmed" // check-out is missing
	CaseAsked     CaseEvent = "asked"       // the volunteer is asked
	CaseAnswered  CaseEvent = "answered"    // the volunteer answered
	CaseDismissed CaseEvent = "not_counted" // no service was given
	CaseSettled   CaseEvent = "out_settled" // before OnComplete, when a case ends
)

// Happening tells of a case in the transaction that changes it.
type Happening struct {
	Event      CaseEvent
	Attendance Attendance
	WasMissing bool // the attendance was unconfirmed before
	Shift      activity.ShiftView
	Actor      *uuid.UUID // nil: the system
	At         time.Time
}

// OnComplete is told, in the same transaction, of an attendance that became
// complete; record claims the hours there. An error undoes the check-out.
type OnComplete func(ctx context.Context, tx pgx.Tx, a Attendance, shift activity.ShiftView) error

// OnCase is told, in the same transaction, what happens to a case.
type OnCase func(ctx context.Context, tx pgx.Tx, h Happening) error
