package bench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The baselines write sign-ups as one does without a second thought: straight
// from SQL, one transaction a request, into the same tables with the same
// constraints. They check nothing but capacity, and answer over no HTTP.

// errFull is the baseline's refusal.
var errFull = errors.New("full")

// plainLocked is SELECT … FOR UPDATE, insert, count, commit.
func plainLocked(ctx context.Context, conn *pgx.Conn, shift, person uuid.UUID, now time.Time) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var capacity, taken int
		var starts, ends time.Time
		err := tx.QueryRow(ctx, `SELECT capacity, taken, starts_at, ends_at FROM activity.shift WHERE id = $1 FOR UPDATE`, shift).
			Scan(&capacity, &taken, &starts, &ends)
		if err != nil {
			return err
		}
		if taken >= capacity {
			return errFull
		}
		_, err = tx.Exec(ctx, `INSERT INTO activity.signup (id, shift, person, signed_by, state, during, queue, created_at, changed_at, changed_by)
			VALUES ($1, $2, $3, $3, 'confirmed', tstzrange($4, $5), 0, $6, $6, $3)`, uuid.Must(uuid.NewV7()), shift, person, starts, ends, now)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE activity.shift SET taken = taken + 1 WHERE id = $1`, shift)
		return err
	})
}

// plainStatement is the same as one statement: count if there is room, insert.
func plainStatement(ctx context.Context, conn *pgx.Conn, shift, person uuid.UUID, now time.Time) error {
	tag, err := conn.Exec(ctx, `WITH counted AS (
			UPDATE activity.shift SET taken = taken + 1 WHERE id = $2 AND taken < capacity RETURNING starts_at, ends_at)
		INSERT INTO activity.signup (id, shift, person, signed_by, state, during, queue, created_at, changed_at, changed_by)
		SELECT $1, $2, $3, $3, 'confirmed', tstzrange(starts_at, ends_at), 0, $4, $4, $3 FROM counted`,
		uuid.Must(uuid.NewV7()), shift, person, now)
	if err == nil && tag.RowsAffected() == 0 {
		return errFull
	}
	return err
}

type plainSignUp func(ctx context.Context, conn *pgx.Conn, shift, person uuid.UUID, now time.Time) error

// plainLoad runs a baseline on so many connections until the requests or the
// time are used up, and says how many a second were answered.
func plainLoad(ctx context.Context, pool *pgxpool.Pool, sign plainSignUp, conns, n int, limit time.Duration, request func(i int) (shift, person uuid.UUID)) (rate float64, err error) {
	var next, done atomic.Int64
	errs := make([]error, conns)
	begin := time.Now()
	var wg sync.WaitGroup
	for c := range conns {
		wg.Go(func() {
			errs[c] = pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
				for time.Since(begin) < limit {
					i := int(next.Add(1)) - 1
					if i >= n {
						return nil
					}
					shift, person := request(i)
					if err := sign(ctx, conn.Conn(), shift, person, time.Now()); err != nil && !errors.Is(err, errFull) {
						return err
					}
					done.Add(1)
				}
				return nil
			})
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(begin).Seconds(), errors.Join(errs...)
}
