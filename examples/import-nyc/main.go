// Command import-nyc brings the real, messy opportunities of a CSV file of New
// York City into a running Kapok through its public JSON API: each row becomes
// an activity or a clear reason. See README.md.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

type options struct {
	base, file                    string
	phone, password, code         string
	reviewer, reviewerPassword    string
	reviewerCode                  string
	org, division, report, memory string
	keepDates                     bool
	limit                         int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := flags(os.Args[1:])
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "import-nyc:", err)
		os.Exit(1)
	}
}

func flags(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("import-nyc FILE.csv", flag.ContinueOnError)
	f.StringVar(&o.base, "base", "http://127.0.0.1:8080", "address of Kapok")
	f.StringVar(&o.phone, "phone", "", "phone of the organisation's administrator, such as +8613900009003")
	f.StringVar(&o.code, "code", os.Getenv("IMPORT_CODE"), "what the authenticator app shows now")
	f.StringVar(&o.reviewerCode, "reviewer-code", os.Getenv("IMPORT_REVIEWER_CODE"), "the same of the reviewer")
	f.StringVar(&o.password, "password", os.Getenv("IMPORT_PASSWORD"), "password (better in IMPORT_PASSWORD)")
	f.StringVar(&o.reviewer, "reviewer", "", "phone of an administrator of the division, who publishes; without it activities wait for review")
	f.StringVar(&o.reviewerPassword, "reviewer-password", os.Getenv("IMPORT_REVIEWER_PASSWORD"), "password (better in IMPORT_REVIEWER_PASSWORD)")
	f.StringVar(&o.org, "org", "", "part of the organisation's name, when the person administers several")
	f.StringVar(&o.division, "division", "", "code of the division to file them under, such as 440104; it is not where they take place")
	f.StringVar(&o.report, "report", "import-nyc-report.csv", "where to write what became of each row")
	f.StringVar(&o.memory, "memory", "import-nyc-done.json", "which rows are done, so that a second run goes on")
	f.BoolVar(&o.keepDates, "keep-dates", false, "leave dates as they are: all of 2011 and 2012 is then refused as past")
	f.IntVar(&o.limit, "limit", 0, "stop after so many rows; 0: all")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.file = f.Arg(0)
	switch {
	case f.NArg() != 1:
		return o, errors.New("name one CSV file")
	case o.phone == "" || o.password == "":
		return o, errors.New("-phone and -password (or IMPORT_PASSWORD) say who imports")
	case o.division == "":
		return o, errors.New("-division says where the activities are filed; nothing is chosen for you")
	}
	return o, nil
}

// job is one import.
type job struct {
	options
	rules    rules
	own      *client
	reviewer *client
	org      string
	projects map[string]string // by category
	done     map[string]string // activity by opportunity
	lines    []line
}

// line is what became of a row.
type line struct{ id, title, outcome, detail string }

// The outcomes.
const (
	published = "published"
	submitted = "waits for review"
	draft     = "draft"
	refused   = "no activity"
	before    = "done before"
)

func run(ctx context.Context, o options, out io.Writer) error {
	rows, err := readFile(o.file)
	if err != nil {
		return err
	}
	j := &job{options: o, projects: map[string]string{}, done: map[string]string{}, own: newClient(o.base),
		rules: rules{Division: o.division, Now: time.Now(), Zone: time.FixedZone("UTC+8", 8*3600), Move: !o.keepDates}}
	if err := j.begin(ctx, out); err != nil {
		return err
	}
	for i, r := range rows {
		if o.limit > 0 && i == o.limit || ctx.Err() != nil {
			break
		}
		j.lines = append(j.lines, j.row(ctx, r))
		if (i+1)%50 == 0 {
			fmt.Fprintf(out, "  %d of %d rows\n", i+1, len(rows))
		}
	}
	if err := errors.Join(j.remember(), j.writeReport()); err != nil {
		return err
	}
	j.summary(out)
	return ctx.Err()
}

func readFile(name string) ([]row, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readRows(f)
}

