package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"kapok/internal/bench"
)

func runBench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("kapok bench", flag.ContinueOnError)
	o := bench.Options{Log: stderr}
	size := fs.String("size", string(bench.Medium), "s, m or l")
	fs.Uint64Var(&o.Seed, "seed", 1, "the same seed makes the same data")
	fs.BoolVar(&o.JSON, "json", false, "one JSON object a line")
	fs.StringVar(&o.Results, "results", "", "folder whose RESULTS.md is brought up to date")
	fs.StringVar(&o.Profile, "profile", "", "folder for CPU profiles")
	fs.StringVar(&o.Data, "data", "", "folder where filled platforms stay for the next run of the day")
	name, rest := "", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, rest = args[0], args[1:]
	}
	if code, ok := parse(fs, rest, stderr); !ok {
		return code
	}
	o.Size = bench.Size(*size)
	if !slices.Contains(bench.Names(), name) || !slices.Contains([]bench.Size{bench.Small, bench.Medium, bench.Large}, o.Size) {
		return usageError(stderr, fmt.Errorf("bench: want a name of %v and a size of s, m, l", bench.Names()))
	}
	results, err := bench.Run(ctx, name, o, stdout)
	if err != nil {
		return usageErrorOr(stderr, err)
	}
	if slices.ContainsFunc(results, func(r bench.Result) bool { return !r.Met() }) {
		return exitBad
	}
	return exitGood
}

// usageErrorOr tells a benchmark that could not run from one not good enough.
func usageErrorOr(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "kapok:", err)
	if errors.Is(err, context.Canceled) {
		return exitBad
	}
	return exitUsage
}
