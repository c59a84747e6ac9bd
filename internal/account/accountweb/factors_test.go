package accountweb

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	vw "github.com/descope/virtualwebauthn"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/account/passkeytest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
)

// administrator is somebody with the desk of a division and an authenticator
// app, whose secret it returns.
func administrator(t *testing.T, b *accounttest.Bed, division string) (p person.Person, secret string) {
	t.Helper()
	p = b.Account(t, "1980-02-03")
	if err := b.Accounts.GrantRole(t.Context(), p.ID, account.RegionAdmin, division, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	w := b.SignedIn(t, i18n.En, p)
	page := w.Get("/me/authenticator")
	secret = strings.ReplaceAll(page.Find("main dd .num").Text(), " ", "")
	if page.Find("svg.qr").Length() != 1 || len(secret) != 32 {
		t.Fatalf("no QR code or no secret %q", secret)
	}
	if page = w.Post("/me/authenticator", url.Values{"totp": {"000000"}}); page.Status != 422 {
		t.Errorf("any code confirms: %d", page.Status)
	}
	page = w.Post("/me/authenticator", url.Values{"totp": {totp(t, b, secret)}})
	if n := page.Find("ul.codes li").Length(); page.Status != 200 || n != account.RecoveryCodes {
		t.Fatalf("%d with %d recovery codes", page.Status, n)
	}
	if again := w.Get("/me/devices"); strings.Contains(again.Body, page.Find("ul.codes li").First().Text()) {
		t.Error("recovery codes are shown twice")
	}
	b.Clock.Advance(time.Minute)
	return p, secret
}

func totp(t *testing.T, b *accounttest.Bed, secret string) string {
	t.Helper()
	code, _, err := account.TOTPCode(secret, b.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestSignInOfStaffLeadsToTheSecondFactorAndBack(t *testing.T) {
	b := setup(t)
	p, secret := administrator(t, b, "440104")
	w := b.Browser(t, i18n.En)
	page := signIn(t, b, w, p, "/admin/phones")
	if page.Path != "/login/second?next=%2Fadmin%2Fphones" {
		t.Fatalf("led to %s", page.Path)
	}
	if page = w.Get("/admin/phones"); page.Path != "/login/second?next=%2Fadmin%2Fphones" {
		t.Errorf("the desk with one factor: %s", page.Path)
	}
	if page = w.Get("/me/authenticator"); !strings.HasPrefix(page.Path, "/login/second") {
		t.Errorf("with one factor the second can be changed: %s", page.Path)
	}
	form := hidden(w.Get("/login/second?next=/admin/phones"), "/login/second")
	if page = w.Post("/login/second", with(form, "do", "totp", "totp", totp(t, b, secret))); page.Path != "/admin/phones" || page.Status != 200 {
		t.Errorf("afterwards at %s (%d)", page.Path, page.Status)
	}
}

// A decision sent with one factor is refused, and kept until the second is shown.
func TestSecondFactorKeepsTheForm(t *testing.T) {
	b := setup(t)
	p, secret := administrator(t, b, "440104")
	id := waitingRequest(t, b, "440104")
	path := "/admin/phones/" + id.String()
	w := b.Browser(t, i18n.En)
	signIn(t, b, w, p, "")
	page := w.Post(path, url.Values{"do": {"refuse"}, "reason": {"another person"}})
	if page.Status != 403 {
		t.Fatalf("decided with one factor: %d", page.Status)
	}
	page = w.Post("/login/second", with(hidden(page, "/login/second"), "do", "totp", "totp", totp(t, b, secret)))
	if done := w.Post(path, hidden(page, path)); done.Status != 200 || done.Path != "/admin/phones" {
		t.Errorf("the kept form: %d at %s", done.Status, done.Path)
	}
	if open, err := b.Accounts.NewPhones(t.Context(), func(string) bool { return true }); err != nil || len(open) != 0 {
		t.Errorf("%d are open: %v", len(open), err)
	}
}

func TestLostFactorOverThePages(t *testing.T) {
	b := setup(t)
	p, _ := administrator(t, b, "440104")
	first, second := b.Account(t, "1981-02-03"), b.Account(t, "1982-02-03")
	for _, x := range []person.Person{first, second} {
		if err := b.Accounts.GrantRole(t.Context(), x.ID, account.RegionAdmin, p.Division, uuid.Nil); err != nil {
			t.Fatal(err)
		}
	}
	w := b.Browser(t, i18n.En)
	signIn(t, b, w, p, "")
	page := w.Post("/login/second/lost", nil)
	if page.Path != "/login/second" || !strings.Contains(page.Body, "two administrators") {
		t.Fatalf("%d at %s", page.Status, page.Path)
	}
	x, err := b.Accounts.LostFactorBy(t.Context(), accountOf(t, b, p))
	if err != nil {
		t.Fatal(err)
	}
	path := "/admin/factors/" + x.ID.String()
	one, two := b.SignedIn(t, i18n.En, first), b.SignedIn(t, i18n.En, second)
	if page = one.Post(path, url.Values{"do": {"refuse"}}); page.Status != 422 || page.Find(`form[action="`+path+`"] [aria-invalid="true"]`).Length() != 1 {
		t.Errorf("a refusal without a reason: %d", page.Status)
	}
	if page = one.Post(path, url.Values{"do": {"approve"}}); page.Path != "/admin/phones" {
		t.Fatalf("the first approval: %d", page.Status)
	}
	if page.Find(`form[action="`+path+`"]`).Length() != 0 {
		t.Error("the first administrator can go on alone")
	}
	if page = one.Post(path, url.Values{"do": {"approve"}}); page.Status != 403 {
		t.Errorf("a second approval by one hand: %d", page.Status)
	}
	if page = two.Post(path, url.Values{"do": {"approve"}}); page.Path != "/admin/phones" {
		t.Fatalf("the second approval: %d", page.Status)
	}
	b.Clock.Advance(time.Hour)
	if page = signIn(t, b, w, p, "/me"); page.Find(`a[href^="/me/authenticator"]`).Length() != 1 {
		t.Errorf("nothing leads to a new second factor at %s", page.Path)
	}
}

// A passkey over the JSON API: made, used to sign in, removed.
func TestPasskeyByAPI(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w := b.Browser(t, i18n.En)
	w.Token = b.TokenBy(t, p, account.ByCode)
	acc := accountOf(t, b, p)
	site := vw.RelyingParty{ID: "localhost", Origin: b.Accounts.PasskeyOrigin()}
	auth, key := vw.NewAuthenticatorWithOptions(vw.AuthenticatorOptions{UserHandle: acc[:]}), passkeytest.NewKey()
	type asked struct {
		Challenge string
		Options   json.RawMessage
	}
	var c asked
	if status, bad := w.API("POST", "/api/v1/me/passkeys/challenges", nil, &c); status != 201 {
		t.Fatal(status, bad)
	}
	made, err := vw.ParseAttestationOptions(string(c.Options))
	if err != nil {
		t.Fatal(err)
	}
	var in struct{ Token string }
	body := map[string]any{"name": "key", "challenge": c.Challenge, "credential": json.RawMessage(vw.CreateAttestationResponse(site, auth, key, *made))}
	if status, bad := w.API("POST", "/api/v1/me/passkeys", body, &in); status != 201 {
		t.Fatal(status, bad)
	}
	stranger := b.Browser(t, i18n.En)
	if status, bad := stranger.API("POST", "/api/v1/passkey-challenges", nil, &c); status != 201 {
		t.Fatal(status, bad)
	}
	use, err := vw.ParseAssertionOptions(string(c.Options))
	if err != nil {
		t.Fatal(err)
	}
	key.Counter = 1
	body = map[string]any{"passkey": map[string]any{"challenge": c.Challenge, "credential": json.RawMessage(vw.CreateAssertionResponse(site, auth, key, *use))}}
	if status, bad := stranger.API("POST", "/api/v1/sessions", body, &in); status != 201 {
		t.Fatal(status, bad)
	}
	if status, _ := stranger.API("POST", "/api/v1/sessions", body, &in); status != 409 && status != 422 {
		t.Errorf("the same answer again: %d", status)
	}
	stranger.Token = in.Token
	var mine struct {
		TwoFactors bool `json:"two_factors"`
		Passkeys   []struct{ Passkey, Name string }
	}
	if status, bad := stranger.API("GET", "/api/v1/me/factors", nil, &mine); status != 200 || !mine.TwoFactors || len(mine.Passkeys) != 1 {
		t.Fatalf("%d %v %+v", status, bad, mine)
	}
	if status, bad := stranger.API("DELETE", "/api/v1/me/passkeys/"+mine.Passkeys[0].Passkey, nil, nil); status != 204 {
		t.Errorf("%d %v", status, bad)
	}
}

// Where every administrator of a division lost the second factor, two of the
// level above decide; none of a neighbour's does.
func TestLostFactorsOfAWholeDivisionAreDecidedAbove(t *testing.T) {
	b := setup(t)
	one, _ := administrator(t, b, "440104")
	other, _ := administrator(t, b, "440104")
	var above []*accounttest.Browser
	for _, region := range []string{"440000", "440000", "440300"} {
		p := b.Account(t, "1981-02-03")
		if err := b.Accounts.GrantRole(t.Context(), p.ID, account.RegionAdmin, region, uuid.Nil); err != nil {
			t.Fatal(err)
		}
		above = append(above, b.SignedIn(t, i18n.En, p))
	}
	for _, p := range []person.Person{one, other} {
		w := b.Browser(t, i18n.En)
		signIn(t, b, w, p, "")
		w.Post("/login/second/lost", nil)
		x, err := b.Accounts.LostFactorBy(t.Context(), accountOf(t, b, p))
		if err != nil {
			t.Fatal(err)
		}
		path, approve := "/admin/factors/"+x.ID.String(), url.Values{"do": {"approve"}}
		if page := above[2].Post(path, approve); page.Status != 403 {
			t.Errorf("a neighbour's administrator: %d", page.Status)
		}
		for _, w := range above[:2] {
			if page := w.Post(path, approve); page.Path != "/admin/phones" {
				t.Fatalf("from above: %d at %s", page.Status, page.Path)
			}
		}
		if x, err = b.Accounts.LostFactorBy(t.Context(), x.Account); err != nil || x.State != "approved" {
			t.Errorf("%s %v", x.State, err)
		}
		b.Clock.Advance(2 * time.Minute)
	}
}

// The only administrator of the province lost the second factor: one who
// operates the system and one who guards it give the way back, on the page and
// by the API; a county's request is not theirs.
func TestLostFactorAtTheTopOverThePagesAndTheAPI(t *testing.T) {
	b := setup(t)
	asked := func(division string) account.LostFactor {
		t.Helper()
		p, _ := administrator(t, b, division)
		w := b.Browser(t, i18n.En)
		signIn(t, b, w, p, "")
		w.Post("/login/second/lost", nil)
		x, err := b.Accounts.LostFactorBy(t.Context(), accountOf(t, b, p))
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(2 * time.Minute)
		return x
	}
	county, province := asked("440104"), asked("440000")
	hands := map[account.Role]*accounttest.Browser{}
	for _, role := range []account.Role{account.SystemAdmin, account.SecurityAdmin} {
		p := b.Account(t, "1981-02-03")
		if err := b.Accounts.GrantRole(t.Context(), p.ID, role, "", uuid.Nil); err != nil {
			t.Fatal(err)
		}
		hands[role] = b.SignedIn(t, i18n.En, p)
	}
	system, security := hands[account.SystemAdmin], hands[account.SecurityAdmin]
	path, approve := "/admin/factors/"+province.ID.String()+"/top", url.Values{"do": {"approve"}}
	page := system.Get("/admin/factors")
	if page.Find(`form[action="`+path+`"]`).Length() != 1 || strings.Contains(page.Body, county.ID.String()) {
		t.Errorf("the list: %d", page.Status)
	}
	if page = system.Post("/admin/factors/"+county.ID.String()+"/top", approve); page.Status != 403 {
		t.Errorf("a county's request: %d", page.Status)
	}
	if page = system.Post(path, url.Values{"reason": {"no button was pressed"}}); page.Status != 422 {
		t.Errorf("no decision: %d", page.Status)
	}
	if page = system.Post(path, url.Values{"do": {"refuse"}}); page.Status != 422 || page.Find(`[aria-invalid="true"]`).Length() != 1 {
		t.Errorf("a refusal without a reason: %d", page.Status)
	}
	if page = system.Post(path, approve); page.Path != "/admin/factors" || page.Find(`form[action="`+path+`"]`).Length() != 0 {
		t.Fatalf("the first hand: %d at %s", page.Status, page.Path)
	}
	api, decision := "/api/v1/admin/lost-factors", map[string]any{"approve": true}
	if status, bad := system.API("POST", api+"/"+province.ID.String()+"/decision", decision, nil); status != 403 {
		t.Errorf("the first hand again: %d %v", status, bad)
	}
	var list struct {
		Items []struct {
			Request string
			SeenAs  string `json:"seen_as"`
			Mine    bool
		}
	}
	if status, bad := security.API("GET", api, nil, &list); status != 200 || len(list.Items) != 1 || list.Items[0].SeenAs != "system_admin" || list.Items[0].Mine {
		t.Fatalf("%d %v %+v", status, bad, list)
	}
	if status, bad := security.API("POST", api+"/"+list.Items[0].Request+"/decision", decision, nil); status != 204 {
		t.Fatalf("the second hand: %d %v", status, bad)
	}
	if x, err := b.Accounts.LostFactorOf(t.Context(), province.ID); err != nil || x.State != "approved" {
		t.Errorf("%s %v", x.State, err)
	}
}