func (j *job) begin(ctx context.Context, out io.Writer) error {
	if err := j.own.signIn(ctx, j.phone, j.password, j.code); err != nil {
		return err
	}
	id, name, err := j.own.organisation(ctx, j.options.org)
	if err != nil {
		return err
	}
	j.org = id
	fmt.Fprintf(out, "%s imports; filed under %s\n", name, j.division)
	if j.options.reviewer != "" {
		j.reviewer = newClient(j.base)
		if err := j.reviewer.signIn(ctx, j.options.reviewer, j.reviewerPassword, j.reviewerCode); err != nil {
			return err
		}
	}
	b, err := os.ReadFile(j.memory)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, &j.done)
	}
	return err
}

// row makes an activity of a row, as far as it gets.
func (j *job) row(ctx context.Context, r row) line {
	l := line{id: r.ID, title: oneLine(r.Title)}
	if id := j.done[r.ID]; id != "" {
		l.outcome, l.detail = before, id
		return l
	}
	p, reason := convert(r, j.rules)
	if reason != "" {
		l.outcome, l.detail = refused, reason
		return l
	}
	project, err := j.projectOf(ctx, r.Category)
	if err != nil {
		l.outcome, l.detail = refused, "no project: "+err.Error()
		return l
	}
	a, err := j.own.create(ctx, project, p)
	if err != nil {
		l.outcome, l.detail = refused, "the platform says: "+err.Error()
		return l
	}
	j.done[r.ID] = a.ID
	l.outcome, l.detail = j.onward(ctx, a)
	return l
}

// onward hands an activity in and, where a reviewer is named, publishes it.
func (j *job) onward(ctx context.Context, a activity) (outcome, detail string) {
	a, err := j.own.submit(ctx, a)
	if err != nil {
		return draft, "not handed in: " + err.Error()
	}
	if j.reviewer == nil {
		return submitted, a.ID
	}
	if _, err := j.reviewer.review(ctx, a); err != nil {
		return submitted, a.ID + ", not published: " + err.Error()
	}
	return published, a.ID
}

var categories = map[string]string{"1": "Strengthening Communities", "2": "Helping Neighbors in Need", "3": "Education", "4": "Environment",
	"5": "Health", "6": "Emergency Preparedness"}

func (j *job) projectOf(ctx context.Context, category string) (string, error) {
	if id := j.projects[category]; id != "" {
		return id, nil
	}
	name := "NYC: " + categories[category]
	if categories[category] == "" {
		name = "NYC: other"
	}
	id, err := j.own.project(ctx, j.org, name)
	if err == nil {
		j.projects[category] = id
	}
	return id, err
}

func (j *job) remember() error {
	b, err := json.MarshalIndent(j.done, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(j.memory, b, 0o600)
}

func (j *job) writeReport() error {
	f, err := os.Create(j.report)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	_ = w.Write([]string{"opportunity_id", "title", "outcome", "detail"}) // errors come from Flush
	for _, l := range j.lines {
		_ = w.Write([]string{l.id, l.title, l.outcome, l.detail})
	}
	w.Flush()
	return errors.Join(w.Error(), f.Close())
}

// summary counts outcomes and, of rows without an activity, reasons.
func (j *job) summary(out io.Writer) {
	counts := map[string]int{}
	for _, l := range j.lines {
		counts[l.outcome]++
		if l.outcome == refused || l.outcome == draft {
			reason, _, _ := strings.Cut(l.detail, " (")
			counts["    "+reason]++
		}
	}
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return counts[b] - counts[a] })
	for _, k := range keys {
		if !strings.HasPrefix(k, " ") {
			fmt.Fprintf(out, "%6d  %s\n", counts[k], k)
		}
	}
	for _, k := range keys {
		if strings.HasPrefix(k, " ") {
			fmt.Fprintf(out, "%10d  %s\n", counts[k], strings.TrimSpace(k))
		}
	}
	fmt.Fprintf(out, "Every row is in %s.\n", j.report)
}
