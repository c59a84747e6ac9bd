package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	chooseEnv    = "KAPOK_TEST_PG"
	keepEnv      = "KAPOK_TEST_KEEP"
	defaultMajor = 18

	clonePrefix    = "t_"
	templatePrefix = "template_"
	keptComment    = "kept for its failed test"
)

// server is where the databases of this test process are made.
type server struct {
	admin *pgxpool.Pool // on the database postgres
	url   string        // its address
	owner string        // role that owns the databases; empty: the one in url
	lease lease         // of a shared server
}

// connected finds or starts the server, once a process.
var connected = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return connect(ctx, os.Getenv(chooseEnv))
})

func connect(ctx context.Context, choice string) (*server, error) {
	major, address, err := parseChoice(choice)
	if err != nil {
		return nil, err
	}
	s := &server{url: address}
	if address == "" {
		s.owner = "kapok"
		if s.lease, err = shared(ctx, major); err != nil {
			return nil, fmt.Errorf("pgtest: no PostgreSQL %d to test on: %w", major, err)
		}
		s.url = s.lease.address
	}
	if s.admin, err = openAdmin(ctx, s.url); err != nil {
		return nil, fmt.Errorf("pgtest: the server does not answer: %w", err)
	}
	return s, nil
}

// parseChoice reads KAPOK_TEST_PG.
func parseChoice(choice string) (major int, address string, err error) {
	if choice == "" {
		return defaultMajor, "", nil
	}
	if u, err := url.Parse(choice); err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		return 0, choice, nil
	}
	major, err = strconv.Atoi(choice)
	if err != nil || major < 1 {
		return 0, "", fmt.Errorf("pgtest: %s is neither a PostgreSQL version, such as 15, nor a postgres:// URL", chooseEnv)
	}
	return major, "", nil
}

func openAdmin(ctx context.Context, address string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errors.New("the URL cannot be read") // never print it: it may hold a password
	}
	cfg.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// urlOf is the address of a database on the server, as its owner.
func (s *server) urlOf(database string) string {
	u, err := url.Parse(s.url)
	if err != nil {
		return s.url // it was read before
	}
	u.Path = "/" + database
	if s.owner != "" {
		query := u.Query()
		query.Set("user", s.owner)
		u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	return u.String()
}

// create copies the template's files: a third of the time of writing them all
// to the log, which is of no use here.
func (s *server) create(ctx context.Context, name, template string) error {
	sql := "CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(template) + " STRATEGY file_copy"
	if s.owner != "" {
		sql += " OWNER " + quote(s.owner)
	}
	return s.exec(ctx, sql)
}

func (s *server) drop(ctx context.Context, name string) error {
	return s.exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
}

// keepFor leaves a database, and the server running, for a person to look at.
func (s *server) keepFor(ctx context.Context, name string) error {
	if s.lease.dir != "" {
		if err := os.WriteFile(filepath.Join(s.lease.dir, keptFile), []byte(name), 0o600); err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
	}
	return s.exec(ctx, "COMMENT ON DATABASE "+quote(name)+" IS '"+keptComment+"'")
}

func (s *server) exec(ctx context.Context, sql string) error {
	if _, err := s.admin.Exec(ctx, sql); err != nil {
		return fmt.Errorf("pgtest: %s: %w", sql, err)
	}
	return nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// cloneName tells when and for which test a database was made, and is unique.
func cloneName(test string, now time.Time) string {
	readable := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, test)
	return fmt.Sprintf("%s%d_%.30s_%s", clonePrefix, now.Unix(), readable, strings.ToLower(rand.Text()[:10]))
}

// madeAt is the time in a clone's name; ok is false for other databases.
func madeAt(name string) (at time.Time, ok bool) {
	rest, isClone := strings.CutPrefix(name, clonePrefix)
	number, _, _ := strings.Cut(rest, "_")
	seconds, err := strconv.ParseInt(number, 10, 64)
	return time.Unix(seconds, 0), isClone && err == nil
}
