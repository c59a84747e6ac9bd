package pgserver

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What root must do differently is tested as root; anybody else must simply
// stay who they are. Both are cases of the same tests.

func TestAccount(t *testing.T) {
	t.Parallel()
	who, err := accountFor(filepath.Join(t.TempDir(), "new"))
	if err != nil {
		t.Fatal(err)
	}
	if asRoot := os.Geteuid() == 0; who.switched != asRoot || who.uid == 0 {
		t.Errorf("as user %d the server runs as %+v", os.Geteuid(), who)
	}
}

// TestOwnersData: data of an ordinary user stays theirs when root starts.
func TestOwnersData(t *testing.T) {
	t.Parallel()
	dir := prepared(t, "pg")
	want := os.Geteuid()
	if want == 0 {
		want = 12345
		if err := (account{uid: want, gid: want, switched: true}).ownTree(dir); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, Config{DataDir: dir})
	if s.home.who.uid != want {
		t.Errorf("runs as user %d, want the owner %d", s.home.who.uid, want)
	}
	run(t, s.URL(), "CREATE TABLE t ()")
}

// TestCopiedByRoot: cp -r as root gives a cluster whose files are all root's.
func TestCopiedByRoot(t *testing.T) {
	t.Parallel()
	dir := prepared(t, "pg") // which is such a copy
	run(t, start(t, Config{DataDir: dir}).URL(), "CREATE TABLE t ()")
}

// TestClosedFolder: data and programs stand below a folder that only its owner
// may enter, as a clone in root's home does.
func TestClosedFolder(t *testing.T) {
	t.Parallel()
	closed := folder(t)
	inst, err := Best("", 18)
	if err != nil {
		t.Fatal(err)
	}
	if err := copyTree(filepath.Dir(inst.Bin), filepath.Join(closed, "native")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	var j journal
	cfg := Config{DataDir: filepath.Join(closed, "data"), Binaries: filepath.Join(closed, "native"), Log: j.logger()}
	s := start(t, cfg)
	run(t, s.URL(), "CREATE TABLE kept ()")
	asRoot := os.Geteuid() == 0
	if moved := strings.HasPrefix(s.home.dir, fallbackRoot); moved != asRoot {
		t.Errorf("data stands in %s", s.home.dir)
	}
	if said := strings.Contains(j.String(), s.home.dir) && strings.Contains(j.String(), "copying"); said != asRoot {
		t.Errorf("log: %s", j.String())
	}
	if err := s.Close(limited(t)); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	run(t, again.URL(), "DROP TABLE kept")
	if again.home != s.home {
		t.Errorf("the second start went to %+v, the first to %+v", again.home, s.home)
	}
}

// TestLostFallback: the link in the data folder leads nowhere.
func TestLostFallback(t *testing.T) {
	t.Parallel()
	link := filepath.Join(folder(t), "pg")
	if err := os.Symlink("/nonexistent/place", link); err != nil {
		t.Fatal(err)
	}
	_, err := Start(limited(t), Config{DataDir: link})
	if err == nil || !strings.Contains(err.Error(), "/nonexistent/place") {
		t.Errorf("error: %v", err)
	}
}

func TestMoveAwayKeepsWhatOthersMade(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder(t), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, link} {
		if err := moveAway(path, account{name: "postgres"}); err == nil {
			t.Errorf("%s was moved away", path)
		}
	}
}

func TestCopyTree(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	for name, mode := range map[string]os.FileMode{"bin/postgres": 0o700, "share/x.sql": 0o600, "lib/static.a": 0o600} {
		path := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Repeat([]byte(name), 999), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("postgres", filepath.Join(from, "bin", "postmaster")); err != nil {
		t.Fatal(err)
	}
	if err := copyTree(from, to); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"bin": 0o755, "bin/postgres": 0o755, "bin/postmaster": 0o755, "share/x.sql": 0o644} {
		st, err := os.Stat(filepath.Join(to, name))
		if err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", name, st.Mode().Perm(), err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "lib", "static.a")); !os.IsNotExist(err) {
		t.Errorf("static library copied: %v", err)
	}
}
