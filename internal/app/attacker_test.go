package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"kapok/internal/account"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

// What an attacker tries, over HTTP against the whole platform. What a dishonest
// partner asks of our own OpenID provider has its tests in idpweb.

// phones is a gateway that keeps the codes, as phones would show them.
type phones struct {
	mu    sync.Mutex
	codes map[string]string
}

func (p *phones) SendCode(_ context.Context, phone, code string, _ i18n.Lang) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[phone] = code
	return nil
}

func (p *phones) code(phone string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.codes[phone]
}

// attack is a scene with somebody to rob.
type attack struct {
	*scene
	outside
	gateway *phones
	phone   string // of the volunteer, E.164
}

func newAttack(t *testing.T) *attack {
	a := &attack{gateway: &phones{codes: map[string]string{}}}
	s := newSceneOn(t, newAppWith(t, clock.System{}, a.configured(t)))
	a.scene = s
	s.Accounts.Sender = a.gateway
	var err error
	if a.phone, err = s.Accounts.PhoneOf(t.Context(), s.people["volunteer"]); err != nil || a.phone == "" {
		t.Fatalf("the volunteer has no phone: %v", err)
	}
	return a
}

// ask sends a request; header pairs follow the body. A body that is no form is JSON.
func (a *attack) ask(method, path string, body any, headers ...string) *httptest.ResponseRecorder {
	var text []byte
	kind := "application/x-www-form-urlencoded"
	switch b := body.(type) {
	case nil:
	case url.Values:
		text = []byte(b.Encode())
	default:
		text, _ = json.Marshal(b)
		kind = "application/json"
	}
	req := httptest.NewRequest(method, strings.ReplaceAll(path, "{$}", ""), bytes.NewReader(text))
	req.Header.Set("Content-Type", kind)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "from" {
			req.RemoteAddr = headers[i+1] + ":1234"
		}
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, req)
	return w
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

func cookie(token string) []string { return []string{"Cookie", "session=" + token} }

// changes are the routes that change something.
func (a *attack) changes() (out []web.Route) {
	for _, r := range a.Site.Routes() {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions {
			out = append(out, r)
		}
	}
	return out
}

// filled is the path of a route with an id in each place.
func (a *attack) filled(path string) string {
	if known, ok := a.address(path); ok {
		return known
	}
	return parameter.ReplaceAllStringFunc(path, func(p string) string {
		if id, ok := a.ids[parameter.FindStringSubmatch(p)[1]]; ok {
			return id
		}
		return uuid.Nil.String()
	})
}

// insider is somebody who passes a gate, "" when nobody of the scene does.
func (a *attack) insider(gate string) string {
	for _, who := range slices.Sorted(maps.Keys(a.tokens)) {
		if who != "nobody" && who != "volunteer" && strings.HasSuffix(who, "inside") && passes(gate, who) {
			return who
		}
	}
	return ""
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	a := newAttack(t)
	for _, x := range []struct {
		name string
		try  func(*testing.T)
	}{
		{"a stolen session after it was revoked", a.tryStolenSessionAfterRevoke},
		{"session fixation", a.trySessionFixation},
		{"requests from another site", a.tryFromAnotherSite},
		{"open redirect", a.tryOpenRedirect},
		{"finding out who is registered", a.tryFindingOutWhoIsRegistered},
		{"password spraying", a.tryPasswordSpraying},
		{"replay of a code", a.tryReplayOfACode},
		{"tokens of others", a.tryTokensOfOthers},
		{"mix-up of two providers", a.tryMixUp},
		{"a passkey of another origin", a.tryPasskeyOfAnotherOrigin},
		{"mass assignment", a.tryMassAssignment},
		{"mass assignment by forms", a.tryMassAssignmentByForms},
		{"reading the neighbour county", a.tryReadingTheNeighbourCounty},
		{"exporting without a proof", a.tryExportingWithoutAProof},
	} {
		if _, err := a.Pool.Exec(t.Context(), `DELETE FROM account.pace`); err != nil { // each begins as if nothing had been tried
			t.Fatal(err)
		}
		for _, who := range a.people { // some tries end the sessions of whom they rob
			a.renew(t, who)
		}
		t.Run(x.name, x.try)
	}
}

