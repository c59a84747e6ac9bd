package account

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
	ErrSignIn      = fault.Define(fault.Unauthenticated, "account.sign_in")
	ErrNotAllowed  = fault.Define(fault.Forbidden, "account.not_allowed")
	ErrWrong       = fault.Define(fault.Invalid, "account.wrong")         // phone and password do not belong together
	ErrCode        = fault.Define(fault.Invalid, "account.code_wrong")    // wrong, used or expired; never says which
	ErrNoAccount   = fault.Define(fault.NotFound, "account.none")         // only after the phone was proved
	ErrPhoneTaken  = fault.Define(fault.Conflict, "account.phone_taken")  // only after the phone was proved
	ErrTooOften    = fault.Define(fault.RateLimited, "account.too_often") // argument minutes
	ErrWeak        = fault.Define(fault.Invalid, "account.password_weak") // argument min
	ErrNoRequest   = fault.Define(fault.NotFound, "account.no_request")   // request for a new phone
	ErrDecided     = fault.Define(fault.Conflict, "account.decided")      // somebody decided before
	ErrNeedsReason = fault.Define(fault.Invalid, "account.needs_reason")  // a refusal says why
	ErrRoleTwice   = fault.Define(fault.Conflict, "account.role_twice")   // has the role already
	ErrRoleKind    = fault.Define(fault.Invalid, "account.role_kind")     // not a role given here
	ErrRolesApart  = fault.Define(fault.Conflict, "account.roles_apart")  // 三员分立: holds another of the three
	ErrRoleReason  = fault.Define(fault.Invalid, "account.role_reason")   // giving and taking say why
	ErrRoleUntil   = fault.Define(fault.Invalid, "account.role_until")    // ends before it begins
	ErrNoGrant     = fault.Define(fault.NotFound, "account.no_grant")     // no such role was given
	ErrStepUp      = fault.Define(fault.Forbidden, "account.step_up")     // argument minutes
	ErrOwnRole     = fault.Define(fault.Forbidden, "account.own_role")    // nobody gives a role to himself
)
