package pgserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests of kill -9 run a Kapok of their own: this test binary again.
const (
	helperDir   = "KAPOK_PGSERVER_TEST_DIR"
	helperAlone = "KAPOK_PGSERVER_TEST_ALONE" // its server outlives it
	helperRoot  = "KAPOK_PGSERVER_TEST_ROOT"  // its fallbackRoot
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		if err := runHelper(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(runTests(m))
}

// runTests keeps what tests share in a folder that goes afterwards.
func runTests(m *testing.M) int {
	root, err := os.MkdirTemp("", "kapok-pgserver-root-")
	if err == nil {
		err = os.Chmod(root, 0o711)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(root)
	fallbackRoot = root
	return m.Run()
}

func runHelper(dir string) error {
	fallbackRoot = os.Getenv(helperRoot)
	if os.Getenv(helperAlone) != "" {
		tieToParent = func(*syscall.SysProcAttr) {}
	}
	s, err := Start(context.Background(), Config{DataDir: dir, Settings: small})
	if err != nil {
		return err
	}
	fmt.Println("url:", s.URL())
	time.Sleep(time.Minute) // until it is killed
	return errors.New("nobody killed the helper")
}

// runAndKill starts a Kapok on dir, lets work use its database, and kills it.
func runAndKill(t *testing.T, dir string, alone bool, work func(url string)) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperDir+"="+dir, helperRoot+"="+fallbackRoot)
	if alone {
		cmd.Env = append(cmd.Env, helperAlone+"=1")
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n') // what it says is looked at
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "url: ")
	if ok {
		work(url)
	} else {
		t.Errorf("helper says %q", line)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

// TestKilledKapok kills the program again and again; every row that was
// answered is there at the next start, whether its server died with it or not.
func TestKilledKapok(t *testing.T) {
	t.Parallel()
	for name, alone := range map[string]bool{"server dies too": false, "server is an orphan": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := prepared(t, "pg")
			for round := range 3 {
				runAndKill(t, dir, alone, func(url string) {
					run(t, url, "CREATE TABLE IF NOT EXISTS round (n int)")
					run(t, url, fmt.Sprintf("INSERT INTO round VALUES (%d)", round))
				})
			}
			cluster := filepath.Join(dir, "cluster")
			if alone && len(serverProcesses(cluster)) == 0 {
				t.Error("the test wants an orphan, but there is none")
			}
			if !alone {
				waitForNone(t, cluster)
			}
			s := start(t, Config{DataDir: dir})
			if got := value[string](t, s.URL(), "SELECT string_agg(n::text, ',' ORDER BY n) FROM round"); got != "0,1,2" {
				t.Errorf("rows %s, want 0,1,2", got)
			}
		})
	}
}

// waitForNone waits for the kernel's signal to a dead Kapok's server to work.
func waitForNone(t *testing.T, cluster string) {
	t.Helper()
	if gone, err := waitGone(limited(t), cluster, time.Minute); err != nil || !gone {
		t.Errorf("the server outlives its Kapok: %v", err)
	}
}

// TestKilledBothAtOnce is the power cut: Kapok and all of PostgreSQL.
func TestKilledBothAtOnce(t *testing.T) {
	t.Parallel()
	dir := prepared(t, "pg")
	runAndKill(t, dir, true, func(url string) {
		run(t, url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
		for _, pid := range serverProcesses(filepath.Join(dir, "cluster")) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				t.Error(err)
			}
		}
	})
	s := start(t, Config{DataDir: dir})
	if got := value[int](t, s.URL(), "SELECT count(*) FROM kept"); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}

// TestStalePidFile: after a reboot the number in it may be any program's, here
// this test's, or nobody's, or nonsense.
func TestStalePidFile(t *testing.T) {
	t.Parallel()
	dir := prepared(t, "pg")
	for _, pid := range []string{fmt.Sprint(os.Getpid()), fmt.Sprint(os.Getppid()), "1", "999999999", "", "x"} {
		file := filepath.Join(dir, "cluster", "postmaster.pid")
		if err := os.WriteFile(file, []byte(pid+"\n"+dir+"\n1\n5432\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Start(limited(t), Config{DataDir: dir, Settings: small})
		if err != nil {
			t.Fatalf("pid file with %q: %v", pid, err)
		}
		if err := s.Close(limited(t)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHalfMadeClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for _, name := range []string{"lock", "new-123/PG_VERSION", "new-123/base/1/112"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start(t, Config{DataDir: dir})
	if _, err := os.Stat(filepath.Join(dir, "new-123")); !os.IsNotExist(err) {
		t.Errorf("the half-made cluster is still there: %v", err)
	}
}

// TestCrashedServerComesBack: the postmaster is killed under a living Kapok.
func TestCrashedServerComesBack(t *testing.T) {
	t.Parallel()
	var j journal
	s := start(t, Config{DataDir: prepared(t, "pg"), Log: j.logger()})
	for round := range 3 {
		run(t, s.URL(), fmt.Sprintf("CREATE TABLE round%d ()", round))
		master := postmaster(s.home.cluster())
		if err := syscall.Kill(master, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		waitForAnother(t, s, master)
	}
	if got := value[int](t, s.URL(), "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'round%'"); got != 3 {
		t.Errorf("%d tables, want 3", got)
	}
	if !strings.Contains(j.String(), "started again") {
		t.Errorf("the log does not tell: %s", j.String())
	}
}

// waitForAnother waits for a postmaster other than the killed one to answer.
func waitForAnother(t *testing.T, s *Server, master int) {
	t.Helper()
	ctx := limited(t)
	for now := master; now == master || now == 0; now = postmaster(s.home.cluster()) {
		select {
		case <-ctx.Done():
			t.Fatal("PostgreSQL does not come back")
		case <-time.After(10 * time.Millisecond):
		}
	}
	run(t, s.URL(), "SELECT 1")
}

func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DataDir: prepared(t, "pg")})
	run(t, s.URL(), "CREATE TABLE kept (n int)")
	for round := range 3 {
		run(t, s.URL(), "INSERT INTO kept VALUES (1)")
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		if left := serverProcesses(s.home.cluster()); len(left) > 0 {
			waitForNone(t, s.home.cluster())
		}
		if err := s.Restart(limited(t)); err != nil {
			t.Fatal(err)
		}
		if got := value[int](t, s.URL(), "SELECT count(*) FROM kept"); got != round+1 {
			t.Errorf("%d rows, want %d", got, round+1)
		}
	}
	if err := s.Kill(); err != nil { // and closing a killed one is no error
		t.Fatal(err)
	}
	if err := s.Close(limited(t)); err != nil {
		t.Error(err)
	}
	if err := errors.Join(s.Kill(), s.Restart(limited(t))); err == nil {
		t.Error("a closed server was killed and restarted")
	}
}
