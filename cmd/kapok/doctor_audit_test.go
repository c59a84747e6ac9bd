package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/app"
	"kapok/internal/audit"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/obs"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

func TestDoctorPrivacy(t *testing.T) {
	t.Parallel()
	var out, bad bytes.Buffer
	if code := run(t.Context(), []string{"doctor", "privacy", "--lang", "en"}, &out, &bad); code != exitGood || !strings.Contains(out.String(), "person.identity_document: id person") ||
		!strings.Contains(out.String(), "Identity documents") {
		t.Errorf("exit %d: %s", code, out.String())
	}
}

func TestDoctorAudit(t *testing.T) {
	t.Parallel()
	url, data := pgtest.URL(t), t.TempDir()
	pool, err := pg.Open(t.Context(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	keys, err := crypt.Open(data + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	chain := audit.Chain{Pool: pool, Key: app.AuditKey(keys), Log: obs.Logger(&bytes.Buffer{}, "error", "text")}
	for range 3 {
		err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			return audit.RecordTx(t.Context(), tx, audit.Entry{At: time.Now(), Action: "a.b", Object: "x/1"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, err := chain.Seal(t.Context()); n != 3 || err != nil {
		t.Fatalf("sealed %d, %v", n, err)
	}
	doctor := func(more ...string) (int, string) {
		var out, bad bytes.Buffer
		code := run(t.Context(), append([]string{"doctor", "audit", "--database", url, "--data", data}, more...), &out, &bad)
		return code, out.String() + bad.String()
	}
	code, said := doctor()
	if code != exitGood || !strings.Contains(said, "3 entries sealed, 0 of") {
		t.Fatalf("exit %d: %s", code, said)
	}
	head := strings.TrimSpace(said[strings.Index(said, "head ")+5:])
	if code, said := doctor("--head", head); code != exitGood {
		t.Errorf("with its own head: exit %d: %s", code, said)
	}
	if code, said := doctor("--head", "3:"+strings.Repeat("0", 64)); code != exitBad {
		t.Errorf("with another head: exit %d: %s", code, said)
	}
	if code, _ := doctor("--head", "three"); code != exitUsage {
		t.Errorf("with no head: exit %d", code)
	}
	if _, err := pool.Exec(t.Context(), `ALTER TABLE audit.entry DISABLE TRIGGER USER; UPDATE audit.entry SET object = 'x/2' WHERE id = 2`); err != nil {
		t.Fatal(err)
	}
	if code, said := doctor(); code != exitBad || !strings.Contains(said, "broken at entry 2") {
		t.Errorf("after damage: exit %d: %s", code, said)
	}
}
