package idpweb_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"kapok/internal/account/accounttest"
	"kapok/internal/audit"
	"kapok/internal/idp"
	"kapok/internal/kit/i18n"
)

func TestSignInWithKapok(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, idp.Claims, nil)
	person := b.Account(t, "1990-05-01")
	w := b.SignedIn(t, i18n.ZhHans, person)
	page := w.Get(p.ask())
	for _, want := range []string{"义工云", "排班", "李小文", "35-59", "20-99"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page of consent does not show %s", want)
		}
	}
	if n := page.Find("input[name=claims][checked]").Length(); n > 0 {
		t.Errorf("%d claims are ticked in advance", n)
	}
	token, id, err := p.redeem(p.follow(agree(w, page, "name", "hours_band")).Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	for c := range claims {
		switch c {
		case "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash", "azp", "client_id":
		default:
			t.Errorf("the ID token says %s", c)
		}
	}
	status, told := p.userinfo(token.AccessToken)
	want := map[string]any{"sub": id.Subject, "name": "李小文", "hours_band": "20-99"}
	if d := cmp.Diff(want, told); status != 200 || d != "" {
		t.Errorf("%d %s", status, d)
	}
	p.userinfo(token.AccessToken) // soon after: the same reading
	looks, err := audit.LooksAt(t.Context(), b.Pool, person.ID, 0, 10)
	if err != nil || len(looks) != 1 || looks[0].Purpose != "partner" || !cmp.Equal(looks[0].Data, []audit.Data{audit.Name, audit.Service}) {
		t.Errorf("the person sees %+v, %v", looks, err)
	}
	if strings.Contains(id.Subject, person.ID.String()) || len(id.Subject) != 43 {
		t.Errorf("subject %q", id.Subject)
	}
}

func TestDiscoveryIsTrue(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	res, err := http.Get(b.Address() + idp.DiscoveryPath)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var d map[string]any
	if err := json.NewDecoder(res.Body).Decode(&d); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"authorization_endpoint": idp.AuthorizePath, "token_endpoint": idp.TokenPath, "jwks_uri": idp.KeysPath} {
		if d[name] != b.Address()+path {
			t.Errorf("%s is %v", name, d[name])
		}
	}
	if d := cmp.Diff([]any{"pairwise"}, d["subject_types_supported"]); d != "" {
		t.Error(d)
	}
}

func TestPartnersCannotJoinWhatTheyKnow(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	one, two := b.partner(t, nil, nil), b.partner(t, nil, nil)
	same := b.partner(t, nil, func(n *idp.NewClient) { n.Sector = one.client.Sector })
	w := hans(b, t, "1990-05-01")
	_, first := one.signIn(w)
	_, second := two.signIn(w)
	_, third := same.signIn(w)
	_, other := one.signIn(hans(b, t, "1990-05-01"))
	if first.Subject == second.Subject || first.Subject == other.Subject || first.Subject != third.Subject {
		t.Errorf("subjects %s %s %s %s", first.Subject, second.Subject, third.Subject, other.Subject)
	}
	token, _ := one.signIn(w)
	raw, _ := token.Extra("id_token").(string)
	if _, err := two.verifier.Verify(t.Context(), raw); err == nil {
		t.Error("a token of another audience was accepted")
	}
}

