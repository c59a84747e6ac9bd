package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/conf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgserver"
)

// settings are the flags several commands share.
type settings struct {
	file, listen, data, database string
}

func (s *settings) flags(fs *flag.FlagSet) {
	fs.StringVar(&s.file, "config", os.Getenv("KAPOK_CONFIG"), "TOML file of settings")
	fs.StringVar(&s.data, "data", "", "folder of keys, outbox and the private database (default ./data)")
	fs.StringVar(&s.database, "database", "", "URL of a PostgreSQL 15 or newer; better in a file, see database_file")
}

// load reads file and environment, then lays the flags over them.
func (s *settings) load() (conf.Config, error) {
	c, err := conf.Load(s.file, os.Environ())
	if err != nil {
		return c, err
	}
	if s.listen != "" {
		c.Listen = s.listen
	}
	if s.data != "" {
		c.Data = s.data
	}
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return c, err
	}
	return c, c.Validate()
}

// database is an open pool and, when it is private, the server behind it.
type database struct {
	*pgxpool.Pool
	server *pgserver.Server
}

// open connects to the configured database, or starts the private one.
func (s *settings) open(ctx context.Context, c conf.Config, log *slog.Logger) (*database, error) {
	url := s.database
	if url == "" {
		var err error
		if url, err = c.DatabaseURL(); err != nil {
			return nil, err
		}
	}
	db := &database{}
	if url == "" {
		server, err := pgserver.Start(ctx, pgserver.Config{DataDir: s.private(c), Log: log})
		if err != nil {
			return nil, err
		}
		db.server, url = server, server.URL()
	}
	pool, err := pg.Open(ctx, url, int32(c.Connections))
	if err != nil {
		db.close()
		return nil, err
	}
	db.Pool = pool
	return db, nil
}

func (s *settings) private(c conf.Config) string { return filepath.Join(c.Data, "postgres") }

// join is open for commands that may run beside a serving Kapok: a private
// database that runs already is used as it is.
func (s *settings) join(ctx context.Context, c conf.Config, log *slog.Logger) (*database, error) {
	db, err := s.open(ctx, c, log)
	if !errors.Is(err, pgserver.ErrInUse) {
		return db, err
	}
	url, running := pgserver.Join(s.private(c))
	if !running {
		return nil, err
	}
	pool, err := pg.Open(ctx, url, 4)
	return &database{Pool: pool}, err
}

func (d *database) close() {
	if d.Pool != nil {
		d.Pool.Close()
	}
	if d.server != nil {
		_ = d.server.Close(context.Background()) // logged by the server itself
	}
}

func fail(log *slog.Logger, what string, err error) int {
	log.Error(what, "error", err)
	return exitBad
}

func usageError(w interface{ Write([]byte) (int, error) }, err error) int {
	fmt.Fprintln(w, "kapok:", err)
	return exitUsage
}
