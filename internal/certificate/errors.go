package certificate

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Refusals.
var (
	ErrBadNumber    = fault.Define(fault.Invalid, "certificate.bad_number")         // no number of ours
	ErrUnknown      = fault.Define(fault.NotFound, "certificate.unknown")           // well-formed, but never issued
	ErrNoHours      = fault.Define(fault.Precondition, "certificate.no_hours")      // nothing confirmed in the period
	ErrTooMany      = fault.Define(fault.Precondition, "certificate.too_many")      // argument max
	ErrGlyphMissing = fault.Define(fault.Precondition, "certificate.glyph_missing") // argument characters, as U+XXXX
	ErrHoursMoved   = fault.Define(fault.Conflict, "certificate.hours_moved")       // changed again and again while issuing
	ErrNotValid     = fault.Define(fault.Precondition, "certificate.not_valid")     // void or replaced already
	ErrPeriod       = fault.Define(fault.Invalid, "certificate.period")             // ends before it begins
	ErrNoDocument   = fault.Define(fault.Precondition, "certificate.no_document")   // none to show
)
