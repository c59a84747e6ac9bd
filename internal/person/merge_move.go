package person

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// MoveTx gives the rows of a column from the one person to the other, and notes
// which. It returns how many.
func (j *Joining) MoveTx(ctx context.Context, tx pgx.Tx, o pg.Owned) (int64, error) {
	unless := o.Unless
	if unless == "" {
		unless = "false"
	}
	tag, err := tx.Exec(ctx, `WITH moved AS (UPDATE `+o.Table+` t SET `+o.Column+` = $2
			WHERE t.`+o.Column+` = $1 AND NOT (`+unless+`) RETURNING t.`+o.RowID()+` AS row)
		INSERT INTO person.merge_row (merge, tbl, col, row) SELECT $3, $4, $5, row FROM moved`,
		j.From, j.Into, j.ID, o.Table, o.Column)
	return tag.RowsAffected(), err
}

// ReturnTx gives back exactly the rows that MoveTx moved.
func (j *Joining) ReturnTx(ctx context.Context, tx pgx.Tx, o pg.Owned) error {
	_, err := tx.Exec(ctx, `UPDATE `+o.Table+` t SET `+o.Column+` = $1 FROM person.merge_row m
		WHERE m.merge = $3 AND m.tbl = $4 AND m.col = $5 AND t.`+o.RowID()+` = m.row AND t.`+o.Column+` = $2`,
		j.From, j.Into, j.ID, o.Table, o.Column)
	return err
}

// Note is what a merge changed in a row, beside whose it is.
type Note struct {
	Row uuid.UUID
	Was json.RawMessage
}

// NoteTx notes what a row said before it was changed.
func (j *Joining) NoteTx(ctx context.Context, tx pgx.Tx, table, what string, row uuid.UUID, was any) error {
	_, err := tx.Exec(ctx, `INSERT INTO person.merge_row (merge, tbl, col, row, was) VALUES ($1, $2, $3, $4, $5)`, j.ID, table, what, row, was)
	return err
}

// NotesTx reads the notes about a table, by row.
func (j *Joining) NotesTx(ctx context.Context, tx pgx.Tx, table, what string) ([]Note, error) {
	rows, err := tx.Query(ctx, `SELECT row, was FROM person.merge_row WHERE merge = $1 AND tbl = $2 AND col = $3 ORDER BY row`, j.ID, table, what)
	return pg.All[Note](rows, err)
}

// owned are the columns of this area.
var owned = []pg.Owned{
	{Table: "person.identity_document", Column: "person"},
	{Table: "person.verification", Column: "person"},
	{Table: "person.qualification", Column: "person", Unless: `t.revoked_at IS NULL AND EXISTS (SELECT FROM person.qualification o
		WHERE o.person = $2 AND o.code = t.code AND o.revoked_at IS NULL)`},
	{Table: "person.consent", Column: "person", Unless: `t.withdrawn_at IS NULL AND EXISTS (SELECT FROM person.consent o
		WHERE o.person = $2 AND o.purpose = t.purpose AND o.text_version = t.text_version AND o.given_by = t.given_by
		AND o.org IS NOT DISTINCT FROM t.org AND o.withdrawn_at IS NULL)`},
	{Table: "person.consent", Column: "given_by", Unless: `t.withdrawn_at IS NULL AND EXISTS (SELECT FROM person.consent o
		WHERE o.given_by = $2 AND o.purpose = t.purpose AND o.text_version = t.text_version AND o.person = t.person
		AND o.org IS NOT DISTINCT FROM t.org AND o.withdrawn_at IS NULL)`},
	{Table: "person.guardianship", Column: "guardian", Unless: `t.ended_at IS NULL AND EXISTS (SELECT FROM person.guardianship o
		WHERE o.guardian = $2 AND o.ward = t.ward AND o.ended_at IS NULL)`},
	{Table: "person.guardianship", Column: "ward", Unless: `t.ended_at IS NULL AND EXISTS (SELECT FROM person.guardianship o
		WHERE o.ward = $2 AND o.guardian = t.guardian AND o.ended_at IS NULL)`},
}

// counted names the lines of the report for tables that simply move.
var counted = map[string]string{
	"person.identity_document": "documents", "person.qualification": "qualifications", "certificate.certificate": "certificates",
	"notify.message": "messages",
}
