package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"kapok/internal/app"
	"kapok/internal/demo"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/obs"
	"kapok/internal/kit/pg"
)

// drainTime is how long requests under way may take to finish at a shutdown.
const drainTime = 20 * time.Second

func runServe(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("kapok serve", flag.ContinueOnError)
	s.flags(fs)
	fs.StringVar(&s.listen, "listen", "", "address of the site (default 127.0.0.1:8080)")
	withDemo := fs.Bool("demo", false, "fill an empty database with a generated year of life")
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	c, err := s.load()
	if err != nil {
		return usageError(stderr, err)
	}
	log := obs.Logger(stderr, c.LogLevel, c.LogFormat)
	if err := serve(ctx, s, c, log, stdout, *withDemo); err != nil {
		return fail(log, "kapok stops", err)
	}
	return exitGood
}

// serve starts everything in order and stops it in reverse.
func serve(ctx context.Context, s settings, c conf.Config, log *slog.Logger, stdout io.Writer, withDemo bool) error {
	stopTraces, err := obs.Tracing(ctx, c.OTLP, app.Version)
	if err != nil {
		return err
	}
	defer stopTraces(context.WithoutCancel(ctx))
	listener, err := net.Listen("tcp", c.Listen) // early: a taken port should be known before a database starts
	if err != nil {
		return fmt.Errorf("%w (is another Kapok running? choose another with --listen)", err)
	}
	defer listener.Close()
	db, err := s.open(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.close()
	var life *demo.Options
	if withDemo {
		life = &demo.Options{Seed: 1, Progress: stdout}
	}
	a, err := prepare(ctx, db, c, log, life)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nKapok 木棉  http://%s\n\n", listener.Addr())
	if withDemo {
		demo.PrintLogins(stdout)
	}
	return listen(ctx, a, c, log, listener)
}

// prepare migrates, fills what is empty, and wires the areas. life is nil for
// no generated life.
func prepare(ctx context.Context, db *database, c conf.Config, log *slog.Logger, life *demo.Options) (*app.App, error) {
	if err := pg.Migrate(ctx, db.Pool); err != nil {
		return nil, err
	}
	if err := app.LoadDivisions(ctx, db.Pool); err != nil {
		return nil, err
	}
	a, err := app.New(ctx, app.Options{Config: c, Pool: db.Pool, Clock: clock.System{}, Log: log})
	if err != nil {
		return nil, err
	}
	if life != nil {
		if err := demo.Fill(ctx, a, *life); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// listen answers until ctx ends, then drains.
func listen(ctx context.Context, a *app.App, c conf.Config, log *slog.Logger, listener net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	// Requests outlive ctx: they end by Shutdown, not by a cancelled context.
	site := newServer(a.Handler(), log)
	g.Go(func() error { return ignoreClosed(site.Serve(listener)) })
	g.Go(func() error { return a.Run(ctx) })
	var operator *http.Server
	if c.Operator != "off" {
		if l, err := net.Listen("tcp", c.Operator); err != nil {
			log.Warn("no operator listener: the address is taken", "operator", c.Operator)
		} else {
			operator = newServer(a.Metrics.Operator(), log)
			g.Go(func() error { return ignoreClosed(operator.Serve(l)) })
		}
	}
	g.Go(func() error {
		<-ctx.Done()
		a.Site.Drain()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if operator != nil {
			operator.Close()
		}
		return site.Shutdown(end)
	})
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	log.Info("stopped")
	return err
}

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
