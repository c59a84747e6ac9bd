package pgtest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/pg"
)

// patience limits every step that talks to a server; it is long because test
// machines are busy.
const patience = 2 * time.Minute

// New returns a pool on a migrated database that belongs to the test alone. Its
// address is pool.Config().ConnString().
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t))
}

// URL returns the address of a migrated database that belongs to the test
// alone, for tests that start a program of their own. Each call makes another.
func URL(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	template, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	return clone(ctx, t, s, template)
}

// Empty returns a pool on an empty database, for tests of migrations themselves.
func Empty(t testing.TB) *pgxpool.Pool {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, clone(ctx, t, s, "template0"))
}

// clone makes a database for the test and drops it after the test.
func clone(ctx context.Context, t testing.TB, s *server, template string) string {
	t.Helper()
	name := cloneName(t.Name(), time.Now())
	if err := s.create(ctx, name, template); err != nil {
		t.Fatal(err)
	}
	url := s.urlOf(name)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.finish(ctx, t, name, t.Failed() && os.Getenv(keepEnv) != ""); err != nil {
			t.Error(err)
		}
	})
	return url
}

// finish drops a clone, or keeps it and says where it is.
func (s *server) finish(ctx context.Context, t testing.TB, name string, keep bool) error {
	if !keep {
		return s.drop(ctx, name)
	}
	t.Logf("the database is kept for a day, the server for an hour (any test starts it again): %s", s.urlOf(name))
	return s.keepFor(ctx, name)
}

func open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	pool, err := pg.Open(ctx, url, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePool(t, pool, 10*time.Second) })
	return pool
}

// closePool closes the pool, which waits for every connection in use. One that
// the test never gave back must not hang the run.
func closePool(t testing.TB, pool *pgxpool.Pool, limit time.Duration) {
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(limit):
		t.Errorf("pgtest: %d connections were not given back to the pool by the end of the test "+
			"(rows not closed, a transaction neither committed nor rolled back?)", pool.Stat().AcquiredConns())
	}
}
