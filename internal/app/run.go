package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"golang.org/x/sync/errgroup"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/web"
	"kapok/internal/notify"
	"kapok/internal/record"
)

// Readers are all readers of the journal.
func (a *App) Readers() []record.Reader {
	return append(a.Records.Readers(), a.Certificates.Reader())
}

// Drain lets every reader of the journal handle what can be read now.
func (a *App) Drain(ctx context.Context) error {
	for _, r := range a.Readers() {
		if _, err := a.Journal.Drain(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// tidyEvery is how often what has ended is deleted, and estimated due days are
// looked at again.
const tidyEvery = time.Hour

// Run does the work that no request asks for, until ctx ends: journal readers,
// deliveries, forgotten check-outs, tidying.
func (a *App) Run(ctx context.Context) error {
	jobs, err := a.startJobs(ctx)
	if err != nil {
		return err
	}
	var g errgroup.Group
	for _, r := range a.Readers() {
		g.Go(func() error { a.Journal.Run(ctx, r); return nil })
	}
	g.Go(func() error { a.Attendance.Run(ctx); return nil })
	g.Go(func() error { a.tidy(ctx); return nil })
	g.Go(func() error { a.promote(ctx); return nil })
	g.Go(func() error { a.followKeys(ctx); return nil })
	a.runPrivacy(ctx, &g)
	err = g.Wait()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, jobs.Stop(end))
}

// startJobs starts the job queue; its jobs were inserted with what they belong to.
func (a *App) startJobs(ctx context.Context) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	a.Notify.Register(workers)
	c, err := river.NewClient(riverpgxv5.New(a.Pool), &river.Config{
		Schema: pg.JobSchema, Logger: a.Log, Workers: workers,
		Queues: map[string]river.QueueConfig{notify.Queue: {MaxWorkers: notify.QueueWorkers}},
	})
	if err != nil {
		return nil, err
	}
	return c, c.Start(context.WithoutCancel(ctx)) // ends by Stop, so that jobs under way finish
}

func (a *App) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		_, redating := a.Records.Redate(ctx)
		_, ending := a.Accounts.EndRoles(ctx)
		if err := errors.Join(a.tidyFederation(ctx), redating, ending, a.tidyPrivacy(ctx)); err != nil && ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "tidying failed", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// promoteEvery is how often waiting lists are looked at for people who could
// not move up when a place became free, and could now.
const promoteEvery = time.Minute

func (a *App) promote(ctx context.Context) {
	tick := time.NewTicker(promoteEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := a.Activities.PromoteDue(ctx); err != nil && ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "waiting lists were not looked at", "error", err.Error())
		}
	}
}

// healthz answers whether the process lives; readyz whether it should get requests.
func (a *App) healthz(w http.ResponseWriter, _ *http.Request) error {
	_, err := w.Write([]byte("ok\n"))
	return err
}

func (a *App) readyz(w http.ResponseWriter, r *http.Request) error {
	if a.Site.Draining() {
		return web.ErrShuttingDown
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := a.Pool.Ping(ctx); err != nil {
		return ErrNoDatabase.Because(err)
	}
	_, err := w.Write([]byte("ready\n"))
	return err
}