func TestWrongQuestionsAreRefused(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, idp.Claims, nil)
	w := hans(b, t, "1990-05-01")
	for name, c := range map[string]struct {
		change func(url.Values)
		back   string // the error told to the partner; "" shows it here
	}{
		"another redirect URI": {func(q url.Values) { q.Set("redirect_uri", p.URL+"/callback/") }, ""},
		"redirect URI longer":  {func(q url.Values) { q.Set("redirect_uri", p.URL+"/callback?x=1") }, ""},
		"evil redirect URI":    {func(q url.Values) { q.Set("redirect_uri", "https://evil.example.test/callback") }, ""},
		"no redirect URI":      {func(q url.Values) { q.Del("redirect_uri") }, ""},
		"unknown client":       {func(q url.Values) { q.Set("client_id", b.admin.String()) }, ""},
		"no PKCE":              {func(q url.Values) { q.Del("code_challenge") }, "invalid_request"},
		"PKCE plain":           {func(q url.Values) { q.Set("code_challenge_method", "plain") }, "invalid_request"},
		"PKCE too short":       {func(q url.Values) { q.Set("code_challenge", "x") }, "invalid_request"},
		"implicit":             {func(q url.Values) { q.Set("response_type", "id_token") }, ""},
		"form post":            {func(q url.Values) { q.Set("response_mode", "form_post") }, "invalid_request"},
		"no openid":            {func(q url.Values) { q.Set("scope", "name") }, "invalid_scope"},
		"without a page":       {func(q url.Values) { q.Set("prompt", "none") }, "login_required"},
		"no page, and a page":  {func(q url.Values) { q.Set("prompt", "none consent") }, "invalid_request"},
	} {
		u, err := url.Parse(b.Address() + p.ask())
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		c.change(q)
		u.RawQuery = q.Encode()
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Get(u.String())
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		to, _ := url.Parse(res.Header.Get("Location"))
		switch {
		case c.back == "" && (res.StatusCode < 400 || res.StatusCode >= 500 || to.String() != ""):
			t.Errorf("%s: %d to %q", name, res.StatusCode, to)
		case c.back != "" && name == "form post": // the library answers in the mode asked for, still with the error
			if res.StatusCode == http.StatusFound && strings.HasPrefix(to.Path, "/oauth/consent") {
				t.Errorf("%s: went on", name)
			}
		case c.back != "" && to.Query().Get("iss") != b.Address():
			t.Errorf("%s: the refusal does not say whose it is: %q", name, to)
		case c.back != "" && (!strings.HasPrefix(to.String(), p.URL+"/callback") || !strings.Contains(to.String(), "error="+c.back)):
			t.Errorf("%s: %d to %q", name, res.StatusCode, to)
		}
	}
	if page := w.Get(idp.QuestionPath(b.admin.String())); page.Status != http.StatusNotFound {
		t.Errorf("a request that is none: %d", page.Status)
	}
}

func TestACodeCountsOnceForItsClientAndVerifier(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, other := b.partner(t, nil, nil), b.partner(t, nil, nil)
	w := hans(b, t, "1990-05-01")
	code := func() string {
		page := w.Get(p.ask())
		if page.Find("button[value=agree]").Length() > 0 {
			page = agree(w, page)
		}
		return p.follow(page).Get("code")
	}
	form := func(code string) url.Values {
		return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.URL + "/callback"}, "code_verifier": {p.pkce}}
	}
	for name, c := range map[string]struct {
		by       *partner
		asClient bool
		change   func(url.Values)
	}{
		"another client":       {other, true, nil},
		"nobody":               {p, false, nil},
		"no secret":            {p, false, func(v url.Values) { v.Set("client_id", p.oauth.ClientID) }},
		"wrong secret":         {p, false, func(v url.Values) { v.Set("client_id", p.oauth.ClientID); v.Set("client_secret", "x") }},
		"no verifier":          {p, true, func(v url.Values) { v.Del("code_verifier") }},
		"wrong verifier":       {p, true, func(v url.Values) { v.Set("code_verifier", oauth2.GenerateVerifier()) }},
		"another redirect URI": {p, true, func(v url.Values) { v.Set("redirect_uri", other.URL+"/callback") }},
		"made-up code":         {p, true, func(v url.Values) { v.Set("code", "x") }},
		"another grant":        {p, true, func(v url.Values) { v.Set("grant_type", "client_credentials") }},
		"password grant":       {p, true, func(v url.Values) { v.Set("grant_type", "password") }},
	} {
		v := form(code())
		if c.change != nil {
			c.change(v)
		}
		if status, body := c.by.post(idp.TokenPath, c.asClient, v); status != 400 && status != 401 || strings.Contains(body, "access_token") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	late := code()
	b.Bed.Clock.Advance(61 * time.Second)
	if _, _, err := p.redeem(late); err == nil {
		t.Error("a late code was exchanged")
	}
	again := code()
	token, _, err := p.redeem(again)
	if err != nil || !p.alive(token.AccessToken) {
		t.Fatal(err)
	}
	if _, _, err := p.redeem(again); err == nil {
		t.Error("a code was exchanged twice")
	}
	if p.alive(token.AccessToken) {
		t.Error("a replayed code left its tokens alive")
	}
}

