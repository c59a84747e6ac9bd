package idpweb_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/idp"
	"kapok/internal/idp/idpweb"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/sign"
)

// bed is a platform whose partners can be signed in to. Its clock starts at
// the machine's time: partners' libraries look at that one.
type bed struct {
	*accounttest.Bed
	*idp.Service
	keys    string // folder
	minutes int
	admin   uuid.UUID
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{keys: t.TempDir(), minutes: 25 * 60}
	b.Bed = accounttest.New(t, func(ab *accounttest.Bed) {
		b.Service = b.serviceOf(t, ab, crypt.Ephemeral())
		idpweb.Register(ab.Site, ab.API, idpweb.Deps{Provider: b.Service, Accounts: ab.Accounts, Access: ab.Access})
	})
	b.Bed.Clock.Set(time.Now())
	b.admin = b.Account(t, "1980-01-01").ID
	b.Roles[b.admin] = []account.Grant{{Role: account.SystemAdmin}}
	return b
}

func (b *bed) serviceOf(t *testing.T, ab *accounttest.Bed, keys *crypt.Keys) *idp.Service {
	t.Helper()
	signer, err := sign.OpenFile(b.keys, idp.KeyName)
	if err != nil {
		t.Fatal(err)
	}
	s, err := idp.New(idp.Deps{Pool: ab.Pool, Clock: ab.Clock, Keys: keys, People: ab.People, Signer: signer, Issuer: ab.Address(),
		Public:  func() (sign.KeySet, error) { return idp.PublicKeys(b.keys) },
		Minutes: func(context.Context, pg.DB, uuid.UUID) (int, error) { return b.minutes, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// partner is a relying party built on go-oidc, with a server of its own.
type partner struct {
	*httptest.Server
	t        *testing.T
	bed      *bed
	client   idp.Client
	secret   string
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	provider *oidc.Provider

	state, nonce, pkce string
	got                url.Values // of the last callback
}

func (b *bed) partner(t *testing.T, claims []string, change func(*idp.NewClient)) *partner {
	t.Helper()
	p := &partner{t: t, bed: b}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(_ http.ResponseWriter, r *http.Request) { p.got = r.URL.Query() })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	n := idp.NewClient{NameHans: "义工云", NameHant: "義工雲", NameEn: "Helpers", PurposeHans: "排班", PurposeHant: "排班", PurposeEn: "Rosters",
		RedirectURIs: []string{p.URL + "/callback"}, LogoutURIs: []string{p.URL + "/bye"}, Claims: claims, By: b.admin}
	n.Sector = "s" + uuid.NewString()[:8] + ".example.test"
	if change != nil {
		change(&n)
	}
	var err error
	if p.client, p.secret, err = b.RegisterClient(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if p.provider, err = oidc.NewProvider(t.Context(), b.Address()); err != nil {
		t.Fatal(err)
	}
	p.oauth = oauth2.Config{ClientID: p.client.ID.String(), ClientSecret: p.secret, Endpoint: p.provider.Endpoint(), RedirectURL: p.URL + "/callback",
		Scopes: append([]string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess}, claims...)}
	if p.client.Public() {
		p.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	p.verifier = p.provider.Verifier(&oidc.Config{ClientID: p.oauth.ClientID})
	return p
}

// ask is the path at Kapok that the partner sends people to.
func (p *partner) ask(more ...oauth2.AuthCodeOption) string {
	p.state, p.nonce, p.pkce = oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	to := p.oauth.AuthCodeURL(p.state, append([]oauth2.AuthCodeOption{oidc.Nonce(p.nonce), oauth2.S256ChallengeOption(p.pkce)}, more...)...)
	return strings.TrimPrefix(to, p.bed.Address())
}

// agree answers the page of consent.
func agree(w *accounttest.Browser, page accounttest.Page, claims ...string) accounttest.Page {
	return w.Post(page.Path, url.Values{"do": {"agree"}, "claims": claims})
}

// follow goes where a page leads on to, at the partner.
func (p *partner) follow(page accounttest.Page) url.Values {
	p.t.Helper()
	to := page.Find(".actions a").AttrOr("href", "")
	if !strings.HasPrefix(to, p.URL+"/callback?") {
		p.t.Fatalf("%s (%d) does not lead to the partner: %q", page.Path, page.Status, to)
	}
	res, err := http.Get(to)
	if err != nil {
		p.t.Fatal(err)
	}
	res.Body.Close()
	if p.got.Get("state") != p.state || p.got.Get("iss") != p.bed.Address() {
		p.t.Fatalf("the answer names state %q, issuer %q", p.got.Get("state"), p.got.Get("iss"))
	}
	return p.got
}

// redeem exchanges a code and checks the ID token.
func (p *partner) redeem(code string) (*oauth2.Token, *oidc.IDToken, error) {
	token, err := p.oauth.Exchange(p.t.Context(), code, oauth2.VerifierOption(p.pkce))
	if err != nil {
		return nil, nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.verifier.Verify(p.t.Context(), raw)
	if err == nil && id.Nonce != p.nonce {
		p.t.Error("the nonce is another")
	}
	if err == nil {
		err = id.VerifyAccessToken(token.AccessToken)
	}
	return token, id, err
}

// signIn takes somebody through everything.
func (p *partner) signIn(w *accounttest.Browser, claims ...string) (*oauth2.Token, *oidc.IDToken) {
	p.t.Helper()
	page := w.Get(p.ask())
	if page.Find("form button[value=agree]").Length() > 0 {
		page = agree(w, page, claims...)
	}
	token, id, err := p.redeem(p.follow(page).Get("code"))
	if err != nil {
		p.t.Fatal(err)
	}
	return token, id
}

// userinfo asks what the bearer of a token is told.
func (p *partner) userinfo(access string) (int, map[string]any) {
	p.t.Helper()
	req, err := http.NewRequest("GET", p.bed.Address()+idp.UserinfoPath, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+access)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, out
}

// post sends a form to an endpoint as the client, or as nobody.
func (p *partner) post(path string, asClient bool, form url.Values) (int, string) {
	p.t.Helper()
	req, err := http.NewRequest("POST", p.bed.Address()+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if asClient {
		req.SetBasicAuth(p.oauth.ClientID, p.secret)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// alive reports whether an access token still opens userinfo.
func (p *partner) alive(access string) bool {
	status, _ := p.userinfo(access)
	return status == http.StatusOK
}

func hans(b *bed, t *testing.T, born string) *accounttest.Browser {
	t.Helper()
	return b.SignedIn(t, i18n.ZhHans, b.Account(t, born))
}
