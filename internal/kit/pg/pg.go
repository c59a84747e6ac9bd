// Package pg is Kapok's way to PostgreSQL: opening a pool, migrating, running
// transactions, naming the constraint that refused.
//
// Owns: pool settings, migrations, retry of serialization failures.
// Invariants: a transaction is always visible in a signature (pgx.Tx); it is
// retried only when PostgreSQL itself rolled it back; no network call inside one.
// Tables: none.
// Not here: starting a private server (kit/pgserver), test databases (kit/pgtest).
package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"kapok/db"
)

// DB is what both a pool and a transaction can do; functions that only read
// take it, so that callers choose.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Open connects a pool of at most maxConns connections (0: the default of 16).
func Open(ctx context.Context, url string, maxConns int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("pg: the database URL cannot be read") // never print it: it may hold a password
	}
	cfg.MaxConns = 16
	if maxConns > 0 {
		cfg.MaxConns = maxConns
	}
	cfg.ConnConfig.Tracer = otelpgx.NewTracer()
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "kapok"
	cfg.AfterConnect = registerUUID
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("pg: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("pg: %w", err)
	}
	return pool, nil
}

// Migrate brings the schema to the newest version, and the job queue's. A session lock keeps
// several nodes that start together from running it twice.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Sub(db.Migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	conn := stdlib.OpenDBFromPool(pool)
	defer conn.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, conn, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("pg: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("pg: migrate: %w", err)
	}
	return migrateJobs(ctx, pool)
}

// Pending reports how many migrations the schema lacks.
func Pending(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	files, err := fs.Sub(db.Migrations, "migrations")
	if err != nil {
		return 0, err
	}
	conn := stdlib.OpenDBFromPool(pool)
	defer conn.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, conn, files)
	if err != nil {
		return 0, fmt.Errorf("pg: %w", err)
	}
	status, err := p.Status(ctx)
	if err != nil {
		return 0, fmt.Errorf("pg: %w", err)
	}
	n := 0
	for _, s := range status {
		if s.State == goose.StatePending {
			n++
		}
	}
	return n, nil
}

const maxAttempts = 5

// InTx runs fn in a transaction and commits when fn returns nil. A deadlock or
// serialization failure runs fn again, a few times, so fn must not keep
// anything from a failed run.
func InTx(ctx context.Context, pool *pgxpool.Pool, fn func(tx pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := pgx.BeginFunc(ctx, pool, fn)
		if err == nil || attempt == maxAttempts || !retryable(err) {
			return err
		}
		pause := time.Duration(rand.IntN(10<<attempt)) * time.Millisecond
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func retryable(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40001" || pe.Code == "40P01")
}

// Constraint is the name of the constraint that refused a statement, or "".
func Constraint(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && len(pe.Code) == 5 && pe.Code[:2] == "23" {
		return pe.ConstraintName
	}
	return ""
}

// One returns the only row, or notFound when there is none.
func One[T any](rows pgx.Rows, err error, notFound error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return zero, notFound
	}
	return v, err
}

// All returns all rows as structs, matched by column name ("db" tags).
func All[T any](rows pgx.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}
