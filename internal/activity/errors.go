package activity

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// What is not there.
var (
	ErrNotFound        = fault.Define(fault.NotFound, "activity.not_found")
	ErrShiftNotFound   = fault.Define(fault.NotFound, "activity.shift_not_found")
	ErrProjectNotFound = fault.Define(fault.NotFound, "activity.project_not_found")
	ErrNoCalendar      = fault.Define(fault.NotFound, "activity.no_calendar")
)

// Why an activity does not take a step: the state it is in.
var (
	ErrIsDraft     = fault.Define(fault.Precondition, "activity.is_draft")
	ErrIsSubmitted = fault.Define(fault.Precondition, "activity.is_submitted")
	ErrIsPublished = fault.Define(fault.Precondition, "activity.is_published")
	ErrIsClosed    = fault.Define(fault.Precondition, "activity.is_closed")
	ErrIsCancelled = fault.Define(fault.Precondition, "activity.is_cancelled")
)

// What else stands in the way.
var (
	ErrNotOver       = fault.Define(fault.Precondition, "activity.not_over")        // closing before the last shift has ended; argument at
	ErrProjectClosed = fault.Define(fault.Precondition, "activity.project_closed")  // takes no new activities
	ErrProjectBusy   = fault.Define(fault.Precondition, "activity.project_busy")    // closing with open activities
	ErrOrgNotWorking = fault.Define(fault.Precondition, "activity.org_not_working") // not approved, or suspended
	ErrNotLooked     = fault.Define(fault.Invalid, "activity.not_looked")           // the reviewer has not looked at every class
	ErrReviewed      = fault.Define(fault.Precondition, "activity.reviewed")        // was reviewed; cannot be changed after publishing
)

// What a plan lacks, at its field.
var (
	ErrNoShift          = fault.Define(fault.Invalid, "activity.no_shift")
	ErrTooManyShifts    = fault.Define(fault.Invalid, "activity.too_many_shifts") // argument max
	ErrShiftPast        = fault.Define(fault.Invalid, "activity.shift_past")
	ErrShiftEnds        = fault.Define(fault.Invalid, "activity.shift_ends")        // ends before it starts
	ErrShiftLong        = fault.Define(fault.Invalid, "activity.shift_long")        // longer than 24 hours
	ErrShiftFar         = fault.Define(fault.Invalid, "activity.shift_far")         // more than two years ahead
	ErrWindow           = fault.Define(fault.Invalid, "activity.window")            // sign-up ends before it begins or after the shift
	ErrPointHalf        = fault.Define(fault.Invalid, "activity.point_half")        // latitude without longitude
	ErrPointNeeded      = fault.Define(fault.Invalid, "activity.point_needed")      // a radius needs a point
	ErrAges             = fault.Define(fault.Invalid, "activity.ages")              // oldest below youngest
	ErrAdultDanger      = fault.Define(fault.Invalid, "activity.adult_danger")      // dangerous: 18 at least; argument age
	ErrAdultEmergency   = fault.Define(fault.Invalid, "activity.adult_emergency")   // emergency and disaster relief: 18 at least; argument age
	ErrRisksNeeded      = fault.Define(fault.Invalid, "activity.risks_needed")      // 条例 art. 12
	ErrInsuranceNeeded  = fault.Define(fault.Invalid, "activity.insurance_needed")  // 条例 art. 17
	ErrDeclare          = fault.Define(fault.Invalid, "activity.declare")           // a declaration is not answered
	ErrNotVolunteering  = fault.Define(fault.Invalid, "activity.not_volunteering")  // 67号令 art. 19; argument class
	ErrNoRecordingUnit  = fault.Define(fault.Invalid, "activity.no_recording_unit") // unknown, ambiguous or not approved
	ErrOutsideFiling    = fault.Define(fault.Invalid, "activity.outside_filing")    // offshore body: a shift outside its filing
	ErrFieldContradicts = fault.Define(fault.Invalid, "activity.local_field_alone") // a local field needs the national one beside it
)
