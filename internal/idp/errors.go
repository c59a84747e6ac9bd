package idp

import (
	_ "embed"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Errors of this area. What the protocol says to partners are OAuth errors,
// not these.
var (
	ErrNoRequest = fault.Define(fault.NotFound, "idp.no_request")      // none, too old or answered
	ErrNoClient  = fault.Define(fault.NotFound, "idp.no_client")       // none, or ended
	ErrNoConsent = fault.Define(fault.NotFound, "idp.no_consent")      // nothing to withdraw
	ErrRedirect  = fault.Define(fault.Invalid, "idp.redirect_unknown") // not registered: the browser is sent nowhere
	ErrChild     = fault.Define(fault.Precondition, "idp.child")       // under 14
	ErrURI       = fault.Define(fault.Invalid, "idp.redirect_uri")     // https, or http on this machine
	ErrSector    = fault.Define(fault.Invalid, "idp.sector")           // a host name
	ErrPublic    = fault.Define(fault.Precondition, "idp.public")      // a public client has no secret
	ErrClaims    = fault.Define(fault.Invalid, "idp.claims_not_asked") // agreed to more than was asked
)
