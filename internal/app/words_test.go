package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kapok/internal/app"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
	"kapok/internal/privacy"
)

// word is what everybody says about the person who is erased.
const word = "凤凰木之语"

// codes are columns of the register that any text fits in, but which hold what
// the program chose: nobody types there.
var codes = []string{
	"audit.entry.action", "audit.entry.object", "audit.entry.region", "audit.entry.detail",
	"person.consent.purpose", "person.consent.text_version", "person.merge.division", "person.merge.conflicts", "person.merge_row.tbl", "person.merge_row.col",
	"account.role_grant.region", "privacy.request.division", "privacy.request.item", "privacy.access.division",
	"record.service_record.division", "record.service_record.field", "record.revision.change", "record.revision.cause", "record.journal.payload",
	"record.hours_total.field", "record.hours_total.grade",
}

// A person with every kind of past, whom everybody talked about wherever text
// can be written, is erased: the word is left nowhere but where the register
// says that the law keeps it, and is left there.
func TestNoWordAboutAnErasedPersonIsLeft(t *testing.T) {
	t.Parallel()
	clk := clock.At(time.Now())
	a := newAppAt(t, clk)
	p := &talked{App: a, who: somebody(t, a)}
	p.history(t)
	p.talk(t)
	if _, err := a.Privacy.AskDeletion(t.Context(), p.who, p.who, false); err != nil {
		t.Fatal(err)
	}
	clk.Advance(privacy.CoolingOff)
	if n, err := a.Privacy.EraseDue(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d erased, %v", n, err)
	}
	var kept []string
	for _, k := range privacy.Kept {
		kept = append(kept, k.All()...)
	}
	found := p.found(t)
	for _, c := range found {
		if !slices.Contains(kept, c) && !slices.Contains(codes, c) {
			t.Errorf("the word is left in %s", c)
		}
	}
	for _, c := range kept {
		if !slices.Contains(found, c) {
			t.Errorf("%s is listed as kept, and is not", c)
		}
	}
	p.stillGuarded(t)
}

// talked is a person whom everybody talked about.
type talked struct {
	*app.App
	who, absorbed uuid.UUID
	ids           []uuid.UUID // of the rows about the person
}

func (p *talked) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := p.Pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%.70s: %v", sql, err)
	}
}

// history gives the person what the demo's life has not given: a merge, a
// role that ended, requests, a page that was opened, a forgotten check-out.
func (p *talked) history(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	now := p.Clock.Now()
	p.merged(t)
	access, request := uuid.New(), uuid.New()
	seal := func(column string, row uuid.UUID) []byte {
		return p.Keys.Seal(crypt.Place{Table: strings.SplitN(column, " ", 2)[0], Column: strings.SplitN(column, " ", 2)[1], Row: row}, word)
	}
	p.exec(t, `INSERT INTO account.role_grant (id, person, role, region, granted_at, reason, revoked_at, revoke_reason) VALUES (gen_random_uuid(), $1, 'inspector', '440104', $2, $3, $2, $3)`, p.who, now, word)
	p.exec(t, `INSERT INTO account.lost_factor (id, account, person, region, asked_at, state, decided_at, reason) SELECT gen_random_uuid(), id, $1, '440104', $2, 'refused', $2, $3 FROM account.account WHERE person = $1 LIMIT 1`, p.who, now, word)
	p.exec(t, `INSERT INTO account.new_phone (id, person, region, phone_hash, phone, asked_at, state, decided_at, reason) VALUES (gen_random_uuid(), $1, '440104', '\x01', $4, $2, 'refused', $2, $3)`, p.who, now, word, []byte{})
	p.exec(t, `INSERT INTO privacy.request (id, person, kind, division, asked_by, asked_at, due_at, item, state, decided_at, words, wish, answer) VALUES ($3, $1, 'correction', '440104', $1, $2, $2::timestamptz + interval '1 day', 'skills', 'refused', $2, $4, $5, $6)`,
		p.who, now, request, seal("privacy.request words", request), seal("privacy.request wish", request), seal("privacy.request answer", request))
	p.exec(t, `INSERT INTO privacy.access (id, kind, person, minor, division, asked_by, asked_at, reason) VALUES ($3, 'profile', $1, false, '440104', gen_random_uuid(), $2, $4)`, p.who, now, access, seal("privacy.access reason", access))
	p.exec(t, `INSERT INTO attendance.missing_out (attendance, opened_at, answered_at, answer_out_at, answer_note, settled_at, settled_by, settled_how)
		SELECT id, $2, $2, $2, $3, $2, $1, 'answer' FROM attendance.attendance WHERE person = $1 ON CONFLICT DO NOTHING`, p.who, now, word)
	rows, err := p.Pool.Query(ctx, `SELECT id FROM attendance.attendance WHERE person = $1 UNION SELECT id FROM record.service_record WHERE person = $1
		UNION SELECT activity FROM record.service_record WHERE person = $1 UNION SELECT id FROM person.merge WHERE kept = $1
		UNION SELECT id FROM certificate.certificate WHERE person = $1 UNION SELECT id FROM account.account WHERE person = $1`, p.who)
	if err != nil {
		t.Fatal(err)
	}
	if p.ids, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
		t.Fatal(err)
	}
	p.ids = append(p.ids, p.who, p.absorbed)
}

