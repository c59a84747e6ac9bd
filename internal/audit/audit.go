// Package audit keeps who did what.
//
// Owns: the insert-only log of acts.
// Words: 审计 audit, 操作人 actor.
// Invariants: an entry commits with the change it describes or not at all;
// entries are never changed (a trigger refuses it); no personal data in them.
// Tables: audit.entry.
// Not here: the journal of hours (record).
package audit

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// Entry is one act.
type Entry struct {
	ID     int64
	At     time.Time
	Actor  *uuid.UUID     // person who acted; nil for the system itself
	Action string         // "organisation.approve"
	Object string         // kind and id: Object("organisation", id)
	Org    *uuid.UUID     // organisation in whose name, if any
	Region *string        // division code concerned, if any
	Detail map[string]any // codes, counts, old and new states; no personal data
}

// Object names a thing by kind and id.
func Object(kind string, id uuid.UUID) string { return kind + "/" + id.String() }

// RecordTx writes an entry within the transaction of the change.
func RecordTx(ctx context.Context, tx pgx.Tx, e Entry) error {
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit.entry (at, actor, action, object, org, region, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, e.At, e.Actor, e.Action, e.Object, e.Org, e.Region, e.Detail)
	return err
}

// Of lists the acts on one object, oldest first.
func Of(ctx context.Context, db pg.DB, object string) ([]Entry, error) {
	rows, err := db.Query(ctx, `SELECT id, at, actor, action, object, org, region, detail
		FROM audit.entry WHERE object = $1 ORDER BY id`, object)
	return pg.All[Entry](rows, err)
}
