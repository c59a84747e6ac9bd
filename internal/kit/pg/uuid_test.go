package pg_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/kit/pgtest"
)

func TestUUIDsTravelAsTheyAre(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a, b := uuid.New(), uuid.New()
	var gotA, none uuid.UUID
	var pointer, noPointer *uuid.UUID
	var list, empty []uuid.UUID
	var pointers []*uuid.UUID
	err := pool.QueryRow(t.Context(), `SELECT $1::uuid, NULL::uuid, $2::uuid, $3::uuid, $4::uuid[], $5::uuid[], ARRAY[$1::uuid, NULL]`,
		a, &b, (*uuid.UUID)(nil), []uuid.UUID{a, b}, []uuid.UUID{}).Scan(&gotA, &none, &pointer, &noPointer, &list, &empty, &pointers)
	if err != nil {
		t.Fatal(err)
	}
	if gotA != a || none != uuid.Nil || *pointer != b || noPointer != nil || len(empty) != 0 {
		t.Errorf("got %v %v %v %v %v", gotA, none, pointer, noPointer, empty)
	}
	if d := cmp.Diff([]uuid.UUID{a, b}, list); d != "" {
		t.Error(d)
	}
	if len(pointers) != 2 || *pointers[0] != a || pointers[1] != nil {
		t.Errorf("got %v", pointers)
	}
	var text string
	if err := pool.QueryRow(t.Context(), `SELECT $1::uuid::text`, a).Scan(&text); err != nil || text != a.String() {
		t.Errorf("got %s, %v; want %s", text, err, a)
	}
}
