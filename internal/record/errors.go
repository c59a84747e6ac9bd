package record

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Errors of this area.
var (
	ErrNotFound  = fault.Define(fault.NotFound, "record.not_found")
	ErrOwn       = fault.Define(fault.Forbidden, "record.own")          // nobody decides about his own hours
	ErrTwoPeople = fault.Define(fault.Forbidden, "record.two_people")   // recorder ≠ approver
	ErrOverlap   = fault.Define(fault.Conflict, "record.overlap")       // arguments title, at: another confirmed time of the person
	ErrIsVoided  = fault.Define(fault.Precondition, "record.is_voided") // only a void can be taken back
	ErrNotVoided = fault.Define(fault.Precondition, "record.not_voided")
	ErrDisputed  = fault.Define(fault.Precondition, "record.is_disputed") // answer the objection, with a reason
	ErrTooMany   = fault.Define(fault.Invalid, "record.too_many")         // argument max
	ErrEnds      = fault.Define(fault.Invalid, "record.ends")             // ends before it starts, or lasts longer than a day
	ErrReach     = fault.Define(fault.Invalid, "record.reach")            // arguments from, until: too far from the shift
	ErrNotYet    = fault.Define(fault.Invalid, "record.not_yet")          // a time to come
	ErrMinutes   = fault.Define(fault.Invalid, "record.minutes")          // argument max: more than the span holds
)
