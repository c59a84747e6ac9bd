package account

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed factor_texts.json
var factorTexts []byte
var _ = i18n.Register(factorTexts)

// Errors of second factors.
var (
	ErrSecondFactor      = fault.Define(fault.Forbidden, "account.second_factor")     // a role is held, and the session has one factor
	ErrProveStrong       = fault.Define(fault.Forbidden, "account.prove_strong")      // step-up of a session of two factors, by less
	ErrTOTP              = fault.Define(fault.Invalid, "account.totp_wrong")          // wrong, too old, or used before
	ErrNoEnrolment       = fault.Define(fault.Precondition, "account.totp_not_begun") // nothing to confirm
	ErrRecovery          = fault.Define(fault.Invalid, "account.recovery_wrong")      // wrong or used
	ErrNoPasskeys        = fault.Define(fault.Precondition, "account.passkeys_off")   // the public address can have none
	ErrChallenge         = fault.Define(fault.Conflict, "account.passkey_stale")      // used before, expired, or another's
	ErrPasskeyOrigin     = fault.Define(fault.Forbidden, "account.passkey_origin")    // made on, or for, another site
	ErrPasskeyUnknown    = fault.Define(fault.Invalid, "account.passkey_unknown")     // no passkey of an open account
	ErrPasskeyOther      = fault.Define(fault.Forbidden, "account.passkey_other")     // of another account than the session's
	ErrPasskeyUnverified = fault.Define(fault.Invalid, "account.passkey_unverified")  // the device did not ask its owner
	ErrPasskeyCloned     = fault.Define(fault.Forbidden, "account.passkey_cloned")    // the counter did not grow
	ErrPasskeyBad        = fault.Define(fault.Invalid, "account.passkey_bad")         // cannot be read, or its signature is wrong
	ErrPasskeyTwice      = fault.Define(fault.Conflict, "account.passkey_twice")      // registered already
	ErrPasskeyMany       = fault.Define(fault.Precondition, "account.passkey_many")   // argument max
	ErrNothingLost       = fault.Define(fault.Precondition, "account.nothing_lost")   // there is no second factor
	ErrOtherHand         = fault.Define(fault.Forbidden, "account.factor_other_hand") // the second decision is another's
	ErrPasskeyName       = fault.Define(fault.Invalid, "account.passkey_name")        // empty or too long; argument max
)