// merged joins another registration to the person's.
func (p *talked) merged(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	rows, err := p.Pool.Query(ctx, `SELECT id FROM person.person x WHERE id <> $1 AND birth_date < '2000-01-01'
		AND NOT EXISTS (SELECT FROM account.role_grant g WHERE g.person = x.id) AND NOT EXISTS (SELECT FROM organisation.member m WHERE m.person = x.id)
		AND EXISTS (SELECT FROM activity.signup s WHERE s.person = x.id) ORDER BY id`, p.who)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(all) < 3 {
		t.Fatalf("%d others, %v", len(all), err)
	}
	for _, other := range all {
		if blocks, err := p.Privacy.BlocksOf(ctx, other); err != nil || len(blocks) > 0 {
			continue
		}
		m, err := p.People.ProposeMerge(ctx, person.Proposal{Kept: p.who, Absorbed: other, By: all[len(all)-1], Evidence: word})
		if err == nil {
			m, err = p.People.DecideMerge(ctx, person.Ruling{Merge: m.ID, By: all[len(all)-2], Approve: true, Reason: word})
		}
		if err != nil || m.State != person.Merged {
			t.Fatalf("merge: %s, %v", m.State, err)
		}
		p.absorbed = other
		return
	}
	t.Fatal("nobody to be joined")
}

// talk writes the word into every column of the register that takes text, in
// all rows about the person: past the triggers, but not past what a column
// admits, so a column of fixed values is left alone.
func (p *talked) talk(t *testing.T) {
	t.Helper()
	said := 0
	err := pg.InTx(t.Context(), p.Pool, func(tx pgx.Tx) error {
		for _, i := range privacy.Register {
			for _, c := range i.All() {
				n, err := p.say(t, tx, c)
				if err != nil {
					return err
				}
				said += n
			}
		}
		return nil
	})
	if err != nil || said < 30 {
		t.Fatalf("the word was said in %d columns, %v", said, err)
	}
	there := p.found(t)
	for _, c := range []string{"attendance.attendance.reason", "attendance.missing_out.answer_note", "record.service_record.reason", "record.revision.reason", "record.revision.new",
		"person.merge.said", "person.merge.evidence", "person.merge.reason", "person.merge_row.was", "account.role_grant.reason", "account.role_grant.revoke_reason",
		"account.lost_factor.reason", "activity.signup.reason", "certificate.certificate.reason", "privacy.request.words", "person.person.name_hans", "notify.message.args"} {
		if !slices.Contains(there, c) {
			t.Errorf("nobody talked in %s", c)
		}
	}
}

// forms are how the word is put into columns of text, by their type.
var forms = map[string]string{"text": `'` + word + `'`, "jsonb": `'{"reason": "` + word + `"}'`, "ARRAY": `'{` + word + `}'`}

func (p *talked) say(t *testing.T, tx pgx.Tx, column string) (int, error) {
	t.Helper()
	part := strings.Split(column, ".")
	var kind string
	err := tx.QueryRow(t.Context(), `SELECT data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 AND column_name = $3 AND udt_name IN ('text', 'jsonb', '_text')`,
		part[0], part[1], part[2]).Scan(&kind)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	ids := make([]string, len(p.ids))
	for i, id := range p.ids {
		ids[i] = id.String()
	}
	table := part[0] + "." + part[1]
	if _, err := tx.Exec(t.Context(), `ALTER TABLE `+table+` DISABLE TRIGGER USER`); err != nil {
		return 0, err
	}
	whose := "person" // whose row it is; where none is named, the row hangs on one that is theirs
	if table == "person.person" {
		whose = "id"
	}
	err = pgx.BeginFunc(t.Context(), tx, func(point pgx.Tx) error {
		tag, err := point.Exec(t.Context(), fmt.Sprintf(`UPDATE %s x SET %s = %s WHERE coalesce(to_jsonb(x) ->> '%s', x::text) ~ $1`, table, part[2], forms[kind], whose),
			strings.Join(ids, "|"))
		if err == nil && tag.RowsAffected() == 0 {
			return pgx.ErrNoRows
		}
		return err
	})
	if _, err := tx.Exec(t.Context(), `ALTER TABLE `+table+` ENABLE TRIGGER USER`); err != nil {
		return 0, err
	}
	if refused, ok := errors.AsType[*pgconn.PgError](err); errors.Is(err, pgx.ErrNoRows) || ok && strings.HasPrefix(refused.Code, "23") {
		return 0, nil // nothing of the kind, or a column of fixed values
	}
	return 1, err
}