func (a *attack) tryStolenSessionAfterRevoke(t *testing.T) {
	for name, end := range map[string]func(token string) int{
		"signing out": func(token string) int { return a.ask("POST", "/logout", nil, cookie(token)...).Code },
		"signing out everywhere": func(string) int {
			return a.ask("DELETE", "/api/v1/sessions", nil, bearer(a.signIn(t, a.people["volunteer"], account.ByPasskey))...).Code
		},
		"signing the device out": func(string) int {
			return a.ask("POST", "/me/devices", url.Values{"do": {"others"}}, cookie(a.signIn(t, a.people["volunteer"], account.ByPasskey))...).Code
		},
	} {
		stolen := a.signIn(t, a.people["volunteer"], account.ByPasskey)
		if w := a.ask("GET", "/api/v1/sessions", nil, bearer(stolen)...); w.Code != 200 {
			t.Fatalf("%s: %d before", name, w.Code)
		}
		if code := end(stolen); code >= 400 {
			t.Fatalf("%s: %d", name, code)
		}
		if w := a.ask("GET", "/api/v1/sessions", nil, bearer(stolen)...); w.Code != 401 {
			t.Errorf("%s: the stolen session is answered %d", name, w.Code)
		}
	}
}

func (a *attack) trySessionFixation(t *testing.T) {
	planted := a.signIn(t, a.people["team_leader inside"], account.ByPasskey)
	form := url.Values{"phone": {a.phone}, "phone_region": {"CN"}, "do": {"send"}}
	a.ask("POST", "/login", form, cookie(planted)...)
	form.Set("do", "code")
	form.Set("code", a.gateway.code(a.phone))
	w := a.ask("POST", "/login", form, cookie(planted)...)
	var got string
	for _, c := range w.Result().Cookies() {
		if c.Name == "session" {
			got = c.Value
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("scripts or other sites get at the cookie: %+v", c)
			}
		}
	}
	if got == "" || got == planted {
		t.Fatalf("no new session: %d", w.Code)
	}
	if w := a.ask("GET", "/api/v1/sessions", nil, bearer(planted)...); w.Code != 401 {
		t.Errorf("the planted session lives on: %d", w.Code)
	}
}

func (a *attack) tryFromAnotherSite(t *testing.T) {
	tried := 0
	for _, r := range a.changes() {
		who := a.insider(r.Gate.String())
		if who == "" {
			continue
		}
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, {"Origin", "https://evil.example"}} {
			tried++
			w := a.ask(r.Method, a.filled(r.Path), url.Values{"reason": {"x"}}, append(headers, cookie(a.tokens[who])...)...)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s %s as %s from another site: %d", r.Method, r.Path, who, w.Code)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d were tried", tried)
	}
}

// leads are names of parameters that lead on somewhere.
var leads = []string{"next", "back", "to", "return", "url", "redirect", "redirect_uri", "post_logout_redirect_uri"}

var leavesSite = regexp.MustCompile(`(?i)(href|action|content)="(https?:)?[/\\]{2}evil\.example|(href|action)="javascript:`)

func (a *attack) tryOpenRedirect(t *testing.T) {
	away := []string{"https://evil.example/", "//evil.example/", `/\evil.example/`, "javascript:alert(1)//evil.example", "/\t/evil.example/"}
	for _, r := range a.Site.Routes() {
		if endsSessions.MatchString(r.Path) && r.Method != http.MethodGet {
			continue
		}
		for i, to := range away {
			if r.Method != http.MethodGet && i > 1 {
				continue
			}
			q := url.Values{}
			for _, name := range leads {
				q.Set(name, to)
			}
			for _, who := range []string{"nobody", "volunteer"} {
				path, body := a.filled(r.Path), any(nil)
				if r.Method == http.MethodGet {
					path = strings.ReplaceAll(path, "{$}", "") + "?" + q.Encode()
				} else if body = q; r.API {
					continue // JSON has no such field: see mass assignment
				}
				var as []string
				if who != "nobody" {
					as = bearer(a.tokens[who])
				}
				w := a.ask(r.Method, path, body, as...)
				if target := w.Header().Get("Location"); target != "" && !strings.HasPrefix(web.LocalPath(target), target) {
					t.Errorf("%s %s with %q as %s leads to %q", r.Method, r.Path, to, who, target)
				}
				if bad := leavesSite.FindString(w.Body.String()); bad != "" {
					t.Errorf("%s %s with %q as %s shows %s", r.Method, r.Path, to, who, bad)
				}
			}
		}
	}
	for _, to := range away { // and where it counts: at a sign-in that succeeds
		form := url.Values{"phone": {a.phone}, "phone_region": {"CN"}, "do": {"send"}, "next": {to}}
		a.ask("POST", "/login", form)
		form.Set("do", "code")
		form.Set("code", a.gateway.code(a.phone))
		if w := a.ask("POST", "/login", form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
			t.Errorf("%q: signed in and led to %q (%d)", to, w.Header().Get("Location"), w.Code)
		}
	}
}

