package account

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// enrol sets up an authenticator app and returns its secret, the new session
// and the recovery codes.
func (b *bundle) enrol(t *testing.T, in SignIn) (secret string, now SignIn, recovery []string) {
	t.Helper()
	e, err := b.StartTOTP(t.Context(), b.who(t, in))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.StartTOTP(t.Context(), b.who(t, in)); err != nil || again != e {
		t.Errorf("a page shown again has another secret: %v", err)
	}
	now, recovery, err = b.ConfirmTOTP(t.Context(), b.who(t, in), b.totp(t, e.Secret), here)
	if err != nil {
		t.Fatal(err)
	}
	b.clk.Advance(totpStep)
	return e.Secret, now, recovery
}

func (b *bundle) totp(t *testing.T, secret string) string {
	t.Helper()
	code, left, err := TOTPCode(secret, b.clk.Now())
	if err != nil || left <= 0 || left > totpStep {
		t.Fatal(left, err)
	}
	return code
}

// The examples of RFC 6238, cut to six digits.
func TestTOTPIsTheStandardsOne(t *testing.T) {
	t.Parallel()
	secret := base32Plain.EncodeToString([]byte("12345678901234567890"))
	for unix, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		at := time.Unix(unix, 0)
		if code, _, err := TOTPCode(secret, at); code != want || err != nil {
			t.Errorf("at %d: %s %v", unix, code, err)
		}
		for _, off := range []time.Duration{-totpStep, 0, totpStep} {
			if step, ok := stepOf(secret, want[:3]+" "+want[3:], at.Add(off)); !ok || step != unix/30 {
				t.Errorf("at %d%+v: %d %v", unix, off, step, ok)
			}
		}
		if _, ok := stepOf(secret, want, at.Add(3*totpStep)); ok {
			t.Errorf("a code of %d works too long", unix)
		}
	}
}

func TestTOTPAsSecondFactor(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	secret, first, _ := b.enrol(t, b.signIn(t, phoneA))
	if p := b.who(t, first); !p.TwoFactors() {
		t.Errorf("setting it up leaves %v", p.Factors)
	}
	p := b.who(t, b.signIn(t, phoneA))
	if p.TwoFactors() {
		t.Errorf("a code by SMS alone is %v", p.Factors)
	}
	code := b.totp(t, secret)
	in, err := b.Prove(ctx, p, Secret{TOTP: code}, here)
	if err != nil || !b.who(t, in).TwoFactors() {
		t.Fatal(err)
	}
	b.phone.codes = map[string]string{}
	p = b.who(t, b.signIn(t, phoneA))
	if _, err := b.Prove(ctx, p, Secret{TOTP: code}, here); !errors.Is(err, ErrTOTP) {
		t.Errorf("the same code again: %v", err)
	}
	var sealed []byte
	if err := b.Pool.QueryRow(ctx, `SELECT secret FROM account.authenticator`).Scan(&sealed); err != nil || slices.Contains([]string{secret}, string(sealed)) {
		t.Errorf("the secret is stored open: %v", err)
	}
}

