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

// RecordTx writes an entry within the transaction of the change. Keep the
// transaction short from here on: the sealer waits for it.
func RecordTx(ctx context.Context, tx pgx.Tx, e Entry) error {
	_, err := insert(ctx, tx, e)
	return err
}

func insert(ctx context.Context, tx pgx.Tx, e Entry) (id int64, err error) {
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	err = tx.QueryRow(ctx, `INSERT INTO audit.entry (at, actor, action, object, org, region, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`, e.At, e.Actor, e.Action, e.Object, e.Org, e.Region, e.Detail).Scan(&id)
	return id, err
}

// Of lists the acts on one object, oldest first.
func Of(ctx context.Context, db pg.DB, object string) ([]Entry, error) {
	rows, err := db.Query(ctx, `SELECT id, at, actor, action, object, org, region, detail
		FROM audit.entry WHERE object = $1 ORDER BY id`, object)
	return pg.All[Entry](rows, err)
}
