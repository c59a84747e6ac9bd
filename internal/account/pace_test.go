package account

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"kapok/internal/kit/i18n"
	"kapok/internal/notify"
)

func stranger(n int) Device { return Device{Kind: Web, Address: fmt.Sprintf("198.51.100.%d", n)} }

// known signs the owner of a phone in and gives the device that is known then.
func (b *bundle) known(t *testing.T, phone string) Device {
	t.Helper()
	d := here
	d.Known = b.signIn(t, phone).Device
	if d.Known == "" {
		t.Fatal("the device was given nothing to be known by")
	}
	return d
}

// Whatever strangers do, in whatever order: the owner's known device is stopped
// by its own mistakes only, and no stranger gets more tries than the limits say.
func TestStrangersNeverStopAKnownDevice(t *testing.T) {
	t.Parallel()
	_, b := setup(t)
	next := 0
	rapid.Check(t, func(r *rapid.T) {
		ctx, phone := context.Background(), fmt.Sprintf("+86138%08d", next)
		next++
		b.open(t, phone)
		b.clk.Advance(2 * time.Hour) // the windows of the run before are over
		owner := b.known(t, phone)
		b.clk.Advance(2 * time.Hour)
		tries, all := map[string]int{}, 0
		r.Repeat(map[string]func(*rapid.T){
			"strangers guess": func(r *rapid.T) {
				d := stranger(rapid.IntRange(1, 12).Draw(r, "address"))
				d.Known = rapid.SampledFrom([]string{"", "made up"}).Draw(r, "claims")
				for range rapid.IntRange(1, 12).Draw(r, "times") {
					err := b.ProvePhone(ctx, phone, ForLogin, "x", d)
					if errors.Is(err, ErrCode) {
						tries[d.Address]++
						all++
					} else if !errors.Is(err, ErrTooOften) {
						r.Fatal(err)
					}
				}
				if tries[d.Address] > tryPerPair.n || all > tryPerPhone.n {
					r.Fatalf("%d tries from one address, %d in all", tries[d.Address], all)
				}
			},
			"strangers ask for codes": func(r *rapid.T) {
				for range rapid.IntRange(1, 8).Draw(r, "times") {
					err := b.SendCode(ctx, phone, ForLogin, stranger(rapid.IntRange(1, 12).Draw(r, "address")), i18n.En)
					if err != nil && !errors.Is(err, ErrTooOften) {
						r.Fatal(err)
					}
				}
			},
			"the owner signs in": func(r *rapid.T) {
				b.clk.Advance(3 * time.Minute) // five codes in ten minutes are enough for anybody
				tries, all = map[string]int{}, 0
				if err := b.SendCode(ctx, phone, ForLogin, owner, i18n.En); err != nil {
					r.Fatalf("the owner gets no code: %v", err)
				}
				code := b.phone.codes[phone]
				for range rapid.IntRange(0, tryPerCode.n-1).Draw(r, "mistyped") {
					if err := b.ProvePhone(ctx, phone, ForLogin, "y", owner); !errors.Is(err, ErrCode) {
						r.Fatal(err)
					}
				}
				if err := b.SendCode(ctx, phone, ForLogin, stranger(99), i18n.En); err != nil && !errors.Is(err, ErrTooOften) {
					r.Fatal(err)
				}
				if err := b.ProvePhone(ctx, phone, ForLogin, code, owner); err != nil {
					r.Fatalf("the owner's code does not work: %v", err)
				}
			},
		})
	})
}

func TestGuessesAtOnceNeverExceedTheLimit(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	if err := b.SendCode(ctx, phoneA, ForLogin, here, i18n.En); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		guess func(d Device) error
		seen  error // what a guess that was looked at is answered
		max   int32
	}{
		"one address at one phone":  {func(Device) error { return b.ProvePhone(ctx, phoneA, ForLogin, "x", stranger(200)) }, ErrCode, int32(tryPerPair.n)},
		"many addresses, one phone": {func(d Device) error { _, err := b.try(ctx, phoneB, d); return err }, nil, int32(tryPerPhone.n)},
		"one password of many phones": {func(d Device) error {
			_, err := b.tryPassword(ctx, d.Address, "Spring2026!", d)
			return err
		}, nil, int32(tryPerPassword.n)},
	} {
		var seen atomic.Int32
		done := make(chan error, 160)
		for i := range cap(done) {
			go func() {
				err := c.guess(stranger(i))
				if errors.Is(err, c.seen) {
					seen.Add(1)
					err = nil
				} else if errors.Is(err, ErrTooOften) {
					err = nil
				}
				done <- err
			}()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(name, err)
			}
		}
		if seen.Load() != c.max {
			t.Errorf("%s: %d tries were looked at, not %d", name, seen.Load(), c.max)
		}
	}
}

