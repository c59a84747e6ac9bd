package account

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

// outbox is a gateway that keeps the codes, as a phone would show them.
type outbox struct {
	mu    sync.Mutex
	codes map[string]string
}

func (o *outbox) SendCode(_ context.Context, phone, code string, _ i18n.Lang) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.codes[phone] = code
	return nil
}

type bundle struct {
	*Service
	clk   *clock.Fixed
	phone *outbox
	roles map[uuid.UUID][]Grant
}

func setup(t *testing.T) (context.Context, *bundle) {
	t.Helper()
	b := &bundle{clk: clock.At(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)), phone: &outbox{codes: map[string]string{}}, roles: map[uuid.UUID][]Grant{}}
	b.Service = New(Deps{Pool: pgtest.New(t), Clock: b.clk, Keys: crypt.Ephemeral(), Log: slog.New(slog.DiscardHandler), Sender: b.phone,
		Roles: func(context.Context, pg.DB, []uuid.UUID) (map[uuid.UUID][]Grant, error) { return b.roles, nil },
		Wards: func(context.Context, pg.DB, []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) { return nil, nil },
	})
	return context.Background(), b
}

const phoneA, phoneB = "+8613800138000", "+85291234567"

var here = Device{Kind: Web, Name: "Chrome · Android", Address: "192.0.2.1"}

