package pg_test

import (
	"testing"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

func TestMigrateTwiceIsHarmlessAndBringsTheJobQueue(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if err := pg.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	var there bool
	if err := pool.QueryRow(t.Context(), `SELECT to_regclass($1) IS NOT NULL`, pg.JobSchema+".river_job").Scan(&there); err != nil || !there {
		t.Errorf("no job table: %v %v", there, err)
	}
}
