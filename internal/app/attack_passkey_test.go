package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	vw "github.com/descope/virtualwebauthn"

	"kapok/internal/account"
	"kapok/internal/account/passkeytest"
)

// passkey is the volunteer's, and the browser that holds it.
type passkey struct {
	site vw.RelyingParty
	auth vw.Authenticator
	key  vw.Credential
}

// newPasskey has the volunteer add a passkey.
func (a *attack) newPasskey(t *testing.T) *passkey {
	t.Helper()
	home, err := url.Parse(a.Accounts.PasskeyOrigin())
	if err != nil {
		t.Fatal(err)
	}
	var id [16]byte
	a.row(t, `SELECT id FROM account.account WHERE person = $1`, &id, a.people["volunteer"])
	p := &passkey{vw.RelyingParty{ID: home.Hostname(), Origin: home.String()},
		vw.NewAuthenticatorWithOptions(vw.AuthenticatorOptions{UserHandle: id[:]}), passkeytest.NewKey()}
	as := bearer(a.signIn(t, a.people["volunteer"], account.ByCode))
	challenge, options := asked(t, a.ask("POST", "/api/v1/me/passkeys/challenges", nil, as...))
	o, err := vw.ParseAttestationOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	made := json.RawMessage(vw.CreateAttestationResponse(p.site, p.auth, p.key, *o))
	if w := a.ask("POST", "/api/v1/me/passkeys", map[string]any{"name": "key", "challenge": challenge, "credential": made}, as...); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return p
}

func asked(t *testing.T, w *httptest.ResponseRecorder) (challenge, options string) {
	t.Helper()
	var c struct {
		Challenge string
		Options   json.RawMessage
	}
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || w.Code != http.StatusCreated {
		t.Fatalf("%d %v", w.Code, err)
	}
	return c.Challenge, string(c.Options)
}

// answer has the passkey answer a challenge to a site.
func (p *passkey) answer(t *testing.T, at vw.RelyingParty, challenge, options string) map[string]any {
	t.Helper()
	o, err := vw.ParseAssertionOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	p.key.Counter++
	return map[string]any{"passkey": map[string]any{"challenge": challenge, "credential": json.RawMessage(vw.CreateAssertionResponse(at, p.auth, p.key, *o))}}
}

// A page of another origin hands on our challenge and what the passkey answers it.
func (a *attack) tryPasskeyOfAnotherOrigin(t *testing.T) {
	p := a.newPasskey(t)
	for name, at := range map[string]vw.RelyingParty{
		"another site":          {ID: p.site.ID, Origin: "https://evil.example"},
		"a site that looks so":  {ID: p.site.ID, Origin: p.site.Origin + ".evil.example"},
		"another port":          {ID: p.site.ID, Origin: "http://" + p.site.ID + ":1"},
		"another relying party": {ID: "evil.example", Origin: p.site.Origin},
	} {
		challenge, options := asked(t, a.ask("POST", "/api/v1/passkey-challenges", nil))
		if w := a.ask("POST", "/api/v1/sessions", p.answer(t, at, challenge, options)); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	challenge, options := asked(t, a.ask("POST", "/api/v1/passkey-challenges", nil))
	right := p.answer(t, p.site, challenge, options)
	if w := a.ask("POST", "/api/v1/sessions", right); w.Code != http.StatusCreated {
		t.Fatalf("the right origin: %d %s", w.Code, w.Body)
	}
	if w := a.ask("POST", "/api/v1/sessions", right); w.Code < 400 {
		t.Errorf("an answer counted twice: %d", w.Code)
	}
}
