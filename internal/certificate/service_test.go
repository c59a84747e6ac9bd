package certificate

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/sign"
)

func TestIssueAndShow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(6)
	c := b.issued(t, me, everything(i18n.ZhHans))
	if !strings.HasPrefix(string(c.Number), "K26-") || c.Statement.Verify != "https://kapok.example/verify/"+string(c.Number) {
		t.Errorf("number %s, address %s", c.Number, c.Statement.Verify)
	}
	got, err := b.Get(t.Context(), c.Number)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
	public, err := b.Lookup(t.Context(), c.Number)
	if err != nil || public.Status != Valid || public.Statement == nil {
		t.Fatalf("%+v, %v", public, err)
	}
	keys, err := b.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range [][]byte{fileOf(t, b, c, true), fileOf(t, b, c, false)} {
		if r := check(t, file, keys); r.Finding != Good {
			t.Errorf("the downloaded file is %s", r.Finding)
		}
	}
	log, err := audit.Of(t.Context(), b.pool, audit.Object("certificate", c.ID))
	if err != nil || len(log) != 1 || log[0].Action != "certificate.issue" {
		t.Errorf("audit %v, %v", log, err)
	}
}

// fileOf is what the holder downloads.
func fileOf(t *testing.T, b *bench, c Certificate, asPDF bool) []byte {
	t.Helper()
	file, err := b.JSON(c)
	if asPDF {
		file, err = b.PDF(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDownloadsAreReproducible(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.issued(t, b.volunteer(3), everything(i18n.ZhHant))
	again, err := b.Get(t.Context(), c.Number)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fileOf(t, b, c, true), fileOf(t, b, again, true)) {
		t.Error("the same certificate gave two different PDFs")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me, nobody := b.volunteer(3), uuid.New()
	b.setHours(nobody, nil)
	late := minimal(i18n.ZhHans)
	late.From = "2027-01-01"
	upside := minimal(i18n.ZhHans)
	upside.From, upside.To = "2026-05-01", "2026-04-01"
	busy := b.volunteer(MaxRecords + 1)
	for name, c := range map[string]struct {
		person uuid.UUID
		choice Choice
		want   *fault.Error
	}{
		"no hours at all":       {nobody, minimal(i18n.ZhHans), ErrNoHours},
		"no hours in the time":  {me, late, ErrNoHours},
		"too many records":      {busy, minimal(i18n.ZhHans), ErrTooMany},
		"an upside-down period": {me, upside, fault.ErrInvalid},
		"no language":           {me, Choice{Name: FullName}, fault.ErrInvalid},
		"no form of name":       {me, Choice{Language: i18n.En}, fault.ErrInvalid},
	} {
		_, err := b.Issue(t.Context(), Order{Person: c.person, Actor: c.person, Choice: c.choice})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want.Code)
		}
	}
}

func TestACharacterThatCannotBePrintedStopsTheIssue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.name = "王\U00030000二"
	me := b.volunteer(1)
	_, err := b.Issue(t.Context(), Order{Person: me, Actor: me, Choice: minimal(i18n.ZhHans)})
	if !errors.Is(err, ErrGlyphMissing) || fault.As(err).Args["characters"] != "U+30000" {
		t.Errorf("got %v", err)
	}
	if list, err := b.Mine(t.Context(), me, "", 10); err != nil || len(list) != 0 {
		t.Errorf("something was issued all the same: %v %v", list, err)
	}
	c := minimal(i18n.ZhHans)
	c.Name = NumberOnly
	b.issued(t, me, c) // the way out that the refusal names
}