func TestACodeExchangedAtTheSameTimeEndsAll(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, nil, nil)
	w := hans(b, t, "1990-05-01")
	code := p.follow(agree(w, w.Get(p.ask()))).Get("code")
	var good atomic.Int32
	var got sync.Map
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if token, err := p.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(p.pkce)); err == nil {
				good.Add(1)
				got.Store(token.AccessToken, true)
			}
		})
	}
	wg.Wait()
	if good.Load() > 1 {
		t.Errorf("a code was exchanged %d times", good.Load())
	}
	got.Range(func(access, _ any) bool {
		if p.alive(access.(string)) {
			t.Error("a code used six times left its token alive")
		}
		return true
	})
}

func TestRefreshTokensRotateAndTheirReuseEndsAll(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, other := b.partner(t, nil, nil), b.partner(t, nil, nil)
	token, id := p.signIn(hans(b, t, "1990-05-01"))
	refresh := func(by *partner, token string) (int, map[string]any) {
		status, body := by.post(idp.TokenPath, true, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
		var out map[string]any
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatal(err)
		}
		return status, out
	}
	if status, _ := refresh(other, token.RefreshToken); status != 400 {
		t.Errorf("another client refreshed: %d", status)
	}
	status, next := refresh(p, token.RefreshToken)
	if status != 200 || next["refresh_token"] == token.RefreshToken {
		t.Fatalf("%d %v", status, next)
	}
	renewed, err := p.verifier.Verify(t.Context(), next["id_token"].(string))
	if err != nil || renewed.Subject != id.Subject {
		t.Errorf("the new ID token is of %v: %v", renewed, err)
	}
	access := next["access_token"].(string)
	if !p.alive(access) {
		t.Error("the new token opens nothing")
	}
	if status, _ := refresh(p, token.RefreshToken); status != 400 {
		t.Errorf("used twice: %d", status)
	}
	if p.alive(access) {
		t.Error("the reuse of a refresh token left others alive")
	}
	if status, _ := refresh(p, next["refresh_token"].(string)); status != 400 {
		t.Error("the reuse of a refresh token left the next one alive")
	}
}

func TestWithdrawingEndsTokensAndAsksAgain(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, idp.Claims, nil)
	w := hans(b, t, "1990-05-01")
	token, _ := p.signIn(w, "name")
	if page := w.Get(p.ask()); page.Find("button[value=agree]").Length() > 0 {
		t.Error("an answer given before was asked for again")
	}
	if page := w.Get(p.ask(oauth2.SetAuthURLParam("prompt", "consent"))); page.Value("claims") != "name" {
		t.Error("prompt=consent does not ask with the earlier answer")
	}
	page := w.Get("/me/apps")
	if !strings.Contains(page.Body, "义工云") {
		t.Fatal("the partner is not listed")
	}
	page = w.Post(page.Find("form[action$=withdraw]").AttrOr("action", ""), nil)
	if strings.Contains(page.Body, "义工云") || page.Status != 200 {
		t.Error("the partner is still listed")
	}
	if p.alive(token.AccessToken) {
		t.Error("the access token outlived the consent")
	}
	if status, _ := p.post(idp.TokenPath, true, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}}); status != 400 {
		t.Error("the refresh token outlived the consent")
	}
	if page := w.Get(p.ask()); page.Find("button[value=agree]").Length() == 0 {
		t.Error("not asked again")
	}
	if status, _ := w.API("DELETE", "/api/v1/me/apps/"+p.client.ID.String(), nil, nil); status != 404 {
		t.Errorf("withdrawn twice: %d", status)
	}
}

func TestMinorsTellLessAndChildrenNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, idp.Claims, nil)
	now := b.Bed.Clock.Now()
	minor := hans(b, t, now.AddDate(-15, 0, 0).Format(time.DateOnly))
	page := minor.Get(p.ask())
	if n := page.Find("input[name=claims]").Length(); n != 1 {
		t.Errorf("a minor is asked for %d claims", n)
	}
	if refused := agree(minor, page, "name"); refused.Status == 200 && refused.Find(".actions a").Length() > 0 {
		token, _, err := p.redeem(p.follow(refused).Get("code"))
		if err != nil {
			t.Fatal(err)
		}
		if _, told := p.userinfo(token.AccessToken); told["name"] != nil {
			t.Error("the name of a minor was told")
		}
	}
	token, id := p.signIn(minor, "age_band")
	if _, told := p.userinfo(token.AccessToken); cmp.Diff(map[string]any{"sub": id.Subject, "age_band": "14-17"}, told) != "" {
		t.Errorf("told %v", told)
	}
	grown := b.Account(t, now.AddDate(-14, 0, 0).Format(time.DateOnly))
	child := b.SignedIn(t, i18n.ZhHans, grown)
	b.Bed.Clock.Set(now.AddDate(0, 0, -2)) // two days ago the same person was 13
	child.SetCookie("/", "session", b.Token(t, grown))
	page = child.Get(p.ask())
	if page.Status != http.StatusConflict || page.Find("input[name=claims]").Length() > 0 {
		t.Fatalf("a child is asked: %d", page.Status)
	}
	if forced := child.Post(page.Path, url.Values{"do": {"agree"}}); forced.Status != http.StatusConflict {
		t.Errorf("a child agreed: %d", forced.Status)
	}
	answer := p.follow(child.Post(page.Path, url.Values{"do": {"decline"}}))
	if answer.Get("error") != "access_denied" || answer.Get("code") != "" {
		t.Errorf("a child's answer: %v", answer)
	}
}

func TestDecliningTellsThePartnerNothingElse(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, idp.Claims, nil)
	w := hans(b, t, "1990-05-01")
	page := w.Get(p.ask())
	answer := p.follow(w.Post(page.Path, url.Values{"do": {"decline"}}))
	if d := cmp.Diff(url.Values{"error": {"access_denied"}, "iss": {b.Address()}, "state": {p.state}}, answer); d != "" {
		t.Error(d)
	}
	if page := w.Get(page.Path); page.Status != http.StatusNotFound {
		t.Errorf("the request is open still: %d", page.Status)
	}
}

func TestAFreshSignInIsAskedFor(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, nil, nil)
	person := b.Account(t, "1990-05-01")
	w := b.SignedIn(t, i18n.ZhHans, person)
	b.Bed.Clock.Advance(time.Hour)
	if page := w.Get(p.ask(oauth2.SetAuthURLParam("prompt", "login"))); !strings.HasPrefix(page.Path, "/login?next=") {
		t.Errorf("prompt=login: %s", page.Path)
	}
	if page := w.Get(p.ask(oauth2.SetAuthURLParam("max_age", "60"))); !strings.HasPrefix(page.Path, "/login?next=") {
		t.Errorf("max_age: %s", page.Path)
	}
	if page := w.Get(p.ask(oauth2.SetAuthURLParam("max_age", "7200"))); page.Status != 200 || !strings.HasPrefix(page.Path, "/oauth/consent/") {
		t.Errorf("new enough: %s", page.Path)
	}
	if page := b.Browser(t, i18n.En).Get(p.ask()); !strings.HasPrefix(page.Path, "/login?next=") {
		t.Errorf("nobody: %s", page.Path)
	}
}

