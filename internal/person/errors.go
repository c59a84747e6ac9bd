package person

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Errors of what people type.
var (
	ErrDocumentKind         = fault.Define(fault.Invalid, "person.document_kind")
	ErrDocumentForm         = fault.Define(fault.Invalid, "person.document_form")
	ErrDocumentForm18       = fault.Define(fault.Invalid, "person.document_form_18")
	ErrDocument15           = fault.Define(fault.Invalid, "person.document_15_digits") // first-generation number
	ErrDocumentRegion       = fault.Define(fault.Invalid, "person.document_region")    // no such region, in any year
	ErrDocumentBirth        = fault.Define(fault.Invalid, "person.document_birth")     // no such date, in the future or too long ago
	ErrDocumentCheck        = fault.Define(fault.Invalid, "person.document_check")     // check character
	ErrDocumentTravelPermit = fault.Define(fault.Invalid, "person.document_travel_permit")
	ErrDocumentHKID         = fault.Define(fault.Invalid, "person.document_hkid")
	ErrDocumentMacaoBIR     = fault.Define(fault.Invalid, "person.document_macao_bir")
	ErrDocumentPassport     = fault.Define(fault.Invalid, "person.document_passport")
	ErrDocumentIssuer       = fault.Define(fault.Invalid, "person.document_issuer")
	ErrPhone                = fault.Define(fault.Invalid, "person.phone")
	ErrPhoneNotMobile       = fault.Define(fault.Invalid, "person.phone_not_mobile")
	ErrEmail                = fault.Define(fault.Invalid, "person.email")
	ErrNameMissing          = fault.Define(fault.Invalid, "person.name_missing")
	ErrNameCharacters       = fault.Define(fault.Invalid, "person.name_characters")
	ErrNameShort            = fault.Define(fault.Invalid, "person.name_short")
	ErrVolunteerNo          = fault.Define(fault.Invalid, "person.volunteer_no")
	ErrBirthDate            = fault.Define(fault.Invalid, "person.birth_date")
	ErrBirthDiffers         = fault.Define(fault.Invalid, "person.birth_differs")  // from the document number
	ErrGenderDiffers        = fault.Define(fault.Invalid, "person.gender_differs") // from the document number
)

// Errors of registering and of guardians.
var (
	ErrAlreadyRegistered = fault.Define(fault.Conflict, "person.already_registered") // never says whose document it is
	ErrNotFound          = fault.Define(fault.NotFound, "person.not_found")
	ErrTooManyFields     = fault.Define(fault.Invalid, "person.too_many_fields") // argument max
	ErrUnder14           = fault.Define(fault.Invalid, "person.under_14")        // only through a guardian's account
	ErrWardAdult         = fault.Define(fault.Invalid, "person.ward_adult")
	ErrGuardianMinor     = fault.Define(fault.Precondition, "person.guardian_minor")
	ErrNotGuardian       = fault.Define(fault.Forbidden, "person.not_guardian")
	ErrGuardianSelf      = fault.Define(fault.Invalid, "person.guardian_self")
	ErrAlreadyGuardian   = fault.Define(fault.Conflict, "person.already_guardian")
	ErrGuardianCode      = fault.Define(fault.Invalid, "person.guardian_code")
	ErrNotMinor          = fault.Define(fault.Precondition, "person.not_minor")
	ErrLastGuardian      = fault.Define(fault.Precondition, "person.last_guardian")
	ErrNoGuardian        = fault.Define(fault.Precondition, "person.no_guardian") // nobody could agree
	ErrConsentMissing    = fault.Define(fault.Invalid, "person.consent_missing")
	ErrConsentUnknown    = fault.Define(fault.NotFound, "person.consent_unknown")
	ErrConsentNeeded     = fault.Define(fault.Precondition, "person.consent_needed") // cannot be withdrawn while the account is used
	ErrOwnDocument       = fault.Define(fault.Conflict, "person.own_document")       // held by the same person already
	ErrWrongKeys         = fault.Define(fault.Internal, "person.wrong_keys")
)

// Errors of merging two registrations.
var (
	ErrNoMerge      = fault.Define(fault.NotFound, "person.no_merge")
	ErrMergeSame    = fault.Define(fault.Invalid, "person.merge_same")        // one and the same registration
	ErrMergeGone    = fault.Define(fault.Conflict, "person.merge_gone")       // one of them is merged already
	ErrMergeErased  = fault.Define(fault.Conflict, "person.merge_erased")     // its person asked for deletion
	ErrMergeFamily  = fault.Define(fault.Precondition, "person.merge_family") // guardian and ward
	ErrMergeOpen    = fault.Define(fault.Conflict, "person.merge_open")       // proposed already
	ErrMergeDecided = fault.Define(fault.Conflict, "person.merge_decided")
	ErrMergeTwo     = fault.Define(fault.Forbidden, "person.merge_two") // a second administrator decides
	ErrOwnMerge     = fault.Define(fault.Forbidden, "person.own_merge") // nobody decides about himself
	ErrMergeBusy    = fault.Define(fault.Unavailable, "person.merge_busy")
	ErrMergeProof   = fault.Define(fault.Invalid, "person.merge_proof")     // phone and document are not of one registration
	ErrUndoLate     = fault.Define(fault.Precondition, "person.undo_late")  // argument days
	ErrUndoLater    = fault.Define(fault.Precondition, "person.undo_later") // merged again since; that first
)

// Errors of further documents and of assurance.
var (
	ErrDocumentHeld     = fault.Define(fault.Conflict, "person.document_held")      // registered otherwise; never says whose
	ErrDocumentSecond   = fault.Define(fault.Conflict, "person.document_second")    // another number of a kind that lasts for life
	ErrDocumentExpired  = fault.Define(fault.Invalid, "person.document_expired")    // valid until a day in the past
	ErrTooManyDocuments = fault.Define(fault.Precondition, "person.document_many")  // argument max
	ErrNameDiffers      = fault.Define(fault.Conflict, "person.name_differs")       // from the names kept
	ErrOwnAssurance     = fault.Define(fault.Forbidden, "person.own_assurance")     // nobody vouches for himself
	ErrDocumentsDiffer  = fault.Define(fault.Conflict, "person.documents_differ")   // another document tells another birth date or sex
	ErrNothingDiffers   = fault.Define(fault.Invalid, "person.nothing_differs")     // a correction to what is there already
	ErrNeedsGuardian    = fault.Define(fault.Precondition, "person.needs_guardian") // under 14 by a correction, and nobody to act
	ErrNoSuchNumber     = fault.Define(fault.NotFound, "person.no_such_number")     // volunteer number, at a desk
)
