package attendance

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45).
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	rows, err := held.Collect(db.Query(ctx, `SELECT a.state, a.in_at, a.in_method, a.in_place, a.out_at, a.out_method, a.out_place, a.reason,
			m.answer_out_at, m.answer_note
		FROM attendance.attendance a LEFT JOIN attendance.missing_out m ON m.attendance = a.id WHERE a.person = $1 ORDER BY a.in_at`, person))
	out := held.Things{}
	out.Add("attendance", rows...)
	return out, err
}

// CountOpen is how many attendances of a person are not settled yet.
func CountOpen(ctx context.Context, db pg.DB, person uuid.UUID) (n int, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FROM attendance.attendance WHERE person = $1 AND state IN ('open', 'unconfirmed')`, person).Scan(&n)
	return n, err
}

// EraseTx takes away what is no evidence of service, and strikes what was said
// about a person. Attendance stays under the id: hours stand on it.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	for _, sql := range []string{
		`DELETE FROM attendance.wrong_code WHERE who = $1`,
		`UPDATE attendance.missing_out SET answer_note = kit.struck(answer_note) WHERE answer_note <> ''
			AND attendance IN (SELECT id FROM attendance.attendance WHERE person = $1)`,
		`UPDATE attendance.attendance SET reason = kit.struck(reason) WHERE person = $1 AND reason <> ''`,
	} {
		if _, err := tx.Exec(ctx, sql, person); err != nil {
			return err
		}
	}
	return nil
}

// PurgeTries deletes counts of wrong digits from before a time, at most limit.
func PurgeTries(ctx context.Context, pool *pgxpool.Pool, before time.Time, limit int) (int64, error) {
	tag, err := pool.Exec(ctx, `DELETE FROM attendance.wrong_code WHERE who IN (SELECT who FROM attendance.wrong_code WHERE since < $1 LIMIT $2)`, before, limit)
	return tag.RowsAffected(), err
}
