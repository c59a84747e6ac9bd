package federation

import (
	"context"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kapok/internal/kit/conf"
)

// Provider is a configured identity provider. Its discovery document is read
// when it is first needed and kept.
type Provider struct {
	conf.IdentityProvider
	secret   string
	redirect string

	mu    sync.Mutex
	known *source
}

// source is what the discovery document tells.
type source struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
	names    bool // its answers name their issuer (RFC 9207)
	userinfo bool
}

// skew is how far a provider's clock may be off.
const skew = time.Minute

// source gives the provider's endpoints and keys. Errors: ErrUnreachable.
func (s *Service) source(ctx context.Context, p *Provider) (*source, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, s.client), p.Issuer)
	if err != nil {
		return nil, ErrUnreachable.Because(err)
	}
	var more struct {
		Names bool `json:"authorization_response_iss_parameter_supported"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, ErrUnreachable.Because(err)
	}
	p.known = &source{provider: found, names: more.Names, userinfo: found.UserInfoEndpoint() != "",
		verifier: found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: func() time.Time { return s.Clock.Now().Add(-skew) }}),
		oauth: oauth2.Config{ClientID: p.ClientID, ClientSecret: p.secret, Endpoint: found.Endpoint(), RedirectURL: p.redirect,
			Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...)}}
	return p.known, nil
}
