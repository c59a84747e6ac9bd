package account

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	vw "github.com/descope/virtualwebauthn"
	"github.com/google/uuid"

	"kapok/internal/account/passkeytest"
	"kapok/internal/kit/fault"
)

// device is a phone or security key with one passkey, and the browser around it.
type device struct {
	site vw.RelyingParty
	auth vw.Authenticator
	key  vw.Credential
}

func newDevice(account uuid.UUID) *device {
	return &device{vw.RelyingParty{Name: "Kapok", ID: "kapok.example", Origin: "https://kapok.example"},
		vw.NewAuthenticatorWithOptions(vw.AuthenticatorOptions{UserHandle: account[:]}), passkeytest.NewKey()}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// made answers a ceremony that makes a passkey.
func (d *device) made(t *testing.T, c Ceremony) PasskeyAnswer {
	t.Helper()
	o, err := vw.ParseAttestationOptions(asJSON(t, c.Options))
	if err != nil {
		t.Fatal(err)
	}
	return PasskeyAnswer{c.Challenge, []byte(vw.CreateAttestationResponse(d.site, d.auth, d.key, *o))}
}

// used answers a ceremony that uses it; the counter grows as it does on a key.
func (d *device) used(t *testing.T, c Ceremony) PasskeyAnswer {
	t.Helper()
	o, err := vw.ParseAssertionOptions(asJSON(t, c.Options))
	if err != nil {
		t.Fatal(err)
	}
	d.key.Counter++
	return PasskeyAnswer{c.Challenge, []byte(vw.CreateAssertionResponse(d.site, d.auth, d.key, *o))}
}

func (b *bundle) ask(t *testing.T) Ceremony {
	t.Helper()
	c, err := b.AskPasskey(t.Context(), here.Address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bundle) who(t *testing.T, in SignIn) *Principal {
	t.Helper()
	p, err := b.Who(t.Context(), in.Token)
	if err != nil || p == nil {
		t.Fatalf("no session: %v", err)
	}
	return p
}

// withPasskey is an account whose device has a passkey, signed in with it.
func withPasskey(t *testing.T) (context.Context, *bundle, *device, SignIn) {
	t.Helper()
	ctx, b := setup(t)
	b.passkeys = relyingParty("https://kapok.example")
	b.open(t, phoneA)
	first := b.signIn(t, phoneA)
	d := newDevice(first.Account)
	c, err := b.StartPasskey(ctx, b.who(t, first))
	if err != nil {
		t.Fatal(err)
	}
	in, err := b.AddPasskey(ctx, b.who(t, first), " My phone ", d.made(t, c), here)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := b.Who(ctx, first.Token); p != nil || err != nil {
		t.Errorf("the session before it lives on: %v %v", p, err)
	}
	return ctx, b, d, in
}

func TestPasskeySignsInWithoutAPhone(t *testing.T) {
	t.Parallel()
	ctx, b, d, first := withPasskey(t)
	if p := b.who(t, first); !p.TwoFactors() || !slices.Equal(p.Factors, []Factor{ByCode, ByPasskey}) {
		t.Errorf("after adding it the session has %v", p.Factors)
	}
	in, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here)
	if err != nil || in.Account != first.Account {
		t.Fatalf("signed in as %v: %v", in.Account, err)
	}
	if p := b.who(t, in); !p.TwoFactors() {
		t.Errorf("a passkey alone is %v", p.Factors)
	}
	state, err := b.Factors(ctx, in.Account)
	if err != nil || len(state.Passkeys) != 1 || state.Passkeys[0].Name != "My phone" || state.Passkeys[0].UsedAt == nil {
		t.Errorf("%+v %v", state, err)
	}
	if err := b.RemovePasskey(ctx, b.who(t, in), state.Passkeys[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here); !errors.Is(err, ErrPasskeyUnknown) {
		t.Errorf("after removing: %v", err)
	}
}

// What attackers try: each is refused by its own name, and none opens a session.
func TestPasskeyRefusals(t *testing.T) {
	t.Parallel()
	ctx, b, d, in := withPasskey(t)
	for name, c := range map[string]struct {
		want *fault.Error
		try  func(d device, c Ceremony) PasskeyAnswer
	}{
		"another origin": {ErrPasskeyOrigin, func(d device, c Ceremony) PasskeyAnswer {
			d.site.Origin = "https://kapok.example.evil.test"
			return d.used(t, c)
		}},
		"another port": {ErrPasskeyOrigin, func(d device, c Ceremony) PasskeyAnswer {
			d.site.Origin += ":8443"
			return d.used(t, c)
		}},
		"another relying party": {ErrPasskeyOrigin, func(d device, c Ceremony) PasskeyAnswer {
			d.site.ID = "evil.test"
			return d.used(t, c)
		}},
		"no verification of the user": {ErrPasskeyUnverified, func(d device, c Ceremony) PasskeyAnswer {
			d.auth.Options.UserNotVerified = true
			return d.used(t, c)
		}},
		"an answer to another challenge": {ErrChallenge, func(d device, c Ceremony) PasskeyAnswer {
			a := d.used(t, b.ask(t))
			return PasskeyAnswer{c.Challenge, a.Credential}
		}},
		"an unknown challenge": {ErrChallenge, func(d device, c Ceremony) PasskeyAnswer {
			return PasskeyAnswer{uuid.New(), d.used(t, c).Credential}
		}},
		"an old challenge": {ErrChallenge, func(d device, c Ceremony) PasskeyAnswer {
			b.clk.Advance(challengeLife + time.Second)
			return d.used(t, c)
		}},
		"another key": {ErrPasskeyBad, func(d device, c Ceremony) PasskeyAnswer {
			d.key.Key = passkeytest.NewKey().Key
			return d.used(t, c)
		}},
		"another person's handle": {ErrPasskeyBad, func(d device, c Ceremony) PasskeyAnswer {
			id := uuid.New()
			d.auth.Options.UserHandle = id[:]
			return d.used(t, c)
		}},
		"an unknown passkey": {ErrPasskeyUnknown, func(d device, c Ceremony) PasskeyAnswer {
			d.key = passkeytest.NewKey()
			return d.used(t, c)
		}},
		"nonsense": {ErrPasskeyBad, func(d device, c Ceremony) PasskeyAnswer { return PasskeyAnswer{c.Challenge, []byte(`{"id":1}`)} }},
	} {
		if got, err := b.SignInByPasskey(ctx, c.try(*d, b.ask(t)), here); !errors.Is(err, c.want) || got.Token != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.key.Counter = 100
	if _, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here); err != nil {
		t.Errorf("after all of it: %v", err)
	}
	if p := b.who(t, in); p.Account != in.Account {
		t.Error("the session of its owner ended")
	}
}

func TestPasskeyAnswerWorksOnce(t *testing.T) {
	t.Parallel()
	ctx, b, d, _ := withPasskey(t)
	a := d.used(t, b.ask(t))
	results := make(chan error, 8)
	var g sync.WaitGroup
	for range cap(results) {
		g.Go(func() {
			_, err := b.SignInByPasskey(ctx, a, here)
			results <- err
		})
	}
	g.Wait()
	close(results)
	good := 0
	for err := range results {
		switch {
		case err == nil:
			good++
		case !errors.Is(err, ErrChallenge):
			t.Errorf("a replay: %v", err)
		}
	}
	if good != 1 {
		t.Errorf("one answer opened %d sessions", good)
	}
}

func TestClonedPasskeyIsRefused(t *testing.T) {
	t.Parallel()
	ctx, b, d, _ := withPasskey(t)
	copied := *d
	for range 3 {
		if _, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.SignInByPasskey(ctx, copied.used(t, b.ask(t)), here); !errors.Is(err, ErrPasskeyCloned) {
		t.Errorf("a copy with an older counter: %v", err)
	}
	var noted int
	if err := b.Pool.QueryRow(ctx, `SELECT count(*) FROM audit.entry WHERE action = 'account.passkey_cloned'`).Scan(&noted); err != nil || noted != 1 {
		t.Errorf("%d entries: %v", noted, err)
	}
}

func TestAddingAPasskeyIsForItsAccountOnly(t *testing.T) {
	t.Parallel()
	ctx, b, d, in := withPasskey(t)
	b.open(t, phoneB)
	other := b.who(t, b.signIn(t, phoneB))
	c, err := b.StartPasskey(ctx, b.who(t, in))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AddPasskey(ctx, other, "x", newDevice(other.Account).made(t, c), here); !errors.Is(err, ErrChallenge) {
		t.Errorf("with the challenge of another account: %v", err)
	}
	if c, err = b.StartPasskey(ctx, other); err != nil {
		t.Fatal(err)
	}
	if _, err := b.AddPasskey(ctx, other, "x", d.made(t, c), here); !errors.Is(err, ErrPasskeyTwice) {
		t.Errorf("a passkey of another account: %v", err)
	}
	evil := newDevice(other.Account)
	evil.site.Origin = "https://evil.test"
	if c, err = b.StartPasskey(ctx, other); err != nil {
		t.Fatal(err)
	}
	if _, err := b.AddPasskey(ctx, other, "x", evil.made(t, c), here); !errors.Is(err, ErrPasskeyOrigin) {
		t.Errorf("made on another site: %v", err)
	}
	if _, err := b.AddPasskey(ctx, other, "", PasskeyAnswer{}, here); !errors.Is(err, ErrPasskeyName) {
		t.Errorf("without a name: %v", err)
	}
	if _, err := b.Prove(ctx, other, Secret{Passkey: new(d.used(t, b.ask(t)))}, here); !errors.Is(err, ErrPasskeyOther) {
		t.Errorf("proved by somebody else's passkey: %v", err)
	}
}

func TestWherePasskeysWork(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		"https://volunteer.example.gov.cn": "https://volunteer.example.gov.cn", "https://kapok.example:8443": "https://kapok.example:8443",
		"http://127.0.0.1:8080": "http://localhost:8080", "http://[::1]:8080": "http://localhost:8080", "http://localhost:8080": "http://localhost:8080",
		"http://kapok.example": "", "https://192.0.2.7": "", "": "", "://": "",
	} {
		if got := (&Service{passkeys: relyingParty(origin)}).PasskeyOrigin(); got != want {
			t.Errorf("%q: %q, want %q", origin, got, want)
		}
	}
	_, b := setup(t)
	if _, err := b.AskPasskey(t.Context(), "x"); !errors.Is(err, ErrNoPasskeys) {
		t.Errorf("without an address: %v", err)
	}
}
