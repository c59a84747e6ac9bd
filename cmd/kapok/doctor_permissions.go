package main

import (
	"context"
	"flag"
	"io"

	"kapok/internal/app"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/obs"
)

// runDoctorPermissions prints who may do what, route by route, for an auditor.
func runDoctorPermissions(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("kapok doctor permissions", flag.ContinueOnError)
	s.flags(fs)
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	c, err := s.load()
	if err != nil {
		return usageError(stderr, err)
	}
	log := obs.Logger(stderr, "error", "text")
	db, err := s.join(ctx, c, log)
	if err != nil {
		return fail(log, "no database", err)
	}
	defer db.close()
	a, err := app.New(ctx, app.Options{Config: c, Pool: db.Pool, Clock: clock.System{}, Log: log, Silent: true})
	if err != nil {
		return fail(log, "the platform cannot be put together", err)
	}
	if _, err := stdout.Write(a.Permissions()); err != nil {
		return exitBad
	}
	return exitGood
}
