package pg_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

func TestMigratedDatabaseHasNothingPending(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.New(t)
	if n, err := pg.Pending(ctx, pool); err != nil || n != 0 {
		t.Errorf("%d pending, %v", n, err)
	}
	if err := pg.Migrate(ctx, pool); err != nil {
		t.Errorf("migrating a current schema: %v", err)
	}
}

// Two transactions that lock two rows in opposite order: PostgreSQL ends one,
// InTx runs it again, and both changes arrive.
func TestDeadlockIsRetried(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.New(t)
	if _, err := pool.Exec(ctx, `CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL); INSERT INTO counter VALUES (1, 0), (2, 0)`); err != nil {
		t.Fatal(err)
	}
	met := make(chan struct{}, 2)
	var both sync.WaitGroup
	both.Add(2)
	add := func(first, second int) error {
		tries := 0
		return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			tries++
			if _, err := tx.Exec(ctx, `UPDATE counter SET n = n + 1 WHERE id = $1`, first); err != nil {
				return err
			}
			if tries == 1 {
				both.Done()
				both.Wait() // both hold their first row now
			}
			met <- struct{}{}
			_, err := tx.Exec(ctx, `UPDATE counter SET n = n + 1 WHERE id = $1`, second)
			<-met
			return err
		})
	}
	errs := make(chan error, 2)
	go func() { errs <- add(1, 2) }()
	go func() { errs <- add(2, 1) }()
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var sum int
	if err := pool.QueryRow(ctx, `SELECT sum(n) FROM counter`).Scan(&sum); err != nil || sum != 4 {
		t.Errorf("sum %d, %v; want 4", sum, err)
	}
}

func TestOtherErrorsRollBackAndAreNotRetried(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.New(t)
	if _, err := pool.Exec(ctx, `CREATE TABLE once (id int CONSTRAINT once_id PRIMARY KEY); INSERT INTO once VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	runs := 0
	err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		runs++
		if _, err := tx.Exec(ctx, `INSERT INTO once VALUES (2)`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO once VALUES (1)`)
		return err
	})
	if pg.Constraint(err) != "once_id" || runs != 1 {
		t.Errorf("constraint %q after %d runs", pg.Constraint(err), runs)
	}
	type row struct{ ID int }
	rows, err := pool.Query(ctx, `SELECT id FROM once`)
	if all, err := pg.All[row](rows, err); err != nil || len(all) != 1 {
		t.Errorf("%v %v: the failed transaction left something", all, err)
	}
	none := errors.New("none")
	rows, err = pool.Query(ctx, `SELECT id FROM once WHERE id = 9`)
	if _, err := pg.One[row](rows, err, none); !errors.Is(err, none) {
		t.Errorf("got %v", err)
	}
}

func TestOpenNeverShowsTheURL(t *testing.T) {
	t.Parallel()
	_, err := pg.Open(context.Background(), "postgres://user:topsecret@[::1", 0)
	if err == nil || errors.Unwrap(err) != nil || len(err.Error()) > 60 {
		t.Errorf("got %v", err)
	}
}
