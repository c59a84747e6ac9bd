package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"kapok/internal/activity"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/obs"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgserver"
	"kapok/internal/kit/workday"
	"kapok/internal/ui"
)

// finding is what one check saw; mend is empty when all is well.
type finding struct{ what, mend string }

func well(format string, a ...any) finding { return finding{what: fmt.Sprintf(format, a...)} }

func runDoctor(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		if closer, known := examinations[args[0]]; known {
			return closer(ctx, args[1:], stdout, stderr)
		}
	}
	var s settings
	fs := flag.NewFlagSet("kapok doctor", flag.ContinueOnError)
	s.flags(fs)
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	c, err := s.load()
	if err != nil {
		fmt.Fprintf(stdout, "✗ %v\n  known settings: %v\n", err, conf.Keys())
		return exitBad
	}
	for _, row := range c.Describe() {
		fmt.Fprintf(stdout, "  %-19s %-28q %s\n", row[0], row[1], row[2])
	}
	fmt.Fprintln(stdout)
	bad := 0
	for _, f := range examine(ctx, s, c) {
		if f.mend == "" {
			fmt.Fprintf(stdout, "✓ %s\n", f.what)
			continue
		}
		bad++
		fmt.Fprintf(stdout, "✗ %s\n  → %s\n", f.what, f.mend)
	}
	if bad > 0 {
		return exitBad
	}
	return exitGood
}

func examine(ctx context.Context, s settings, c conf.Config) []finding {
	out := []finding{checkAssets(), checkDataFolder(c.Data), checkKeys(filepath.Join(c.Data, "keys")), checkPort(c.Listen), checkHolidays(c.HolidaysFile, time.Now()), checkSecondFactor(c)}
	if s.database == "" && c.DatabaseFile == "" {
		out = append(out, checkPrograms())
	}
	return append(out, checkDatabase(ctx, s, c)...)
}

func checkAssets() finding {
	if err := ui.CheckAssets(); err != nil {
		return finding{"pages have no styles and scripts", "run make build"}
	}
	return well("styles and scripts are built in")
}

func checkDataFolder(dir string) finding {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return finding{fmt.Sprintf("data folder %s cannot be made", dir), "choose another with --data, or give this user the right to write there"}
	}
	probe := filepath.Join(dir, ".doctor")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		return finding{fmt.Sprintf("data folder %s cannot be written to", dir), "give this user the right to write there"}
	}
	_ = os.Remove(probe)
	return well("data folder %s can be written to", dir)
}

func checkKeys(dir string) finding {
	loose := ""
	_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) == ".json" {
			return nil // no keys yet, or public ones
		}
		if info, err := d.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			loose = p
		}
		return nil
	})
	if loose != "" {
		return finding{"key file " + loose + " can be read by others", "chmod 600 " + loose}
	}
	return well("keys are readable by this user alone")
}

func checkPort(listen string) finding {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return finding{listen + " is taken or not allowed", "stop what runs there (another Kapok?), or choose another address with --listen"}
	}
	_ = l.Close()
	return well("%s is free", listen)
}

func checkPrograms() finding {
	best, err := pgserver.Find("").Best(0)
	if err != nil {
		return finding{"no PostgreSQL programs", err.Error()}
	}
	return well("%s", best)
}

// longTransaction is when an open transaction is worth a word: it holds back
// vacuum, and, if it writes hours, the readers of the journal.
const longTransaction = 5 * time.Minute

func checkDatabase(ctx context.Context, s settings, c conf.Config) []finding {
	db, err := s.join(ctx, c, obs.Logger(io.Discard, "error", "text"))
	if err != nil {
		return []finding{{"the database cannot be reached", err.Error()}}
	}
	defer db.close()
	var version string
	var number int
	if err := db.QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::int`).Scan(&version, &number); err != nil {
		return []finding{{"the database does not answer", err.Error()}}
	}
	out := []finding{well("database answers: PostgreSQL %s", version)}
	if number < pgserver.OldestMajor*10000 {
		out = append(out, finding{"PostgreSQL " + version + " is too old", fmt.Sprintf("use %d or newer", pgserver.OldestMajor)})
	}
	schema := checkSchema(ctx, db)
	out = append(out, schema, checkTransactions(ctx, db))
	if schema.mend == "" {
		out = append(out, checkCounters(ctx, db))
	}
	return out
}

// checkCounters compares the places taken, as shifts count them, with the sign-ups.
func checkCounters(ctx context.Context, db *database) finding {
	wrong, err := activity.CheckCounters(ctx, db.Pool)
	switch {
	case err != nil:
		return finding{"sign-ups cannot be counted", err.Error()}
	case len(wrong) > 0:
		return finding{fmt.Sprintf("%d shifts count other places than they have sign-ups, the first is %s", len(wrong), wrong[0].Shift),
			"tell the developers: this must not happen; sign-ups themselves are kept"}
	}
	return well("shifts count as many places as they have sign-ups")
}

func checkHolidays(file string, now time.Time) finding {
	days := workday.BuiltIn()
	if file != "" {
		var err error
		if days, err = workday.Load(file); err != nil {
			return finding{"the file of holidays cannot be read", err.Error()}
		}
	}
	// The State Council announces a year's holidays in November of the one before.
	for _, year := range []int{now.Year(), now.AddDate(0, 0, 20).Year()} {
		if !days.Knows(year) {
			return finding{fmt.Sprintf("the holidays of %d are not known: days due are reckoned Monday to Friday", year),
				"give a newer list by holidays_file (columns date, kind, name_zh, name_en)"}
		}
	}
	return well("the holidays are known")
}

func checkSchema(ctx context.Context, db *database) finding {
	n, err := pg.Pending(ctx, db.Pool)
	switch {
	case err != nil:
		return finding{"the schema's version cannot be read", err.Error()}
	case n > 0:
		return finding{fmt.Sprintf("%d migrations are waiting", n), "run kapok migrate (kapok serve does it too)"}
	}
	return well("the schema is current")
}

func checkTransactions(ctx context.Context, db *database) finding {
	var seconds float64
	err := db.QueryRow(ctx, `SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float8
		FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&seconds)
	switch age := time.Duration(seconds) * time.Second; {
	case err != nil:
		return finding{"open transactions cannot be read", err.Error()}
	case age > longTransaction:
		return finding{fmt.Sprintf("a transaction is open for %s", age), "find it in pg_stat_activity and end it"}
	}
	return well("no transaction is open for long")
}
