package record_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/record"
)

// journal is a journal alone, with a reader that notes what it handled in a
// table whose key refuses a second time.
type journal struct {
	*record.Journal
	t    *testing.T
	pool *pgxpool.Pool
}

func newJournal(t *testing.T) *journal {
	t.Helper()
	pool := pgtest.New(t)
	_, err := pool.Exec(t.Context(), `CREATE TABLE handled (seq bigint PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY)`)
	if err != nil {
		t.Fatal(err)
	}
	return &journal{Journal: record.NewJournal(pool, quietLog()), t: t, pool: pool}
}

func (j *journal) reader(name string) record.Reader {
	return record.Reader{Name: name, Handle: note, Reset: func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM handled`)
		return err
	}}
}

func note(ctx context.Context, tx pgx.Tx, events []record.Event) error {
	for _, e := range events {
		if _, err := tx.Exec(ctx, `INSERT INTO handled (seq) VALUES ($1)`, e.Seq); err != nil {
			return err
		}
	}
	return nil
}

func event(kind string) record.Event {
	return record.Event{Kind: kind, Person: uuid.New(), Org: uuid.New(), At: time.Date(2026, 10, 18, 1, 0, 0, 0, time.UTC)}
}

func (j *journal) begin() pgx.Tx {
	j.t.Helper()
	tx, err := j.pool.Begin(j.t.Context())
	if err != nil {
		j.t.Fatal(err)
	}
	return tx
}

func (j *journal) write(tx pgx.Tx) {
	j.t.Helper()
	if err := record.AppendTx(j.t.Context(), tx, event("noted")); err != nil {
		j.t.Fatal(err)
	}
}

func (j *journal) commit(tx pgx.Tx) {
	j.t.Helper()
	if err := tx.Commit(j.t.Context()); err != nil {
		j.t.Fatal(err)
	}
}

// handled are the seqs in the order in which they were handled.
func (j *journal) handled() []int64 {
	return j.seqs(`SELECT seq FROM handled ORDER BY n`)
}

func (j *journal) written() []int64 { return j.seqs(`SELECT seq FROM record.journal ORDER BY seq`) }

func (j *journal) seqs(sql string) []int64 {
	j.t.Helper()
	rows, err := j.pool.Query(j.t.Context(), sql)
	if err != nil {
		j.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		j.t.Fatal(err)
	}
	return out
}

// drain reads until everything committed is handled, by whichever node.
func (j *journal) drain(r record.Reader) {
	j.t.Helper()
	for range 1000 {
		if _, err := j.Drain(j.t.Context(), r); err != nil {
			j.t.Fatal(err)
		}
		if len(j.handled()) == len(j.written()) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	j.t.Fatalf("handled %d of %d", len(j.handled()), len(j.written()))
}

// The event written first commits last: the reader waits for it.
func TestALateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	r := j.reader("late")
	early := j.begin()
	j.write(early)
	quick := j.begin()
	j.write(quick)
	j.commit(quick)
	if n, err := j.Drain(t.Context(), r); n != 0 || err != nil {
		t.Fatalf("read %d past a transaction that still runs, %v", n, err)
	}
	j.commit(early)
	j.drain(r)
	if got, want := j.handled(), j.written(); !slices.Equal(got, want) || len(got) != 2 {
		t.Errorf("handled %v of %v", got, want)
	}
}

func TestARolledBackEventHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	r := j.reader("rollback")
	lost, kept := j.begin(), j.begin()
	j.write(lost)
	j.write(kept)
	if err := lost.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	j.commit(kept)
	j.drain(r)
	if got := j.handled(); len(got) != 1 {
		t.Errorf("handled %v", got)
	}
}

// Many writers that commit late, roll back and use savepoints, against several
// nodes that read meanwhile: every committed event is handled exactly once.
func TestConcurrentWritersAndReaders(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	r := j.reader("crowd")
	ctx, stop := context.WithCancel(t.Context())
	var nodes, writers sync.WaitGroup
	for range 3 {
		nodes.Go(func() { record.NewJournal(j.pool, quietLog()).Run(ctx, r) })
	}
	var committed atomic.Int64
	for w := range 8 {
		writers.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(w)))
			for range 60 {
				n, err := writeSlowly(t.Context(), j.pool, rng)
				if err != nil {
					t.Error(err)
				}
				committed.Add(n)
			}
		})
	}
	writers.Wait()
	j.drain(r)
	stop()
	nodes.Wait()
	got := j.handled()
	slices.Sort(got)
	if want := j.written(); !slices.Equal(got, want) || int64(len(want)) != committed.Load() {
		t.Errorf("handled %d, journal has %d, committed %d", len(got), len(want), committed.Load())
	}
}

var errUndone = errors.New("undone")

// writeSlowly writes one to three events in a transaction that takes its time
// and sometimes changes its mind; it returns how many were committed.
func writeSlowly(ctx context.Context, pool *pgxpool.Pool, rng *rand.Rand) (int64, error) {
	n := int64(0)
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		for range 1 + rng.IntN(3) {
			if err := record.AppendTx(ctx, tx, event("noted")); err != nil {
				return err
			}
			n++
			time.Sleep(time.Duration(rng.IntN(4000)) * time.Microsecond)
		}
		if rng.IntN(3) == 0 { // a savepoint that is given up
			_ = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
				return errors.Join(record.AppendTx(ctx, tx, event("lost")), errUndone)
			})
		}
		if rng.IntN(8) == 0 {
			return errUndone
		}
		return nil
	})
	if errors.Is(err, errUndone) {
		return 0, nil
	}
	return n, err
}

func TestOneNodeHandlesAtATime(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	tx := j.begin()
	j.write(tx)
	j.commit(tx)
	inside, leave := make(chan struct{}), make(chan struct{})
	r := j.reader("alone")
	slow := r
	slow.Handle = func(ctx context.Context, tx pgx.Tx, events []record.Event) error {
		close(inside)
		<-leave
		return note(ctx, tx, events)
	}
	done := make(chan error, 1)
	go func() {
		_, err := j.Drain(context.Background(), slow)
		done <- err
	}()
	<-inside
	if n, err := j.Drain(t.Context(), r); n != 0 || err != nil {
		t.Errorf("a second node handled %d, %v", n, err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := j.handled(); len(got) != 1 {
		t.Errorf("handled %v", got)
	}
}

func TestAFailureHandlesNothingAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	for range 3 {
		tx := j.begin()
		j.write(tx)
		j.commit(tx)
	}
	broken := j.reader("moody")
	broken.Handle = func(ctx context.Context, tx pgx.Tx, events []record.Event) error {
		return errors.Join(note(ctx, tx, events), errUndone)
	}
	if _, err := j.Drain(t.Context(), broken); !errors.Is(err, errUndone) {
		t.Fatal(err)
	}
	if got := j.handled(); len(got) != 0 {
		t.Errorf("kept %v of a failed batch", got)
	}
	j.drain(j.reader("moody"))
	if got := j.handled(); len(got) != 3 {
		t.Errorf("handled %v", got)
	}
}

func TestARebuildReplaysEverything(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	for range 1200 { // more than two batches
		tx := j.begin()
		j.write(tx)
		j.commit(tx)
	}
	r := j.reader("again")
	j.drain(r)
	first := j.handled()
	if err := j.Rebuild(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got := j.handled(); len(got) != 0 {
		t.Errorf("%d left after a reset", len(got))
	}
	j.drain(r)
	if got := j.handled(); !slices.Equal(got, first) {
		t.Errorf("replayed %d events, first were %d", len(got), len(first))
	}
	status, err := record.Status(t.Context(), j.pool)
	if err != nil || len(status) != 1 || status[0].Events != 1200 || status[0].Waiting != 0 || status[0].Oldest != nil {
		t.Errorf("%+v %v", status, err)
	}
}

// Long work that writes no event, here or in another database of the server,
// does not stop the readers; a snapshot's xmin would.
func TestOtherWorkHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	busy := j.begin()
	defer func() { _ = busy.Rollback(context.Background()) }()
	if _, err := busy.Exec(t.Context(), `CREATE TABLE other_work (n int)`); err != nil {
		t.Fatal(err)
	}
	tx := j.begin()
	j.write(tx)
	j.commit(tx)
	if n, err := j.Drain(t.Context(), j.reader("calm")); n != 1 || err != nil {
		t.Errorf("handled %d, %v", n, err)
	}
}

// A savepoint that is given up takes its announcement with it; what follows
// announces itself anew.
func TestAGivenUpSavepointStillAnnouncesTheRest(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	slow := j.begin()
	err := pgx.BeginFunc(t.Context(), slow, func(tx pgx.Tx) error {
		return errors.Join(record.AppendTx(t.Context(), tx, event("lost")), errUndone)
	})
	if !errors.Is(err, errUndone) {
		t.Fatal(err)
	}
	j.write(slow)
	quick := j.begin()
	j.write(quick)
	j.commit(quick)
	r := j.reader("savepoint")
	if n, err := j.Drain(t.Context(), r); n != 0 || err != nil {
		t.Errorf("read %d past a transaction that still runs, %v", n, err)
	}
	j.commit(slow)
	if n, err := j.Drain(t.Context(), r); n != 2 || err != nil {
		t.Errorf("handled %d, %v", n, err)
	}
}

// One announcement a transaction: thousands of events must not fill the table
// of locks.
func TestALargeTransactionHoldsOneLock(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	tx := j.begin()
	for range 300 {
		j.write(tx)
	}
	var locks int
	if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`).Scan(&locks); err != nil || locks != 1 {
		t.Errorf("%d locks, %v", locks, err)
	}
	j.commit(tx)
}

func TestEventsCommitWithTheirTransaction(t *testing.T) {
	t.Parallel()
	j := newJournal(t)
	err := pg.InTx(t.Context(), j.pool, func(tx pgx.Tx) error {
		return errors.Join(record.AppendTx(t.Context(), tx, event("a"), event("b")), errUndone)
	})
	if !errors.Is(err, errUndone) || len(j.written()) != 0 {
		t.Errorf("%v, %v", err, j.written())
	}
	if err := pg.InTx(t.Context(), j.pool, func(tx pgx.Tx) error {
		return record.AppendTx(t.Context(), tx, event("NOT A KIND"))
	}); err == nil {
		t.Error("a kind of any form was accepted")
	}
}
