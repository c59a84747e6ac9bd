package organisation

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
	ErrNotFound      = fault.Define(fault.NotFound, "organisation.not_found")
	ErrNameTaken     = fault.Define(fault.Conflict, "organisation.name_taken")
	ErrCodeTaken     = fault.Define(fault.Conflict, "organisation.code_taken")
	ErrBadCode       = fault.Define(fault.Invalid, "organisation.bad_credit_code")
	ErrGuidingUnit   = fault.Define(fault.Invalid, "organisation.guiding_unit_required") // 67号令 art. 26
	ErrFilingTooLong = fault.Define(fault.Invalid, "organisation.filing_too_long")       // temporary: one year at most
	ErrFilingOver    = fault.Define(fault.Invalid, "organisation.filing_over")
	ErrFilingOrder   = fault.Define(fault.Invalid, "organisation.filing_order")
	ErrNotOffshore   = fault.Define(fault.Invalid, "organisation.not_offshore_here") // Hong Kong, Macao
	ErrNoContact     = fault.Define(fault.Invalid, "organisation.contact_required")
	ErrBadPhone      = fault.Define(fault.Invalid, "organisation.bad_phone")
	ErrBadEmail      = fault.Define(fault.Invalid, "organisation.bad_email")

	ErrIsApplied   = fault.Define(fault.Precondition, "organisation.is_applied")
	ErrIsReturned  = fault.Define(fault.Precondition, "organisation.is_returned")
	ErrIsRefused   = fault.Define(fault.Precondition, "organisation.is_refused")
	ErrIsApproved  = fault.Define(fault.Precondition, "organisation.is_approved")
	ErrIsSuspended = fault.Define(fault.Precondition, "organisation.is_suspended")

	ErrNoSuchVolunteer = fault.Define(fault.Invalid, "organisation.no_such_volunteer")
	ErrNotMember       = fault.Define(fault.NotFound, "organisation.not_member")
	ErrLastAdmin       = fault.Define(fault.Precondition, "organisation.last_admin")
	ErrMinorRole       = fault.Define(fault.Precondition, "organisation.minor_role")
	ErrMainlander      = fault.Define(fault.Precondition, "organisation.mainland_member")
)
