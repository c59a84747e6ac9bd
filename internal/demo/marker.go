package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/app"
	"kapok/internal/kit/pg"
)

// lock keeps two nodes from filling the same database.
func lock(ctx context.Context, pool *pgxpool.Pool) (unlock func(), err error) {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.Exec(ctx, `SELECT pg_advisory_lock(hashtext('kapok demo'))`); err != nil {
		c.Release()
		return nil, err
	}
	return func() {
		_, _ = c.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(hashtext('kapok demo'))`) // the session's end does it, too
		c.Release()
	}, nil
}

// prepare says whether a fill is needed, and marks that it has begun.
func prepare(ctx context.Context, a *app.App, o Options) (needed bool, err error) {
	begun, finished, err := marker(ctx, a.Pool)
	if err != nil || finished {
		return false, err
	}
	people, used, err := inhabited(ctx, a.Pool)
	switch {
	case err != nil:
		return false, err
	case begun && used:
		return false, ErrInUse
	case begun:
		fmt.Fprintln(o.Progress, "演示数据 demo: the last fill was interrupted; it begins anew")
		if err := wipe(ctx, a.Pool); err != nil {
			return false, err
		}
	case people:
		fmt.Fprintln(o.Progress, "演示数据 demo: this database holds people already; nothing is added")
		return false, nil
	}
	_, err = a.Pool.Exec(ctx, `INSERT INTO demo.fill (seed, scale, began_at) VALUES ($1, $2, $3)`, int64(o.Seed), o.Scale, a.Clock.Now())
	return true, err
}

// marker reads how far a fill is; it makes the table for it.
func marker(ctx context.Context, pool *pgxpool.Pool) (begun, finished bool, err error) {
	_, err = pool.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS demo;
		CREATE TABLE IF NOT EXISTS demo.fill (
			only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
			seed        bigint NOT NULL,
			scale       double precision NOT NULL,
			began_at    timestamptz NOT NULL,
			finished_at timestamptz);
		COMMENT ON TABLE demo.fill IS 'This database is a demo; its people are invented'`)
	if err != nil {
		return false, false, err
	}
	err = pool.QueryRow(ctx, `SELECT true, finished_at IS NOT NULL FROM demo.fill`).Scan(&begun, &finished)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return begun, finished, err
}

// inhabited reports whether there are people, and whether any has signed in.
func inhabited(ctx context.Context, pool *pgxpool.Pool) (people, used bool, err error) {
	err = pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM person.person), EXISTS (SELECT FROM account.session)`).Scan(&people, &used)
	return people, used, err
}

// wipe takes away everything but the marker's schema, and migrates anew.
// Records cannot be deleted one by one, and should not be.
func wipe(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, `DO $$
		DECLARE s text;
		BEGIN
			FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public') LOOP
				EXECUTE format('DROP SCHEMA %I CASCADE', s);
			END LOOP;
			DROP TABLE public.goose_db_version;
		END $$`)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	pool.Reset() // plans of statements about tables that are gone
	if err := pg.Migrate(ctx, pool); err != nil {
		return err
	}
	if err := app.LoadDivisions(ctx, pool); err != nil {
		return err
	}
	_, _, err = marker(ctx, pool)
	return err
}
