package pgserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindKnowsTheNpmPackage(t *testing.T) {
	t.Parallel()
	inst, err := Best("", 18)
	if err != nil {
		t.Fatal(err)
	}
	if inst.Major != 18 || !filepath.IsAbs(inst.Bin) || !strings.Contains(inst.String(), inst.Version) {
		t.Errorf("found %v", inst)
	}
	given, err := Best(inst.Bin, 0)
	if err != nil {
		t.Fatal(err)
	}
	if given.Origin != OriginGiven || given.Version != inst.Version {
		t.Errorf("given by folder: %v", given)
	}
}

func TestFindExplains(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for name, c := range map[string]struct {
		script string
		want   []string
	}{
		"nothing there":  {"", []string{empty, "no initdb and postgres", "make deps"}},
		"does not run":   {"echo libssl is missing; exit 127", []string{"does not run here", "libssl is missing"}},
		"too old":        {"echo 'postgres (PostgreSQL) 14.9'", []string{"14.9 is too old"}},
		"something else": {"echo 'postgres, the game'", []string{"not the version"}},
	} {
		dir := empty
		if c.script != "" {
			dir = fakeInstallation(t, c.script)
		}
		_, err := Best(dir, 0)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q", name, err, want)
			}
		}
	}
}

func fakeInstallation(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBestNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	s := Search{Found: []Installation{{Bin: "/b", Version: "18.4", Major: 18, Origin: OriginNPM}}}
	_, err := s.Best(16)
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL 16 is needed") || !strings.Contains(err.Error(), "18.4 in /b (npm)") {
		t.Errorf("error: %v", err)
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, s := range []string{"postgres (PostgreSQL) 18.4\n", "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
		"postgres (PostgreSQL) 19beta1", "postgres (PostgreSQL) 9.6.24", "postgres (PostgreSQL) ", "", "(PostgreSQL) 99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		version, major, err := parseVersion(s)
		if err == nil && (version == "" || major < 1 || major > 999) {
			t.Errorf("%q gives %q, %d", s, version, major)
		}
	})
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		version string
		major   int
	}{
		"postgres (PostgreSQL) 18.4\n":                           {"18.4", 18},
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": {"15.18", 15},
		"postgres (PostgreSQL) 19beta1":                          {"19beta1", 19},
	} {
		version, major, err := parseVersion(in)
		if err != nil || version != want.version || major != want.major {
			t.Errorf("%q: %q, %d, %v", in, version, major, err)
		}
	}
}

func TestMakeLinks(t *testing.T) {
	t.Parallel()
	pkg := t.TempDir()
	root := filepath.Join(pkg, "native")
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("lib/liba.so.1.2", "library")
	write("pg-symlinks.json", `[{"source":"native/lib/liba.so.1.2","target":"native/lib/liba.so.1"}]`)
	for range 2 { // the second time they are there
		if err := makeLinks(root); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(root, "lib", "liba.so.1")); err != nil || string(b) != "library" {
		t.Errorf("the link gives %q, %v", b, err)
	}
	for _, bad := range []string{
		`[{"source":"native/lib/liba.so.1.2","target":"../../outside"}]`,
		`[{"source":"/etc/passwd","target":"native/lib/b"}]`,
		`[{"source":"native/bin/x","target":"native/lib/b"}]`,
		`{`,
	} {
		write("pg-symlinks.json", bad)
		if err := makeLinks(root); err == nil {
			t.Errorf("took %s", bad)
		}
	}
}
