package activity

import (
	_ "embed"
	"encoding/json"
	"strings"
	"time"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
)

//go:embed signup_texts.json
var signupTexts []byte
var _ = i18n.Register(signupTexts)

// Why a sign-up is refused. Those about the person come with the rule's limits.
var (
	ErrNotPublished    = fault.Define(fault.Precondition, "activity.not_published")
	ErrShiftCancelled  = fault.Define(fault.Precondition, "activity.shift_cancelled")
	ErrSignupNotOpen   = fault.Define(fault.Precondition, "activity.signup_not_open") // argument at
	ErrSignupClosed    = fault.Define(fault.Precondition, "activity.signup_closed")   // argument at
	ErrShiftFull       = fault.Define(fault.Precondition, "activity.shift_full")      // argument capacity; no waiting list
	ErrWaitingFull     = fault.Define(fault.Precondition, "activity.waiting_full")    // arguments capacity, waiting
	ErrOverlap         = fault.Define(fault.Conflict, "activity.overlap")             // arguments shift, title, at
	ErrAlreadySignedUp = fault.Define(fault.Conflict, "activity.already_signed_up")   // signed up by another hand (guardian)
	ErrSignupRefused   = fault.Define(fault.Conflict, "activity.signup_refused")      // the organisation said no before

	ErrPersonUnknown        = fault.Define(fault.NotFound, "activity.person_unknown")
	ErrPersonSuspended      = fault.Define(fault.Forbidden, "activity.person_suspended")
	ErrGuardianMustSign     = fault.Define(fault.Forbidden, "activity.guardian_must_sign")      // argument age
	ErrGuardianConsent      = fault.Define(fault.Forbidden, "activity.guardian_consent_needed") // argument age
	ErrAdultsOnly           = fault.Define(fault.Forbidden, "activity.adults_only")             // argument age
	ErrTooYoung             = fault.Define(fault.Forbidden, "activity.too_young")               // argument min
	ErrTooOld               = fault.Define(fault.Forbidden, "activity.too_old")                 // argument max
	ErrAdultComesToo        = fault.Define(fault.Forbidden, "activity.adult_comes_too")         // argument age; an adult of the family signs up too
	ErrWrongSkill           = fault.Define(fault.Forbidden, "activity.wrong_skill")             // argument missing
	ErrMissingLanguage      = fault.Define(fault.Forbidden, "activity.missing_language")        // argument missing
	ErrMissingQualification = fault.Define(fault.Forbidden, "activity.missing_qualification")   // argument missing
)

// Families.
var (
	ErrFamilyRefused = fault.Define(fault.Conflict, "activity.family_refused")  // fields: by person, who cannot and why; "shift" for want of room
	ErrFamilyFull    = fault.Define(fault.Precondition, "activity.family_full") // arguments people, free, waiting
	ErrFamilyEmpty   = fault.Define(fault.Invalid, "activity.family_empty")     // nobody was ticked
	ErrFamilyLarge   = fault.Define(fault.Invalid, "activity.family_large")     // argument max
	ErrChildStays    = fault.Define(fault.Precondition, "activity.child_stays") // a child that comes with the adult is still signed up
)

// What else sign-ups can meet.
var (
	ErrNotSignedUp        = fault.Define(fault.NotFound, "activity.not_signed_up")
	ErrShiftStarted       = fault.Define(fault.Precondition, "activity.shift_started")        // argument at
	ErrSignupDecided      = fault.Define(fault.Conflict, "activity.signup_decided")           // not in a state to be decided
	ErrReasonNeeded       = fault.Define(fault.Invalid, "activity.reason_needed")             // a refusal must say why
	ErrSignupBusy         = fault.Define(fault.Unavailable, "activity.signup_busy")           // nothing was changed
	ErrCapacityBelowTaken = fault.Define(fault.Precondition, "activity.capacity_below_taken") // argument taken
	ErrMoveOverlaps       = fault.Define(fault.Conflict, "activity.move_overlaps")            // argument people
)

// Moment is a time in a refusal: RFC 3339 in JSON, local time in a text. All
// our divisions share one offset from UTC.
type Moment struct{ time.Time }

// In writes the moment for a reader: 2026年10月18日 18:00; 18 Oct 2026, 18:00.
func (m Moment) In(l i18n.Lang) string {
	t := m.Time.In(clock.Shanghai)
	if l == i18n.En {
		return t.Format("2 Jan 2006, 15:04")
	}
	return t.Format("2006年1月2日 15:04")
}

// Codes are codes of a list in a refusal: the codes in JSON, their names in a text.
type Codes struct {
	Of    person.CodeList
	Codes []string
}

// MarshalJSON writes the codes alone.
func (c Codes) MarshalJSON() ([]byte, error) { return json.Marshal(c.Codes) }

// In writes the names for a reader.
func (c Codes) In(l i18n.Lang) string {
	names := make([]string, len(c.Codes))
	for i, code := range c.Codes {
		names[i] = c.Of.Text(l, code)
	}
	if l == i18n.En {
		return strings.Join(names, ", ")
	}
	return strings.Join(names, "、")
}
