package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/app"
	"kapok/internal/certificate"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
	"kapok/internal/privacy"
)

// somebody is a volunteer of the demo with hours, all of them settled, messages,
// a session and sign-ups, who gets a certificate.
func somebody(t *testing.T, a *app.App) uuid.UUID {
	t.Helper()
	rows, err := a.Pool.Query(t.Context(), `SELECT t.person FROM record.hours_total t
		WHERE confirmed_minutes > 0 AND EXISTS (SELECT FROM account.account x WHERE x.person = t.person)
			AND NOT EXISTS (SELECT FROM certificate.certificate c WHERE c.person = t.person)
		GROUP BY t.person ORDER BY t.person`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range all {
		if blocks, err := a.Privacy.BlocksOf(t.Context(), id); err != nil || len(blocks) > 0 {
			continue
		}
		_, err := a.Certificates.Issue(t.Context(), certificate.Order{Person: id, Actor: id,
			Choice: certificate.Choice{Language: i18n.ZhHans, Name: certificate.FullName, Units: true, Fields: true, Items: true}})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	t.Fatalf("of %d people with hours none can be erased", len(all))
	return uuid.Nil
}

func TestAnErasedPersonIsNowhereLeft(t *testing.T) {
	t.Parallel()
	clk := clock.At(time.Now())
	a := newAppAt(t, clk)
	ctx, id := t.Context(), somebody(t, a)
	p, err := a.People.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	err = pg.InTx(ctx, a.Pool, func(tx pgx.Tx) error {
		return a.Notify.SendTx(ctx, tx, notify.Message{Person: id, Kind: "privacy.correction_withdrawn", Key: "k", Args: map[string]any{"name": p.NameHans}})
	})
	if err != nil {
		t.Fatal(err)
	}
	var hours, secrets string
	one := func(sql string, into ...any) {
		t.Helper()
		if err := a.Pool.QueryRow(ctx, sql, id).Scan(into...); err != nil {
			t.Fatalf("%.60s: %v", sql, err)
		}
	}
	const figures = `SELECT coalesce(sum(confirmed_minutes), 0)::text FROM record.hours_total WHERE person = $1`
	one(figures, &hours)
	one(`SELECT concat_ws(' ', volunteer_no, encode(phone_enc, 'hex'), encode(phone_hash, 'hex'), encode(email_enc, 'hex'),
		(SELECT string_agg(encode(number_enc, 'hex') || ' ' || encode(key_hash, 'hex'), ' ') FROM person.identity_document d WHERE d.person = p.id),
		(SELECT encode(phone, 'hex') || ' ' || encode(phone_hash, 'hex') FROM account.account x WHERE x.person = p.id)) FROM person.person p WHERE id = $1`, &secrets)
	before := dump(t, a, id)
	for _, s := range append(strings.Fields(secrets), p.NameHans) {
		if !strings.Contains(before, s) {
			t.Fatalf("the dump shows too little: %q is not in it", s)
		}
	}

	if _, err := a.Privacy.AskDeletion(ctx, id, id, false); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Privacy.EraseDue(ctx); n != 0 || err != nil {
		t.Fatalf("within the cooling-off time %d were erased, %v", n, err)
	}
	clk.Advance(privacy.CoolingOff)
	if n, err := a.Privacy.EraseDue(ctx); n != 1 || err != nil {
		t.Fatalf("%d erased, %v", n, err)
	}
	after := dump(t, a, id)
	for _, s := range append(strings.Fields(secrets), p.NameHans) {
		if strings.Contains(after, s) {
			t.Errorf("%.12s… is still there", s)
		}
	}
	var still string
	if one(figures, &still); still != hours || hours == "0" {
		t.Errorf("hours were %s and are %s", hours, still)
	}
	var status, state string
	one(`SELECT status || ' ' || cause FROM certificate.certificate WHERE person = $1`, &status)
	one(`SELECT state FROM account.account WHERE person = $1`, &state)
	if status != "void holder" || state != "closed" {
		t.Errorf("certificate %s, account %s", status, state)
	}
	if _, err := a.Pool.Exec(ctx, `UPDATE person.person SET name_hans = '某人' WHERE id = $1`, id); err == nil {
		t.Error("an erased person can be filled in again")
	}
}

// dump is every row of the database that has the person's id, as text.
func dump(t *testing.T, a *app.App, id uuid.UUID) string {
	t.Helper()
	rows, err := a.Pool.Query(t.Context(), `SELECT DISTINCT table_schema || '.' || table_name FROM information_schema.columns
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'demo') AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range tables {
		var text *string
		err := a.Pool.QueryRow(t.Context(), fmt.Sprintf(`SELECT string_agg(x::text, E'\n') FROM %s x WHERE x::text LIKE '%%' || $1 || '%%'`, table), id.String()).Scan(&text)
		if err != nil {
			t.Fatal(err)
		}
		if text != nil {
			b.WriteString(*text)
		}
	}
	return b.String()
}

func TestWhatMustBeSettledFirstHoldsADeletionUp(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	for code, sql := range map[string]string{
		"wards":      `SELECT g.guardian FROM person.guardianship g JOIN person.person w ON w.id = g.ward WHERE g.ended_at IS NULL AND w.birth_date > current_date - interval '17 years' LIMIT 1`,
		"sole_admin": `SELECT person FROM organisation.member WHERE role = 'org_admin' LIMIT 1`,
		"roles":      `SELECT person FROM account.role_grant WHERE revoked_at IS NULL LIMIT 1`,
		"hours": `UPDATE record.service_record SET state = 'disputed', version = version + 1, change = 'disputed', changed_at = now(), changed_by = person, reason = 'x'
			WHERE id = (SELECT id FROM record.service_record WHERE state = 'confirmed' LIMIT 1) RETURNING person`,
	} {
		var id uuid.UUID
		if err := a.Pool.QueryRow(t.Context(), sql).Scan(&id); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		blocks, err := a.Privacy.BlocksOf(t.Context(), id)
		found := false
		for _, b := range blocks {
			found = found || b.Code == code
		}
		if err != nil || !found {
			t.Errorf("%s: %v %v", code, blocks, err)
		}
		if _, err := a.Privacy.AskDeletion(t.Context(), id, id, false); !errors.Is(err, privacy.ErrBlocked) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// The register's keeping times are applied: after the clock moved, rows are gone,
// and a living one stays.
func TestKeepingTimesReallyDelete(t *testing.T) {
	t.Parallel()
	clk := clock.At(time.Now())
	a := newAppAt(t, clk)
	ctx := t.Context()
	var id uuid.UUID
	if err := a.Pool.QueryRow(ctx, `SELECT person FROM account.account LIMIT 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO account.code (id, phone_hash, purpose, hash, created_at, expires_at) SELECT gen_random_uuid(), phone_hash, 'login', '\x02', $2, $2 FROM account.account WHERE person = $1`,
		`INSERT INTO account.session (id, account, secret, kind, device, created_at, seen_at, expires_at, proved_at) SELECT gen_random_uuid(), id, '\x01', 'web', 'x', $2, $2, $2, $2 FROM account.account WHERE person = $1`,
		`INSERT INTO account.new_phone (id, person, region, phone_hash, phone, asked_at, state, decided_at) VALUES (gen_random_uuid(), $1, '440104', '\x01', '\x02', $2, 'approved', $2)`,
		`INSERT INTO person.guardian_code (code_hash, ward, made_by, expires_at) VALUES (sha256('x'), $1, $1, $2)`,
		`INSERT INTO attendance.wrong_code (who, since, tries) VALUES ($1, $2, 1)`,
		`INSERT INTO privacy.request (id, person, kind, division, asked_by, asked_at, due_at, item, state, decided_at) VALUES (gen_random_uuid(), $1, 'correction', '440104', $1, $2, $2::timestamptz + interval '1 day', 'name', 'refused', $2)`,
		`INSERT INTO notify.message (id, person, kind, key, created_at) VALUES (gen_random_uuid(), $1, 'x', 'x', $2)`,
	} {
		if _, err := a.Pool.Exec(ctx, sql, id, clk.Now()); err != nil {
			t.Fatalf("%.50s: %v", sql, err)
		}
	}
	count := func() (n int) {
		t.Helper()
		err := a.Pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM account.code) + (SELECT count(*) FROM account.session) + (SELECT count(*) FROM account.new_phone)
			+ (SELECT count(*) FROM person.guardian_code) + (SELECT count(*) FROM attendance.wrong_code) + (SELECT count(*) FROM privacy.request) + (SELECT count(*) FROM notify.message)`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := a.Privacy.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	if n := count(); n < 7 {
		t.Fatalf("%d rows: fresh ones went too early", n)
	}
	clk.Advance(4 * 365 * 24 * time.Hour)
	if n, err := a.Privacy.Tidy(ctx); err != nil || n < 7 {
		t.Fatalf("%d went, %v", n, err)
	}
	if n := count(); n != 0 {
		t.Errorf("%d rows outlived their keeping time", n)
	}
}

func TestTheOutboxIsEmptied(t *testing.T) {
	t.Parallel()
	o := notify.Outbox{Dir: filepath.Join(t.TempDir(), "outbox")}
	if err := o.Purge(time.Now()); err != nil {
		t.Errorf("no folder: %v", err)
	}
	old, young := uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{old, young} {
		if err := o.SendSMS(t.Context(), notify.Short{ID: id, To: "+8613800138000", Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(o.Dir, old.String()+".sms.txt"), at, at); err != nil {
		t.Fatal(err)
	}
	if err := o.Purge(time.Now().Add(-7 * 24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(o.Dir)
	if err != nil || len(left) != 1 || !strings.HasPrefix(left[0].Name(), young.String()) {
		t.Errorf("left %v, %v", left, err)
	}
}

// All that is held about a person comes out by item of the register, with the
// numbers of documents masked.
func TestEverythingHeldComesOut(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	id := somebody(t, a)
	things, err := a.Privacy.Held(t.Context(), id, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range []string{"name", "number", "birth", "place", "document", "phone", "skills", "consent", "account", "signup", "attendance", "hours", "certificate"} {
		if len(things[item]) == 0 {
			t.Errorf("nothing of %s", item)
		}
	}
	for item := range things {
		if _, ok := privacy.ItemOf(item); !ok {
			t.Errorf("%s is not in the register", item)
		}
	}
	text, err := json.Marshal(things["document"])
	if err != nil || !strings.Contains(string(text), "*") {
		t.Errorf("documents %s, %v", text, err)
	}
	shut, err := a.Privacy.Held(t.Context(), id, false)
	if err != nil || shut["phone"][0][0].Value == things["phone"][0][0].Value {
		t.Errorf("the phone is shown unasked: %v", err)
	}
}
