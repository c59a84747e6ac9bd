package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/app"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgserver"
)

// baselineConns is how many connections, and clients, the baselines have.
const baselineConns = 64

// Env is the whole platform on a private database, as an operator would run
// it, and a pool for baselines on the same server.
type Env struct {
	Options
	App  *app.App
	Pool *pgxpool.Pool // of the baselines
	Addr string        // of the site

	folder string
	stays  bool // the folder, after Close
	server *pgserver.Server
	http   *http.Server
	stop   context.CancelFunc
	done   chan error
}

// Start starts the environment in a folder of its own.
func Start(ctx context.Context, o Options) (*Env, error) {
	return StartFilled(ctx, o, "", func(context.Context, *Env) error { return nil })
}

// StartFilled starts an environment and fills it. Where Options name a folder
// for data, it is filled once for each name and seed, and found by later runs.
func StartFilled(ctx context.Context, o Options, name string, fill func(context.Context, *Env) error) (*Env, error) {
	folder, err := o.folder(name)
	if err != nil {
		return nil, err
	}
	e := &Env{Options: o, folder: folder, stays: name != "" && o.Data != ""}
	if err = e.start(ctx); err == nil {
		err = e.fill(ctx, fill)
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// folder is the one of a name below the folder for data, or a new one. What
// was half filled is begun again.
func (o Options) folder(name string) (string, error) {
	if name == "" || o.Data == "" {
		return os.MkdirTemp("", "kapok-bench-")
	}
	folder := filepath.Join(o.Data, fmt.Sprintf("%s-%d", name, o.Seed))
	if _, err := os.Stat(filepath.Join(folder, filledMark)); err == nil {
		return folder, nil
	}
	return folder, errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o700))
}

const filledMark = "filled"

func (e *Env) fill(ctx context.Context, fill func(context.Context, *Env) error) error {
	mark := filepath.Join(e.folder, filledMark)
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	begin := time.Now()
	if err := fill(ctx, e); err != nil {
		return err
	}
	e.logf("filled in %v", time.Since(begin).Round(time.Second))
	return os.WriteFile(mark, nil, 0o600)
}

func (e *Env) start(ctx context.Context) (err error) {
	if err := os.Chmod(e.folder, 0o711); err != nil { // as root the database runs as another user
		return err
	}
	e.logf("starting PostgreSQL and the site")
	if e.server, err = pgserver.Start(ctx, pgserver.Config{DataDir: filepath.Join(e.folder, "postgres")}); err != nil {
		return err
	}
	if e.Pool, err = pg.Open(ctx, e.server.URL(), baselineConns+4); err != nil {
		return err
	}
	if err := errors.Join(pg.Migrate(ctx, e.Pool), app.LoadDivisions(ctx, e.Pool)); err != nil {
		return err
	}
	c := conf.Default()
	c.Data = e.folder
	pool, err := pg.Open(ctx, e.server.URL(), int32(c.Connections))
	if err != nil {
		return err
	}
	e.App, err = app.New(ctx, app.Options{Config: c, Pool: pool, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return e.serve()
}

// serve answers on a loopback port and does the background work, as kapok serve.
func (e *Env) serve() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e.Addr = l.Addr().String()
	e.http = &http.Server{Handler: e.App.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10}
	ctx, stop := context.WithCancel(context.Background())
	e.stop, e.done = stop, make(chan error, 2)
	go func() { e.done <- e.http.Serve(l) }()
	go func() { e.done <- e.App.Run(ctx) }()
	return nil
}

// Close stops everything and removes the folder.
func (e *Env) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if e.http != nil {
		errs = append(errs, e.http.Close())
		e.stop()
		for range 2 {
			if err := <-e.done; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, context.Canceled) {
				errs = append(errs, err)
			}
		}
	}
	if e.App != nil {
		e.App.Pool.Close()
	}
	if e.Pool != nil {
		e.Pool.Close()
	}
	if e.server != nil {
		errs = append(errs, e.server.Close(ctx))
	}
	if !e.stays {
		errs = append(errs, os.RemoveAll(e.folder))
	}
	return errors.Join(errs...)
}
