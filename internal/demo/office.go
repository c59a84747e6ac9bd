package demo

import (
	"context"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"kapok/internal/app"
	"kapok/internal/kit/clock"
)

// office is a whole set of services whose clock the replay moves. Several work
// at the same time, like the nodes of a province, each at its own moment of
// the same day.
type office struct {
	*app.App
	clock *clock.Fixed
}

// task is something that happens at a moment.
type task struct {
	at time.Time
	do func(ctx context.Context, o *office) error
}

// offices are the sets of services at work.
type offices struct {
	free chan *office
	pool *pgxpool.Pool
}

// openOffices wires the sets. Their commits do not wait for the disk: a crash
// loses the fill, which then begins anew.
func openOffices(ctx context.Context, a *app.App) (*offices, error) {
	cfg := a.Pool.Config()
	cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	n := 2 * runtime.GOMAXPROCS(0)
	cfg.MaxConns = int32(4 * n)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	all := &offices{free: make(chan *office, n), pool: pool}
	for range n {
		clk := clock.At(a.Clock.Now())
		o := a.Options
		o.Pool, o.Clock, o.Silent = pool, clk, true
		branch, err := app.New(ctx, o)
		if err != nil {
			pool.Close()
			return nil, err
		}
		all.free <- &office{branch, clk}
	}
	return all, nil
}

func (all *offices) close() { all.pool.Close() }

// run does tasks that do not depend on each other, as many at a time as there
// are offices.
func (all *offices) run(ctx context.Context, tasks []task) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cap(all.free))
	for _, t := range tasks {
		g.Go(func() error {
			o := <-all.free
			defer func() { all.free <- o }()
			o.clock.Set(t.at)
			return t.do(ctx, o)
		})
	}
	return g.Wait()
}
