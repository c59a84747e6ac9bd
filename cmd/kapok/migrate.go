package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"kapok/internal/app"
	"kapok/internal/kit/obs"
	"kapok/internal/kit/pg"
)

func runMigrate(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("kapok migrate", flag.ContinueOnError)
	s.flags(fs)
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	c, err := s.load()
	if err != nil {
		return usageError(stderr, err)
	}
	log := obs.Logger(stderr, c.LogLevel, c.LogFormat)
	db, err := s.open(ctx, c, log)
	if err != nil {
		return fail(log, "no database", err)
	}
	defer db.close()
	if err := pg.Migrate(ctx, db.Pool); err != nil {
		return fail(log, "not migrated", err)
	}
	if err := app.LoadDivisions(ctx, db.Pool); err != nil {
		return fail(log, "divisions not loaded", err)
	}
	fmt.Fprintln(stdout, "The schema is current.")
	return exitGood
}