func TestOneCodeOfTheAppOpensOneSession(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	secret, in, _ := b.enrol(t, b.signIn(t, phoneA))
	code, p := b.totp(t, secret), b.who(t, in)
	results := make(chan error, 6)
	var g sync.WaitGroup
	for range cap(results) {
		g.Go(func() { results <- b.useTOTP(ctx, p.Account, code, here.Address) })
	}
	g.Wait()
	close(results)
	good := 0
	for err := range results {
		if err == nil {
			good++
		} else if !errors.Is(err, ErrTOTP) {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("one code was accepted %d times", good)
	}
}

func TestGuessingCodesOfTheAppEnds(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	secret, _, recovery := b.enrol(t, b.signIn(t, phoneA))
	p := b.who(t, b.signIn(t, phoneA))
	var err error
	for range tryPerPair.n + 1 {
		_, err = b.Prove(ctx, p, Secret{TOTP: "000000"}, here)
	}
	if !errors.Is(err, ErrTooOften) {
		t.Fatalf("guessing goes on: %v", err)
	}
	if _, err := b.Prove(ctx, p, Secret{Recovery: recovery[0]}, here); !errors.Is(err, ErrTooOften) {
		t.Errorf("a recovery code goes round the limit: %v", err)
	}
	elsewhere := Device{Kind: Web, Address: "198.51.100.9"}
	if _, err := b.Prove(ctx, p, Secret{TOTP: b.totp(t, secret)}, elsewhere); err != nil {
		t.Errorf("its owner is locked out from another address: %v", err)
	}
}

func TestRecoveryCodeLeadsToANewSecondFactor(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	_, _, recovery := b.enrol(t, b.signIn(t, phoneA))
	if len(recovery) != RecoveryCodes || len(slices.Compact(slices.Sorted(slices.Values(recovery)))) != RecoveryCodes {
		t.Fatalf("%v", recovery)
	}
	p := b.who(t, b.signIn(t, phoneA))
	if _, err := b.StartTOTP(ctx, p); !errors.Is(err, ErrSecondFactor) {
		t.Errorf("a session of one factor replaces the second: %v", err)
	}
	in, err := b.Prove(ctx, p, Secret{Recovery: " " + recovery[3] + " "}, here)
	if err != nil {
		t.Fatal(err)
	}
	p = b.who(t, in)
	if p.TwoFactors() {
		t.Error("a recovery code counts as a cryptographic factor")
	}
	if _, err := b.Prove(ctx, p, Secret{Recovery: recovery[3]}, here); !errors.Is(err, ErrRecovery) {
		t.Errorf("used twice: %v", err)
	}
	if state, err := b.Factors(ctx, p.Account); err != nil || state.Recovery != RecoveryCodes-1 {
		t.Errorf("%+v %v", state, err)
	}
	_, again, _ := b.enrol(t, in)
	if !b.who(t, again).TwoFactors() {
		t.Error("the new app does not count")
	}
	p = b.who(t, b.signIn(t, phoneA))
	if _, err := b.Prove(ctx, p, Secret{Recovery: recovery[4]}, here); !errors.Is(err, ErrRecovery) {
		t.Errorf("a code of before works on: %v", err)
	}
}

// Whatever a thief of the password does with a session of one factor, the
// second factor stays its owner's.
func TestOneFactorNeverChangesTheSecond(t *testing.T) {
	t.Parallel()
	ctx, b, d, _ := withPasskey(t)
	thief := b.who(t, b.signIn(t, phoneA))
	state, err := b.Factors(ctx, thief.Account)
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() error{
		"start a passkey":    func() error { _, err := b.StartPasskey(ctx, thief); return err },
		"remove the passkey": func() error { return b.RemovePasskey(ctx, thief, state.Passkeys[0].ID) },
		"start an app":       func() error { _, err := b.StartTOTP(ctx, thief); return err },
		"remove the app":     func() error { return b.RemoveTOTP(ctx, thief) },
		"recovery codes":     func() error { _, err := b.RenewRecovery(ctx, thief); return err },
	} {
		if err := try(); !errors.Is(err, ErrSecondFactor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here); err != nil {
		t.Errorf("its owner is locked out: %v", err)
	}
}

func TestStepUpOfTwoFactorsIsCryptographic(t *testing.T) {
	t.Parallel()
	ctx, b, d, in := withPasskey(t)
	p := b.who(t, in)
	if err := b.SendCode(ctx, phoneA, ForLogin, here, "en"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Prove(ctx, p, Secret{Code: b.phone.codes[phoneA]}, here); !errors.Is(err, ErrProveStrong) {
		t.Errorf("by a code: %v", err)
	}
	if _, err := b.Prove(ctx, p, Secret{Passkey: new(d.used(t, b.ask(t)))}, here); err != nil {
		t.Errorf("by the passkey: %v", err)
	}
}

func TestStaffRolesAreWithheldFromOneFactor(t *testing.T) {
	t.Parallel()
	_, b := setup(t)
	_, person := b.open(t, phoneA)
	org := uuid.New()
	b.roles[person] = []Grant{{Role: OrgAdmin, Org: org}, {Role: TeamLeader, Org: org}}
	p := b.who(t, b.signIn(t, phoneA))
	a := Access{}
	on := Target{Org: org}
	if err := a.Refuse(p, ManageOrg, on); !errors.Is(err, ErrSecondFactor) || p.Holds(ManageOrg) {
		t.Errorf("managing: %v", err)
	}
	if err := a.Refuse(p, RunShift, on); err != nil {
		t.Errorf("leading a team: %v", err)
	}
	if err := a.Refuse(p, ManageOrg, Target{Org: uuid.New()}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("another organisation: %v", err)
	}
	_, in, _ := b.enrol(t, b.signIn(t, phoneA))
	if err := a.Refuse(b.who(t, in), ManageOrg, on); err != nil {
		t.Errorf("with two: %v", err)
	}
	b.OneFactor = true
	b.Forget()
	if p := b.who(t, b.signIn(t, phoneA)); !p.Holds(ManageOrg) || len(p.Withheld) > 0 {
		t.Error("the operator's choice of one factor does not hold")
	}
}

// Of any factors and roles: nothing is lost or made up by withholding, and a
// staff role counts only where the rule says so.
func TestWithholding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shown := rapid.SliceOf(rapid.SampledFrom([]Factor{ByCode, ByPassword, ByOutside, ByTOTP, ByPasskey, ByRecovery})).Draw(t, "factors")
		roles := rapid.SliceOf(rapid.SampledFrom(Roles)).Draw(t, "roles")
		p := &Principal{Factors: shown}
		for _, r := range roles {
			p.Grants = append(p.Grants, Grant{Role: r})
		}
		p.withhold()
		if len(p.Grants)+len(p.Withheld) != len(roles) {
			t.Fatalf("%d and %d of %d", len(p.Grants), len(p.Withheld), len(roles))
		}
		has := func(f Factor) bool { return slices.Contains(shown, f) }
		two := has(ByPasskey) || has(ByTOTP) && (has(ByCode) || has(ByPassword) || has(ByOutside))
		if p.TwoFactors() != two || two && len(p.Withheld) > 0 {
			t.Fatalf("%v is two factors: %v", shown, p.TwoFactors())
		}
		for _, g := range p.Grants {
			if g.Role.NeedsTwo() && !two {
				t.Fatalf("%s counts with %v", g.Role, shown)
			}
		}
		for _, g := range p.Withheld {
			if !g.Role.NeedsTwo() {
				t.Fatalf("%s is withheld", g.Role)
			}
		}
	})
}