// varying are parts of a page that differ between any two visits: digits of a
// masked phone, references.
var varying = regexp.MustCompile(`\d+|"ref":"[^"]*"|nonce="[^"]*"|nonce-[\w+/=-]+`)

func (a *attack) tryFindingOutWhoIsRegistered(t *testing.T) {
	unknown := "+8613999990001"
	for name, visit := range map[string]func(phone string) *httptest.ResponseRecorder{
		"a code by the page": func(phone string) *httptest.ResponseRecorder {
			return a.ask("POST", "/login", url.Values{"phone": {phone}, "phone_region": {"CN"}, "do": {"send"}})
		},
		"a code": func(phone string) *httptest.ResponseRecorder {
			return a.ask("POST", "/api/v1/phone-codes", map[string]any{"phone": phone, "purpose": "login"})
		},
		"a code to register": func(phone string) *httptest.ResponseRecorder {
			return a.ask("POST", "/register", url.Values{"phone": {phone}, "phone_region": {"CN"}, "do": {"send"}})
		},
		"a code for a new phone": func(phone string) *httptest.ResponseRecorder {
			return a.ask("POST", "/recover/phone", url.Values{"phone": {phone}, "phone_region": {"CN"}, "do": {"send"}})
		},
		"a wrong code": func(phone string) *httptest.ResponseRecorder {
			return a.ask("POST", "/api/v1/sessions", map[string]any{"phone": phone, "code": "x"})
		},
		"a wrong password by the page": func(phone string) *httptest.ResponseRecorder {
			return a.ask("POST", "/login", url.Values{"phone": {phone}, "phone_region": {"CN"}, "do": {"password"}, "password": {"not the one"}})
		},
		"a wrong password": func(phone string) *httptest.ResponseRecorder {
			return a.ask("POST", "/api/v1/sessions", map[string]any{"phone": phone, "password": "not the one"})
		},
	} {
		known, not := visit(a.phone), visit(unknown)
		if known.Code != not.Code {
			t.Errorf("%s: %d and %d", name, known.Code, not.Code)
		}
		if diff := cmp.Diff(varying.ReplaceAllString(known.Body.String(), ""), varying.ReplaceAllString(not.Body.String(), "")); diff != "" {
			t.Errorf("%s: the answers differ: %s", name, diff)
		}
		for h := range maps.Keys(known.Header()) {
			if h != "Content-Length" && varying.ReplaceAllString(known.Header().Get(h), "") != varying.ReplaceAllString(not.Header().Get(h), "") {
				t.Errorf("%s: the header %s differs", name, h)
			}
		}
		if len(known.Header()) != len(not.Header()) {
			t.Errorf("%s: %d and %d headers", name, len(known.Header()), len(not.Header()))
		}
	}
}

func (a *attack) tryPasswordSpraying(t *testing.T) {
	limited := 0
	for i := range 110 { // each phone and each address is new
		w := a.ask("POST", "/api/v1/sessions", map[string]any{"phone": fmt.Sprintf("+86136%08d", i), "password": "Guangdong2026"}, "from", fmt.Sprintf("203.0.113.%d", i))
		if w.Code == http.StatusTooManyRequests {
			limited++
		} else if w.Code != http.StatusUnprocessableEntity {
			t.Fatalf("%d", w.Code)
		}
	}
	if limited != 10 {
		t.Errorf("%d of 110 sprayed tries were stopped", limited)
	}
	if w := a.ask("POST", "/api/v1/sessions", map[string]any{"phone": a.phone, "password": "a wrong one of mine"}, "from", "198.51.100.1"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("who has nothing to do with it suffers: %d", w.Code)
	}
}

func (a *attack) tryReplayOfACode(t *testing.T) {
	send := func() string {
		a.ask("POST", "/api/v1/phone-codes", map[string]any{"phone": a.phone, "purpose": "login"})
		return a.gateway.code(a.phone)
	}
	enter := func(code, from string) int {
		return a.ask("POST", "/api/v1/sessions", map[string]any{"phone": a.phone, "code": code}, "from", from).Code
	}
	code := send()
	if got := enter(code, "192.0.2.1"); got != http.StatusCreated {
		t.Fatalf("the right code: %d", got)
	}
	for _, from := range []string{"192.0.2.1", "203.0.113.9"} {
		if got := enter(code, from); got != http.StatusUnprocessableEntity {
			t.Errorf("the same code again from %s: %d", from, got)
		}
	}
	code = send()
	for range 5 {
		enter("x", "203.0.113.9")
	}
	if got := enter(code, "203.0.113.9"); got == http.StatusCreated {
		t.Error("a guesser who was right at last came in")
	}
}

