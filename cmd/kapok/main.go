// Command kapok is the whole platform in one binary: the site, its private
// database, the offline check of certificates, benchmarks.
//
// Owns: sub-commands, flags, the order in which things start and stop.
// Not here: what the parts do; wiring of areas is internal/app.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes (architecture: what stays fixed for those outside).
const (
	exitGood  = 0
	exitBad   = 1 // the thing checked or run is not good
	exitUsage = 2 // bad usage or unreadable input
)

// command is one sub-command; it returns the exit code.
type command struct {
	name, args, what string
	run              func(ctx context.Context, args []string, stdout, stderr io.Writer) int
}

var commands = []command{
	{"serve", "[--listen ADDR] [--data DIR] [--database URL] [--demo]", "run the platform", runServe},
	{"migrate", "", "bring the database schema to the newest version", runMigrate},
	{"generate", "[--seed N]", "fill an empty database with generated life", runGenerate},
	{"demo-code", "PHONE", "the code that an official of the demo gives as second factor now", runDemoCode},
	{"verify", "FILE…", "check certificates (PDF or JSON) without a network", runVerify},
	{"bench", "NAME [--size s|m|l] [--seed N] [--json]", "measure against a baseline", runBench},
	{"keys", "[list|rotate|retire]", "renew the keys that encrypt documents and phones", runKeys},
	{"doctor", "[audit|permissions|privacy]", "say what is wrong and how to mend it", runDoctor},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.run(ctx, args[1:], stdout, stderr)
		}
	}
	if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		usage(stdout)
		return exitGood
	}
	fmt.Fprintf(stderr, "kapok: there is no command %q\n\n", args[0])
	usage(stderr)
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "kapok 木棉: the platform on which a province runs its volunteer service")
	fmt.Fprintln(w)
	for _, c := range commands {
		fmt.Fprintf(w, "  kapok %-9s %-55s %s\n", c.name, c.args, c.what)
	}
	fmt.Fprintln(w, "\nEvery command explains its flags with --help.")
}

// parse reads flags; the code is only meaningful when ok is false.
func parse(fs *flag.FlagSet, args []string, stderr io.Writer) (code int, ok bool) {
	fs.SetOutput(stderr)
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitGood, false
	case err != nil:
		return exitUsage, false
	}
	return 0, true
}