func TestLostFactorTakesTwoAdministrators(t *testing.T) {
	t.Parallel()
	ctx, b, d, in := withPasskey(t)
	p := b.who(t, b.signIn(t, phoneA))
	b.open(t, phoneB)
	if err := b.AskLostFactor(ctx, b.who(t, b.signIn(t, phoneB)), "440104"); !errors.Is(err, ErrNothingLost) {
		t.Errorf("without a second factor: %v", err)
	}
	for range 2 {
		if err := b.AskLostFactor(ctx, p, "440104"); err != nil {
			t.Fatal(err)
		}
	}
	open, err := b.LostFactors(ctx, func(region string) bool { return region == "440104" })
	if err != nil || len(open) != 1 {
		t.Fatalf("%d requests: %v", len(open), err)
	}
	id, first, second := open[0].ID, uuid.New(), uuid.New()
	decide := func(approve bool, reason string, by uuid.UUID) error {
		return b.DecideLostFactor(ctx, LostDecision{Request: id, Approve: approve, Reason: reason, By: by})
	}
	if err := decide(true, "", p.Person); !errors.Is(err, ErrOtherHand) {
		t.Errorf("by who asks: %v", err)
	}
	if err := decide(false, "", first); !errors.Is(err, ErrNeedsReason) {
		t.Errorf("refused without a reason: %v", err)
	}
	if err := decide(true, "", first); err != nil {
		t.Fatal(err)
	}
	if err := decide(true, "", first); !errors.Is(err, ErrOtherHand) {
		t.Errorf("twice by one: %v", err)
	}
	if _, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here); err != nil {
		t.Errorf("one approval took it away: %v", err)
	}
	if err := decide(true, "", second); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here); !errors.Is(err, ErrPasskeyUnknown) {
		t.Errorf("after two approvals: %v", err)
	}
	if p, err := b.Who(ctx, in.Token); p != nil || err != nil {
		t.Errorf("a session lives on: %v %v", p, err)
	}
	if err := decide(false, "late", second); !errors.Is(err, ErrDecided) {
		t.Errorf("decided again: %v", err)
	}
	if x, err := b.LostFactorBy(ctx, p.Account); err != nil || x.State != "approved" {
		t.Errorf("%+v %v", x, err)
	}
	b.enrol(t, b.signIn(t, phoneA))
}

