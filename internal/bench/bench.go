package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Size is how much is measured; larger is longer and steadier.
type Size string

// The sizes: seconds, minutes, as long as it takes.
const (
	Small  Size = "s"
	Medium Size = "m"
	Large  Size = "l"
)

// pick is the value for a size.
func pick[T any](s Size, small, medium, large T) T {
	switch s {
	case Small:
		return small
	case Large:
		return large
	}
	return medium
}

// Options say how to measure.
type Options struct {
	Size    Size
	Seed    uint64
	JSON    bool      // results as JSON lines instead of lines for people
	Log     io.Writer // progress, for people; nil: none
	Results string    // folder of RESULTS.md to bring up to date; "": none
	Profile string    // folder for CPU profiles of our side; "": none
	Data    string    // folder where filled platforms stay for the next run; "": removed
}

func (o Options) logf(format string, args ...any) {
	if o.Log != nil {
		fmt.Fprintf(o.Log, format+"\n", args...)
	}
}

// Result is one figure beside its baseline.
type Result struct {
	Name     string  `json:"name"`     // such as signup.hot
	Unit     string  `json:"unit"`     // such as 1/s
	Ours     float64 `json:"ours"`     // median
	Baseline float64 `json:"baseline"` // median; 0 when there is none
	Ratio    float64 `json:"ratio"`    // ours ÷ baseline; 0 when there is none
	Goal     float64 `json:"goal"`     // of the ratio, or of ours when there is no baseline
	Better   string  `json:"better"`   // higher or lower
	N        int     `json:"n"`        // operations or runs measured on our side
}

// Better values.
const (
	Higher = "higher"
	Lower  = "lower"
)

// Met reports whether the goal is reached.
func (r Result) Met() bool {
	figure := r.Ours
	if r.Baseline != 0 {
		figure = r.Ratio
	}
	if r.Better == Lower {
		return figure <= r.Goal
	}
	return figure >= r.Goal
}

// String is the result for people.
func (r Result) String() string {
	mark := "✓"
	if !r.Met() {
		mark = "✗"
	}
	against := "no baseline, goal " + number(r.Goal)
	if r.Baseline != 0 {
		against = fmt.Sprintf("baseline %s, ratio %.2f, goal %s", number(r.Baseline), r.Ratio, number(r.Goal))
	}
	return fmt.Sprintf("%s %-22s %10s %-6s %s, n %d", mark, r.Name, number(r.Ours), r.Unit, against, r.N)
}

// compare makes a result from the runs of both sides.
func compare(name, unit string, ours, baseline []float64, goal float64, better string, n int) Result {
	r := Result{Name: name, Unit: unit, Ours: median(ours), Baseline: median(baseline), Goal: goal, Better: better, N: n}
	if r.Baseline > 0 {
		r.Ratio = r.Ours / r.Baseline
	}
	return r
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(list))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// number writes a figure with three digits that mean something.
func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// benchmark measures one family; it starts what it needs and stops it again.
type benchmark func(ctx context.Context, o Options) ([]Result, error)

var benchmarks = map[string]benchmark{}

// Names lists the benchmarks.
func Names() []string { return slices.Sorted(maps.Keys(benchmarks)) }

// ErrUnknown is returned for a name that is no benchmark.
var ErrUnknown = errors.New("bench: no such benchmark")

// Run measures one benchmark ("all": each in turn) and writes its results to w
// as they come.
func Run(ctx context.Context, name string, o Options, w io.Writer) ([]Result, error) {
	names := []string{name}
	if name == "all" {
		names = Names()
	}
	var all []Result
	for _, n := range names {
		b := benchmarks[n]
		if b == nil {
			return all, fmt.Errorf("%w: %s (there are: %s)", ErrUnknown, n, strings.Join(Names(), ", "))
		}
		results, err := b(ctx, o)
		if err != nil {
			return all, fmt.Errorf("bench: %s: %w", n, err)
		}
		if err := print(w, o, results); err != nil {
			return all, err
		}
		all = append(all, results...)
	}
	if o.Results == "" {
		return all, nil
	}
	return all, WriteResults(o.Results, all)
}

func print(w io.Writer, o Options, results []Result) error {
	for _, r := range results {
		if o.JSON {
			if err := json.NewEncoder(w).Encode(r); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintln(w, r); err != nil {
			return err
		}
	}
	return nil
}
