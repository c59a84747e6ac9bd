package reseal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/crypt"
	"kapok/internal/kit/pgtest"
)

var column = Column{"public.secret", "sealed"}

// world is a table of sealed values, and the keys in a folder.
func world(t *testing.T, n int) (*pgxpool.Pool, *crypt.Keys, []uuid.UUID) {
	t.Helper()
	pool := pgtest.Empty(t)
	keys, err := crypt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `CREATE TABLE secret (id uuid PRIMARY KEY, sealed bytea)`)
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.New()
		exec(t, pool, `INSERT INTO secret VALUES ($1, $2)`, ids[i], keys.Seal(column.place(ids[i]), fmt.Sprint(i)))
	}
	exec(t, pool, `INSERT INTO secret VALUES ($1, NULL)`, uuid.New())
	return pool, keys, ids
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func rotate(t *testing.T, keys *crypt.Keys) {
	t.Helper()
	if _, err := keys.Rotate(time.Now()); err != nil {
		t.Fatal(err)
	}
}

func reading(t *testing.T, pool *pgxpool.Pool, keys *crypt.Keys, id uuid.UUID) string {
	t.Helper()
	var sealed []byte
	if err := pool.QueryRow(context.Background(), `SELECT sealed FROM secret WHERE id = $1`, id).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	plain, err := keys.Open(column.place(id), sealed)
	if err != nil {
		t.Error(err)
	}
	return plain
}

func TestEverythingComesUnderTheNewKey(t *testing.T) {
	t.Parallel()
	pool, keys, ids := world(t, 2*batch+7)
	rotate(t, keys)
	told := 0
	n, err := Run(t.Context(), pool, keys, column, func(n int) { told += n })
	if err != nil || n != len(ids) || told != n {
		t.Fatalf("%d of %d moved, %d told: %v", n, len(ids), told, err)
	}
	if c, err := Count(t.Context(), pool, column); err != nil || len(c) != 1 || c[2] != len(ids) {
		t.Errorf("%v, %v", c, err)
	}
	if err := keys.Retire(1); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if got := reading(t, pool, keys, id); got != fmt.Sprint(i) {
			t.Errorf("value %d reads %q", i, got)
		}
	}
	if n, err := Run(t.Context(), pool, keys, column, nil); n != 0 || err != nil {
		t.Errorf("a second walk moved %d, %v", n, err)
	}
}

// People go on changing their numbers: no change is lost, whichever comes first.
func TestChangesMeanwhileAreKept(t *testing.T) {
	t.Parallel()
	pool, keys, ids := world(t, 2*batch)
	rotate(t, keys)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < len(ids); i += 8 {
				exec(t, pool, `UPDATE secret SET sealed = $2 WHERE id = $1`, ids[i], keys.Seal(column.place(ids[i]), "changed"))
			}
		})
	}
	_, err := Run(t.Context(), pool, keys, column, nil)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		want := fmt.Sprint(i)
		if i%8 < 4 {
			want = "changed"
		}
		if got := reading(t, pool, keys, id); got != want {
			t.Fatalf("value %d reads %q, want %q", i, got, want)
		}
	}
	if c, err := Count(t.Context(), pool, column); err != nil || c[1] != 0 {
		t.Errorf("%v, %v", c, err)
	}
}

func TestAValueThatDoesNotOpenIsNamed(t *testing.T) {
	t.Parallel()
	pool, keys, ids := world(t, 3)
	rotate(t, keys)
	exec(t, pool, `UPDATE secret SET sealed = sealed || '\x00' WHERE id = $1`, ids[1])
	_, err := Run(t.Context(), pool, keys, column, nil)
	if !errors.Is(err, crypt.ErrOpen) || !strings.Contains(err.Error(), ids[1].String()) {
		t.Errorf("%v", err)
	}
}

func TestAWalkCutOffGoesOn(t *testing.T) {
	t.Parallel()
	pool, keys, ids := world(t, 2*batch)
	rotate(t, keys)
	ctx, cancel := context.WithCancel(t.Context())
	first, err := Run(ctx, pool, keys, column, func(int) { cancel() })
	if !errors.Is(err, context.Canceled) || first != batch {
		t.Fatalf("%d, %v", first, err)
	}
	if n, err := Run(t.Context(), pool, keys, column, nil); err != nil || n != len(ids)-batch {
		t.Errorf("%d, %v", n, err)
	}
}
