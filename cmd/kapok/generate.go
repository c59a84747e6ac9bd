package main

import (
	"context"
	"flag"
	"io"

	"kapok/internal/demo"
	"kapok/internal/kit/obs"
)

func runGenerate(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("kapok generate", flag.ContinueOnError)
	s.flags(fs)
	seed := fs.Uint64("seed", 1, "the same seed makes the same life")
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
	if _, err := prepare(ctx, db, c, log, &demo.Options{Seed: *seed, Progress: stdout}); err != nil {
		return fail(log, "not generated", err)
	}
	demo.PrintLogins(stdout)
	return exitGood
}
