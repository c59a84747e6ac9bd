package attendanceweb

import (
	"errors"

	"kapok/internal/attendance"
	"kapok/internal/kit/fault"
)

// What the organiser is told when a personal code cannot be used. The texts of
// attendance speak to the volunteer; these speak of the volunteer, and say
// nothing of where else that person is.
var (
	ErrCardUnknown     = fault.Define(fault.Invalid, "attendanceweb.card_unknown")
	ErrCardExpired     = fault.Define(fault.Precondition, "attendanceweb.card_expired")
	ErrCardDigits      = fault.Define(fault.Invalid, "attendanceweb.card_digits")    // argument left
	ErrCardTries       = fault.Define(fault.RateLimited, "attendanceweb.card_tries") // argument minutes
	ErrCardOver        = fault.Define(fault.Precondition, "attendanceweb.card_over") // check-in has closed
	ErrCardOther       = fault.Define(fault.Conflict, "attendanceweb.card_other")    // checked in elsewhere
	ErrCardNotIn       = fault.Define(fault.Precondition, "attendanceweb.card_not_in")
	ErrCardShort       = fault.Define(fault.Precondition, "attendanceweb.card_short")    // less than a minute
	ErrCardOut         = fault.Define(fault.Precondition, "attendanceweb.card_out")      // argument at
	ErrCardOutOver     = fault.Define(fault.Precondition, "attendanceweb.card_out_over") // argument at
	ErrCardMissing     = fault.Define(fault.Precondition, "attendanceweb.card_missing")  // waits to be settled
	ErrCardDismissed   = fault.Define(fault.Precondition, "attendanceweb.card_dismissed")
	ErrCardNeedsSignup = fault.Define(fault.Forbidden, "attendanceweb.card_needs_signup") // dangerous: insured people only
)

var ofCards = []struct{ volunteer, organiser *fault.Error }{
	{attendance.ErrCodeUnknown, ErrCardUnknown},
	{attendance.ErrCodeExpired, ErrCardExpired},
	{attendance.ErrDigitsWrong, ErrCardDigits},
	{attendance.ErrTooManyTries, ErrCardTries},
	{attendance.ErrCheckInOver, ErrCardOver},
	{attendance.ErrOtherOpen, ErrCardOther},
	{attendance.ErrNotIn, ErrCardNotIn},
	{attendance.ErrTooShort, ErrCardShort},
	{attendance.ErrAlreadyOut, ErrCardOut},
	{attendance.ErrCheckOutOver, ErrCardOutOver},
	{attendance.ErrIsMissing, ErrCardMissing},
	{attendance.ErrIsDismissed, ErrCardDismissed},
	{attendance.ErrNeedsSignup, ErrCardNeedsSignup},
}

// forOrganiser is a refusal of a card in words for the organiser.
func forOrganiser(err error) error {
	for _, x := range ofCards {
		if !errors.Is(err, x.volunteer) {
			continue
		}
		out := *x.organiser
		if x.organiser != ErrCardOther { // its arguments name another activity
			out.Args = fault.As(err).Args
		}
		return &out
	}
	return err
}
