package federation

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"kapok/internal/kit/crypt"
)

// Purpose is why somebody is sent to a provider.
type Purpose string

// The purposes.
const (
	SignIn Purpose = "sign_in" // nobody is known yet
	Verify Purpose = "verify"  // somebody signed in has the identity checked and linked
)

// FlowLife is how long somebody may take at a provider.
const FlowLife = 10 * time.Minute

// Flow is one visit to a provider. The browser carries it sealed, so nothing
// is kept here until the provider has answered.
type Flow struct {
	ID       uuid.UUID // also the state parameter
	Provider string
	Purpose  Purpose
	Person   uuid.UUID // who began it, for Verify
	Next     string    // path to go on to
	Nonce    string
	PKCE     string
	Until    time.Time
}

var flowPlace = crypt.Place{Table: "federation.flow", Column: "cookie", Row: uuid.Nil}

// Begin starts a visit: where to send the browser, and what it must carry back.
// Errors: ErrNoProvider, ErrUnreachable.
func (s *Service) Begin(ctx context.Context, provider string, purpose Purpose, who uuid.UUID, next string) (to, carry string, err error) {
	p, err := s.Provider(provider)
	if err != nil {
		return "", "", err
	}
	src, err := s.source(ctx, p)
	if err != nil {
		return "", "", err
	}
	f := Flow{ID: uuid.New(), Provider: p.ID, Purpose: purpose, Person: who, Next: next,
		Nonce: oauth2.GenerateVerifier(), PKCE: oauth2.GenerateVerifier(), Until: s.Clock.Now().Add(FlowLife)}
	to = src.oauth.AuthCodeURL(f.ID.String(), oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.PKCE))
	return to, s.seal(flowPlace, f), nil
}

// seal writes a value that only this platform can read; open reads it.
func (s *Service) seal(at crypt.Place, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs: cannot happen
	}
	return base64.RawURLEncoding.EncodeToString(s.Keys.Seal(at, string(raw)))
}

func (s *Service) open(at crypt.Place, sealed string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) == 0 {
		return false
	}
	text, err := s.Keys.Open(at, raw)
	return err == nil && json.Unmarshal([]byte(text), into) == nil
}

// Finish reads a provider's answer, as it came to the provider's own callback
// address, beside what the browser carried. Errors: ErrFlow, ErrDeclined,
// ErrAnswer, ErrUnreachable; each leaves everything as it was.
func (s *Service) Finish(ctx context.Context, provider, carried string, answer url.Values) (Flow, Statement, error) {
	p, err := s.Provider(provider)
	if err != nil {
		return Flow{}, Statement{}, err
	}
	f, err := s.flow(p, carried, answer)
	if err != nil {
		return Flow{}, Statement{}, err
	}
	src, err := s.source(ctx, p)
	if err != nil {
		return f, Statement{}, err
	}
	if err := s.accept(ctx, p, src, f, answer); err != nil {
		return f, Statement{}, err
	}
	st, err := s.redeem(ctx, p, src, f, answer.Get("code"))
	return f, st, err
}

// flow finds the visit that an answer belongs to.
func (s *Service) flow(p *Provider, carried string, answer url.Values) (Flow, error) {
	var f Flow
	if !s.open(flowPlace, carried, &f) || f.Provider != p.ID || !s.Clock.Now().Before(f.Until) {
		return Flow{}, ErrFlow
	}
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(f.ID.String())) != 1 {
		return Flow{}, ErrFlow
	}
	return f, nil
}

// accept checks who answers (RFC 9207), what, and that it is the first time.
func (s *Service) accept(ctx context.Context, p *Provider, src *source, f Flow, answer url.Values) error {
	if iss := answer.Get("iss"); iss != p.Issuer && (iss != "" || src.names) {
		return ErrAnswer
	}
	tag, err := s.Pool.Exec(ctx, `INSERT INTO federation.used_state (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, f.ID, f.Until)
	switch {
	case err != nil:
		return err
	case tag.RowsAffected() == 0:
		return ErrFlow
	case answer.Get("error") == "access_denied":
		return ErrDeclined
	case answer.Get("error") != "" || answer.Get("code") == "":
		return ErrAnswer
	}
	return nil
}

// redeem exchanges the code and checks the ID token (OpenID Connect Core 3.1.3.7).
func (s *Service) redeem(ctx context.Context, p *Provider, src *source, f Flow, code string) (Statement, error) {
	ctx = oidc.ClientContext(ctx, s.client)
	token, err := src.oauth.Exchange(ctx, code, oauth2.VerifierOption(f.PKCE))
	if err != nil {
		return Statement{}, ErrAnswer.Because(scrubbed(err))
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := src.verifier.Verify(ctx, raw)
	if err != nil {
		return Statement{}, ErrAnswer.Because(err)
	}
	if err := s.checkToken(p, f, id, token.AccessToken); err != nil {
		return Statement{}, err
	}
	claims := claims{}
	if err := id.Claims(&claims); err != nil {
		return Statement{}, ErrAnswer.Because(err)
	}
	if src.userinfo && !p.SubjectOnly && claims.lacks(p) {
		if err := claims.ask(ctx, src, token, id.Subject); err != nil {
			return Statement{}, err
		}
	}
	return s.statement(p, id.Subject, claims)
}

// checkToken is what the verifier leaves to its caller: nonce, authorized
// party, time of issue, and that the access token belongs to the ID token.
func (s *Service) checkToken(p *Provider, f Flow, id *oidc.IDToken, access string) error {
	var c struct {
		Party string `json:"azp"`
	}
	if err := id.Claims(&c); err != nil {
		return ErrAnswer.Because(err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1,
		c.Party != "" && c.Party != p.ClientID,
		c.Party == "" && slices.ContainsFunc(id.Audience, func(a string) bool { return a != p.ClientID }),
		id.Subject == "" || len(id.Subject) > 255,
		id.IssuedAt.After(s.Clock.Now().Add(skew)),
		id.AccessTokenHash != "" && id.VerifyAccessToken(access) != nil:
		return ErrAnswer
	}
	return nil
}

// scrubbed keeps a provider's error code and drops its words and the body,
// which may hold anything.
func scrubbed(err error) error {
	if e, ok := err.(*oauth2.RetrieveError); ok {
		return &oauth2.RetrieveError{Response: e.Response, ErrorCode: e.ErrorCode}
	}
	return err
}