// fingerprint is what none of them may change: who holds what, and who is who.
const fingerprint = `SELECT (SELECT count(*)::text || coalesce(md5(string_agg(id::text || person || role || (revoked_at IS NULL), '' ORDER BY id)), '') FROM account.role_grant)
	|| (SELECT count(*)::text || md5(string_agg(org::text || person || role, '' ORDER BY org, person, role)) FROM organisation.member)
	|| (SELECT md5(string_agg(id::text || state || division, '' ORDER BY id)) FROM organisation.organisation)
	|| (SELECT md5(string_agg(id::text || volunteer_no || birth_date, '' ORDER BY id)) FROM person.person)
	|| (SELECT md5(string_agg(id::text || person || assurance, '' ORDER BY id)) FROM person.identity_document)
	|| (SELECT md5(string_agg(id::text || state || minutes || person, '' ORDER BY id)) FROM record.service_record)
	|| (SELECT md5(string_agg(id::text || person || state, '' ORDER BY id)) FROM account.account)`

// What a county's administrator sees of people is their own county's.
func (a *attack) tryReadingTheNeighbourCounty(t *testing.T) {
	a.peopled(t)
	who := "region_admin outside"
	var own string
	a.row(t, `SELECT region FROM account.role_grant WHERE person = $1`, &own, a.people[who])
	for _, r := range a.Site.Routes() {
		gate := strings.TrimSuffix(r.Gate.String(), ":fresh")
		path, ok := a.address(r.Path)
		if r.Method != http.MethodGet || !ok || gate == "public" || gate == "signed_in" {
			continue
		}
		w := a.ask("GET", path, nil, bearer(a.tokens[who])...)
		if !strings.HasSuffix(gate, ":any") && w.Code < 400 {
			t.Errorf("%s (%s): %d", path, gate, w.Code)
		}
		for _, no := range volunteerNo.FindAllString(w.Body.String(), -1) {
			var id uuid.UUID
			var division string
			if err := a.Pool.QueryRow(t.Context(), `SELECT id, division FROM person.person WHERE volunteer_no = $1`, no).Scan(&id, &division); err != nil {
				continue // an example in a hint
			}
			if id != a.people[who] && !a.Regions.Within(own, division) && !a.works(t, id, own) {
				t.Errorf("%s shows %s of %s to the administrator of %s", path, no, division, own)
			}
		}
	}
}

// works reports whether somebody has a place in an organisation of a division.
func (a *attack) works(t *testing.T, who uuid.UUID, division string) (does bool) {
	t.Helper()
	err := a.Pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM organisation.organisation o LEFT JOIN organisation.member m ON m.org = o.id
		WHERE o.county = $2 AND (m.person = $1 OR o.applied_by = $1))`, who, division).Scan(&does)
	if err != nil {
		t.Fatal(err)
	}
	return does
}

func (a *attack) tryExportingWithoutAProof(t *testing.T) {
	a.peopled(t)
	if _, err := a.Pool.Exec(t.Context(), `UPDATE account.session SET proved_at = proved_at - $1::interval`, time.Hour); err != nil {
		t.Fatal(err)
	}
	a.Accounts.Forget()
	exports := 0
	for _, r := range a.Site.Routes() {
		gate := r.Gate.String()
		staff := gate != "public" && !strings.HasPrefix(gate, "signed_in") && gate != "oauth_client"
		isExport := r.Method == http.MethodGet && regexp.MustCompile(`xlsx|export|download`).MatchString(r.Path)
		if staff && isExport && !strings.HasSuffix(gate, ":fresh") {
			t.Errorf("%s %s (%s) exports without asking who it is", r.Method, r.Path, gate)
		}
		if !strings.HasSuffix(gate, ":fresh") {
			continue
		}
		who := a.insider(gate)
		path, ok := a.address(r.Path)
		if who == "" || !ok {
			continue
		}
		exports++
		w := a.ask(r.Method, path, nil, bearer(a.tokens[who])...)
		asked := w.Code == http.StatusForbidden || w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login/again")
		if !asked || strings.Contains(w.Header().Get("Content-Type"), "sheet") {
			t.Errorf("%s %s as %s: %d", r.Method, path, who, w.Code)
		}
	}
	if exports < 3 {
		t.Errorf("only %d were tried", exports)
	}
}
