package pgtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/pg"
)

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func value[T any](t *testing.T, db pg.DB, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := db.QueryRow(limited(t), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestNewIsMigratedAndOnesOwn(t *testing.T) {
	t.Parallel()
	names := make(chan string, 8)
	t.Run("group", func(t *testing.T) {
		for i := range cap(names) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				pool := New(t)
				if n, err := pg.Pending(limited(t), pool); n != 0 || err != nil {
					t.Errorf("%d migrations are pending, %v", n, err)
				}
				if value[string](t, pool, "SELECT current_setting('is_superuser')") != "off" {
					t.Error("tests run as superuser: rights are not tested")
				}
				if _, err := pool.Exec(limited(t), "CREATE TABLE public.mine ()"); err != nil {
					t.Error(err) // it would be there already, were the database shared
				}
				names <- value[string](t, pool, "SELECT current_database()::text")
			})
		}
	})
	close(names)
	s, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for name := range names {
		if seen[name] {
			t.Errorf("%s was given twice", name)
		}
		seen[name] = true
		if n := value[int](t, s.admin, "SELECT count(*) FROM pg_database WHERE datname = $1", name); n != 0 {
			t.Errorf("%s was not dropped", name)
		}
	}
}

func TestPoolTellsItsAddress(t *testing.T) {
	t.Parallel()
	pool := New(t)
	conn, err := pgx.Connect(limited(t), pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var name string
	if err := conn.QueryRow(limited(t), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	if want := value[string](t, pool, "SELECT current_database()::text"); name != want {
		t.Errorf("the address leads to %s, the pool to %s", name, want)
	}
}

func TestURLGivesAnotherEachTime(t *testing.T) {
	t.Parallel()
	if a, b := URL(t), URL(t); a == b {
		t.Errorf("twice %s", a)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	pool := Empty(t)
	if n := value[int](t, pool, "SELECT count(*) FROM pg_namespace WHERE nspname = 'kit'"); n != 0 {
		t.Error("the database is not empty")
	}
	if err := pg.Migrate(limited(t), pool); err != nil {
		t.Error(err)
	}
}

func TestDatabaseInUseIsDropped(t *testing.T) {
	t.Parallel()
	var conn *pgx.Conn
	t.Run("leaves a connection open", func(t *testing.T) {
		var err error
		if conn, err = pgx.Connect(limited(t), URL(t)); err != nil {
			t.Fatal(err)
		}
	})
	if conn == nil {
		t.FailNow()
	}
	if err := conn.Ping(limited(t)); err == nil {
		t.Error("the database of the ended test still answers")
	}
}

// recorder takes what a test would have said.
type recorder struct {
	testing.TB
	said strings.Builder
}

func (r *recorder) Logf(format string, args ...any)   { fmt.Fprintf(&r.said, format, args...) }
func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.said, format, args...) }

func TestFailedTestKeepsItsDatabase(t *testing.T) {
	t.Parallel()
	s, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	private := &server{admin: s.admin, url: s.url, owner: s.owner, lease: lease{dir: t.TempDir()}}
	name := cloneName(t.Name(), time.Now())
	if err := private.create(limited(t), name, "template0"); err != nil {
		t.Fatal(err)
	}
	r := &recorder{TB: t}
	if err := private.finish(limited(t), r, name, true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.said.String(), private.urlOf(name)) {
		t.Errorf("said %q", &r.said)
	}
	comment := value[string](t, s.admin, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", name)
	if comment != keptComment || !recentlyKept(private.lease.dir) {
		t.Errorf("the keeper cannot know: comment %q", comment)
	}
	if err := private.finish(limited(t), r, name, false); err != nil {
		t.Fatal(err)
	}
}

func TestLostConnectionIsNamed(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(limited(t), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Acquire(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{TB: t}
	closePool(r, pool, 10*time.Millisecond)
	conn.Release()
	if !strings.Contains(r.said.String(), "1 connections were not given back") {
		t.Errorf("said %q", &r.said)
	}
}
