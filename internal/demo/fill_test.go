package demo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/app"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/person/persontest"
)

// platform is a program on an empty, migrated database with real divisions.
func platform(t *testing.T) *app.App {
	t.Helper()
	ctx, pool := t.Context(), pgtest.New(t)
	if err := app.LoadDivisions(ctx, pool); err != nil {
		t.Fatal(err)
	}
	c := conf.Default()
	c.Data = t.TempDir()
	a, err := app.New(ctx, app.Options{Config: c, Pool: pool, Clock: clock.At(today), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// counts asks the database for one number a question.
func counts(t *testing.T, a *app.App, questions map[string]string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for name, sql := range questions {
		var n int
		if err := a.Pool.QueryRow(t.Context(), "SELECT count(*) FROM "+sql).Scan(&n); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = n
	}
	return out
}

func TestFillLivesAYear(t *testing.T) {
	t.Parallel()
	a := platform(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var out bytes.Buffer
	fill := func() {
		t.Helper()
		if err := Fill(ctx, a, Options{Seed: 1, Scale: 0.05, Progress: &out}); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
	}
	fill()
	faults, err := activity.CheckCounters(ctx, a.Pool)
	if err != nil || len(faults) > 0 {
		t.Errorf("counters that do not agree: %v %v", faults, err)
	}
	n := counts(t, a, map[string]string{
		"people": "person.person", "organisations": "organisation.organisation", "applications": "organisation.organisation WHERE state = 'applied'",
		"confirmed hours": "record.service_record WHERE state = 'confirmed'", "pending hours": "record.service_record WHERE state = 'pending'",
		"certificates": "certificate.certificate", "messages": "notify.message", "activities to review": "activity.activity WHERE state = 'submitted'",
		"places ahead": "activity.shift WHERE starts_at > '2026-11-24' AND taken < capacity", "deliveries": "notify.delivery",
		"missing check-outs": "attendance.attendance WHERE state = 'unconfirmed'", "closed activities": "activity.activity WHERE state = 'closed'",
		"grades": "(SELECT DISTINCT grade FROM record.service_record) AS g", "hours of readers": "record.hours_total",
	})
	t.Log(n)
	for what, got := range n {
		if (got == 0) != (what == "deliveries") {
			t.Errorf("%d %s", got, what)
		}
	}
	if late := counts(t, a, map[string]string{"later": "audit.entry WHERE at > '2026-11-24T10:30:00+08'"}); late["later"] > 0 {
		t.Errorf("%d acts lie in the future", late["later"])
	}
	signInAll(t, a)
	codesOpen(t, a.Accounts)
	fill() // changes nothing
	if again := counts(t, a, map[string]string{"people": "person.person"}); again["people"] != n["people"] {
		t.Errorf("a second fill made %d people of %d", again["people"], n["people"])
	}
}

// signInAll signs in as every part, and looks whether the role is there.
func signInAll(t *testing.T, a *app.App) {
	t.Helper()
	want := map[string]account.Action{orgAdmin.phone: account.PublishWork, orgApprover.phone: account.ConfirmHours, orgRecorder.phone: account.RecordHours,
		teamLeader.phone: account.RunShift, countyAdmin.phone: account.ReviewActivity, cityAdmin.phone: account.DecideOrg, province.phone: account.ViewRegion,
		systemAdmin.phone: account.Operate}
	for _, p := range parts {
		in, err := a.Accounts.SignInByPassword(t.Context(), p.phone, Password, account.Device{Kind: account.API, Address: p.phone})
		if err != nil {
			t.Errorf("%s: %v", p.what, err)
			continue
		}
		who, err := a.Accounts.PrincipalOf(t.Context(), a.Pool, in.Person)
		if err != nil {
			t.Fatal(err)
		}
		if act, ok := want[p.phone]; ok && !who.Holds(act) {
			t.Errorf("%s may not %s", p.what, act)
		}
		if p == guardian && len(who.Wards) != 1 {
			t.Errorf("the guardian has %d wards", len(who.Wards))
		}
	}
}

func TestInterruptedFillBeginsAnew(t *testing.T) {
	t.Parallel()
	a := platform(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	lines := &breaker{after: 3, stop: stop}
	if err := Fill(ctx, a, Options{Seed: 1, Scale: 0.02, Progress: lines}); err == nil {
		t.Fatal("an interrupted fill says that it is done")
	}
	if n := counts(t, a, map[string]string{"people": "person.person"}); n["people"] == 0 {
		t.Fatal("it was interrupted before it began")
	}
	var out bytes.Buffer
	if err := Fill(t.Context(), a, Options{Seed: 2, Scale: 0.02, Progress: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "begins anew") {
		t.Errorf("it does not say that it begins anew:\n%s", out.String())
	}
	if n := counts(t, a, map[string]string{"divisions": "region.division", "done": "demo.fill WHERE finished_at IS NOT NULL"}); n["divisions"] != 28771 || n["done"] != 1 {
		t.Errorf("after it: %v", n)
	}
}

// breaker stops a fill after so many lines of progress.
type breaker struct {
	after int
	stop  context.CancelFunc
}

func (b *breaker) Write(p []byte) (int, error) {
	if b.after--; b.after == 0 {
		b.stop()
	}
	return len(p), nil
}

func TestFillLeavesRealPeopleAlone(t *testing.T) {
	t.Parallel()
	a := platform(t)
	r := persontest.Registration("1990-05-01")
	if _, err := a.People.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), a, Options{Seed: 1, Scale: 0.02}); err != nil {
		t.Fatal(err)
	}
	if n := counts(t, a, map[string]string{"people": "person.person"}); n["people"] != 1 {
		t.Errorf("%d people", n["people"])
	}
}

func TestInterruptedFillIsLeftAloneOnceInUse(t *testing.T) {
	t.Parallel()
	a := platform(t)
	if _, _, err := marker(t.Context(), a.Pool); err != nil {
		t.Fatal(err)
	}
	if needed, err := prepare(t.Context(), a, Options{Progress: io.Discard}); !needed || err != nil {
		t.Fatal(needed, err)
	}
	p, err := a.People.Register(t.Context(), persontest.Registration("1990-05-01"))
	if err != nil {
		t.Fatal(err)
	}
	err = pg.InTx(t.Context(), a.Pool, func(tx pgx.Tx) error {
		id, err := a.Accounts.OpenTx(t.Context(), tx, p.ID, persontest.Phone())
		if err != nil {
			return err
		}
		_, err = a.Accounts.Begin(t.Context(), tx, id, p.ID, account.Device{Kind: account.Web})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := Fill(t.Context(), a, Options{Seed: 1, Scale: 0.02}); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v", err)
	}
}

func TestPrintLoginsNamesEveryPart(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	PrintLogins(&out)
	for _, p := range parts {
		if !strings.Contains(out.String(), p.phone) {
			t.Errorf("no login of %s", p.what)
		}
	}
	if !strings.Contains(out.String(), Password) {
		t.Error("no password")
	}
}