// One password for everybody is the guess that pays: it is slowed by itself,
// wherever it comes from, and nobody else with it.
func TestSprayingAPasswordIsSlowed(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	b.open(t, phoneA)
	owner := b.known(t, phoneA)
	try := func(phone, password string, d Device) error {
		_, err := b.tryPassword(ctx, phone, password, d)
		return err
	}
	for i := range tryPerPassword.n {
		if err := try(fmt.Sprintf("+86139%08d", i), "Spring2026!", stranger(i)); err != nil {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if err := try(phoneB, "Spring2026!", stranger(240)); !errors.Is(err, ErrTooOften) {
		t.Errorf("from yet another address: %v", err)
	}
	if err := try(phoneB, "of my own 木棉", stranger(241)); err != nil {
		t.Errorf("another password suffers: %v", err)
	}
	if err := try(phoneA, "Spring2026!", owner); err != nil {
		t.Errorf("a known device suffers: %v", err)
	}
	for i := range tryPerAddress.n + 1 {
		err := try(fmt.Sprintf("+86137%08d", i), fmt.Sprint("guess ", i), stranger(250))
		if refused := errors.Is(err, ErrTooOften); refused != (i >= tryPerAddress.n) {
			t.Fatalf("try %d from one address: %v", i, err)
		}
	}
	b.clk.Advance(tryPerPassword.window + time.Second)
	if err := try(phoneB, "Spring2026!", stranger(240)); err != nil {
		t.Errorf("it does not pass by itself: %v", err)
	}
}

// A school behind one address: right sign-ins are no guesses.
func TestRightSignInsFillNoLimit(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	for i := range 2 * tryPerAddress.n {
		a, err := b.tryPassword(ctx, fmt.Sprintf("+86136%08d", i), fmt.Sprint("own ", i), stranger(7))
		if err == nil {
			err = b.right(ctx, a)
		}
		if err != nil {
			t.Fatalf("pupil %d: %v", i, err)
		}
	}
}

func TestAStrangerDoesNotReplaceTheCodeItsOwnerWaitsFor(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	if err := b.SendCode(ctx, phoneA, ForLogin, here, i18n.En); err != nil {
		t.Fatal(err)
	}
	mine := b.phone.codes[phoneA]
	b.clk.Advance(time.Second)
	if err := b.SendCode(ctx, phoneA, ForLogin, stranger(1), i18n.En); err != nil {
		t.Fatal(err)
	}
	theirs := b.phone.codes[phoneA]
	for i := range maxTries + 5 {
		if err := b.useCode(ctx, phoneA, ForLogin, "x", stranger(2+i)); !errors.Is(err, ErrCode) {
			t.Fatal(err)
		}
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, mine, here); err != nil {
		t.Fatalf("the owner's code: %v", err)
	}
	if err := b.ProvePhone(ctx, phoneA, ForLogin, theirs, stranger(1)); !errors.Is(err, ErrCode) {
		t.Errorf("the code beside it still works: %v", err)
	}
}

// A device that was signed out from afar, or at a new password, is a stranger.
func TestDevicesAreForgottenWithTheirSessions(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	account, _ := b.open(t, phoneA)
	knows := func(d Device) bool {
		ok, err := b.knows(ctx, b.Pool, phoneA, d)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	session := func(d Device) (sessions []uuid.UUID) {
		rows, err := b.Pool.Query(ctx, `SELECT session FROM account.known_device WHERE account = $1 AND secret = $2`, account, hashOf(d.Known))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			sessions = append(sessions, id)
		}
		return sessions
	}
	phone, laptop, lost := b.known(t, phoneA), b.known(t, phoneA), b.known(t, phoneA)
	if !knows(phone) || !knows(laptop) || knows(Device{Known: "made up"}) || knows(Device{}) {
		t.Fatal("devices are not known by their sign-ins")
	}
	if err := b.Revoke(ctx, account, session(phone)[0]); err != nil || !knows(phone) {
		t.Errorf("signing out here makes a stranger of it: %v", err)
	}
	if err := b.RevokeElsewhere(ctx, account, session(lost)[0]); err != nil || knows(lost) || !knows(laptop) {
		t.Errorf("a lost device is known still: %v", err)
	}
	if err := b.SetPassword(ctx, account, session(laptop)[0], "long enough 木棉"); err != nil || knows(phone) || !knows(laptop) {
		t.Errorf("a new password: %v", err)
	}
	b.clk.Advance(deviceLife + time.Hour)
	if n, err := b.PurgeDevices(ctx, b.clk.Now().Add(-deviceLife), 10); err != nil || n != 1 || knows(laptop) {
		t.Errorf("%d purged after a year: %v", n, err)
	}
}

// What the owner is told of: a device the account did not know, named, at its
// time, with a link to where it can be signed out; once per sign-in.
func TestTheOwnerIsToldOfANewDevice(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	var told []notify.Message
	b.Tell = func(_ context.Context, _ pgx.Tx, m ...notify.Message) error {
		told = append(told, m...)
		return nil
	}
	account, person := b.open(t, phoneA)
	first := b.known(t, phoneA)
	begin := func(d Device) {
		t.Helper()
		if _, err := b.Begin(ctx, b.Pool, account, person, d); err != nil {
			t.Fatal(err)
		}
	}
	begin(first)
	if len(told) != 0 {
		t.Fatalf("told of registering, or of a known device: %+v", told)
	}
	begin(Device{Kind: Web, Name: "Firefox · Windows", Known: "what no device was given"})
	if len(told) != 1 {
		t.Fatalf("%d messages of a new device", len(told))
	}
	m := told[0]
	if m.Person != person || !m.Urgent || m.Link != "/me/devices" || m.Args["device"] != "Firefox · Windows" || m.Args["seen_at"] != b.clk.Now().Format(time.RFC3339) {
		t.Errorf("%+v", m)
	}
	if err := b.RevokeAll(ctx, account, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	b.clk.Advance(newAccountFor)
	if begin(first); len(told) != 2 {
		t.Error("a device that was forgotten comes back unseen")
	}
}
