package certificate

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45).
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	rows, err := held.Collect(db.Query(ctx, `SELECT number, issued_at, minutes, times, date_from, date_to, status, status_at, reason, statement
		FROM certificate.certificate WHERE person = $1 ORDER BY issued_at, id`, person))
	out := held.Things{}
	out.Add("certificate", rows...)
	return out, err
}

// EraseTx makes a person's certificates void, as their holder wished, and takes
// away what they said. Numbers stay, so that a copy is seen to be void.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE certificate.certificate SET statement = '{}', signature = decode(repeat('00', 64), 'hex'), reason = '', erased_at = $2,
			status_at = CASE status WHEN 'valid' THEN $2 ELSE status_at END, cause = CASE status WHEN 'replaced' THEN '' ELSE 'holder' END,
			status = CASE status WHEN 'valid' THEN 'void' ELSE status END
		WHERE person = $1 AND erased_at IS NULL`, person, at)
	return err
}
