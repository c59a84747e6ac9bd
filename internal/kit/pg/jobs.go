package pg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// JobSchema is the schema of the job queue's own tables (River); every River
// client is made with it.
const JobSchema = "river"

// migrateJobs brings the tables of the job queue to the version of the library.
// The lock keeps nodes that start together from running it twice.
func migrateJobs(ctx context.Context, pool *pgxpool.Pool) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: JobSchema})
	if err != nil {
		return fmt.Errorf("pg: job queue: %w", err)
	}
	// A connection of its own holds the lock. One transaction around all would be
	// simpler, but PostgreSQL before 17 refuses an enum value in the transaction
	// that added it, and River's versions 5 and 6 do that.
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("pg: migrate the job queue: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('kapok/job queue'))`); err != nil {
		return fmt.Errorf("pg: migrate the job queue: %w", err)
	}
	if _, err := conn.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+JobSchema); err != nil {
		return fmt.Errorf("pg: migrate the job queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("pg: migrate the job queue: %w", err)
	}
	return nil
}