// found lists the columns of the whole database, sealed ones too, that hold the word.
func (p *talked) found(t *testing.T) (out []string) {
	t.Helper()
	ctx := t.Context()
	rows, err := p.Pool.Query(ctx, `SELECT c.table_schema || '.' || c.table_name, c.column_name FROM information_schema.columns c
		JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema', 'demo') AND t.table_type = 'BASE TABLE' AND c.udt_name IN ('text', 'varchar', 'json', 'jsonb', '_text', '_jsonb')`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Table, Column string }])
	if err != nil || len(all) < 150 {
		t.Fatalf("%d columns, %v", len(all), err)
	}
	for _, c := range all {
		var there bool
		if err := p.Pool.QueryRow(ctx, fmt.Sprintf(`SELECT EXISTS (SELECT FROM %s x WHERE x.%s::text LIKE '%%' || $1 || '%%')`, c.Table, pgx.Identifier{c.Column}.Sanitize()), word).Scan(&there); err != nil {
			t.Fatal(err)
		}
		if there {
			out = append(out, c.Table+"."+c.Column)
		}
	}
	for _, c := range app.SealedColumns() {
		if p.sealedWord(t, c.Table, c.Column) {
			out = append(out, c.String())
		}
	}
	return out
}

func (p *talked) sealedWord(t *testing.T, table, column string) (there bool) {
	t.Helper()
	rows, err := p.Pool.Query(t.Context(), fmt.Sprintf(`SELECT id, %[1]s FROM %[2]s WHERE length(%[1]s) > 0`, column, table))
	if err != nil {
		t.Fatal(err)
	}
	var id uuid.UUID
	var enc []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &enc}, func() error {
		plain, err := p.Keys.Open(crypt.Place{Table: table, Column: column, Row: id}, enc)
		there = there || strings.Contains(plain, word)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}

// stillGuarded: striking is all that the database lets happen, and only while
// somebody is erased.
func (p *talked) stillGuarded(t *testing.T) {
	t.Helper()
	for _, sql := range []string{
		`UPDATE record.revision SET reason = '—' WHERE reason <> '' AND $1::uuid IS NOT NULL`,
		`UPDATE attendance.attendance SET reason = '—' WHERE state = 'complete' AND reason <> '—' AND person <> $1`,
		`UPDATE account.role_grant SET reason = '—' WHERE person <> $1 AND reason <> '—'`,
		`UPDATE record.service_record SET reason = '—' WHERE person <> $1`,
	} {
		for _, erased := range []string{"", p.who.String()} {
			if erased != "" && strings.Contains(sql, "revision") {
				sql = `UPDATE record.revision SET reason = '别的话' WHERE reason <> '' AND $1::uuid IS NOT NULL`
			}
			err := pg.InTx(t.Context(), p.Pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), `SELECT set_config('kit.erase', $1, true)`, erased); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), sql, p.who)
				return err
			})
			if refused, ok := errors.AsType[*pgconn.PgError](err); !ok || refused.Code != "23001" {
				t.Errorf("erasing %q, %s: %v", erased, sql, err)
			}
		}
	}
	var kept int
	if err := p.Pool.QueryRow(t.Context(), `SELECT count(*) FROM person.person WHERE id IN ($1, $2) AND erased_at IS NOT NULL AND name_hans = ''`, p.who, p.absorbed).Scan(&kept); err != nil || kept != 2 {
		t.Errorf("%d of two registrations are erased, %v", kept, err)
	}
	var merge uuid.UUID
	if err := p.Pool.QueryRow(t.Context(), `SELECT id FROM person.merge WHERE kept = $1`, p.who).Scan(&merge); err != nil {
		t.Fatal(err)
	}
	if _, err := p.People.UndoSelf(t.Context(), merge, p.who); !errors.Is(err, person.ErrMergeErased) {
		t.Errorf("undoing the merge of somebody erased: %v", err)
	}
}
