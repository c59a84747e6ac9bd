package pgtest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

func TestDurableSurvivesKill(t *testing.T) {
	t.Parallel()
	s := Durable(t)
	pool, err := pg.Open(limited(t), s.URL(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if n, err := pg.Pending(limited(t), pool); n != 0 || err != nil {
		t.Errorf("%d migrations are pending, %v", n, err)
	}
	if value[string](t, pool, "SELECT current_setting('fsync') || current_setting('synchronous_commit')") != "onon" {
		t.Error("commits are not durable")
	}
	run(t, s.URL(), "CREATE TABLE public.kept (n int)")
	for round := range 3 {
		run(t, s.URL(), fmt.Sprintf("INSERT INTO public.kept VALUES (%d)", round))
		s.Kill()
		if _, err := pgx.Connect(limited(t), s.URL()); err == nil {
			t.Error("a killed server answers")
		}
		s.Restart()
	}
	pool.Reset()
	if got := value[string](t, pool, "SELECT string_agg(n::text, '' ORDER BY n) FROM public.kept"); got != "012" {
		t.Errorf("rows %s, want 012", got)
	}
}