// Two administrators at the same moment are one after the other.
func TestLostFactorApprovedByOneHandTwice(t *testing.T) {
	t.Parallel()
	_, b, _, in := withPasskey(t)
	if err := b.AskLostFactor(t.Context(), b.who(t, in), "440104"); err != nil {
		t.Fatal(err)
	}
	x, err := b.LostFactorBy(t.Context(), in.Account)
	if err != nil {
		t.Fatal(err)
	}
	by := uuid.New()
	var g sync.WaitGroup
	for range 6 {
		g.Go(func() {
			_ = b.DecideLostFactor(context.Background(), LostDecision{Request: x.ID, Approve: true, By: by})
		})
	}
	g.Wait()
	if x, err = b.LostFactorOf(t.Context(), x.ID); err != nil || x.State != "open" || x.SeenBy == nil {
		t.Errorf("one hand decided alone: %+v %v", x, err)
	}
}

// Above a whole province nobody stands: system and security administration
// decide together, whatever the order, and never one of them alone or with an
// administrator of the division.
func TestLostFactorAtTheTop(t *testing.T) {
	t.Parallel()
	ctx, b, d, in := withPasskey(t)
	p := b.who(t, in)
	top := testAccess().Top
	ask := func() uuid.UUID {
		t.Helper()
		if err := b.AskLostFactor(ctx, p, "440104"); err != nil {
			t.Fatal(err)
		}
		x, err := b.LostFactorBy(ctx, in.Account)
		if err != nil {
			t.Fatal(err)
		}
		return x.ID
	}
	id, system, security := ask(), uuid.New(), uuid.New()
	decide := func(as Role, by uuid.UUID, approve bool) error {
		return b.DecideLostFactor(ctx, LostDecision{Request: id, Approve: approve, Reason: "x", By: by, As: as, Top: top})
	}
	listed := func() int {
		t.Helper()
		list, err := b.TopLostFactors(ctx, top)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if err := b.GrantRole(ctx, p.Person, RegionAdmin, "440100", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if err := decide(SystemAdmin, system, true); !errors.Is(err, ErrNotAllowed) || listed() != 0 {
		t.Fatalf("of a city: %v, %d listed", err, listed())
	}
	if err := b.GrantRole(ctx, p.Person, RegionAdmin, "440000", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if n := listed(); n != 1 {
		t.Fatalf("%d listed", n)
	}
	for _, step := range []struct {
		as   Role
		by   uuid.UUID
		want error
	}{
		{SystemAdmin, p.Person, ErrOtherHand}, {SystemAdmin, system, nil}, {SystemAdmin, uuid.New(), ErrOtherHand}, {SecurityAdmin, system, ErrOtherHand}, {"", uuid.New(), ErrOtherHand},
	} {
		if err := decide(step.as, step.by, true); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.as, err, step.want)
		}
	}
	if _, err := b.Pool.Exec(ctx, `UPDATE account.lost_factor SET state = 'approved', decided_by = $2, decided_at = now(), decided_as = seen_as WHERE id = $1`, id, security); err == nil {
		t.Error("the database lets one hand decide twice")
	}
	if err := decide(SecurityAdmin, security, false); err != nil {
		t.Fatal(err)
	}
	id = ask()
	for _, as := range []Role{SecurityAdmin, SystemAdmin} {
		if err := decide(as, uuid.New(), true); err != nil {
			t.Fatalf("%s: %v", as, err)
		}
	}
	if _, err := b.SignInByPasskey(ctx, d.used(t, b.ask(t)), here); !errors.Is(err, ErrPasskeyUnknown) || listed() != 0 {
		t.Errorf("after both: %v, %d listed", err, listed())
	}
}
