package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/federation"
	"kapok/internal/federation/federationtest"
	"kapok/internal/kit/conf"
)

// outside are two providers that Kapok trusts: one is honest, of the other the
// attacker is the master.
type outside struct{ honest, evil *federationtest.Provider }

// configured makes both providers those of a platform.
func (o *outside) configured(t *testing.T) func(*conf.Config) {
	o.honest, o.evil = federationtest.New(t, time.Now), federationtest.New(t, time.Now)
	o.evil.Claims["sub"] = "attacker"
	return func(c *conf.Config) {
		for id, p := range map[string]*federationtest.Provider{"honest": o.honest, "evil": o.evil} {
			i := p.Configured(id)
			i.SubjectOnly, i.ClaimDocument, i.DocumentKind = true, "", ""
			c.IdentityProviders = append(c.IdentityProviders, i)
		}
	}
}

// visit goes to a provider by a button of ours; session is "" for who is not
// signed in. It gives what the browser carries and the provider's answer.
func (a *attack) visit(t *testing.T, p *federationtest.Provider, start, session string) (carried string, answer url.Values) {
	t.Helper()
	w := a.ask("POST", start, url.Values{"next": {"/me"}}, cookie(session)...)
	page, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == "identity-flow" {
			carried = c.Value
		}
	}
	to := page.Find(".actions a").AttrOr("href", "")
	if carried == "" || !strings.HasPrefix(to, p.URL) {
		t.Fatalf("%s (%d) leads to %q", start, w.Code, to)
	}
	return carried, p.Authorize(t, to)
}

// bring hands an answer to the callback of a provider.
func (a *attack) bring(provider, carried, session string, answer url.Values) *httptest.ResponseRecorder {
	return a.ask("GET", federation.CallbackPath(provider)+"?"+answer.Encode(), nil, "Cookie", "identity-flow="+carried+"; session="+session)
}

// came reports whether somebody was let in, or led on as somebody known.
func came(w *httptest.ResponseRecorder) bool {
	return w.Code < 400 || slices.ContainsFunc(w.Result().Header.Values("Set-Cookie"), func(c string) bool {
		return strings.HasPrefix(c, "session=") || strings.HasPrefix(c, "identity-kept=") && !strings.HasPrefix(c, "identity-kept=;")
	})
}

