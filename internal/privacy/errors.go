package privacy

import "kapok/internal/kit/fault"

// Errors of this area.
var (
	ErrNoRequest    = fault.Define(fault.NotFound, "privacy.no_request")
	ErrAskedAlready = fault.Define(fault.Conflict, "privacy.asked_already")
	ErrBlocked      = fault.Define(fault.Precondition, "privacy.blocked")
	ErrOwnRequest   = fault.Define(fault.Forbidden, "privacy.own_request")
	ErrOwnAccess    = fault.Define(fault.Forbidden, "privacy.own_access")   // asker, approver and person are three
	ErrNoAccess     = fault.Define(fault.Forbidden, "privacy.no_access")    // never approved, or over
	ErrNoAppeal     = fault.Define(fault.Precondition, "privacy.no_appeal") // not refused, or the answer to an appeal
	ErrAppealSame   = fault.Define(fault.Forbidden, "privacy.appeal_same")  // who refused does not decide the appeal
	ErrDecided      = fault.Define(fault.Conflict, "privacy.decided")
	ErrNoMinors     = fault.Define(fault.Conflict, "privacy.no_minors") // nobody under 18 stands on the roster
)
