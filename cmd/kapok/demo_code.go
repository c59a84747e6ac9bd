package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"kapok/internal/demo"
	"kapok/internal/kit/obs"
)

// runDemoCode prints what the authenticator app of somebody in a demo shows.
func runDemoCode(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("kapok demo-code PHONE", flag.ContinueOnError)
	s.flags(fs)
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	if fs.NArg() != 1 {
		return usageError(stderr, fmt.Errorf("want one phone, such as +8613900009003"))
	}
	c, err := s.load()
	if err != nil {
		return usageError(stderr, err)
	}
	log := obs.Logger(stderr, c.LogLevel, c.LogFormat)
	db, err := s.join(ctx, c, log)
	if err != nil {
		return fail(log, "no database", err)
	}
	defer db.close()
	code, left, err := demo.Code(ctx, db.Pool, fs.Arg(0), time.Now())
	if err != nil {
		return fail(log, "no code", err)
	}
	fmt.Fprintln(stdout, code)
	fmt.Fprintf(stderr, "for %d more seconds\n", int(left/time.Second))
	return exitGood
}
