package idp

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The types by which the protocol library sees requests, grants and clients.

// amr names no method: how somebody signs in here is not a partner's business.
var amr []string

type authRequest struct {
	request
	subject string // pairwise
}

func (r authRequest) GetID() string          { return r.ID.String() }
func (r authRequest) GetACR() string         { return "" }
func (r authRequest) GetAMR() []string       { return amr }
func (r authRequest) GetAudience() []string  { return []string{r.Client.String()} }
func (r authRequest) GetAuthTime() time.Time { return timeOf(r.AuthTime) }
func (r authRequest) GetClientID() string    { return r.Client.String() }
func (r authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.Challenge, Method: oidc.CodeChallengeMethodS256}
}
func (r authRequest) GetNonce() string                   { return r.Nonce }
func (r authRequest) GetRedirectURI() string             { return r.RedirectURI }
func (r authRequest) GetResponseType() oidc.ResponseType { return oidc.ResponseTypeCode }
func (r authRequest) GetResponseMode() oidc.ResponseMode { return oidc.ResponseModeQuery }
func (r authRequest) GetScopes() []string                { return r.Scopes }
func (r authRequest) GetState() string                   { return r.State }
func (r authRequest) GetSubject() string                 { return r.subject }
func (r authRequest) Done() bool                         { return r.CodeUntil != nil }

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

type refreshRequest struct {
	grant
	scopes []string // fewer than the grant's, where the client wants fewer
}

func (r *refreshRequest) GetAMR() []string       { return amr }
func (r *refreshRequest) GetAudience() []string  { return []string{r.Client.String()} }
func (r *refreshRequest) GetAuthTime() time.Time { return r.AuthTime }
func (r *refreshRequest) GetClientID() string    { return r.Client.String() }
func (r *refreshRequest) GetSubject() string     { return r.Subject }
func (r *refreshRequest) GetScopes() []string {
	if r.scopes != nil {
		return r.scopes
	}
	return r.Scopes
}
func (r *refreshRequest) SetCurrentScopes(scopes []string) { r.scopes = scopes }

// client is a partner. All are of the kind whose redirect URIs are compared
// letter by letter, port included.
type client struct{ Client }

func (c client) GetID() string                       { return c.ID.String() }
func (c client) RedirectURIs() []string              { return c.Client.RedirectURIs }
func (c client) PostLogoutRedirectURIs() []string    { return c.LogoutURIs }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType         { return grantTypes }
func (c client) LoginURL(request string) string       { return QuestionPath(request) }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration       { return idLife }
func (c client) DevMode() bool                        { return false }
func (c client) IsScopeAllowed(scope string) bool     { return within([]string{scope}, c.Claims) }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c client) ClockSkew() time.Duration             { return 0 }
func (c client) AuthMethod() oidc.AuthMethod {
	if c.Public() {
		return oidc.AuthMethodNone
	}
	return oidc.AuthMethodBasic
}
func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return asTheyAre }
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return asTheyAre }

func asTheyAre(scopes []string) []string { return scopes }

var grantTypes = []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
