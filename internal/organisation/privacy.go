package organisation

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45).
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	rows, err := held.Collect(db.Query(ctx, `SELECT o.name AS organisation, m.role, m.added_at AS since FROM organisation.member m
		JOIN organisation.organisation o ON o.id = m.org WHERE m.person = $1 ORDER BY m.added_at`, person))
	out := held.Things{}
	out.Add("role", rows...)
	return out, err
}

// CountSoleAdmin is how many organisations have this person as their only administrator.
func CountSoleAdmin(ctx context.Context, db pg.DB, person uuid.UUID) (n int, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FROM organisation.member m JOIN organisation.organisation o ON o.id = m.org
		WHERE m.person = $1 AND m.role = $2 AND o.state <> 'refused'
			AND NOT EXISTS (SELECT FROM organisation.member x WHERE x.org = m.org AND x.role = $2 AND x.person <> $1)`, person, Admin).Scan(&n)
	return n, err
}

// EraseTx ends all memberships of a person.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM organisation.member WHERE person = $1`, person)
	return err
}