func (b *bundle) open(t *testing.T, phone string) (account, person uuid.UUID) {
	t.Helper()
	person = uuid.New()
	err := pg.InTx(context.Background(), b.Pool, func(tx pgx.Tx) (err error) {
		account, err = b.OpenTx(context.Background(), tx, person, phone)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return account, person
}

func (b *bundle) signIn(t *testing.T, phone string) SignIn {
	t.Helper()
	ctx := context.Background()
	if err := b.SendCode(ctx, phone, ForLogin, here, i18n.En); err != nil {
		t.Fatal(err)
	}
	in, err := b.SignInByCode(ctx, phone, b.phone.codes[phone], here)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestSignInByCodeAndSignOut(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	account, person := b.open(t, phoneA)
	in := b.signIn(t, phoneA)
	who, err := b.Who(ctx, in.Token)
	if err != nil || who == nil || who.Person != person || who.Account != account {
		t.Fatalf("got %+v %v", who, err)
	}
	if list, _ := b.Sessions(ctx, account); len(list) != 1 || list[0].Device != here.Name {
		t.Errorf("devices: %+v", list)
	}
	if err := b.Revoke(ctx, account, who.Session); err != nil {
		t.Fatal(err)
	}
	if who, _ := b.Who(ctx, in.Token); who != nil {
		t.Error("a revoked session still opens, from the cache")
	}
}

func TestACodeWorksOnceForItsPurposeInItsTime(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	send := func() string {
		if err := b.SendCode(ctx, phoneA, ForLogin, Device{}, i18n.En); err != nil {
			t.Fatal(err)
		}
		return b.phone.codes[phoneA]
	}
	code := send()
	if err := b.ProvePhone(ctx, phoneA, ForRegister, code, Device{}); !errors.Is(err, ErrCode) {
		t.Errorf("another purpose: %v", err)
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, code, Device{}); err != nil {
		t.Errorf("right code: %v", err)
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, code, Device{}); !errors.Is(err, ErrCode) {
		t.Errorf("second use: %v", err)
	}
	old := send()
	b.clk.Advance(time.Second)
	code = send()
	if err := b.ProvePhone(ctx, phoneA, ForLogin, old, Device{}); old != code && !errors.Is(err, ErrCode) {
		t.Errorf("older code: %v", err)
	}
	b.clk.Advance(codeLife)
	if err := b.ProvePhone(ctx, phoneA, ForLogin, code, Device{}); !errors.Is(err, ErrCode) {
		t.Errorf("expired: %v", err)
	}
}

func TestACodeIsSpentByOneOfManyAtOnce(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	if err := b.SendCode(ctx, phoneA, ForLogin, Device{}, i18n.En); err != nil {
		t.Fatal(err)
	}
	won := make(chan bool, tryPerCode.n)
	for range tryPerCode.n {
		go func() { won <- b.useCode(ctx, phoneA, ForLogin, b.phone.codes[phoneA], Device{}) == nil }()
	}
	n := 0
	for range tryPerCode.n {
		if <-won {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d spent the same code", n)
	}
}

func TestGuessingWearsTheCodeOut(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	if err := b.SendCode(ctx, phoneA, ForLogin, Device{}, i18n.En); err != nil {
		t.Fatal(err)
	}
	for range tryPerCode.n {
		if err := b.ProvePhone(ctx, phoneA, ForLogin, "x", Device{Address: "a"}); !errors.Is(err, ErrCode) {
			t.Fatalf("wrong code: %v", err)
		}
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, b.phone.codes[phoneA], Device{Address: "a"}); !errors.Is(err, ErrCode) {
		t.Errorf("the guesser got in after all: %v", err)
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, b.phone.codes[phoneA], Device{Address: "b"}); err != nil {
		t.Errorf("a stranger's guesses spoiled the owner's code: %v", err)
	}
}

func TestManyGuessersTogetherWearTheCodeOut(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	if err := b.SendCode(ctx, phoneA, ForLogin, here, i18n.En); err != nil {
		t.Fatal(err)
	}
	for i := range maxTries {
		if err := b.ProvePhone(ctx, phoneA, ForLogin, "x", Device{Address: fmt.Sprint(i)}); !errors.Is(err, ErrCode) {
			t.Fatalf("wrong code: %v", err)
		}
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, b.phone.codes[phoneA], Device{Address: "b"}); !errors.Is(err, ErrCode) {
		t.Errorf("a worn-out code still works for those who did not ask: %v", err)
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, b.phone.codes[phoneA], here); err != nil {
		t.Errorf("strangers spoiled it for who asked: %v", err)
	}
}

func TestUnknownPhoneLooksLikeAWrongPassword(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	account, _ := b.open(t, phoneA)
	if err := b.SetPassword(ctx, account, uuid.Nil, "long enough 木棉"); err != nil {
		t.Fatal(err)
	}
	_, wrong := b.SignInByPassword(ctx, phoneA, "not the one at all", here)
	_, unknown := b.SignInByPassword(ctx, phoneB, "not the one at all", here)
	if fault.As(wrong).Error() != fault.As(unknown).Error() || !errors.Is(wrong, ErrWrong) {
		t.Errorf("told apart: %v and %v", wrong, unknown)
	}
	if in, err := b.SignInByPassword(ctx, phoneA, "long enough 木棉", here); err != nil || in.Account != account {
		t.Errorf("right password: %v", err)
	}
}

func TestLimitsSlowTheGuesserNotTheOwner(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	account, _ := b.open(t, phoneA)
	if err := b.SetPassword(ctx, account, uuid.Nil, "correct horse"); err != nil {
		t.Fatal(err)
	}
	var last error
	for range tryPerPair.n + 1 {
		_, last = b.SignInByPassword(ctx, phoneA, "wrong password", Device{Kind: Web, Address: "198.51.100.7"})
	}
	if !errors.Is(last, ErrTooOften) {
		t.Errorf("the guesser is not slowed: %v", last)
	}
	if _, err := b.SignInByPassword(ctx, phoneA, "correct horse", here); err != nil {
		t.Errorf("the owner elsewhere is locked out: %v", err)
	}
	b.clk.Advance(tryPerPair.window + time.Second)
	if _, err := b.SignInByPassword(ctx, phoneA, "correct horse", Device{Kind: Web, Address: "198.51.100.7"}); err != nil {
		t.Errorf("the window does not end: %v", err)
	}
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"", "short", "aaaaaaaaaaaaaaaa"} {
		if _, err := HashPassword(p); !errors.Is(err, ErrWeak) {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestOnePhoneOneAccountEvenAtOnce(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	errs := make(chan error, 20)
	for range cap(errs) {
		go func() {
			errs <- pg.InTx(ctx, b.Pool, func(tx pgx.Tx) error {
				_, err := b.OpenTx(ctx, tx, uuid.New(), phoneA)
				return err
			})
		}()
	}
	opened := 0
	for range cap(errs) {
		switch err := <-errs; {
		case err == nil:
			opened++
		case !errors.Is(err, ErrPhoneTaken):
			t.Error(err)
		}
	}
	if opened != 1 {
		t.Errorf("%d accounts of one phone", opened)
	}
}

func TestForeignAndForgedTokensAreNobody(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	good := b.signIn(t, phoneA).Token
	forged := good[:len(good)-4] + "AAAA"
	for _, tok := range []string{"", "x", forged, good + "A", good[:40]} {
		if who, err := b.Who(ctx, tok); who != nil || err != nil {
			t.Errorf("%d characters: %v %v", len(tok), who, err)
		}
	}
	b.clk.Advance(sessionLife[Web] + time.Second)
	b.Forget()
	if who, _ := b.Who(ctx, good); who != nil {
		t.Error("an expired session opens")
	}
}

func TestManyLookUpsAtOnceFindTheirOwn(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	type pair struct {
		token  string
		person uuid.UUID
	}
	var pairs []pair
	for range 40 {
		person := uuid.New()
		err := pg.InTx(ctx, b.Pool, func(tx pgx.Tx) error {
			account, err := b.OpenTx(ctx, tx, person, "+86138"+person.String()[:8])
			if err != nil {
				return err
			}
			in, err := b.Begin(ctx, tx, account, person, here)
			pairs = append(pairs, pair{in.Token, person})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, p := range pairs {
		wg.Go(func() {
			if who, err := b.Who(ctx, p.token); err != nil || who == nil || who.Person != p.person {
				t.Errorf("got %v %v", who, err)
			}
		})
	}
	wg.Wait()
}

func TestANewPhoneNeedsAnAdministrator(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	_, person := b.open(t, phoneA)
	old := b.signIn(t, phoneA)
	admin := uuid.New()
	if err := b.AskNewPhone(ctx, person, "440104", phoneB); err != nil {
		t.Fatal(err)
	}
	if err := b.AskNewPhone(ctx, person, "440104", phoneB); err != nil {
		t.Fatal(err)
	}
	none, _ := b.NewPhones(ctx, func(r string) bool { return r == "440105" })
	list, err := b.NewPhones(ctx, func(r string) bool { return r == "440104" })
	if err != nil || len(none) != 0 || len(list) != 1 {
		t.Fatalf("%d here, %d elsewhere: %v", len(list), len(none), err)
	}
	if err := b.DecideNewPhone(ctx, list[0].ID, false, "", admin); !errors.Is(err, ErrNeedsReason) {
		t.Errorf("refused without a reason: %v", err)
	}
	if err := b.DecideNewPhone(ctx, list[0].ID, true, "", admin); err != nil {
		t.Fatal(err)
	}
	if err := b.DecideNewPhone(ctx, list[0].ID, true, "", admin); !errors.Is(err, ErrDecided) {
		t.Errorf("decided twice: %v", err)
	}
	if who, _ := b.Who(ctx, old.Token); who != nil {
		t.Error("a session of the lost phone still opens")
	}
	if in := b.signIn(t, phoneB); in.Person != person {
		t.Error("the new phone opens another account")
	}
	if phone, err := b.PhoneOf(ctx, person); err != nil || phone != phoneB {
		t.Errorf("phone for messages: %v", err)
	}
}

func TestRolesComeAndGo(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	_, person := b.open(t, phoneA)
	_, in, _ := b.enrol(t, b.signIn(t, phoneA))
	if err := b.GrantRole(ctx, person, RegionAdmin, "", uuid.Nil); !errors.Is(err, ErrRoleKind) {
		t.Errorf("without a division: %v", err)
	}
	if err := b.GrantRole(ctx, person, RegionAdmin, "440104", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if err := b.GrantRole(ctx, person, RegionAdmin, "440104", uuid.Nil); !errors.Is(err, ErrRoleTwice) {
		t.Errorf("twice: %v", err)
	}
	if who, _ := b.Who(ctx, in.Token); len(who.Grants) != 1 || !who.Holds(DecideOrg) {
		t.Errorf("grants %v", who.Grants)
	}
	if err := b.RevokeRole(ctx, b.given(t)[0].ID, "moved away", uuid.New()); err != nil {
		t.Fatal(err)
	}
	if who, _ := b.Who(ctx, in.Token); len(who.Grants) != 0 {
		t.Errorf("grants %v after revoking", who.Grants)
	}
}

func TestPurgesKeepWhatLives(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	in := b.signIn(t, phoneA)
	purge := func() {
		t.Helper()
		before := b.clk.Now().Add(-24 * time.Hour)
		for _, f := range []func(context.Context, time.Time, int) (int64, error){b.PurgeSessions, b.PurgeCodes, b.PurgeNewPhones} {
			if _, err := f(ctx, before, 100); err != nil {
				t.Fatal(err)
			}
		}
	}
	purge()
	if who, _ := b.Who(ctx, in.Token); who == nil {
		t.Error("a living session was purged")
	}
	b.clk.Advance(90 * 24 * time.Hour)
	purge()
	var n int
	if err := b.Pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM account.session) + (SELECT count(*) FROM account.code) + (SELECT count(*) FROM account.pace)`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows left, %v", n, err)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("AAAA")
	f.Add(encode(make([]byte, 16+secretBytes)))
	f.Fuzz(func(t *testing.T, s string) {
		if tok, ok := parseToken(s); ok {
			if raw, err := decode(s); err != nil || !bytes.HasPrefix(raw, tok.id[:]) {
				t.Errorf("%q is read as session %s", s, tok.id)
			}
		}
	})
}

// 三员分立: system, security and audit administration never in one hand, and
// nobody raises himself.
func TestThreeAdministratorsStayApart(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	_, person := b.open(t, phoneA)
	for i, held := range Apart {
		if err := b.GrantRole(ctx, person, held, "", uuid.Nil); err != nil {
			t.Fatal(err)
		}
		for j, other := range Apart {
			if err := b.GrantRole(ctx, person, other, "", uuid.Nil); i != j && !errors.Is(err, ErrRolesApart) {
				t.Errorf("%s beside %s: %v", other, held, err)
			}
		}
		if err := b.RevokeRole(ctx, b.given(t)[0].ID, "as a test", uuid.New()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.GrantRole(ctx, person, Inspector, "440104", person); !errors.Is(err, ErrOwnRole) {
		t.Errorf("gave himself a role: %v", err)
	}
}
