package record

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// Event is one line of the journal. Changes of records write theirs by
// trigger, under the name of the Change; AppendTx writes all others.
type Event struct {
	Seq     int64
	Kind    string
	Record  *uuid.UUID // nil: the hour has no record yet
	Person  uuid.UUID
	Org     uuid.UUID
	At      time.Time
	Actor   *uuid.UUID // nil: the system
	Payload Payload
}

// Payload is what readers need of an event. It holds no personal data.
type Payload struct {
	Shift      uuid.UUID      `json:"shift,omitzero"`
	Attendance uuid.UUID      `json:"attendance,omitzero"`
	Version    int            `json:"version,omitempty"` // of the record
	Before     *Figures       `json:"before,omitempty"`  // nil: there was no record
	After      *Figures       `json:"after,omitempty"`
	Missing    int            `json:"missing,omitempty"` // change in the number of missing check-outs
	Detail     map[string]any `json:"detail,omitempty"`
}

// Figures are what counts of a record: enough to add and to take away again.
type Figures struct {
	State   State  `json:"state"`
	Minutes int    `json:"minutes"`
	Grade   string `json:"grade"`
	Field   string `json:"field"`
	Year    int    `json:"year"`
}

// AppendTx writes events that no change of a record writes by itself. At, Kind,
// Person and Org are needed; Seq is given by the database. Keep the transaction
// short from here on: readers wait for it.
func AppendTx(ctx context.Context, tx pgx.Tx, events ...Event) error {
	var b pgx.Batch
	for _, e := range events {
		b.Queue(`INSERT INTO record.journal (at, kind, record, person, org, actor, payload) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			e.At, e.Kind, e.Record, e.Person, e.Org, e.Actor, e.Payload)
	}
	return tx.SendBatch(ctx, &b).Close()
}

const eventColumns = `seq, kind, record, person, org, at, actor, payload`

// EventsOf lists what happened to a record, oldest first.
func EventsOf(ctx context.Context, db pg.DB, record uuid.UUID) ([]Event, error) {
	rows, err := db.Query(ctx, `SELECT `+eventColumns+` FROM record.journal WHERE record = $1 ORDER BY seq`, record)
	return pg.All[Event](rows, err)
}
