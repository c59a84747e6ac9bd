package privacy

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

type bench struct {
	*Service
	clk   *clock.Fixed
	notes *notify.Service
}

func setup(t *testing.T) bench {
	t.Helper()
	t.Parallel()
	pool, clk, log := pgtest.New(t), clock.At(time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)), slog.New(slog.NewTextHandler(io.Discard, nil))
	notes, err := notify.New(notify.Options{Pool: pool, Clock: clk, Log: log, Silent: true})
	if err != nil {
		t.Fatal(err)
	}
	people := persontest.New(pool, clk)
	s := New(Deps{Pool: pool, Clock: clk, Log: log, Keys: crypt.Ephemeral(), People: people, Regions: persontest.Regions(), Tell: notes.SendTx})
	s.Holdings = []Holding{{Area: "person", Held: people.Held}}
	s.Blocks = []Block{{Code: "wards", Count: people.CountWards}}
	return bench{s, clk, notes}
}

// told are the kinds of the messages that a person got, newest first.
func (b bench) told(t *testing.T, who uuid.UUID) (out []string) {
	t.Helper()
	list, err := b.notes.Inbox(t.Context(), who, "", 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		out = append(out, m.Kind)
		if text := m.Text(i18n.En); strings.Contains(text.Title+text.Body, "{") || strings.Contains(text.Title, "privacy.") {
			t.Errorf("message %s reads %q %q", m.Kind, text.Title, text.Body)
		}
	}
	return out
}

