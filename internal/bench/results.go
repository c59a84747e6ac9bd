package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// entry is a result with where and when it was measured.
type entry struct {
	Result
	Day     string `json:"day"`
	Machine string `json:"machine"`
}

// WriteResults brings results.jsonl and RESULTS.md in a folder up to date:
// figures of the same names are replaced, others stay.
func WriteResults(folder string, results []Result) error {
	path := filepath.Join(folder, "results.jsonl")
	entries, err := readEntries(path)
	if err != nil {
		return err
	}
	day, machine := time.Now().UTC().Format("2006-01-02"), describeMachine()
	for _, r := range results {
		entries = slices.DeleteFunc(entries, func(e entry) bool { return e.Name == r.Name })
		entries = append(entries, entry{r, day, machine})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	var lines bytes.Buffer
	for _, e := range entries {
		if err := json.NewEncoder(&lines).Encode(e); err != nil {
			return err
		}
	}
	if err := os.WriteFile(path, lines.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "RESULTS.md"), table(entries), 0o644)
}

func readEntries(path string) ([]entry, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var entries []entry
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var e entry
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		entries = append(entries, e)
	}
	return entries, err
}

// describeMachine says what measured: processors, memory, system, Go.
func describeMachine() string {
	model := ""
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				model = strings.TrimSpace(strings.TrimLeft(name, "\t :")) + ", "
				break
			}
		}
	}
	goVersion := runtime.Version()
	if b, ok := debug.ReadBuildInfo(); ok {
		goVersion = b.GoVersion
	}
	return fmt.Sprintf("%s%d cores, %s/%s, %s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, goVersion)
}

const preface = `# Benchmarks

Made by ` + "`make bench`" + `; figures change with the machine, so read the ratios. Ours and the baseline
run in turn on the same machine in the same run, several times; the medians stand here. Client, server
and database share the machine's cores. Commits are durable on both sides.

| benchmark | unit | ours | baseline | ratio | goal | met | n |
|---|---|--:|--:|--:|--:|:-:|--:|
`

func table(entries []entry) []byte {
	var b bytes.Buffer
	b.WriteString(preface)
	for _, e := range entries {
		baseline, ratio, goal, met := "–", "–", number(e.Goal), "no"
		if e.Baseline != 0 {
			baseline, ratio, goal = number(e.Baseline), fmt.Sprintf("%.2f×", e.Ratio), goal+"×"
		}
		sign := map[string]string{Higher: "≥", Lower: "≤"}[e.Better]
		if e.Met() {
			met = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s %s | %s | %d |\n", e.Name, e.Unit, number(e.Ours), baseline, ratio, sign, goal, met, e.N)
	}
	b.WriteString("\nWhat each one measures is written at its place in `internal/bench`. Measured:\n\n")
	for _, m := range machines(entries) {
		fmt.Fprintf(&b, "- %s\n", m)
	}
	return b.Bytes()
}

func machines(entries []entry) []string {
	var list []string
	for _, e := range entries {
		if m := e.Day + ": " + e.Machine; !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	slices.Sort(list)
	return list
}
