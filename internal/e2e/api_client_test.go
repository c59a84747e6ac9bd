package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// caller is somebody with curl.
type caller struct {
	t     testing.TB
	stage *stage
	name  string
	phone string
	token string
	id    uuid.UUID
	no    string // volunteer number

	secret string // of the authenticator app
}

// answer is what came back.
type answer struct {
	status int
	raw    []byte
	body   map[string]any
}

func (a answer) str(key string) string { s, _ := a.body[key].(string); return s }

func (a answer) num(key string) int { f, _ := a.body[key].(float64); return int(f) }

// items is the list of a page.
func (a answer) items() []map[string]any {
	list, _ := a.body["items"].([]any)
	out := make([]map[string]any, len(list))
	for i, x := range list {
		out[i], _ = x.(map[string]any)
	}
	return out
}

// call sends a request and wants a status.
func (c *caller) call(status int, method, path string, body any) answer {
	c.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	if !strings.HasPrefix(path, "/me/certificates/") && !strings.HasPrefix(path, "/verify/") {
		path = "/api/v1" + path
	}
	c.stage.visit(path)
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.stage.url+path, in)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "zh-CN")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode}
	if a.raw, err = io.ReadAll(resp.Body); err != nil {
		c.t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body) // a PDF is none
	if a.status != status {
		c.t.Fatalf("%s: %s %s: %d, not %d\n%.1500s", c.name, method, path, a.status, status, a.raw)
	}
	return a
}

// refused wants a refusal with a stable code, at a field when one is named.
func (c *caller) refused(status int, code, field, method, path string, body any) {
	c.t.Helper()
	a := c.call(status, method, path, body)
	if field == "" {
		if a.str("code") != code {
			c.t.Errorf("%s %s: %s, not %s", method, path, a.raw, code)
		}
		return
	}
	list, _ := a.body["errors"].([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok && m["field"] == field && m["code"] == code {
			return
		}
	}
	c.t.Errorf("%s %s: no %s at %s in %s", method, path, code, field, a.raw)
}

// register becomes a volunteer, by a code sent to the phone.
func (s *stage) register(t testing.TB, name, born string) *caller {
	t.Helper()
	c := &caller{t: t, stage: s, name: name, phone: s.use(persontest.Phone())}
	c.call(204, "POST", "/phone-codes", map[string]any{"phone": c.phone, "purpose": "register"})
	a := c.call(201, "POST", "/volunteers", c.facts(born))
	c.token, c.no, c.id = a.str("token"), a.str("volunteer_no"), uuid.MustParse(a.str("person"))
	return c
}

func (c *caller) facts(born string) map[string]any {
	return map[string]any{"document_kind": "mainland_id", "document_number": c.stage.use(persontest.MainlandID(born)), "name_hans": c.name, "division": "440104",
		"service_fields": []string{"0017"}, "languages": []string{"cantonese"}, "consent_privacy": person.CurrentConsent(person.ConsentPrivacy).Version,
		"consent_document": person.CurrentConsent(person.ConsentDocument).Version, "phone": c.phone, "code": c.stage.codes.code(c.phone)}
}

// equip sets up an authenticator app, as those with a role of staff must.
func (c *caller) equip() {
	c.t.Helper()
	c.secret = c.call(201, "POST", "/me/authenticator", nil).str("secret")
	a := c.call(200, "PUT", "/me/authenticator", map[string]any{"totp": c.totp()})
	if list, _ := a.body["recovery_codes"].([]any); len(list) != account.RecoveryCodes {
		c.t.Errorf("%d recovery codes", len(list))
	}
	c.token = a.str("token")
}

func (c *caller) totp() string {
	c.t.Helper()
	code, _, err := account.TOTPCode(c.secret, c.stage.clock.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	return code
}

// again signs in anew, by code: sessions of the API end after a day.
func (c *caller) again() {
	c.t.Helper()
	c.call(204, "POST", "/phone-codes", map[string]any{"phone": c.phone, "purpose": "login"})
	a := c.call(201, "POST", "/sessions", map[string]any{"phone": c.phone, "code": c.stage.codes.code(c.phone)})
	c.token = a.str("token")
	if a.body["second_factor_wanted"] == true {
		c.token = c.call(201, "POST", "/sessions/current/factors", map[string]any{"totp": c.totp()}).str("token")
	}
}

func allAgain(callers ...*caller) {
	for _, c := range callers {
		c.again()
	}
}