// linked has the volunteer's account linked to a subject of the honest
// provider, and lets them in by it once, so that what follows could succeed.
func (a *attack) linked(t *testing.T) {
	t.Helper()
	session := a.signIn(t, a.people["volunteer"], account.ByPasskey)
	carried, answer := a.visit(t, a.honest, "/me/identity/verify/honest", session)
	if w := a.bring("honest", carried, session, answer); w.Code >= 400 {
		t.Fatalf("linking: %d %s", w.Code, w.Body)
	}
	carried, answer = a.visit(t, a.honest, "/login/with/honest", "")
	if w := a.bring("honest", carried, "", answer); !came(w) || w.Header().Get("Location") != "/me" {
		t.Fatalf("signing in rightly: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// forging are the tokens that an attacker may have or make.
func (a *attack) forging(t *testing.T) map[string]func(good map[string]any) string {
	t.Helper()
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	with := func(key *ecdsa.PrivateKey, claims map[string]any) func(map[string]any) string {
		return func(good map[string]any) string {
			maps.Copy(good, claims)
			return federationtest.Sign(jose.ES256, key, "1", good)
		}
	}
	own, other := a.honest.Key, a.evil.Key
	return map[string]func(map[string]any) string{
		"for another client":                 with(own, map[string]any{"aud": "another"}),
		"for another client and us":          with(own, map[string]any{"aud": []string{"another", "kapok"}}),
		"that another client asked for":      with(own, map[string]any{"aud": []string{"another", "kapok"}, "azp": "another"}),
		"of another visit":                   with(own, map[string]any{"nonce": uuid.NewString()}),
		"of no visit":                        with(own, map[string]any{"nonce": ""}),
		"of yesterday":                       with(own, map[string]any{"exp": time.Now().Add(-24 * time.Hour).Unix()}),
		"of the other provider":              with(other, map[string]any{"iss": a.evil.URL}),
		"of the other provider, in our name": with(other, nil),
		"of the other provider's name":       with(own, map[string]any{"iss": a.evil.URL}),
		"of a stranger":                      with(stranger, nil),
		"that nobody signed":                 federationtest.Unsigned,
	}
}

func (a *attack) tryTokensOfOthers(t *testing.T) {
	a.linked(t)
	defer func() { a.honest.Forge = nil }()
	for name, forge := range a.forging(t) {
		a.honest.Forge = forge
		carried, answer := a.visit(t, a.honest, "/login/with/honest", "")
		if w := a.bring("honest", carried, "", answer); !came(w) {
			continue
		}
		t.Errorf("a token %s was taken", name)
	}
}

// Mix-up (RFC 9700 4.4): one provider's answer is brought to the other's door,
// with what another browser carries, or a second time.
func (a *attack) tryMixUp(t *testing.T) {
	a.linked(t)
	with := func(answer url.Values, pairs ...string) url.Values {
		out := maps.Clone(answer)
		for i := 0; i < len(pairs); i += 2 {
			out.Set(pairs[i], pairs[i+1])
		}
		return out
	}
	mine, honest := a.visit(t, a.honest, "/login/with/honest", "")
	theirs, evil := a.visit(t, a.evil, "/login/with/evil", "")
	another, _ := a.visit(t, a.honest, "/login/with/honest", "")
	for _, x := range []struct {
		name, at, carried string
		answer            url.Values
	}{
		{"the honest one's code at the evil one's door", "evil", mine, honest},
		{"the honest one's code in the evil one's visit, by name", "evil", theirs, with(honest, "state", evil.Get("state"), "iss", a.honest.URL)},
		{"the evil one's code in the honest one's visit", "honest", mine, with(evil, "iss", a.evil.URL, "state", honest.Get("state"))},
		{"the evil one's answer in the honest one's visit", "honest", mine, evil},
		{"an answer to another browser", "honest", another, honest},
		{"an answer to a browser that asked nothing", "honest", "", honest},
		{"the state of another visit", "honest", mine, with(honest, "state", uuid.NewString())},
	} {
		if w := a.bring(x.at, x.carried, "", x.answer); came(w) {
			t.Errorf("%s was taken: %d", x.name, w.Code)
		}
	}
	if slices.Contains(a.evil.Shown(), honest.Get("code")) {
		t.Error("the evil provider was shown the honest one's code")
	}
	if w := a.bring("honest", mine, "", honest); !came(w) {
		t.Fatalf("the right answer after the wrong ones: %d", w.Code)
	}
	if w := a.bring("honest", mine, "", honest); came(w) {
		t.Errorf("an answer counted twice: %d", w.Code)
	}
	injected, own := a.visit(t, a.honest, "/login/with/honest", "")
	own.Set("code", evil.Get("code"))
	if w := a.bring("honest", injected, "", own); came(w) {
		t.Errorf("the evil one's code counted at the honest one: %d", w.Code)
	}
	a.tryPlantedLink(t)
}

// tryPlantedLink: an attacker's answer is brought to the victim's browser, that
// the attacker's identity be linked to the victim's account.
func (a *attack) tryPlantedLink(t *testing.T) {
	attacker, victim := a.signIn(t, a.people["team_leader outside"], account.ByPasskey), a.signIn(t, a.people["team_leader inside"], account.ByPasskey)
	carried, answer := a.visit(t, a.evil, "/me/identity/verify/evil", attacker)
	for name, c := range map[string]string{"with the attacker's cookie": carried, "without": ""} {
		if w := a.bring("evil", c, victim, answer); came(w) {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	links, err := a.Identities.Links(t.Context(), a.people["team_leader inside"])
	if err != nil || len(links) > 0 {
		t.Errorf("linked to the victim: %v %v", links, err)
	}
}
