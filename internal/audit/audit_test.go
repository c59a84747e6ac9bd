package audit

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

func TestEntryCommitsWithItsChangeOrNotAtAll(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.New(t)
	id, actor := uuid.New(), uuid.New()
	object := Object("organisation", id)
	stop := errors.New("change refused")
	for _, fail := range []bool{true, false} {
		err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			err := RecordTx(ctx, tx, Entry{At: time.Now(), Actor: &actor, Action: "organisation.approve", Object: object, Detail: map[string]any{"from": "applied"}})
			if fail {
				return stop
			}
			return err
		})
		if fail != errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
	got, err := Of(ctx, pool, object)
	if err != nil || len(got) != 1 {
		t.Fatalf("%d entries, %v", len(got), err)
	}
	if got[0].Action != "organisation.approve" || *got[0].Actor != actor || got[0].Detail["from"] != "applied" {
		t.Errorf("got %+v", got[0])
	}
}

func TestEntriesCannotBeChanged(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.New(t)
	err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		return RecordTx(ctx, tx, Entry{At: time.Now(), Action: "a.b", Object: "x/1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"UPDATE audit.entry SET action = 'c.d'", "DELETE FROM audit.entry", "TRUNCATE audit.entry"} {
		if _, err := pool.Exec(ctx, sql); err == nil {
			t.Errorf("%s was allowed", sql)
		}
	}
}
