package record

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/pg"
)

// Reader follows the journal with a cursor of its own. Handle gets each event
// exactly once, oldest first, in the transaction that moves the cursor: what it
// writes there and the cursor commit together. It must do nothing outside the
// transaction. Reset empties what the reader keeps, before a rebuild.
type Reader struct {
	Name   string
	Handle func(ctx context.Context, tx pgx.Tx, events []Event) error
	Reset  func(ctx context.Context, tx pgx.Tx) error
}

// Journal runs readers.
type Journal struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	ensured sync.Map // names of readers whose cursor exists
}

// NewJournal makes a runner of readers.
func NewJournal(pool *pgxpool.Pool, log *slog.Logger) *Journal { return &Journal{pool: pool, log: log} }

const (
	readBatch = 500                    // events handled in one transaction
	readPause = 300 * time.Millisecond // between looks while there is nothing to read
	readRetry = 5 * time.Second        // after a failure
)

// Run follows the journal until the context ends. On several nodes one handles
// at a time; when it ends another goes on from its cursor.
func (j *Journal) Run(ctx context.Context, r Reader) {
	for ctx.Err() == nil {
		pause := readPause
		if _, err := j.Drain(ctx, r); err != nil && ctx.Err() == nil {
			j.log.ErrorContext(ctx, "journal reader failed; it will try again", "reader", r.Name, "error", err.Error())
			pause = readRetry
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// Drain handles all that can be read now and returns how many events that was.
func (j *Journal) Drain(ctx context.Context, r Reader) (int, error) {
	if err := j.ensure(ctx, r); err != nil {
		return 0, err
	}
	total := 0
	for {
		n, err := j.step(ctx, r)
		total += n
		if err != nil || n < readBatch {
			return total, err
		}
	}
}

// Rebuild empties what the reader keeps and sets its cursor before the first
// event; Run or Drain then replays the journal.
func (j *Journal) Rebuild(ctx context.Context, r Reader) error {
	if err := j.ensure(ctx, r); err != nil {
		return err
	}
	return pg.InTx(ctx, j.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM record.reader WHERE name = $1 FOR UPDATE`, r.Name); err != nil {
			return err
		}
		if err := r.Reset(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE record.reader SET seq = 0, events = 0, moved_at = NULL WHERE name = $1`, r.Name)
		return err
	})
}

// step handles one batch. The lock on the cursor's row keeps other nodes out.
func (j *Journal) step(ctx context.Context, r Reader) (n int, err error) {
	err = pg.InTx(ctx, j.pool, func(tx pgx.Tx) error {
		n = 0
		// Each statement must see what was committed before it began.
		if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL READ COMMITTED`); err != nil {
			return err
		}
		after, err := lockCursor(ctx, tx, r.Name)
		if err != nil {
			return err
		}
		events, err := readAfter(ctx, tx, after)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := r.Handle(ctx, tx, events); err != nil {
			return err
		}
		n = len(events)
		return moveCursor(ctx, tx, r.Name, events[n-1].Seq, n)
	})
	if errors.Is(err, errElsewhere) {
		return 0, nil
	}
	return n, err
}

// errElsewhere says that another node is handling this reader's events.
var errElsewhere = errors.New("record: the reader runs on another node")

// ensure makes the reader's cursor, before any transaction that would keep
// other nodes waiting for it.
func (j *Journal) ensure(ctx context.Context, r Reader) error {
	if _, done := j.ensured.Load(r.Name); done {
		return nil
	}
	_, err := j.pool.Exec(ctx, `INSERT INTO record.reader (name) VALUES ($1) ON CONFLICT DO NOTHING`, r.Name)
	if err == nil {
		j.ensured.Store(r.Name, true)
	}
	return err
}

func lockCursor(ctx context.Context, tx pgx.Tx, name string) (after int64, err error) {
	err = tx.QueryRow(ctx, `SELECT seq FROM record.reader WHERE name = $1 FOR UPDATE SKIP LOCKED`, name).Scan(&after)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errElsewhere
	}
	return after, err
}

// readAfter reads the next events, in the order of their numbers, up to the
// horizon: below it every event is committed or never will be. Horizon and
// events are two statements on purpose: the second sees all that was settled
// when the first looked.
func readAfter(ctx context.Context, tx pgx.Tx, after int64) ([]Event, error) {
	var horizon int64
	if err := tx.QueryRow(ctx, `SELECT record.horizon()`).Scan(&horizon); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT `+eventColumns+` FROM record.journal WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`,
		after, horizon, readBatch)
	return pg.All[Event](rows, err)
}

func moveCursor(ctx context.Context, tx pgx.Tx, name string, to int64, n int) error {
	_, err := tx.Exec(ctx, `UPDATE record.reader SET seq = $2, events = events + $3, moved_at = now() WHERE name = $1`, name, to, n)
	return err
}

// ReaderStatus is how far a reader is.
type ReaderStatus struct {
	Name    string
	Events  int64      // handled so far
	Waiting int64      // not handled yet
	Oldest  *time.Time // when the oldest of them happened; nil: none waits
}

// Status tells how far all readers are, for operators.
func Status(ctx context.Context, db pg.DB) ([]ReaderStatus, error) {
	rows, err := db.Query(ctx, `SELECT r.name, r.events, w.waiting, w.oldest FROM record.reader r,
		LATERAL (SELECT count(*) AS waiting, min(j.at) AS oldest FROM record.journal j
			WHERE j.seq > r.seq) w ORDER BY r.name`)
	return pg.All[ReaderStatus](rows, err)
}
