package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

func newChain(pool *pgxpool.Pool) *Chain {
	return &Chain{Pool: pool, Key: []byte("a key that is not in the database"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func act(t *testing.T, tx pgx.Tx, at time.Time) {
	t.Helper()
	actor := uuid.New()
	if err := RecordTx(t.Context(), tx, Entry{At: at, Actor: &actor, Action: "a.b", Object: Object("x", uuid.New()), Detail: map[string]any{"n": 1.5, "z": "志"}}); err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, pool *pgxpool.Pool) pgx.Tx {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// fill writes n entries at a time and seals them.
func fill(t *testing.T, c *Chain, n int, at time.Time) {
	t.Helper()
	tx := begin(t, c.Pool)
	for range n {
		act(t, tx, at)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sealed, err := c.Seal(t.Context()); err != nil || sealed != n {
		t.Fatalf("sealed %d of %d: %v", sealed, n, err)
	}
}

func check(t *testing.T, c *Chain, expect Head) Report {
	t.Helper()
	r, err := c.Check(t.Context(), expect)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var present = time.Date(2026, 11, 24, 8, 0, 0, 123456000, time.UTC)

// The entry written first commits last: the sealer waits for it.
func TestALateCommitIsSealedInItsPlace(t *testing.T) {
	t.Parallel()
	c := newChain(pgtest.New(t))
	early, quick := begin(t, c.Pool), begin(t, c.Pool)
	act(t, early, present)
	act(t, quick, present)
	if err := quick.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Seal(t.Context()); n != 0 || err != nil {
		t.Fatalf("sealed %d past a transaction that still runs, %v", n, err)
	}
	if r := check(t, c, Head{}); r.Unsealed != 1 || r.Broken != "" {
		t.Errorf("while it runs: %+v", r)
	}
	if err := early.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Seal(t.Context()); n != 2 || err != nil {
		t.Fatalf("sealed %d, %v", n, err)
	}
	if r := check(t, c, Head{}); r.Checked != 2 || r.Unsealed != 0 || r.Broken != "" {
		t.Errorf("got %+v", r)
	}
}

var errUndone = errors.New("undone")

// Many writers that commit late, roll back and use savepoints, against several
// sealers: in the end every committed entry is in the chain once.
func TestConcurrentWritersAndSealers(t *testing.T) {
	t.Parallel()
	c := newChain(pgtest.New(t))
	ctx, stop := context.WithCancel(t.Context())
	var sealers, writers sync.WaitGroup
	for range 3 {
		sealers.Go(func() {
			for ctx.Err() == nil {
				if _, err := c.Seal(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	var committed atomic.Int64
	for w := range 8 {
		writers.Go(func() {
			rng := rand.New(rand.NewPCG(2, uint64(w)))
			for range 40 {
				committed.Add(writeSlowly(t, c.Pool, rng))
			}
		})
	}
	writers.Wait()
	stop()
	sealers.Wait()
	r := check(t, c, Head{})
	for range 1000 { // a sealer that was stopped may hold the lock for a moment
		if r.Unsealed == 0 {
			break
		}
		if _, err := c.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		r = check(t, c, Head{})
	}
	if r.Broken != "" || r.Unsealed != 0 || r.Checked != committed.Load() {
		t.Errorf("committed %d, got %+v", committed.Load(), r)
	}
}

func writeSlowly(t *testing.T, pool *pgxpool.Pool, rng *rand.Rand) (n int64) {
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for range 1 + rng.IntN(3) {
			act(t, tx, present)
			n++
			time.Sleep(time.Duration(rng.IntN(3000)) * time.Microsecond)
		}
		if rng.IntN(3) == 0 { // a savepoint that is given up
			_ = pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error { act(t, tx, present); return errUndone })
		}
		if rng.IntN(8) == 0 {
			return errUndone
		}
		return nil
	})
	if errors.Is(err, errUndone) {
		return 0
	}
	if err != nil {
		t.Error(err)
	}
	return n
}

// asSuperuser does what triggers refuse to everybody else: it turns them off.
func asSuperuser(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	triggers := func(tx pgx.Tx, how string) (err error) {
		for _, table := range []string{"entry", "seal", "subject"} {
			_, one := tx.Exec(t.Context(), `ALTER TABLE audit.`+table+` `+how+` TRIGGER USER`)
			err = errors.Join(err, one)
		}
		return err
	}
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		if err := triggers(tx, "DISABLE"); err != nil {
			return err
		}
		tag, err := tx.Exec(t.Context(), sql, args...)
		if err == nil && tag.RowsAffected() == 0 {
			err = fmt.Errorf("nothing was touched by %.60s", sql)
		}
		return errors.Join(err, triggers(tx, "ENABLE"))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamageDoneInTheDatabaseIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, want string }{
		"changed":            {`UPDATE audit.entry SET detail = '{"n": 2}' WHERE id = 5`, "entry or its seal was changed"},
		"changed by a blank": {`UPDATE audit.entry SET action = 'a.b ' WHERE id = 5`, "entry or its seal was changed"},
		"removed":            {`DELETE FROM audit.entry WHERE id = 5`, "was removed"},
		"removed with seal":  {`WITH x AS (DELETE FROM audit.entry WHERE id = 5) DELETE FROM audit.seal WHERE entry = 5`, "missing"},
		"inserted":           {`INSERT INTO audit.entry (id, at, action, object) OVERRIDING SYSTEM VALUE VALUES (0, now(), 'a.b', 'x/1')`, "no seal"},
		"inserted with seal": {`WITH x AS (INSERT INTO audit.entry (id, at, action, object) OVERRIDING SYSTEM VALUE VALUES (0, now(), 'a.b', 'x/1'))
			INSERT INTO audit.seal SELECT seq + 1, 0, hash, sha256(hash), now() FROM audit.seal ORDER BY seq DESC LIMIT 1`, "changed"},
		"subject added": {`INSERT INTO audit.subject VALUES (5, gen_random_uuid())`, "whom a read was about"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain := newChain(pgtest.New(t))
			fill(t, chain, 9, present)
			if r := check(t, chain, Head{}); r.Broken != "" || r.Checked != 9 {
				t.Fatalf("before: %+v", r)
			}
			asSuperuser(t, chain.Pool, c.sql)
			r := check(t, chain, Head{})
			if !strings.Contains(r.Broken, c.want) {
				t.Fatalf("got %+v, want %q", r, c.want)
			}
			if want := int64(5); name != "removed with seal" && !strings.HasPrefix(name, "inserted") && r.Entry != want {
				t.Errorf("at entry %d, want %d", r.Entry, want)
			}
		})
	}
}

// The newest end cut off leaves a chain that is whole in itself; a head noted
// elsewhere shows it.
func TestACutEndIsFoundByANotedHead(t *testing.T) {
	t.Parallel()
	c := newChain(pgtest.New(t))
	fill(t, c, 6, present)
	noted := check(t, c, Head{}).Head
	fill(t, c, 2, present)
	if r := check(t, c, noted); r.Broken != "" {
		t.Fatalf("before: %+v", r)
	}
	asSuperuser(t, c.Pool, `DELETE FROM audit.seal WHERE seq > 4`)
	asSuperuser(t, c.Pool, `DELETE FROM audit.entry WHERE id > 4`)
	if r := check(t, c, Head{}); r.Broken != "" {
		t.Errorf("alone: %+v", r)
	}
	if r := check(t, c, noted); !strings.Contains(r.Broken, "noted earlier") {
		t.Errorf("with the head: %+v", r)
	}
}

func TestAnotherKeyDoesNotFit(t *testing.T) {
	t.Parallel()
	c := newChain(pgtest.New(t))
	fill(t, c, 3, present)
	other := newChain(c.Pool)
	other.Key = []byte("another key")
	if r := check(t, other, Head{}); r.Broken == "" || r.Entry != 1 {
		t.Errorf("got %+v", r)
	}
}

// After three years entries go, and what stays can be checked from where it begins.
func TestOldEntriesGoAndTheRestIsStillAChain(t *testing.T) {
	t.Parallel()
	c := newChain(pgtest.New(t))
	now := time.Now().UTC().Truncate(time.Microsecond) // the database's own clock guards, too
	fill(t, c, 7, now.AddDate(-Keep, 0, -1))
	fill(t, c, 4, now.AddDate(-1, 0, 0))
	for _, sql := range []string{`DELETE FROM audit.entry WHERE id = 9`, `DELETE FROM audit.seal WHERE seq = 3`} {
		if _, err := c.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was allowed", sql)
		}
	}
	n, err := c.DeleteOld(t.Context(), now)
	if err != nil || n != 7 {
		t.Fatalf("deleted %d, %v", n, err)
	}
	if _, err := c.Seal(t.Context()); err != nil { // the entry about the deletion
		t.Fatal(err)
	}
	if r := check(t, c, Head{}); r.Broken != "" || r.From != 7 || r.Checked != 5 {
		t.Errorf("got %+v", r)
	}
	asSuperuser(t, c.Pool, `UPDATE audit.entry SET action = 'a.c' WHERE id = 8`)
	if r := check(t, c, Head{}); r.Entry != 8 {
		t.Errorf("damage after the checkpoint: %+v", r)
	}
}
