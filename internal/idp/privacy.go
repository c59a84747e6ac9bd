package idp

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45).
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	rows, err := held.Collect(db.Query(ctx, `SELECT c.name_hans AS platform, k.claims, k.given_at, k.withdrawn_at FROM idp.consent k
		JOIN idp.client c ON c.id = k.client WHERE k.person = $1 ORDER BY k.given_at, k.id`, person))
	out := held.Things{}
	out.Add("app", rows...)
	return out, err
}

// EraseTx ends every sign-in to partner platforms and forgets what the person
// agreed to there.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	for _, sql := range []string{`DELETE FROM idp.grant WHERE person = $1`, `DELETE FROM idp.request WHERE person = $1`, `DELETE FROM idp.consent WHERE person = $1`} {
		if _, err := tx.Exec(ctx, sql, person); err != nil {
			return err
		}
	}
	return nil
}
