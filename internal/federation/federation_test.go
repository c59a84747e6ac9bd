package federation_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"maps"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/federation"
	"kapok/internal/federation/federationtest"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// bed is a platform with one provider that does as it is told.
type bed struct {
	*accounttest.Bed
	*federation.Service
	good    *federationtest.Provider
	assured []federation.Assurance
}

func newBed(t *testing.T, more ...conf.IdentityProvider) *bed {
	t.Helper()
	b := &bed{Bed: accounttest.New(t, func(*accounttest.Bed) {})}
	b.good = federationtest.New(t, b.Bed.Clock.Now)
	b.Service = b.service(t, append(conf.IdentityProviders{b.good.Configured("a")}, more...))
	return b
}

func (b *bed) service(t *testing.T, providers conf.IdentityProviders) *federation.Service {
	t.Helper()
	s, err := federation.New(federation.Deps{Pool: b.Bed.Pool, Clock: b.Bed.Clock, Keys: crypt.Ephemeral(), People: b.Bed.People, Accounts: b.Bed.Accounts,
		Base: "https://kapok.example.test", Providers: providers,
		Assure: func(_ context.Context, _ pgx.Tx, a federation.Assurance) error {
			b.assured = append(b.assured, a)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// visit goes to the provider and back.
func (b *bed) visit(t *testing.T, change func(answer url.Values)) (federation.Statement, error) {
	t.Helper()
	to, carry, err := b.Begin(t.Context(), "a", federation.SignIn, uuid.Nil, "/me")
	if err != nil {
		t.Fatal(err)
	}
	answer := b.good.Authorize(t, to)
	if change != nil {
		change(answer)
	}
	_, st, err := b.Finish(t.Context(), "a", carry, answer)
	return st, err
}

func TestAskingIsCodeWithPKCEForOneExactAddress(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	to, carry, err := b.Begin(t.Context(), "a", federation.Verify, uuid.New(), "/me/identity")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(to)
	q := u.Query()
	got := map[string]string{}
	for _, k := range []string{"response_type", "client_id", "redirect_uri", "code_challenge_method", "scope"} {
		got[k] = q.Get(k)
	}
	want := map[string]string{"response_type": "code", "client_id": "kapok", "redirect_uri": "https://kapok.example.test/login/with/a/callback",
		"code_challenge_method": "S256", "scope": "openid"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, secret := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Get(secret)) < 36 {
			t.Errorf("%s is %q", secret, q.Get(secret))
		}
	}
	if strings.Contains(carry, q.Get("nonce")) {
		t.Error("the browser can read what it carries")
	}
}

// Everything an attacker or a broken provider may answer.
func TestWrongAnswersAreRefused(t *testing.T) {
	t.Parallel()
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, v any) func(*bed) {
		return func(b *bed) { b.good.Claims = map[string]any{name: v} }
	}
	late := func(d time.Duration) func(*bed) {
		return func(b *bed) { b.good.Claims = map[string]any{"exp": b.Bed.Clock.Now().Add(d).Unix()} }
	}
	for name, c := range map[string]struct {
		prepare func(*bed)
		change  func(url.Values)
		want    error
	}{
		"good":                  {nil, nil, nil},
		"wrong state":           {nil, func(v url.Values) { v.Set("state", uuid.NewString()) }, federation.ErrFlow},
		"no state":              {nil, func(v url.Values) { v.Del("state") }, federation.ErrFlow},
		"no code":               {nil, func(v url.Values) { v.Del("code") }, federation.ErrAnswer},
		"made-up code":          {nil, func(v url.Values) { v.Set("code", "x") }, federation.ErrAnswer},
		"said no":               {nil, func(v url.Values) { v.Set("error", "access_denied") }, federation.ErrDeclined},
		"error":                 {nil, func(v url.Values) { v.Set("error", "server_error") }, federation.ErrAnswer},
		"names another issuer":  {nil, func(v url.Values) { v.Set("iss", "https://evil.example.test") }, federation.ErrAnswer},
		"issuer not named":      {func(b *bed) { b.good.Names = true }, nil, federation.ErrAnswer},
		"wrong nonce":           {claim("nonce", "other"), nil, federation.ErrAnswer},
		"no nonce":              {claim("nonce", nil), nil, federation.ErrAnswer},
		"wrong audience":        {claim("aud", "other"), nil, federation.ErrAnswer},
		"two audiences, no azp": {claim("aud", []string{"kapok", "other"}), nil, federation.ErrAnswer},
		"wrong azp":             {claim("azp", "other"), nil, federation.ErrAnswer},
		"wrong issuer":          {claim("iss", "https://evil.example.test"), nil, federation.ErrAnswer},
		"no subject":            {claim("sub", ""), nil, federation.ErrAnswer},
		"from the future":       {claim("iat", accounttest.Now.Add(time.Hour).Unix()), nil, federation.ErrAnswer},
		"other access token":    {claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), nil, federation.ErrAnswer},
		"unreadable birth date": {claim("birthdate", "1990/05/01"), nil, federation.ErrAnswer},
		"expired":               {late(-2 * time.Minute), nil, federation.ErrAnswer},
		"within the skew":       {late(-30 * time.Second), nil, nil},
		"alg none":              {func(b *bed) { b.good.Forge = federationtest.Unsigned }, nil, federation.ErrAnswer},
		"no token":              {func(b *bed) { b.good.Forge = func(map[string]any) string { return "" } }, nil, federation.ErrAnswer},
		"stranger's key": {func(b *bed) {
			b.good.Forge = func(c map[string]any) string { return federationtest.Sign(jose.ES256, stranger, "1", c) }
		}, nil, federation.ErrAnswer},
		"HMAC with the public key": {func(b *bed) {
			public, err := b.good.Key.PublicKey.Bytes()
			if err != nil {
				panic(err)
			}
			b.good.Forge = func(c map[string]any) string { return federationtest.Sign(jose.HS256, public, "1", c) }
		}, nil, federation.ErrAnswer},
		"userinfo of somebody else": {func(b *bed) { b.good.Userinfo = map[string]any{"sub": "subject-2", "name": "李小文"} }, nil, federation.ErrAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			if c.prepare != nil {
				c.prepare(b)
			}
			if _, err := b.visit(t, c.change); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestAnAnswerCountsOnceInTimeAndForItsBrowser(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx := t.Context()
	begin := func() (carry string, answer url.Values) {
		to, carry, err := b.Begin(ctx, "a", federation.SignIn, uuid.Nil, "")
		if err != nil {
			t.Fatal(err)
		}
		return carry, b.good.Authorize(t, to)
	}
	carry, answer := begin()
	other, _ := begin()
	for name, wrong := range map[string]string{"another browser's": other, "none": "", "forged": "AAAA"} {
		if _, _, err := b.Finish(ctx, "a", wrong, answer); !errors.Is(err, federation.ErrFlow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var good atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, _, err := b.Finish(ctx, "a", carry, answer); err == nil {
				good.Add(1)
			} else if !errors.Is(err, federation.ErrFlow) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if good.Load() != 1 {
		t.Errorf("one answer counted %d times", good.Load())
	}
	carry, answer = begin()
	b.Bed.Clock.Advance(federation.FlowLife)
	if _, _, err := b.Finish(ctx, "a", carry, answer); !errors.Is(err, federation.ErrFlow) {
		t.Errorf("late: %v", err)
	}
	if err := b.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
}

// An evil provider among the configured ones gets somebody to bring the code of
// the honest one to it (mix-up), or its own code to the honest one.
func TestMixUp(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	evil := federationtest.New(t, b.Bed.Clock.Now)
	s := b.service(t, conf.IdentityProviders{b.good.Configured("a"), evil.Configured("evil")})
	ctx := t.Context()
	toA, carryA, err := s.Begin(ctx, "a", federation.SignIn, uuid.Nil, "")
	if err != nil {
		t.Fatal(err)
	}
	toEvil, carryEvil, err := s.Begin(ctx, "evil", federation.SignIn, uuid.Nil, "")
	if err != nil {
		t.Fatal(err)
	}
	fromA, fromEvil := b.good.Authorize(t, toA), evil.Authorize(t, toEvil)
	if _, _, err := s.Finish(ctx, "evil", carryA, fromA); !errors.Is(err, federation.ErrFlow) {
		t.Errorf("the honest provider's code was brought to the evil one: %v", err)
	}
	stolen := maps.Clone(fromA)
	stolen.Set("state", fromEvil.Get("state"))
	stolen.Set("iss", b.good.URL)
	if _, _, err := s.Finish(ctx, "evil", carryEvil, stolen); !errors.Is(err, federation.ErrAnswer) {
		t.Errorf("an answer that names another issuer was taken: %v", err)
	}
	injected := maps.Clone(fromEvil)
	injected.Set("state", fromA.Get("state"))
	if _, _, err := s.Finish(ctx, "a", carryA, injected); !errors.Is(err, federation.ErrAnswer) {
		t.Errorf("the evil provider's code counted as the honest one's: %v", err)
	}
}

func (b *bed) states(t *testing.T, claims map[string]any) federation.Statement {
	t.Helper()
	b.good.Claims = claims
	st, err := b.visit(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// registered is somebody with a known document.
func (b *bed) registered(t *testing.T) (person.Person, string) {
	t.Helper()
	r := persontest.Registration("1990-05-01")
	return b.Enrol(t, r), r.Document.Number
}

func TestAFittingIdentityLinksAndAssuresItsDocument(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx := t.Context()
	p, number := b.registered(t)
	st := b.states(t, map[string]any{"name": "李小文", "birthdate": "1990-05-01", "id_number": strings.ToLower(number)})
	if _, found, err := b.SignIn(ctx, st, account.Device{Kind: account.Web}); found || err != nil {
		t.Fatalf("signed in by facts alone: %v %v", found, err)
	}
	if err := b.Settle(ctx, p.ID, st); err != nil {
		t.Fatal(err)
	}
	docs, err := b.Bed.People.Documents(ctx, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []federation.Assurance{{Person: p.ID, Document: &docs[0].ID, Level: 2, Source: "a"}}
	if d := cmp.Diff(want, b.assured); d != "" {
		t.Error(d)
	}
	in, found, err := b.SignIn(ctx, st, account.Device{Kind: account.Web})
	if err != nil || !found || in.Person != p.ID {
		t.Fatalf("sign-in: %+v %v %v", in, found, err)
	}
	if who, err := b.Bed.Accounts.Who(ctx, in.Token); err != nil || who == nil || who.Person != p.ID {
		t.Errorf("the session is of %v: %v", who, err)
	}
	links, err := b.Links(ctx, p.ID)
	if err != nil || len(links) != 1 {
		t.Fatalf("links %v %v", links, err)
	}
	if err := b.Unlink(ctx, uuid.New(), links[0].ID); !errors.Is(err, federation.ErrNoLink) {
		t.Errorf("somebody else unlinked: %v", err)
	}
	if err := b.Unlink(ctx, p.ID, links[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, found, err := b.SignIn(ctx, st, account.Device{Kind: account.Web}); found || err != nil {
		t.Errorf("an ended link signs in: %v %v", found, err)
	}
}

func TestADifferentIdentityIsRefusedWithoutItsValues(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, number := b.registered(t)
	_, others := b.registered(t)
	for name, c := range map[string]struct {
		claims map[string]any
		want   []string
	}{
		"name":                       {map[string]any{"name": "陈大文", "id_number": number}, []string{"name"}},
		"birth date":                 {map[string]any{"name": "李小文", "birthdate": "1990-05-02", "id_number": number}, []string{"birth_date"}},
		"somebody else's document":   {map[string]any{"name": "李小文", "id_number": others}, []string{"document"}},
		"nobody's document":          {map[string]any{"name": "李小文", "id_number": persontest.MainlandID("1990-05-01")}, []string{"document"}},
		"no document at all":         {map[string]any{"name": "李小文", "id_number": "12"}, []string{"document"}},
		"name, birth date, document": {map[string]any{"name": "陈大文", "birthdate": "1991-05-01", "id_number": others}, []string{"name", "birth_date", "document"}},
	} {
		err := b.Settle(t.Context(), p.ID, b.states(t, c.claims))
		if !errors.Is(err, federation.ErrDiffers) {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, f := range fault.As(err).Fields {
			got = append(got, f.Name)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		for _, v := range c.claims {
			if strings.Contains(err.Error(), v.(string)) {
				t.Errorf("%s: the error shows a value", name)
			}
		}
	}
	if err := b.Settle(t.Context(), p.ID, b.states(t, map[string]any{"name": "李小文"})); !errors.Is(err, federation.ErrIncomplete) {
		t.Errorf("a name alone: %v", err)
	}
	if len(b.assured) > 0 {
		t.Errorf("assured %+v", b.assured)
	}
	if links, err := b.Links(t.Context(), p.ID); err != nil || len(links) > 0 {
		t.Errorf("linked: %v %v", links, err)
	}
}

func TestASubjectLinksOnePersonAndAPersonOneSubject(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx := t.Context()
	one, oneNumber := b.registered(t)
	two, twoNumber := b.registered(t)
	first := b.states(t, map[string]any{"name": "李小文", "id_number": oneNumber})
	for range 2 { // a second time renews
		if err := b.Settle(ctx, one.ID, first); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Settle(ctx, two.ID, b.states(t, map[string]any{"name": "李小文", "id_number": twoNumber})); !errors.Is(err, federation.ErrTaken) {
		t.Errorf("a subject linked two people: %v", err)
	}
	if err := b.Settle(ctx, one.ID, b.states(t, map[string]any{"sub": "subject-2", "name": "李小文", "id_number": oneNumber})); !errors.Is(err, federation.ErrOtherSubject) {
		t.Errorf("a person linked two subjects: %v", err)
	}
	links, err := b.Links(ctx, one.ID)
	if err != nil || len(links) != 1 {
		t.Errorf("links %v %v", links, err)
	}
}

// 网号: nothing but the pairwise subject is asked for, read or kept.
func TestASubjectAloneIsEnough(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	c := b.good.Configured("a")
	c.SubjectOnly, c.ClaimDocument, c.DocumentKind = true, "", ""
	b.Service = b.service(t, conf.IdentityProviders{c})
	p, number := b.registered(t)
	b.good.Userinfo = map[string]any{"sub": "somebody else, were it asked"}
	st := b.states(t, map[string]any{"name": "陈大文", "birthdate": "1970-01-01", "id_number": number})
	if st.Name != "" || !st.BirthDate.IsZero() || st.Document.Number != "" {
		t.Fatal("facts were read")
	}
	if err := b.Settle(t.Context(), p.ID, st); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]federation.Assurance{{Person: p.ID, Level: 2, Source: "a"}}, b.assured); d != "" {
		t.Error(d)
	}
}

func TestUserinfoFillsWhatTheTokenLacks(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, number := b.registered(t)
	b.good.Userinfo = map[string]any{"sub": "subject-1", "name": "别人", "id_number": number}
	if err := b.Settle(t.Context(), p.ID, b.states(t, map[string]any{"name": "李小文"})); err != nil {
		t.Error(err)
	}
}

func TestAKeptStatementOpensForAWhileAndShowsNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	_, number := b.registered(t)
	st := b.states(t, map[string]any{"name": "李小文", "id_number": number})
	kept := b.Keep(st)
	back, ok := b.Kept(kept)
	if d := cmp.Diff(st, back); !ok || d != "" {
		t.Errorf("%v %s", ok, d)
	}
	if s := st.String(); s != "a" {
		t.Errorf("prints %q", s)
	}
	b.Bed.Clock.Advance(31 * time.Minute)
	if _, ok := b.Kept(kept); ok {
		t.Error("opens too late")
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]conf.IdentityProvider{
		"kind":   {ID: "a", DocumentKind: "library_card"},
		"secret": {ID: "a", SecretFile: "/nowhere/secret"},
	} {
		if _, err := federation.New(federation.Deps{Providers: conf.IdentityProviders{c}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzFinish(f *testing.F) {
	f.Add("AAAA", "code=x&state=y")
	s, err := federation.New(federation.Deps{Keys: crypt.Ephemeral(), Providers: conf.IdentityProviders{{ID: "a"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, carried, query string) {
		answer, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		if _, _, err := s.Finish(context.Background(), "a", carried, answer); !errors.Is(err, federation.ErrFlow) {
			t.Errorf("got %v", err)
		}
		if _, ok := s.Kept(carried); ok {
			t.Error("a made-up statement opened")
		}
	})
}
