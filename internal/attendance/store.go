package attendance

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

const columns = `id, shift, person, signup, org, state, in_at, in_method, in_place, in_by,
	out_at, out_method, out_place, out_by, closes_at, reason`

const missingColumns = `attendance, opened_at, asked_at, asked_by, answered_at, answer_out_at, answer_note,
	settled_at, settled_by, settled_how`

// Get finds an attendance, or returns ErrNotFound.
func Get(ctx context.Context, db pg.DB, id uuid.UUID) (Attendance, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM attendance.attendance WHERE id = $1`, id)
	return pg.One[Attendance](rows, err, ErrNotFound)
}

// OfShift lists everybody who was at a shift, by time of coming.
func OfShift(ctx context.Context, db pg.DB, shift uuid.UUID) ([]Attendance, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM attendance.attendance WHERE shift = $1 ORDER BY in_at, id`, shift)
	return pg.All[Attendance](rows, err)
}

// Of finds the attendance of a person at a shift, or returns ErrNotFound.
func Of(ctx context.Context, db pg.DB, shift, person uuid.UUID) (Attendance, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM attendance.attendance WHERE shift = $1 AND person = $2`, shift, person)
	return pg.One[Attendance](rows, err, ErrNotFound)
}

// OpenOf finds the open attendance of a person, or returns ErrNotFound.
func OpenOf(ctx context.Context, db pg.DB, person uuid.UUID) (Attendance, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM attendance.attendance WHERE person = $1 AND state = 'open'`, person)
	return pg.One[Attendance](rows, err, ErrNotFound)
}

// UnconfirmedOf lists the attendances of a person whose check-out is missing,
// newest first.
func UnconfirmedOf(ctx context.Context, db pg.DB, person uuid.UUID) ([]Attendance, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM attendance.attendance
		WHERE person = $1 AND state = 'unconfirmed' ORDER BY in_at DESC`, person)
	return pg.All[Attendance](rows, err)
}

// MissingOf finds the case of an attendance, or returns ErrNotFound.
func MissingOf(ctx context.Context, db pg.DB, attendance uuid.UUID) (Missing, error) {
	rows, err := db.Query(ctx, `SELECT `+missingColumns+` FROM attendance.missing_out WHERE attendance = $1`, attendance)
	return pg.One[Missing](rows, err, ErrNotFound)
}

// MissingOfShift lists the cases of a shift by attendance.
func MissingOfShift(ctx context.Context, db pg.DB, shift uuid.UUID) (map[uuid.UUID]Missing, error) {
	rows, err := db.Query(ctx, `SELECT `+missingColumns+` FROM attendance.missing_out
		WHERE attendance IN (SELECT id FROM attendance.attendance WHERE shift = $1)`, shift)
	list, err := pg.All[Missing](rows, err)
	out := make(map[uuid.UUID]Missing, len(list))
	for _, m := range list {
		out[m.Attendance] = m
	}
	return out, err
}

func lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Attendance, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM attendance.attendance WHERE id = $1 FOR NO KEY UPDATE`, id)
	return pg.One[Attendance](rows, err, ErrNotFound)
}

func lockOf(ctx context.Context, tx pgx.Tx, shift, person uuid.UUID) (Attendance, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM attendance.attendance
		WHERE shift = $1 AND person = $2 FOR NO KEY UPDATE`, shift, person)
	return pg.One[Attendance](rows, err, ErrNotFound)
}

func lockOpenOf(ctx context.Context, tx pgx.Tx, person uuid.UUID) (Attendance, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM attendance.attendance
		WHERE person = $1 AND state = 'open' FOR NO KEY UPDATE`, person)
	return pg.One[Attendance](rows, err, ErrNotFound)
}

// errRaced says that another transaction wrote this person's attendance first.
var errRaced = errors.New("attendance: another transaction came first")

func insert(ctx context.Context, tx pgx.Tx, a Attendance) error {
	_, err := tx.Exec(ctx, `INSERT INTO attendance.attendance (`+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		a.ID, a.Shift, a.Person, a.Signup, a.Org, a.State, a.InAt, a.InMethod, a.InPlace, a.InBy,
		a.OutAt, a.OutMethod, a.OutPlace, a.OutBy, a.ClosesAt, a.Reason)
	if c := pg.Constraint(err); c == "attendance_once" || c == "attendance_one_open" {
		return errRaced
	}
	return err
}

// save writes what may change: state, the side of leaving, the reason.
func save(ctx context.Context, tx pgx.Tx, a Attendance) error {
	_, err := tx.Exec(ctx, `UPDATE attendance.attendance SET state = $2, out_at = $3, out_method = $4, out_place = $5,
			out_by = $6, closes_at = $7, reason = $8 WHERE id = $1`,
		a.ID, a.State, a.OutAt, a.OutMethod, a.OutPlace, a.OutBy, a.ClosesAt, a.Reason)
	return err
}