func TestUnknownNumber(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Lookup(t.Context(), NewNumber(2026)); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestVoidIsFinalAndHidesTheStatement(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me, office := b.volunteer(2), uuid.New()
	c := b.issued(t, me, minimal(i18n.ZhHans))
	v := Voiding{Number: c.Number, Actor: office, Cause: ByAuthority, Reason: " "}
	if err := b.Void(t.Context(), v); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("void without a reason: %v", err)
	}
	v.Reason = "冒用他人名义"
	b.clock.Advance(time.Hour)
	if err := b.Void(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	want := Public{Number: c.Number, Status: Void, StatusAt: noon.Add(time.Hour), Cause: ByAuthority}
	if got, err := b.Lookup(t.Context(), c.Number); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("a stranger sees %+v, %v", got, err)
	}
	got, err := b.Get(t.Context(), c.Number)
	if err != nil || got.Reason != v.Reason {
		t.Errorf("the holder sees %q, %v", got.Reason, err)
	}
	if err := b.Void(t.Context(), v); !errors.Is(err, ErrNotValid) {
		t.Errorf("void twice: %v", err)
	}
	if _, err := b.PDF(t.Context(), got); !errors.Is(err, ErrNotValid) {
		t.Errorf("PDF of a void certificate: %v", err)
	}
	if _, err := b.Replace(t.Context(), c.Number, Order{Person: me, Actor: me, Choice: minimal(i18n.En)}); !errors.Is(err, ErrNotValid) {
		t.Errorf("replacing a void certificate: %v", err)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(2)
	old := b.issued(t, me, everything(i18n.ZhHans))
	order := Order{Person: me, Actor: me, Choice: minimal(i18n.En)}
	if _, err := b.Replace(t.Context(), old.Number, Order{Person: b.volunteer(1), Choice: minimal(i18n.En)}); !errors.Is(err, ErrUnknown) {
		t.Errorf("somebody else's certificate: %v", err)
	}
	fresh, err := b.Replace(t.Context(), old.Number, order)
	if err != nil || fresh.Replaces == nil || *fresh.Replaces != old.ID {
		t.Fatalf("%+v, %v", fresh, err)
	}
	public, err := b.Lookup(t.Context(), old.Number)
	if err != nil || public.Status != Replaced || public.Statement != nil {
		t.Errorf("the old one: %+v, %v", public, err)
	}
	if _, err := b.Replace(t.Context(), old.Number, order); !errors.Is(err, ErrNotValid) {
		t.Errorf("replaced twice: %v", err)
	}
}

// Two tabs at once: one replacement, not two.
func TestReplaceRaces(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(2)
	old := b.issued(t, me, minimal(i18n.ZhHans))
	errs := make([]error, 6)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = b.Replace(t.Context(), old.Number, Order{Person: me, Actor: me, Choice: minimal(i18n.En)})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, ErrNotValid):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d replacements", won)
	}
}

func TestMinePages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(1)
	b.issued(t, b.volunteer(1), minimal(i18n.En)) // somebody else's
	var want []Number
	for i := range 5 {
		want = append([]Number{b.issued(t, me, minimal(i18n.ZhHans)).Number}, want...)
		b.clock.Advance(time.Duration(i%2) * time.Second) // some within the same second
	}
	var got []Number
	after := ""
	for {
		page, err := b.Mine(t.Context(), me, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			got = append(got, c.Number)
		}
		after = page[len(page)-1].Cursor()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := b.Mine(t.Context(), me, "nonsense", 2); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("a made-up cursor: %v", err)
	}
}

// The database itself keeps certificates as they are.
func TestNothingIssuedIsEverChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(2)
	valid, gone := b.issued(t, me, minimal(i18n.ZhHans)), b.issued(t, me, minimal(i18n.ZhHans))
	if err := b.Void(t.Context(), Voiding{Number: gone.Number, Actor: me, Cause: ByHolder}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`UPDATE certificate.certificate SET statement = '{}' WHERE id = $1`,
		`UPDATE certificate.certificate SET minutes = minutes + 60 WHERE id = $1`,
		`UPDATE certificate.certificate SET signature = decode(repeat('00', 64), 'hex') WHERE id = $1`,
		`UPDATE certificate.certificate SET number = 'K26-2222-2222-2' WHERE id = $1`,
		`UPDATE certificate.certificate SET status = 'void' WHERE id = $1`, // without a cause
		`DELETE FROM certificate.certificate WHERE id = $1`,
		`UPDATE certificate.basis SET version = 9 WHERE certificate = $1`,
		`DELETE FROM certificate.basis WHERE certificate = $1`,
	} {
		if _, err := b.pool.Exec(t.Context(), sql, valid.ID); err == nil {
			t.Errorf("the database allowed: %s", sql)
		}
	}
	for _, sql := range []string{
		`UPDATE certificate.certificate SET status = 'valid', cause = '' WHERE status = 'void'`,
		`UPDATE certificate.certificate SET reason = 'x' WHERE status = 'void'`,
		`UPDATE certificate.signing_key SET public = decode(repeat('00', 32), 'hex')`,
		`TRUNCATE certificate.certificate CASCADE`, `TRUNCATE certificate.basis`, `TRUNCATE certificate.signing_key CASCADE`,
	} {
		if _, err := b.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("the database allowed: %s", sql)
		}
	}
}

