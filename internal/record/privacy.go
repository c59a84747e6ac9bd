package record

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45). Records are not
// erased: once the person is, they are hours of an id.
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	rows, err := held.Collect(db.Query(ctx, `SELECT activity_name, service_date, starts_at, ends_at, place, content, minutes, organiser, responsible, recording_unit,
			field, grade, state, cause, reason, recorded_at, confirmed_at
		FROM record.service_record WHERE person = $1 ORDER BY service_date, id`, person))
	out := held.Things{}
	out.Add("hours", rows...)
	return out, err
}

// EraseTx strikes what was said about a person's hours, in every version. The
// statutory fields stay (67号令 art. 7), under the id alone.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	for _, sql := range []string{
		`UPDATE record.revision SET reason = kit.struck(reason) WHERE reason <> '' AND record IN (SELECT id FROM record.service_record WHERE person = $1)`,
		`UPDATE record.service_record SET reason = kit.struck(reason) WHERE person = $1 AND reason <> ''`,
	} {
		if _, err := tx.Exec(ctx, sql, person); err != nil {
			return err
		}
	}
	return nil
}

// CountOpen is how many hours of a person are not confirmed or objected to.
func CountOpen(ctx context.Context, db pg.DB, person uuid.UUID) (n int, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FROM record.service_record WHERE person = $1 AND state IN ('pending', 'disputed')`, person).Scan(&n)
	return n, err
}
