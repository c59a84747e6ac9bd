package idp

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"kapok/internal/audit"
	"kapok/internal/kit/sign"
)

// Paths of the protocol, below the issuer.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	AuthorizePath = "/oauth/authorize"
	TokenPath     = "/oauth/token"
	UserinfoPath  = "/oauth/userinfo"
	RevokePath    = "/oauth/revoke"
	LogoutPath    = "/oauth/end_session"
	KeysPath      = "/oauth/keys"
)

// QuestionPath is the page that asks a person about a request.
func QuestionPath(request string) string { return "/oauth/consent/" + request }

func (s *Service) newProvider() (*op.Provider, error) {
	off := op.NewEndpoint("/oauth/off") // never mounted
	opts := []op.Option{
		op.WithCustomEndpoints(op.NewEndpoint(AuthorizePath), op.NewEndpoint(TokenPath), op.NewEndpoint(UserinfoPath),
			op.NewEndpoint(RevokePath), op.NewEndpoint(LogoutPath), op.NewEndpoint(KeysPath)),
		op.WithCustomIntrospectionEndpoint(off), op.WithCustomDeviceAuthorizationEndpoint(off),
		op.WithCORSOptions(nil),
		op.WithIDTokenHintVerifierOpts(op.WithSupportedIDTokenHintSigningAlgorithms(string(jose.EdDSA))),
	}
	if strings.HasPrefix(s.Issuer, "http://") {
		opts = append(opts, op.WithAllowInsecure())
	}
	return op.NewProvider(&op.Config{
		CryptoKey: [32]byte(s.Keys.Derive("idp/tokens")), CryptoKeyId: "1",
		DefaultLogoutRedirectURI: "/", CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true,
	}, storage{s}, op.StaticIssuer(s.Issuer), opts...)
}

// Discovery is what this provider says of itself: only what it does.
func (s *Service) Discovery() map[string]any {
	at := func(path string) string { return s.Issuer + path }
	return map[string]any{
		"issuer": s.Issuer, "authorization_endpoint": at(AuthorizePath), "token_endpoint": at(TokenPath), "userinfo_endpoint": at(UserinfoPath),
		"revocation_endpoint": at(RevokePath), "end_session_endpoint": at(LogoutPath), "jwks_uri": at(KeysPath),
		"scopes_supported":         append([]string{oidc.ScopeOpenID, scopeOffline}, Claims...),
		"response_types_supported": []string{"code"}, "response_modes_supported": []string{"query"},
		"grant_types_supported": grantTypes, "subject_types_supported": []string{"pairwise"},
		"id_token_signing_alg_values_supported":          []string{string(jose.EdDSA)},
		"token_endpoint_auth_methods_supported":          authMethods,
		"revocation_endpoint_auth_methods_supported":     authMethods,
		"claims_supported":                               append([]string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce"}, Claims...),
		"code_challenge_methods_supported":               []string{"S256"},
		"prompt_values_supported":                        []string{"none", "login", "consent"},
		"ui_locales_supported":                           []string{"zh-Hans", "zh-Hant", "en"},
		"authorization_response_iss_parameter_supported": true,
		"request_parameter_supported":                    false,
		"request_uri_parameter_supported":                false,
		"claims_parameter_supported":                     false,
	}
}

var authMethods = []oidc.AuthMethod{oidc.AuthMethodBasic, oidc.AuthMethodPost, oidc.AuthMethodNone}

// ServeHTTP answers the endpoints of the protocol that the library serves:
// authorize, token, revoke, end_session, keys.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.provider.ServeHTTP(naming{w, s.Issuer}, r)
}

// errToken says that an access token is no good.
var errToken = errors.New("idp: access token")

// Userinfo is what the bearer of an access token is told: the subject and what
// the person agrees to now. ok is false when the token is no good.
func (s *Service) Userinfo(ctx context.Context, bearer string) (claims map[string]any, ok bool, err error) {
	g, err := s.bearer(ctx, bearer)
	if errors.Is(err, errToken) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	c, err := s.consentOf(ctx, s.Pool, g.Person, g.Client)
	if errors.Is(err, errNone) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	claims, err = s.told(ctx, s.Pool, g.Person, both(c.Claims, g.Scopes))
	if err != nil {
		return nil, false, err
	}
	claims["sub"] = g.Subject
	if err := s.noteRead(ctx, g, claims); err != nil {
		return nil, false, err
	}
	return claims, true, nil
}

// readsWithin is how long a partner's readings of one person count as one.
const readsWithin = time.Hour

// read is what a claim tells, in the words of the audit.
var read = map[string]audit.Data{ClaimName: audit.Name, ClaimAgeBand: audit.Age, ClaimHoursBand: audit.Service}

// noteRead lets the person see that a partner read what they agreed to tell. The
// subject alone tells nothing that the partner's sign-in did not.
func (s *Service) noteRead(ctx context.Context, g grant, told map[string]any) error {
	var data []audit.Data
	for _, c := range Claims {
		if told[c] != nil {
			data = append(data, read[c])
		}
	}
	if len(data) == 0 {
		return nil
	}
	return audit.Read(ctx, s.Pool, audit.Reading{At: s.Clock.Now(), Actor: g.Client, Subjects: []uuid.UUID{g.Person}, Object: audit.Object("idp_client", g.Client),
		Data: data, Purpose: "partner", Within: readsWithin})
}

func (s *Service) bearer(ctx context.Context, bearer string) (grant, error) {
	plain, err := s.provider.Crypto().Decrypt(bearer)
	if err != nil {
		return grant{}, errToken
	}
	token, _, _ := strings.Cut(plain, ":")
	g, err := s.grantOf(ctx, token, "access")
	if errors.Is(err, errSpent) {
		return grant{}, errToken
	}
	return g, err
}

// SigningKey is the key of ID tokens, for the library.
func (s storage) SigningKey(ctx context.Context) (op.SigningKey, error) {
	return signingKey{ctx, s.Signer}, nil
}

// SignatureAlgorithms names the one in use.
func (s storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.EdDSA}, nil
}

// KeySet is every key whose tokens may still be about: the present one and
// those whose public half lies in the folder of keys.
func (s storage) KeySet(context.Context) ([]op.Key, error) {
	set, err := s.Public()
	if err != nil {
		return nil, serverError(err)
	}
	var out []op.Key
	for id, key := range set {
		out = append(out, publicKey{id, key})
	}
	slices.SortFunc(out, func(a, b op.Key) int { return strings.Compare(a.ID(), b.ID()) })
	return out, nil
}

type publicKey struct {
	id  string
	key ed25519.PublicKey
}

func (k publicKey) ID() string                         { return k.id }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.EdDSA }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return k.key }

// signingKey lets the library sign without seeing the private key, which may
// lie in an HSM.
type signingKey struct {
	ctx    context.Context
	signer sign.Signer
}

func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.EdDSA }
func (k signingKey) ID() string                                  { return k.signer.Key().ID }
func (k signingKey) Key() any                                    { return k }

// Public, Algs and SignPayload are jose.OpaqueSigner.
func (k signingKey) Public() *jose.JSONWebKey {
	return &jose.JSONWebKey{Key: k.signer.Key().Public, KeyID: k.ID(), Algorithm: string(jose.EdDSA), Use: "sig"}
}
func (k signingKey) Algs() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.EdDSA} }
func (k signingKey) SignPayload(payload []byte, _ jose.SignatureAlgorithm) ([]byte, error) {
	return k.signer.Sign(k.ctx, payload)
}
