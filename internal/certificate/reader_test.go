package certificate

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/record"
)

func TestReaderFollowsTheJournal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := b.volunteer(3)
	c := b.issued(t, me, minimal(i18n.ZhHans))
	journal := record.NewJournal(b.pool, slog.New(slog.NewTextHandler(io.Discard, nil)))
	event := func(kind string, id uuid.UUID) {
		t.Helper()
		err := pg.InTx(t.Context(), b.pool, func(tx pgx.Tx) error {
			return record.AppendTx(t.Context(), tx, record.Event{Kind: kind, Record: &id, Person: me, Org: uuid.New(), At: noon})
		})
		if err != nil {
			t.Fatal(err)
		}
		drain(t, journal, b.Reader(), 1)
	}
	for _, s := range []struct {
		kind   string
		record uuid.UUID
		want   Status
	}{
		{"confirmed", b.hours[me][0].Record, Valid},
		{"disputed", b.hours[me][0].Record, Valid},
		{"amended", uuid.New(), Valid}, // a record that it does not state
		{"voided", b.hours[me][1].Record, Void},
	} {
		event(s.kind, s.record)
		if got, err := b.Lookup(t.Context(), c.Number); err != nil || got.Status != s.want {
			t.Errorf("after %s: %s, want %s (%v)", s.kind, got.Status, s.want, err)
		}
	}
	if err := journal.Rebuild(t.Context(), b.Reader()); err != nil {
		t.Fatal(err)
	}
	drain(t, journal, b.Reader(), 4)
}

// drain reads until n events were handled. Transactions of other tests on the
// same server, still running, hold events back for a moment.
func drain(t *testing.T, journal *record.Journal, r record.Reader, n int) {
	t.Helper()
	for n > 0 {
		done, err := journal.Drain(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if n -= done; n > 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	if n < 0 {
		t.Fatalf("%d events more than were written", -n)
	}
}
