package federation

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45).
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	rows, err := held.Collect(db.Query(ctx, `SELECT provider, level, linked_at AS since, verified_at, ended_at FROM federation.link
		WHERE person = $1 ORDER BY linked_at, id`, person))
	out := held.Things{}
	out.Add("link", rows...)
	return out, err
}

// EraseTx forgets which identities elsewhere are a person's.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM federation.link WHERE person = $1`, person)
	return err
}