// A record that changes between the look and the signature starts the issue
// anew; one that never rests gives up with a word.
func TestHoursThatMoveWhileIssuing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(2)
	hours := b.Hours
	looks, restless := 0, 1
	b.Hours = func(ctx context.Context, db pg.DB, person uuid.UUID) ([]Hour, error) {
		list, err := hours(ctx, db, person)
		if looks++; looks <= restless {
			list[0].Version += looks
			list[0].Minutes = looks
		}
		return list, err
	}
	if c := b.issued(t, me, minimal(i18n.ZhHans)); c.Statement.Minutes != 181 {
		t.Errorf("stated %d minutes, the records say 181", c.Statement.Minutes)
	}
	looks, restless = 0, 1000
	_, err := b.Issue(t.Context(), Order{Person: me, Actor: me, Choice: minimal(i18n.ZhHans)})
	if !errors.Is(err, ErrHoursMoved) {
		t.Errorf("got %v", err)
	}
}

// changed tells the service in one transaction that records changed.
func (b *bench) changed(ctx context.Context, person uuid.UUID, records ...uuid.UUID) error {
	var list []RecordChange
	for _, r := range records {
		list = append(list, RecordChange{Person: person, Record: r, At: b.clock.Now()})
	}
	return pg.InTx(ctx, b.pool, func(tx pgx.Tx) error { return b.OnRecordsChangedTx(ctx, tx, list) })
}

func TestStatusFollowsTheHours(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me, other := b.volunteer(4), b.volunteer(4)
	first := minimal(i18n.ZhHans)
	first.To = "2026-03-02"
	early, all, theirs := b.issued(t, me, first), b.issued(t, me, minimal(i18n.ZhHans)), b.issued(t, other, minimal(i18n.ZhHans))
	if err := b.changed(t.Context(), me, b.hours[me][3].Record, b.hours[me][3].Record); err != nil { // not in the early one
		t.Fatal(err)
	}
	for c, want := range map[Number]Status{early.Number: Valid, all.Number: Void, theirs.Number: Valid} {
		if got, err := b.Lookup(t.Context(), c); err != nil || got.Status != want {
			t.Errorf("%s is %s, want %s (%v)", c, got.Status, want, err)
		}
	}
	if got, err := b.Get(t.Context(), all.Number); err != nil || got.Cause != HoursChanged {
		t.Errorf("cause %q, %v", got.Cause, err)
	}
	if err := b.changed(t.Context(), me, b.hours[me][3].Record); err != nil {
		t.Errorf("the same change again: %v", err)
	}
}

// Issuing and a change of hours at the same time: whatever the order, no valid
// certificate states hours that are no more.
func TestIssueRacesWithAChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for round := range 20 {
		me := b.volunteer(2)
		record := b.hours[me][0].Record
		var wg sync.WaitGroup
		var issued Certificate
		var issueErr, changeErr error
		wg.Go(func() {
			issued, issueErr = b.Issue(t.Context(), Order{Person: me, Actor: me, Choice: minimal(i18n.ZhHans)})
		})
		wg.Go(func() {
			hours := someHours(2)
			hours[0].Record, hours[1].Record = record, b.hoursOf(me)[1].Record
			hours[0].Version, hours[0].Minutes = 3, 30
			b.setHours(me, hours)                          // the amendment commits,
			changeErr = b.changed(t.Context(), me, record) // then the journal's reader hears of it
		})
		wg.Wait()
		if issueErr != nil || changeErr != nil {
			t.Fatalf("round %d: %v, %v", round, issueErr, changeErr)
		}
		got, err := b.Lookup(t.Context(), issued.Number)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status == Valid && got.Statement.Minutes != 30+91 {
			t.Fatalf("round %d: a valid certificate states %d minutes", round, got.Statement.Minutes)
		}
	}
}

func (b *bench) hoursOf(person uuid.UUID) []Hour {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.hours[person]
}

// After a change of key, certificates signed by the old one still verify, and
// the published keys hold both.
func TestKeysAreKeptAfterAChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(1)
	old := b.issued(t, me, minimal(i18n.ZhHans))
	b.Signer = newSeedKey(2)
	fresh := b.issued(t, me, minimal(i18n.ZhHans))
	keys, err := b.Keys(t.Context())
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, c := range []Certificate{old, fresh} {
		if r := check(t, fileOf(t, b, c, true), keys); r.Finding != Good {
			t.Errorf("%s is %s", c.Number, r.Finding)
		}
	}
	onlyNew := sign.NewKeySet(newSeedKey(2).Key())
	if r := check(t, fileOf(t, b, old, true), onlyNew); r.Finding != UnknownKey {
		t.Errorf("with the new key only, the old certificate is %s", r.Finding)
	}
}
