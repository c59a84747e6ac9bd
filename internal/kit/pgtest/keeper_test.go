package pgtest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pgserver"
)

func binaries(t *testing.T) string {
	t.Helper()
	inst, err := pgserver.Best("", 0)
	if err != nil {
		t.Fatal(err)
	}
	return inst.Bin
}

// runKeeper runs a keeper in this process and returns its server's address and
// the channel on which it ends.
func runKeeper(t *testing.T, dir string, limit time.Duration) (string, <-chan error) {
	t.Helper()
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- keep(dir, binaries(t), limit, slog.New(slog.DiscardHandler), func(address string) error {
			ready <- address
			return nil
		})
	}()
	select {
	case address := <-ready:
		return address, ended
	case err := <-ended:
		t.Fatal("keeper ended: ", err)
	case <-limited(t).Done():
		t.Fatal("keeper is not ready")
	}
	return "", nil
}

func run(t *testing.T, address, sql string) {
	t.Helper()
	conn, err := pgx.Connect(limited(t), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(limited(t), sql); err != nil {
		t.Fatal(err)
	}
}

func TestKeeperEndsWhenUnusedOnly(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	user, err := lockFile(filepath.Join(dir, usersFile), syscall.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	address, ended := runKeeper(t, dir, 20*time.Millisecond)
	for range 20 { // many times its limit, as a test holds the lock
		run(t, address, "SELECT pg_sleep(0.02)")
	}
	if found, ok := answering(limited(t), dir); !ok || found != address {
		t.Errorf("the folder tells %q, the keeper %q", found, address)
	}
	user.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, ok := answering(limited(t), dir); ok {
		t.Error("the server runs without its keeper")
	}
}

// TestKeeperReusesAndMends: what a run left is used again, unless it belongs to
// another boot of the machine or does not start.
func TestKeeperReusesAndMends(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	used(t, dir, func(conn *pgx.Conn) {
		if _, err := conn.Exec(limited(t), "CREATE TABLE left_behind ()"); err != nil {
			t.Fatal(err)
		}
	})
	for _, step := range []struct {
		name  string
		spoil func() error
		want  bool
	}{
		{"nothing happened", func() error { return nil }, bootID() != ""},
		{"another boot", func() error { return os.WriteFile(filepath.Join(dir, bootFile), []byte("other"), 0o600) }, false},
		{"broken", func() error {
			return os.WriteFile(filepath.Join(dir, serverDir, "cluster", "global", "pg_control"), []byte("x"), 0o600)
		}, false},
	} {
		if err := step.spoil(); err != nil {
			t.Fatal(err)
		}
		used(t, dir, func(conn *pgx.Conn) {
			var there bool
			err := conn.QueryRow(limited(t), "SELECT to_regclass('left_behind') IS NOT NULL").Scan(&there)
			if err != nil || there != step.want {
				t.Errorf("%s: table there: %v, want %v, %v", step.name, there, step.want, err)
			}
		})
	}
}

// used runs a keeper while work uses its server.
func used(t *testing.T, dir string, work func(*pgx.Conn)) {
	t.Helper()
	user, err := lockFile(filepath.Join(dir, usersFile), syscall.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	address, ended := runKeeper(t, dir, time.Millisecond)
	conn, err := pgx.Connect(limited(t), address)
	if err != nil {
		t.Fatal(err)
	}
	work(conn)
	if err := errors.Join(conn.Close(limited(t)), user.Close(), <-ended); err != nil {
		t.Error(err)
	}
}

func TestKeeperEndsWithItsFolder(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	user, err := lockFile(filepath.Join(dir, usersFile), syscall.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	defer user.Close()
	_, ended := runKeeper(t, dir, time.Millisecond)
	if err := os.Remove(filepath.Join(dir, addressFile)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ended with %v", err)
	}
}

// TestKilledKeeper: a keeper process dies by kill -9; the next user gets another.
func TestKilledKeeper(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	for range 2 {
		address, err := findOrStart(limited(t), dir, binaries(t))
		if err != nil {
			t.Fatal(err)
		}
		run(t, address, "SELECT 1")
		if again, err := findOrStart(limited(t), dir, binaries(t)); err != nil || again != address {
			t.Errorf("found %q, %v", again, err)
		}
		endKeeper(t, dir, syscall.SIGKILL)
	}
	if _, err := findOrStart(limited(t), dir, binaries(t)); err != nil {
		t.Fatal(err)
	}
	endKeeper(t, dir, syscall.SIGTERM)
}

// endKeeper signals the keeper of a folder, whose number stands in the lock of
// the server, and waits for the server's end.
func endKeeper(t *testing.T, dir string, signal syscall.Signal) {
	t.Helper()
	lock := filepath.Join(dir, serverDir, "lock")
	b, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid == os.Getpid() {
		t.Fatalf("keeper %d, %v", pid, err)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
	f, err := lockFile(lock, syscall.LOCK_EX) // freed when it is gone
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func TestKeeperThatFailsIsHeard(t *testing.T) {
	t.Parallel()
	_, err := findOrStart(limited(t), openFolder(t), "/nonexistent/bin")
	if err == nil || !strings.Contains(err.Error(), "/nonexistent/bin") {
		t.Errorf("error: %v", err)
	}
}

// TestManyProcessesAtOnce: test programs that start together on a machine
// without a server share the one that the first of them starts.
func TestManyProcessesAtOnce(t *testing.T) {
	t.Parallel()
	tmp := openFolder(t)
	ended := make(chan error)
	const processes = 4
	for range processes {
		go func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestNewIsMigratedAndOnesOwn$", "-test.count=1")
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			ended <- err
		}()
	}
	for range processes {
		<-ended
	}
	dirs, err := filepath.Glob(filepath.Join(tmp, "kapok-test-*", "*"))
	if err != nil || len(dirs) > 1 {
		t.Fatalf("servers in %v, %v", dirs, err)
	}
	for _, dir := range dirs { // none when KAPOK_TEST_PG is a URL
		endKeeper(t, dir, syscall.SIGTERM)
	}
}

func TestFolderOfAnotherIsRefused(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	made, err := sharedFolder("18.4")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(made), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := sharedFolder("18.4"); err == nil {
		t.Error("a folder that everybody may write to was taken")
	}
}
