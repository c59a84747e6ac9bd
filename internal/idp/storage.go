package idp

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// scopeOffline asks for a refresh token.
const scopeOffline = oidc.ScopeOfflineAccess

// storage gives the protocol library what it asks for. Faults of the database
// become server_error, so that no partner takes them for its own.
type storage struct{ *Service }

var _ op.Storage = storage{}

func serverError(err error) error { return oidc.ErrServerError().WithParent(err) }

// refusal keeps our refusals plain and makes everything else a server_error.
func refusal(err error, ours ...error) error {
	for _, e := range ours {
		if errors.Is(err, e) {
			return e
		}
	}
	return serverError(err)
}

// CreateAuthRequest keeps a partner's question. The library has checked client,
// redirect URI and response type.
func (s storage) CreateAuthRequest(ctx context.Context, in *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	const s256Length = 43 // of a SHA-256 in base64url
	switch {
	case in.CodeChallengeMethod != oidc.CodeChallengeMethodS256 || len(in.CodeChallenge) != s256Length:
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	case !slices.Contains(in.Scopes, oidc.ScopeOpenID):
		return nil, oidc.ErrInvalidScope().WithDescription("scope openid is required")
	case in.ResponseMode != "" && in.ResponseMode != oidc.ResponseModeQuery:
		return nil, oidc.ErrInvalidRequest().WithDescription("only response_mode query is supported")
	case len(in.State) > 1024 || len(in.Nonce) > 255:
		return nil, oidc.ErrInvalidRequest().WithDescription("state or nonce is too long")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, serverError(err)
	}
	client, err := uuid.Parse(in.ClientID)
	if err != nil {
		return nil, serverError(err) // the library found it a moment ago
	}
	now := s.Clock.Now()
	r := request{ID: id, Client: client, RedirectURI: in.RedirectURI, Scopes: in.Scopes, State: in.State, Nonce: in.Nonce,
		Challenge: in.CodeChallenge, AskAgain: slices.Contains(in.Prompt, oidc.PromptConsent)}
	if in.MaxAge != nil {
		after := now.Add(-min(time.Duration(*in.MaxAge)*time.Second, grantLife))
		r.FreshAfter = &after
	}
	if slices.Contains(in.Prompt, oidc.PromptNone) {
		if err := s.mayBeSilent(ctx, r); err != nil {
			return nil, err
		}
	}
	_, err = s.Pool.Exec(ctx, `INSERT INTO idp.request (id, client, redirect_uri, scopes, state, nonce, challenge, ask_again, fresh_after, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, r.ID, r.Client, r.RedirectURI, r.Scopes, r.State, r.Nonce, r.Challenge, r.AskAgain, r.FreshAfter, now)
	if err != nil {
		return nil, serverError(err)
	}
	return authRequest{request: r}, nil
}

// AuthRequestByID serves the library's own way to answer, which is not offered.
func (s storage) AuthRequestByID(context.Context, string) (op.AuthRequest, error) {
	return nil, oidc.ErrInvalidRequest()
}

// AuthRequestByCode finds what a code was given for.
func (s storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	r, err := s.requestByCode(ctx, code)
	if err != nil {
		return nil, refusal(err, errSpent)
	}
	c, err := s.clientOf(ctx, s.Pool, r.Client)
	if err != nil {
		return nil, refusal(err, ErrNoClient)
	}
	return authRequest{request: r, subject: s.Subject(c.Sector, *r.Person)}, nil
}

// SaveAuthCode serves the library's own way to answer, which is not offered.
func (s storage) SaveAuthCode(context.Context, string, string) error { return oidc.ErrInvalidRequest() }

// DeleteAuthRequest keeps the request: a replayed code must be noticed.
func (s storage) DeleteAuthRequest(context.Context, string) error { return nil }

// CreateAccessToken exchanges a code where no refresh token was asked for.
func (s storage) CreateAccessToken(ctx context.Context, in op.TokenRequest) (string, time.Time, error) {
	id, _, until, err := s.CreateAccessAndRefreshTokens(ctx, in, "")
	return id, until, err
}

// CreateAccessAndRefreshTokens exchanges a code, or rotates a refresh token.
func (s storage) CreateAccessAndRefreshTokens(ctx context.Context, in op.TokenRequest, current string) (access, refresh string, until time.Time, err error) {
	var t tokens
	switch r := in.(type) {
	case authRequest:
		t, err = s.exchange(ctx, r.request, r.subject)
	case *refreshRequest:
		t, err = s.rotate(ctx, r.grant, current)
	default:
		err = errSpent
	}
	if errors.Is(err, errSpent) {
		return "", "", until, oidc.ErrInvalidGrant()
	}
	if err != nil {
		return "", "", until, serverError(err)
	}
	return t.access, t.refresh, t.until, nil
}

// TokenRequestByRefreshToken finds what a refresh token stands for.
func (s storage) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	g, err := s.grantOf(ctx, token, "refresh")
	if err != nil {
		return nil, refusal(err, errSpent)
	}
	return &refreshRequest{grant: g}, nil
}

// TerminateSession ends a partner's tokens of a subject.
func (s storage) TerminateSession(ctx context.Context, subject, client string) error {
	id, err := uuid.Parse(client)
	if err != nil {
		return nil // a sign-out that names no client ends nothing
	}
	return s.endSubject(ctx, id, subject)
}

// RevokeToken ends a token of a client.
func (s storage) RevokeToken(ctx context.Context, token, _, client string) *oidc.Error {
	id, err := uuid.Parse(client)
	if err != nil {
		return oidc.ErrInvalidClient()
	}
	own, err := s.revoke(ctx, token, id)
	switch {
	case err != nil:
		return oidc.ErrServerError().WithParent(err)
	case !own:
		return oidc.ErrInvalidClient()
	}
	return nil
}

// GetRefreshTokenInfo tells the library which strings are refresh tokens.
func (s storage) GetRefreshTokenInfo(ctx context.Context, _, token string) (subject, id string, err error) {
	g, err := s.grantOf(ctx, token, "refresh")
	if errors.Is(err, errSpent) {
		return "", "", op.ErrInvalidRefreshToken
	}
	return g.Subject, token, err
}

// GetClientByClientID finds a living client.
func (s storage) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := s.client(ctx, id)
	return c, err
}

func (s storage) client(ctx context.Context, id string) (client, error) {
	u, err := uuid.Parse(id)
	if err != nil || u.String() != id {
		return client{}, ErrNoClient
	}
	c, err := s.clientOf(ctx, s.Pool, u)
	if err != nil {
		return client{}, refusal(err, ErrNoClient)
	}
	return client{c}, nil
}

// AuthorizeClientIDSecret checks a client's secret.
func (s storage) AuthorizeClientIDSecret(ctx context.Context, id, secret string) error {
	c, err := s.client(ctx, id)
	if err == nil && !c.hasSecret(secret) {
		return ErrNoClient
	}
	return err
}

// SetUserinfoFromScopes leaves ID tokens without claims: they say who, in
// this sector, and nothing about the person.
func (s storage) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, _ []string) error {
	info.Subject = subject // the library overwrites the token's with it
	return nil
}

// SetUserinfoFromToken is not used: Userinfo answers instead, with the
// statuses that RFC 6750 asks for.
func (s storage) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return oidc.ErrAccessDenied()
}

// SetIntrospectionFromToken is not offered.
func (s storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return oidc.ErrAccessDenied()
}

// GetPrivateClaimsFromScopes is for JWT access tokens, which are not given.
func (s storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

// GetKeyByIDAndClientID is for clients that sign, which are not offered.
func (s storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, oidc.ErrInvalidClient()
}

// ValidateJWTProfileScopes is for clients that sign, which are not offered.
func (s storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, oidc.ErrInvalidScope()
}

// Health reports whether the database answers.
func (s storage) Health(ctx context.Context) error { return s.Pool.Ping(ctx) }
