package account

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

func TestEnrolMakesPersonAndAccountOrNeither(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	people := persontest.New(b.Pool, b.clk)
	r := persontest.Registration("1990-05-01")
	account, who, err := b.Enrol(ctx, people, r)
	if err != nil {
		t.Fatal(err)
	}
	if a, p, err := b.WithPhone(ctx, r.Phone); err != nil || a != account || p != who {
		t.Errorf("by phone: %v %v %v", a, p, err)
	}
	other := persontest.Registration("1990-05-01")
	other.Phone = r.Phone
	_, _, err = b.Enrol(ctx, people, other)
	if !errors.Is(err, ErrPhoneTaken) || fault.As(err).Fields[0].Name != "phone" {
		t.Errorf("a phone for two accounts: %v", err)
	}
	doc, _ := person.ParseDocument(other.Document, people.Today())
	if _, err := people.ByDocument(ctx, b.Pool, doc); !errors.Is(err, person.ErrNotFound) {
		t.Errorf("a person without an account was left behind: %v", err)
	}
}

func TestEnrollingTwiceIsOneAccountForTheSamePhoneOnly(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	people := persontest.New(b.Pool, b.clk)
	r := persontest.Registration("1990-05-01")
	accounts := make([]uuid.UUID, 8)
	var wg sync.WaitGroup
	for i := range accounts {
		wg.Go(func() {
			var err error
			if accounts[i], _, err = b.Enrol(ctx, people, r); err != nil {
				t.Errorf("click %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for _, a := range accounts {
		if a == uuid.Nil || a != accounts[0] {
			t.Fatalf("accounts %v", accounts)
		}
	}
	r.Phone = persontest.Phone()
	if _, _, err := b.Enrol(ctx, people, r); !errors.Is(err, person.ErrAlreadyRegistered) {
		t.Errorf("the document from another phone: %v", err)
	}
}

func TestProofsExpireAndKeepToTheirPurpose(t *testing.T) {
	t.Parallel()
	_, b := setup(t)
	proof := b.Proof(phoneA, ForRegister)
	if phone, ok := b.Proved(proof, ForRegister); !ok || phone != phoneA {
		t.Errorf("got %q %v", phone, ok)
	}
	if _, ok := b.Proved(proof, ForPhone); ok {
		t.Error("a proof works for another purpose")
	}
	for _, bad := range []string{"", "x", proof[:len(proof)-2] + "AA", proof + "!"} {
		if _, ok := b.Proved(bad, ForRegister); ok {
			t.Errorf("%.10q is a proof", bad)
		}
	}
	b.clk.Advance(proofLife + time.Second)
	if _, ok := b.Proved(proof, ForRegister); ok {
		t.Error("an old proof works")
	}
}

func TestChangePhoneKeepsThisDeviceOnly(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	var told string
	b.PhoneMoved = func(_ context.Context, _ pgx.Tx, _, _ uuid.UUID, phone string) error { told = phone; return nil }
	b.open(t, phoneA)
	other, mine := b.signIn(t, phoneA), b.signIn(t, phoneA)
	who, err := b.Who(ctx, mine.Token)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ChangePhone(ctx, who, phoneB); err != nil || told != phoneB {
		t.Fatalf("told %q: %v", told, err)
	}
	if p, _ := b.Who(ctx, other.Token); p != nil {
		t.Error("another device is still signed in")
	}
	if p, _ := b.Who(ctx, mine.Token); p == nil {
		t.Error("this device was signed out")
	}
	if _, _, err := b.WithPhone(ctx, phoneA); !errors.Is(err, ErrNoAccount) {
		t.Errorf("the old phone: %v", err)
	}
	b.open(t, phoneA)
	if err := b.ChangePhone(ctx, who, phoneA); !errors.Is(err, ErrPhoneTaken) {
		t.Errorf("another's phone: %v", err)
	}
}

func TestAWardWhoGrewUpGetsAnAccountByANewPhone(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	grown := uuid.New()
	var told []string
	b.Tell = func(_ context.Context, _ pgx.Tx, m ...notify.Message) error {
		told = append(told, m[0].Kind)
		return nil
	}
	if err := b.AskNewPhone(ctx, grown, "440104", phoneB); err != nil {
		t.Fatal(err)
	}
	open, err := b.NewPhones(ctx, func(string) bool { return true })
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	if err := b.DecideNewPhone(ctx, open[0].ID, true, "", uuid.New()); err != nil {
		t.Fatal(err)
	}
	if _, who, err := b.WithPhone(ctx, phoneB); err != nil || who != grown {
		t.Errorf("got %v %v", who, err)
	}
	if !slices.Equal(told, []string{"account.phone_asked", "account.phone_moved"}) {
		t.Errorf("told %v", told)
	}
}

func TestWhoAsksLearnsNothingAboutStrangers(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	if _, err := b.AskedFrom(ctx, phoneB); !errors.Is(err, ErrNoRequest) {
		t.Errorf("before asking: %v", err)
	}
	if err := b.AskNewPhone(ctx, uuid.Nil, "", phoneB); err != nil {
		t.Fatal(err)
	}
	if err := b.AskNewPhone(ctx, uuid.New(), "440104", phoneA); err != nil {
		t.Fatal(err)
	}
	nobody, err1 := b.AskedFrom(ctx, phoneB)
	somebody, err2 := b.AskedFrom(ctx, phoneA)
	if err1 != nil || err2 != nil || nobody != somebody || nobody.State != "open" {
		t.Errorf("told apart: %+v %v, %+v %v", nobody, err1, somebody, err2)
	}
	if list, err := b.NewPhones(ctx, func(string) bool { return true }); err != nil || len(list) != 1 {
		t.Errorf("the desk sees %v, %v", list, err)
	}
	b.clk.Advance(unmatchedAfter + time.Minute)
	if got, _ := b.AskedFrom(ctx, phoneB); got.State != "refused" || got.Reason != "" {
		t.Errorf("never answered: %+v", got)
	}
	if err := b.AskNewPhone(ctx, uuid.New(), "440104", phoneB); err != nil { // asks again with the right number
		t.Fatal(err)
	}
	if got, _ := b.AskedFrom(ctx, phoneB); got.State != "open" {
		t.Errorf("asked again: %+v", got)
	}
}
