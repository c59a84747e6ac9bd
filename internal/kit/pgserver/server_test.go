package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestStart runs every installation of this machine, old and new.
func TestStart(t *testing.T) {
	t.Parallel()
	found := Find("")
	if _, err := found.Best(0); err != nil {
		t.Fatal(err)
	}
	for _, inst := range found.Found {
		t.Run(inst.Version, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{DataDir: filepath.Join(folder(t), "pg"), Binaries: inst.Bin, Settings: map[string]string{}})
			for sql, want := range map[string]string{
				"SELECT current_user::text":       "kapok",
				"SELECT current_database()::text": "kapok",
				"SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'kapok'": "kapok",
				"SELECT current_setting('is_superuser')":                                        "off",
				"SELECT current_setting('server_encoding')":                                     "UTF8",
				"SELECT datcollate FROM pg_database WHERE datname = current_database()":         "C",
				"SELECT current_setting('fsync')":                                               "on",
				"SELECT current_setting('synchronous_commit')":                                  "on",
				"SELECT current_setting('full_page_writes')":                                    "on",
				"SELECT current_setting('listen_addresses')":                                    "",
				"SELECT current_setting('max_connections')":                                     "200",
				"SELECT current_setting('timezone')":                                            "UTC",
				"SELECT coalesce(inet_server_addr()::text, 'socket')":                           "socket",
			} {
				if got := value[string](t, s.URL(), sql); got != want {
					t.Errorf("%s = %q, want %q", sql, got, want)
				}
			}
			version := value[string](t, s.URL(), "SELECT current_setting('server_version')")
			if s.Version() != inst.Version || !strings.HasPrefix(version, s.Version()) {
				t.Errorf("Version() = %q, of %q; the server says %q", s.Version(), inst.Version, version)
			}
			run(t, s.URL(), "CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm; CREATE SCHEMA area")
		})
	}
}

func TestStopAndStartKeepsDataAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := prepared(t, "pg")
	s := start(t, Config{DataDir: dir})
	run(t, s.URL(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (41)")
	if err := s.Close(limited(t)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(limited(t)); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if left := serverProcesses(filepath.Join(dir, "cluster")); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
	for _, name := range []string{"run", "cluster/postmaster.pid"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s is left behind: %v", name, err)
		}
	}
	again := start(t, Config{DataDir: dir})
	if got := value[int](t, again.URL(), "SELECT n FROM kept"); got != 41 {
		t.Errorf("kept %d, want 41", got)
	}
}

func TestCloseEndsOpenTransactions(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DataDir: prepared(t, "pg")})
	conn, err := pgx.Connect(limited(t), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(limited(t), "BEGIN; CREATE TABLE never (n int)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(limited(t)); err != nil {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DataDir: filepath.Join(folder(t), "pg"), Settings: map[string]string{"fsync": "off", "max_connections": "7"}})
	got := value[string](t, s.URL(), "SELECT current_setting('fsync') || current_setting('max_connections')")
	if got != "off7" {
		t.Errorf("settings are %q", got)
	}
}

func TestBadSettingIsExplained(t *testing.T) {
	t.Parallel()
	_, err := Start(limited(t), Config{DataDir: prepared(t, "pg"), Settings: map[string]string{"shared_buffers": "much"}})
	if err == nil || !strings.Contains(err.Error(), "shared_buffers") {
		t.Errorf("error does not name the setting: %v", err)
	}
}

// TestOddPaths: too long for a socket, and with what would need quoting.
func TestOddPaths(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"long":   strings.Repeat("a-long-folder-name/", 8),
		"quoted": `it's, "mine" & 100% [数据] new`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Config{DataDir: prepared(t, dir)})
			run(t, s.URL(), "CREATE TABLE t ()")
			socket := s.socket
			if err := s.Close(limited(t)); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(socket); !os.IsNotExist(err) {
				t.Errorf("socket folder %s is left behind", socket)
			}
		})
	}
}

func TestSecondOwnerIsRefused(t *testing.T) {
	t.Parallel()
	dir := prepared(t, "pg")
	s := start(t, Config{DataDir: dir})
	_, err := Start(limited(t), Config{DataDir: dir})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), fmt.Sprintf("(process %d)", os.Getpid())) {
		t.Errorf("second start: %v", err)
	}
	run(t, s.URL(), "SELECT 1") // and the first goes on
}

func TestForeignFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Start(limited(t), Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "not a database folder") {
		t.Errorf("error: %v", err)
	}
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o711 {
		t.Errorf("the folder was changed: %v %v", st.Mode(), err)
	}
}

func TestClusterOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "cluster"), 0o700); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{"12\n": "written by PostgreSQL 12", "9.6\n": "PG_VERSION", "": "PG_VERSION"} {
		if err := os.WriteFile(filepath.Join(dir, "cluster", "PG_VERSION"), []byte(version), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Start(limited(t), Config{DataDir: dir})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("PG_VERSION %q: %v", version, err)
		}
	}
}

func TestNoFolder(t *testing.T) {
	t.Parallel()
	if _, err := Start(limited(t), Config{}); err == nil {
		t.Error("started without a folder")
	}
}

// TestLogHoldsNoData: a refused row must not reach the log.
func TestLogHoldsNoData(t *testing.T) {
	t.Parallel()
	var j journal
	s := start(t, Config{DataDir: prepared(t, "pg"), Log: j.logger()})
	run(t, s.URL(), "CREATE TABLE person (id text PRIMARY KEY)")
	run(t, s.URL(), "INSERT INTO person VALUES ('440101199001011234')")
	if err := try(limited(t), s.URL(), "INSERT INTO person VALUES ('440101199001011234')"); err == nil {
		t.Fatal("a duplicate was taken")
	}
	if err := s.Close(limited(t)); err != nil {
		t.Fatal(err)
	}
	if log := j.String(); !strings.Contains(log, "PostgreSQL is ready") || strings.Contains(log, "440101") {
		t.Errorf("log: %s", log)
	}
}
