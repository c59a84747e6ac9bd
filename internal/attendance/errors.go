package attendance

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// What is wrong with a code.
var (
	ErrCodeUnknown   = fault.Define(fault.Invalid, "attendance.code_unknown")       // not one of ours, or of another use
	ErrCodeExpired   = fault.Define(fault.Precondition, "attendance.code_expired")  // was right, is over
	ErrDigitsWrong   = fault.Define(fault.Invalid, "attendance.digits_wrong")       // argument left
	ErrTooManyTries  = fault.Define(fault.RateLimited, "attendance.too_many_tries") // argument minutes
	ErrCardAmbiguous = fault.Define(fault.Conflict, "attendance.card_ambiguous")    // two people have these digits now
)

// Why somebody cannot check in or out now.
var (
	ErrNotOpenYet   = fault.Define(fault.Precondition, "attendance.not_open_yet")   // argument at
	ErrCheckInOver  = fault.Define(fault.Precondition, "attendance.check_in_over")  // argument at
	ErrShiftOff     = fault.Define(fault.Precondition, "attendance.shift_off")      // cancelled or not published
	ErrNeedsSignup  = fault.Define(fault.Forbidden, "attendance.needs_signup")      // dangerous: insured people only (条例 art. 17)
	ErrOtherOpen    = fault.Define(fault.Conflict, "attendance.other_open")         // arguments title, until
	ErrTooFast      = fault.Define(fault.Conflict, "attendance.too_fast")           // arguments title, km, at: nobody comes so far so soon
	ErrNotIn        = fault.Define(fault.Precondition, "attendance.not_in")         // no check-in here
	ErrNotBegun     = fault.Define(fault.Precondition, "attendance.not_begun")      // argument at; checking out before the start
	ErrTooShort     = fault.Define(fault.Precondition, "attendance.too_short")      // less than a minute of service
	ErrAlreadyOut   = fault.Define(fault.Precondition, "attendance.already_out")    // argument at
	ErrCheckOutOver = fault.Define(fault.Precondition, "attendance.check_out_over") // argument at; becomes a case
	ErrIsMissing    = fault.Define(fault.Precondition, "attendance.is_missing")     // a case waits to be settled
	ErrIsDismissed  = fault.Define(fault.Precondition, "attendance.is_dismissed")
)

// Why an organiser cannot write or settle an attendance.
var (
	ErrNotFound     = fault.Define(fault.NotFound, "attendance.not_found")
	ErrOwn          = fault.Define(fault.Forbidden, "attendance.own")            // nobody writes his own
	ErrAlreadyThere = fault.Define(fault.Conflict, "attendance.already_there")   // the person has one at this shift
	ErrNotMissing   = fault.Define(fault.Precondition, "attendance.not_missing") // nothing to settle
	ErrNoAnswer     = fault.Define(fault.Precondition, "attendance.no_answer")   // the volunteer has not answered
	ErrOutBeforeIn  = fault.Define(fault.Invalid, "attendance.out_before_in")    // at the field
	ErrOutside      = fault.Define(fault.Invalid, "attendance.outside")          // arguments from, until; at the field
	ErrNotYet       = fault.Define(fault.Invalid, "attendance.not_yet")          // a time to come; at the field
	ErrTwoOpen      = fault.Define(fault.Precondition, "attendance.two_open")    // a merge: checked in under both registrations
	ErrNotStarted   = fault.Define(fault.Precondition, "attendance.not_started") // argument at; written before the shift starts
)
