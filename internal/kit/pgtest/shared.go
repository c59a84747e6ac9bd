package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pgserver"
)

// layout is the number of the way test processes and keeper work together in
// their folder; programs of another number use another folder.
const layout = 1

// Files in the folder of a shared server.
const (
	addressFile = "address"    // the superuser's URL, while the server runs
	usersFile   = "users"      // locked shared by every test process for its life
	startFile   = "start"      // locked by the one that starts a keeper
	logFile     = "keeper.log" // what the keeper says
	keptFile    = "kept"       // touched when a database is kept for a person
	bootFile    = "boot"       // the machine's boot in which the cluster was made
	serverDir   = "pg"         // the server's data folder
)

// lease is a test process's use of a shared server.
type lease struct {
	address string // the superuser's
	dir     string
	// users is held locked for the life of the process: by it the keeper sees
	// that its server is needed. A file nobody refers to would be closed.
	users *os.File
}

// shared returns the server that all test processes of this user share, and
// starts it when it does not run.
func shared(ctx context.Context, major int) (l lease, err error) {
	inst, err := pgserver.Best("", major)
	if err != nil {
		return lease{}, err
	}
	if l.dir, err = sharedFolder(inst.Version); err != nil {
		return lease{}, err
	}
	// While a keeper shuts its server down, this waits.
	if l.users, err = lockFile(filepath.Join(l.dir, usersFile), syscall.LOCK_SH); err != nil {
		return lease{}, err
	}
	start, err := lockFile(filepath.Join(l.dir, startFile), syscall.LOCK_EX)
	if err != nil {
		return lease{}, err
	}
	defer start.Close()
	l.address, err = findOrStart(ctx, l.dir, inst.Bin)
	return l, err
}

// findOrStart tries more than once: a keeper may just be bringing its crashed
// server back, and keeps a second one out.
func findOrStart(ctx context.Context, dir, bin string) (string, error) {
	for {
		if address, ok := answering(ctx, dir); ok {
			return address, nil
		}
		address, err := startKeeper(ctx, dir, bin)
		if err == nil {
			return address, nil
		}
		if !strings.Contains(err.Error(), pgserver.ErrInUse.Error()) {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", errors.Join(ctx.Err(), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func answering(ctx context.Context, dir string) (address string, ok bool) {
	b, err := os.ReadFile(filepath.Join(dir, addressFile))
	if err != nil {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, string(b))
	if err != nil {
		return "", false
	}
	return string(b), conn.Close(ctx) == nil
}

// startKeeper runs this test program again as a keeper (see keeper.go), apart
// from the test: it outlives it, and Ctrl-C is not for it. It returns the
// address of the server.
func startKeeper(ctx context.Context, dir, bin string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	log, err := os.Create(filepath.Join(dir, logFile))
	if err != nil {
		return "", err
	}
	defer log.Close()
	ready, tell, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer ready.Close()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir, keeperBinEnv+"="+bin)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = log, log // not the test's own, whose reader waits for their end
	cmd.ExtraFiles = []*os.File{tell} // readyFD
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = errors.Join(cmd.Start(), tell.Close())
	if err != nil {
		return "", err
	}
	go cmd.Wait() // so that its remains are cleared away when it ends first
	return awaitAddress(ctx, dir, ready)
}

// awaitAddress reads what the keeper tells; nothing means that it has failed.
func awaitAddress(ctx context.Context, dir string, ready *os.File) (string, error) {
	if deadline, ok := ctx.Deadline(); ok {
		if err := ready.SetReadDeadline(deadline); err != nil {
			return "", err
		}
	}
	address, err := io.ReadAll(ready)
	if err != nil {
		return "", fmt.Errorf("waiting for the server: %w", err)
	}
	if len(address) == 0 {
		said, _ := os.ReadFile(filepath.Join(dir, logFile)) // only for the text
		return "", fmt.Errorf("the server does not start: %s", said)
	}
	return string(address), nil
}

// sharedFolder makes the folder of the server of that version, this user's own.
// The server's user, another one when this is root, must pass through.
func sharedFolder(version string) (string, error) {
	top := filepath.Join(os.TempDir(), fmt.Sprintf("kapok-test-%d", os.Getuid()))
	dir := filepath.Join(top, fmt.Sprintf("%s-%d", version, layout))
	for _, path := range []string{top, dir} {
		if err := os.Mkdir(path, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		st, err := os.Lstat(path)
		if err != nil {
			return "", err
		}
		// The temporary folder is everybody's: somebody else may have been here.
		sys := st.Sys().(*syscall.Stat_t)
		if !st.IsDir() || int(sys.Uid) != os.Getuid() || st.Mode().Perm()&0o022 != 0 {
			return "", fmt.Errorf("%s is not a folder of this user alone: remove it", path)
		}
	}
	return dir, nil
}

// lockFile opens and locks a file, waiting unless how says LOCK_NB. Closing it,
// or the end of the process, frees the lock.
func lockFile(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
	}
}