func TestACorrectionIsAskedDecidedAndTold(t *testing.T) {
	b := setup(t)
	ann, admin := persontest.Adult(t, b.People), uuid.New()
	if _, err := b.AskCorrection(t.Context(), Asking{By: ann.ID, Person: ann.ID, Item: "hours"}); len(fault.As(err).Fields) != 2 {
		t.Errorf("an item nobody corrects, no words: %v", err)
	}
	r, err := b.AskCorrection(t.Context(), Asking{By: ann.ID, Person: ann.ID, Item: "document", Words: "应为李晓文"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AskCorrection(t.Context(), Asking{By: ann.ID, Person: ann.ID, Item: "document", Words: "again"}); !errors.Is(err, ErrAskedAlready) {
		t.Errorf("twice: %v", err)
	}
	list, err := b.Waiting(t.Context(), func(d string) bool { return d == ann.Division })
	if err != nil || len(list) != 1 || list[0].Words != "应为李晓文" || !list[0].DueAt.Equal(b.clk.Now().Add(CorrectionDue)) {
		t.Fatalf("waiting %+v, %v", list, err)
	}
	if list, _ := b.Waiting(t.Context(), func(string) bool { return false }); len(list) != 0 {
		t.Error("another division sees it")
	}
	for _, x := range []struct {
		d    Decision
		want error
	}{
		{Decision{Request: r.ID, Answer: "x", By: ann.ID}, ErrOwnRequest},
		{Decision{Request: uuid.New(), Answer: "x", By: admin}, ErrNoRequest},
		{Decision{Request: r.ID, Grant: true, Answer: "已按证件更正", By: admin}, nil},
		{Decision{Request: r.ID, Answer: "x", By: admin}, ErrDecided},
	} {
		if err := b.Decide(t.Context(), x.d); !errors.Is(err, x.want) {
			t.Errorf("%+v: %v, want %v", x.d, err, x.want)
		}
	}
	mine, err := b.RequestsOf(t.Context(), ann.ID)
	if err != nil || len(mine) != 1 || mine[0].State != Granted || mine[0].Answer != "已按证件更正" {
		t.Errorf("mine %+v, %v", mine, err)
	}
	if got := b.told(t, ann.ID); len(got) != 2 || got[0] != "privacy.correction_granted" {
		t.Errorf("told %v", got)
	}
	var raw int
	err = b.Pool.QueryRow(t.Context(), `SELECT count(*) FROM privacy.request WHERE row(request.*)::text LIKE '%李晓文%'`).Scan(&raw)
	if err != nil || raw != 0 {
		t.Errorf("the words lie open in the database: %d, %v", raw, err)
	}
	entries, err := audit.Of(t.Context(), b.Pool, audit.Object("person", ann.ID))
	if err != nil || entries[len(entries)-1].Action != "privacy.correction_granted" {
		t.Errorf("audit %+v, %v", entries, err)
	}
}

func TestADeletionCanBeWithdrawnWhileItCools(t *testing.T) {
	b := setup(t)
	ann := persontest.Adult(t, b.People)
	r, err := b.AskDeletion(t.Context(), ann.ID, ann.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.WithdrawRequest(t.Context(), ann.ID, uuid.New(), r.ID); !errors.Is(err, ErrNoRequest) {
		t.Errorf("somebody else: %v", err)
	}
	if err := b.WithdrawRequest(t.Context(), ann.ID, ann.ID, r.ID); err != nil {
		t.Fatal(err)
	}
	b.clk.Advance(2 * CoolingOff)
	if n, err := b.EraseDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d erased, %v", n, err)
	}
	if got := b.told(t, ann.ID); len(got) != 2 || got[0] != "privacy.deletion_withdrawn" {
		t.Errorf("told %v", got)
	}
}

// What comes up during the cooling-off time holds the deletion up, and does not lose it.
func TestADeletionWaitsForWhatCameUp(t *testing.T) {
	b := setup(t)
	ann := persontest.Adult(t, b.People)
	if _, err := b.AskDeletion(t.Context(), ann.ID, ann.ID, false); err != nil {
		t.Fatal(err)
	}
	ward := persontest.Ward(t, b.People, ann.ID, "2014-05-01")
	b.clk.Advance(CoolingOff)
	if n, err := b.EraseDue(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d erased, %v", n, err)
	}
	err := pg.InTx(t.Context(), b.Pool, func(tx pgx.Tx) error { return b.People.EraseTx(t.Context(), tx, ward.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if n, err := b.EraseDue(t.Context()); n != 1 || err != nil {
		t.Errorf("afterwards %d erased, %v", n, err)
	}
}

// A document that a desk had checked goes like any other; that it was checked stays.
func TestACheckedDocumentIsErased(t *testing.T) {
	b := setup(t)
	ann := persontest.Adult(t, b.People)
	list, err := b.People.Documents(t.Context(), ann.ID)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	desk := uuid.New()
	check := person.Assurance{Person: ann.ID, Document: &list[0].ID, Level: person.InPerson, By: &desk, Source: "desk"}
	for _, do := range []func(pgx.Tx) error{
		func(tx pgx.Tx) error { return b.People.AssureTx(t.Context(), tx, check) },
		func(tx pgx.Tx) error { return b.People.EraseTx(t.Context(), tx, ann.ID) },
	} {
		if err := pg.InTx(t.Context(), b.Pool, do); err != nil {
			t.Fatal(err)
		}
	}
	checks, err := b.People.Verifications(t.Context(), ann.ID)
	if err != nil || len(checks) != 1 {
		t.Errorf("%+v, %v", checks, err)
	}
	if list, err := b.People.Documents(t.Context(), ann.ID); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestChoicesStandAtTheirDefaultsUntilChanged(t *testing.T) {
	b := setup(t)
	ann := persontest.Adult(t, b.People)
	for _, want := range []Choices{{true, true}, {false, true}, {true, false}} {
		if want != (Choices{true, true}) {
			if err := b.Choose(t.Context(), ann.ID, ann.ID, want); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := b.Choices(t.Context(), b.Pool, ann.ID); got != want || err != nil {
			t.Errorf("got %+v, want %+v, %v", got, want, err)
		}
	}
}

// An optional consent is given and withdrawn without touching those of registration.
func TestOptionalConsentsCostNothing(t *testing.T) {
	b := setup(t)
	ann := persontest.Adult(t, b.People)
	for _, p := range person.Optional {
		if err := b.People.Agree(t.Context(), ann.ID, ann.ID, person.CurrentConsent(p).Version); err != nil {
			t.Fatal(err)
		}
		if err := b.People.Withdraw(t.Context(), ann.ID, ann.ID, p); err != nil {
			t.Fatal(err)
		}
	}
	due, err := b.People.ConsentsDue(t.Context(), b.Pool, []uuid.UUID{ann.ID})
	if err != nil || len(due[ann.ID]) != 0 {
		t.Errorf("due %v, %v", due, err)
	}
	if err := b.People.Withdraw(t.Context(), ann.ID, ann.ID, person.ConsentPrivacy); !errors.Is(err, person.ErrConsentNeeded) {
		t.Errorf("a needed one: %v", err)
	}
}