// prompt=none: no page is shown; what would need one is refused by its name.
func TestWithoutAPage(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, idp.Claims, nil)
	w := hans(b, t, "1990-05-01")
	silently := func(w *accounttest.Browser, more ...string) string {
		t.Helper()
		p.got = nil
		options := []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "none")}
		if len(more) > 0 {
			options = append(options, oauth2.SetAuthURLParam("max_age", more[0]))
		}
		page := w.Get(p.ask(options...))
		if p.got == nil { // an answer with a code leaves by a page that goes on by itself
			to, err := url.Parse(page.Find(".actions a").AttrOr("href", ""))
			if err != nil {
				t.Fatal(err)
			}
			p.got = to.Query()
		}
		if p.got.Get("state") != p.state || p.got.Get("iss") != b.Address() {
			t.Errorf("the answer is %v", p.got)
		}
		return p.got.Get("error")
	}
	for name, x := range map[string]struct {
		who  *accounttest.Browser
		want string
	}{
		"nobody":           {b.Browser(t, i18n.En), "login_required"},
		"not asked before": {w, "consent_required"},
	} {
		if got := silently(x.who); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
	p.signIn(w, "name")
	if got := silently(w); got != "" || p.got.Get("code") == "" {
		t.Errorf("agreed before: %q %v", got, p.got)
	}
	b.Bed.Clock.Advance(10 * time.Minute)
	if got := silently(w, "3600"); got != "" || p.got.Get("code") == "" {
		t.Errorf("lately enough: %q %v", got, p.got)
	}
	if got := silently(w, "60"); got != "login_required" {
		t.Errorf("too long ago: %q", got)
	}
}

func TestRevocationAndEndOfSession(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, other := b.partner(t, nil, nil), b.partner(t, nil, nil)
	w := hans(b, t, "1990-05-01")
	token, _ := p.signIn(w)
	if status, _ := other.post(idp.RevokePath, true, url.Values{"token": {token.AccessToken}}); status < 400 || !p.alive(token.AccessToken) {
		t.Errorf("another client revoked: %d", status)
	}
	if status, _ := p.post(idp.RevokePath, true, url.Values{"token": {token.AccessToken}}); status != 200 || p.alive(token.AccessToken) {
		t.Errorf("an access token: %d", status)
	}
	token, _ = p.signIn(w)
	if status, _ := p.post(idp.RevokePath, true, url.Values{"token": {token.RefreshToken}}); status != 200 || p.alive(token.AccessToken) {
		t.Errorf("a refresh token: %d", status)
	}
	token, _ = p.signIn(w)
	raw, _ := token.Extra("id_token").(string)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	out := func(to string) string {
		res, err := client.Get(b.Address() + idp.LogoutPath + "?" + url.Values{"id_token_hint": {raw}, "post_logout_redirect_uri": {to}, "state": {"1"}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.Header.Get("Location")
	}
	if to := out("https://evil.example.test/"); to != "" || !p.alive(token.AccessToken) {
		t.Errorf("led to %q", to)
	}
	if to := out(p.URL + "/bye"); to != p.URL+"/bye?state=1" || p.alive(token.AccessToken) {
		t.Errorf("led to %q", to)
	}
	if page := w.Get("/me/apps"); page.Status != 200 {
		t.Error("the partner's end of session ended the person's")
	}
}

// A restart, another node: nothing is held in memory; a new signing key leaves
// the old one's tokens good.
func TestARestartWithANewKeyChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, nil, nil)
	token, _ := p.signIn(hans(b, t, "1990-05-01"))
	if err := os.Remove(filepath.Join(b.keys, idp.KeyName+".key")); err != nil {
		t.Fatal(err)
	}
	*b.Service = *b.serviceOf(t, b.Bed, b.Service.Keys)
	if !p.alive(token.AccessToken) {
		t.Error("the token is gone")
	}
	provider, err := oidc.NewProvider(t.Context(), b.Address()) // reads the keys anew
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if _, err := provider.Verifier(&oidc.Config{ClientID: p.oauth.ClientID}).Verify(t.Context(), raw); err != nil {
		t.Errorf("the old key's token: %v", err)
	}
	if _, id := p.signIn(hans(b, t, "1990-05-01")); id == nil {
		t.Error("no new token")
	}
}

func TestAPublicClientSignsInWithPKCEAlone(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, nil, func(n *idp.NewClient) { n.Public = true })
	token, _ := p.signIn(hans(b, t, "1990-05-01"))
	if !p.alive(token.AccessToken) {
		t.Error("no token")
	}
	if err := b.EndClient(t.Context(), b.admin, p.client.ID); err != nil {
		t.Fatal(err)
	}
	if p.alive(token.AccessToken) {
		t.Error("an ended client's token is alive")
	}
}

