package federation

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Errors of this area. None tells a value that a provider or a person gave.
var (
	ErrNoProvider   = fault.Define(fault.NotFound, "federation.no_provider")
	ErrFlow         = fault.Define(fault.Precondition, "federation.flow")         // too late, used, or another browser's
	ErrDeclined     = fault.Define(fault.Precondition, "federation.declined")     // the person said no there
	ErrAnswer       = fault.Define(fault.Forbidden, "federation.answer")          // the provider's answer cannot be trusted
	ErrUnreachable  = fault.Define(fault.Unavailable, "federation.unreachable")   // the provider does not answer
	ErrIncomplete   = fault.Define(fault.Precondition, "federation.incomplete")   // the provider says too little to compare
	ErrDiffers      = fault.Define(fault.Conflict, "federation.differs")          // fields say what
	ErrTaken        = fault.Define(fault.Conflict, "federation.taken")            // the subject is linked to another account
	ErrOtherSubject = fault.Define(fault.Conflict, "federation.other_subject")    // the person is linked to another subject of it
	ErrNoLink       = fault.Define(fault.NotFound, "federation.no_link")          // no such link of this person
	ErrName         = fault.Define(fault.Conflict, "federation.name_differs")     // field of ErrDiffers
	ErrBirthDate    = fault.Define(fault.Conflict, "federation.birth_differs")    // field of ErrDiffers
	ErrDocument     = fault.Define(fault.Conflict, "federation.document_differs") // field of ErrDiffers
)
