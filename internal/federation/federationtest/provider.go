// Package federationtest is an OpenID provider for tests, honest or not.
package federationtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"

	"kapok/internal/kit/conf"
)

// Provider is an OpenID provider that does as it is told, also what is wrong.
// What it is told is set before it is asked.
type Provider struct {
	*httptest.Server
	Key      *ecdsa.PrivateKey
	Claims   map[string]any // of the next ID token, over the good ones; nil leaves one out
	Userinfo map[string]any
	Forge    func(good map[string]any) string // makes the ID token instead
	Names    bool                             // says that its answers name the issuer

	clock func() time.Time
	mu    sync.Mutex
	codes map[string]url.Values // code → authorization request
	shown []string
}

// New starts a provider that ends with the test.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{Key: key, Claims: map[string]any{}, clock: now, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, _ *http.Request) { answer(w, p.Userinfo) })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	d := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "none", "HS256"}, "authorization_response_iss_parameter_supported": p.Names}
	if p.Userinfo != nil {
		d["userinfo_endpoint"] = p.URL + "/userinfo"
	}
	answer(w, d)
}

// Authorize is what a person does at the provider: it gives the answer that
// the browser would bring back.
func (p *Provider) Authorize(t testing.TB, to string) url.Values {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := uuid.NewString()
	p.codes[code] = u.Query()
	return url.Values{"code": {code}, "state": {u.Query().Get("state")}}
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = append(p.shown, r.PostFormValue("code"))
	asked, ok := p.codes[r.PostFormValue("code")]
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") || asked.Get("code_challenge_method") != "S256" {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	delete(p.codes, r.PostFormValue("code"))
	now := p.clock()
	good := map[string]any{"iss": p.URL, "sub": "subject-1", "aud": "kapok", "nonce": asked.Get("nonce"),
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
	maps.Copy(good, p.Claims)
	maps.DeleteFunc(good, func(_ string, v any) bool { return v == nil })
	token := ""
	if p.Forge != nil {
		token = p.Forge(good)
	} else {
		token = Sign(jose.ES256, p.Key, "1", good)
	}
	answer(w, map[string]any{"access_token": "opaque", "token_type": "Bearer", "id_token": token})
}

// Sign makes a token.
func Sign(alg jose.SignatureAlgorithm, key any, id string, claims any) string {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		panic(err)
	}
	out, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		panic(err)
	}
	return out
}

// Unsigned makes a token with alg none.
func Unsigned(claims map[string]any) string {
	body, _ := json.Marshal(claims)
	e := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf("%s.%s.", e([]byte(`{"alg":"none","typ":"JWT"}`)), e(body))
}

// Configured is the provider as a configuration has it.
func (p *Provider) Configured(id string) conf.IdentityProvider {
	return conf.IdentityProvider{ID: id, NameHans: "甲", NameHant: "甲", NameEn: "A", Issuer: p.URL, ClientID: "kapok", Level: 2,
		ClaimDocument: "id_number", DocumentKind: "mainland_id"}
}

// Shown are the codes that somebody tried to redeem here.
func (p *Provider) Shown() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.shown)
}