func TestNoSecretIsStored(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.partner(t, nil, nil)
	token, _ := p.signIn(hans(b, t, "1990-05-01"))
	var dump string
	if err := b.Bed.Pool.QueryRow(t.Context(), `SELECT (SELECT string_agg(c::text, ' ') FROM idp.client c) || (SELECT string_agg(t::text, ' ') FROM idp.token t)
		|| (SELECT string_agg(r::text, ' ') FROM idp.request r)`).Scan(&dump); err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"secret": p.secret, "access token": token.AccessToken, "refresh token": token.RefreshToken, "code": p.got.Get("code")} {
		if secret == "" || strings.Contains(dump, secret) {
			t.Errorf("the %s %q is stored", name, secret)
		}
	}
}

func TestAnAdministratorRegistersPartners(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	admin, err := b.People.Get(t.Context(), b.admin)
	if err != nil {
		t.Fatal(err)
	}
	w := b.SignedIn(t, i18n.ZhHans, admin)
	form := url.Values{"name_hans": {"甲"}, "name_hant": {"甲"}, "name_en": {"A"}, "purpose_hans": {"乙"}, "purpose_hant": {"乙"}, "purpose_en": {"B"},
		"redirect_uris": {"https://a.example.test/1\r\nhttps://a.example.test/2"}, "claims": {"name"}}
	page := w.Post("/admin/clients", form)
	codes := page.Find("code")
	if page.Status != 200 || codes.Length() != 4 || len(codes.First().Text()) != 43 {
		t.Fatalf("%d %s", page.Status, page.Find("main").Text())
	}
	if again := w.Get("/admin/clients"); strings.Contains(again.Body, codes.First().Text()) {
		t.Error("the secret is shown twice")
	}
	renewed := w.Post(page.Find("form[action$=secret]").AttrOr("action", ""), nil)
	if secret := renewed.Find("code").First().Text(); len(secret) != 43 || secret == codes.First().Text() {
		t.Errorf("another secret: %q", secret)
	}
	form.Set("redirect_uris", "http://a.example.test/")
	if bad := w.Post("/admin/clients", form); bad.Status != 422 || cmp.Diff([]string{"redirect_uris"}, bad.Wrong()) != "" || bad.Value("name_en") != "A" {
		t.Errorf("%d %v", bad.Status, bad.Wrong())
	}
	if ended := w.Post(page.Find("form[action$=end]").AttrOr("action", ""), nil); ended.Find("form[action$=end]").Length() != 0 {
		t.Error("still listed")
	}
	if other := hans(b, t, "1990-05-01").Get("/admin/clients"); other.Status != http.StatusForbidden {
		t.Errorf("a volunteer: %d", other.Status)
	}
}

func TestPartnersByTheAPI(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	admin, err := b.People.Get(t.Context(), b.admin)
	if err != nil {
		t.Fatal(err)
	}
	w := b.SignedIn(t, i18n.En, admin)
	in := map[string]any{"name_hans": "甲", "name_hant": "甲", "name_en": "A", "purpose_hans": "乙", "purpose_hant": "乙", "purpose_en": "B",
		"redirect_uris": []string{"https://a.example.test/"}, "claims": []string{"age_band"}, "public": true}
	var made struct {
		Client struct {
			ID     string
			Sector string
			Public bool
		}
		Secret string
	}
	if status, p := w.API("POST", "/api/v1/clients", in, &made); status != 201 || !made.Client.Public || made.Secret != "" || made.Client.Sector != "a.example.test" {
		t.Fatalf("%d %+v %+v", status, p, made)
	}
	if status, p := w.API("POST", "/api/v1/clients/"+made.Client.ID+"/secret", nil, nil); p.Code != "idp.public" {
		t.Errorf("%d %s", status, p.Code)
	}
	var list struct{ Items []any }
	if status, _ := w.API("GET", "/api/v1/clients", nil, &list); status != 200 || len(list.Items) != 1 {
		t.Errorf("%d %v", status, list)
	}
	if status, _ := w.API("DELETE", "/api/v1/clients/"+made.Client.ID, nil, nil); status != 204 {
		t.Errorf("status %d", status)
	}
	if status, _ := w.API("DELETE", "/api/v1/clients/"+made.Client.ID, nil, nil); status != 404 {
		t.Errorf("ended twice: %d", status)
	}
}
