package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"kapok/internal/kit/pgserver"
)

const (
	keeperEnv    = "KAPOK_PGTEST_KEEPER"
	keeperBinEnv = "KAPOK_PGTEST_KEEPER_BIN"

	// idleLimit is longer than the gaps in a run, when the next test program is
	// compiled; starting again takes a second.
	idleLimit = 30 * time.Second
	// keptIdleLimit leaves time to look into a database that was kept; later, any
	// run of tests starts the server again, and keptLimit says how long it is there.
	keptIdleLimit = time.Hour
	keptLimit     = 24 * time.Hour
	keptTemplates = 3

	readyFD = 3 // of the keeper: the pipe to the process that started it
)

// A test program that finds this in its environment is no test but the keeper:
// a process of its own is needed, as any test process may end before the others,
// and no program but the tests' own is sure to be there.
func init() {
	dir := os.Getenv(keeperEnv)
	if dir == "" {
		return
	}
	syscall.CloseOnExec(readyFD) // the server must not hold the pipe open
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := keep(dir, os.Getenv(keeperBinEnv), idleLimit, log, tellStarter); err != nil {
		log.Error("keeper ends", "error", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// settings trade the safety of data, which here is worth nothing, for speed.
var settings = map[string]string{
	"fsync":              "off",
	"synchronous_commit": "off",
	"full_page_writes":   "off",
	"wal_level":          "minimal",
	"max_wal_senders":    "0",
	"autovacuum":         "off",
	"checkpoint_timeout": "1h",
	"max_connections":    "500",
	"shared_buffers":     "128MB",
}

// keep runs the shared server until no test process has needed it for the
// limit, and calls ready with its address.
func keep(dir, bin string, limit time.Duration, log *slog.Logger, ready func(address string) error) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var users *os.File // its lock, freed last: who comes while the server is stopped waits
	defer func() {
		if users != nil {
			users.Close()
		}
	}()
	s, err := startServer(ctx, dir, bin, log)
	if err != nil {
		return err
	}
	defer func() {
		now, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		err = errors.Join(err, s.Close(now))
	}()
	admin := s.URLOf("postgres", "postgres")
	if err := tidy(ctx, admin, time.Now()); err != nil {
		return err
	}
	if err := publish(dir, admin); err != nil {
		return err
	}
	if err := ready(admin); err != nil {
		return err
	}
	if users, err = waitUnused(ctx, dir, limit); err != nil {
		return err
	}
	log.Info("keeper ends: nobody needs the server")
	return os.Remove(filepath.Join(dir, addressFile))
}

// tellStarter hands the address to the test process that started this keeper.
func tellStarter(address string) error {
	pipe := os.NewFile(readyFD, "ready")
	_, err := pipe.WriteString(address)
	if closed := pipe.Close(); err == nil {
		err = closed
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // it was killed; another will come
	}
	return err
}

// startServer starts the server on what earlier runs left. As it is not durable,
// that is worth keeping only while the machine has not gone down since, and if
// it does not start, it is thrown away.
func startServer(ctx context.Context, dir, bin string, log *slog.Logger) (*pgserver.Server, error) {
	cfg := pgserver.Config{DataDir: filepath.Join(dir, serverDir), Binaries: bin, Settings: settings, Log: log}
	if sameBoot(dir) {
		s, err := pgserver.Start(ctx, cfg)
		if err == nil || errors.Is(err, pgserver.ErrInUse) || ctx.Err() != nil {
			return s, err
		}
		log.Warn("the server does not start and is made anew", "error", err)
	}
	if err := remove(cfg.DataDir); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, bootFile), []byte(bootID()), 0o600); err != nil {
		return nil, err
	}
	return pgserver.Start(ctx, cfg)
}

func remove(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

func sameBoot(dir string) bool {
	b, err := os.ReadFile(filepath.Join(dir, bootFile))
	return err == nil && len(b) > 0 && string(b) == bootID()
}

// bootID names the time since the machine was started; where the system has no
// such name (macOS) it is empty and nothing is kept.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func publish(dir, address string) error {
	tmp := filepath.Join(dir, addressFile+".new")
	if err := os.WriteFile(tmp, []byte(address), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, addressFile))
}

// waitUnused returns, with the lock on the users' file held, when no test
// process has been there for the limit, when the keeper is told to stop and the
// last has gone, or when the folder was removed.
func waitUnused(ctx context.Context, dir string, limit time.Duration) (*os.File, error) {
	idleSince := time.Now()
	for {
		if _, err := os.Stat(filepath.Join(dir, addressFile)); err != nil {
			return nil, fmt.Errorf("pgtest: the folder of the server was removed: %w", err)
		}
		users, err := lockFile(filepath.Join(dir, usersFile), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			idleSince = time.Now()
		case err != nil:
			return nil, err
		case ctx.Err() != nil || time.Since(idleSince) >= limit && !recentlyKept(dir):
			return users, nil
		default:
			users.Close()
		}
		select {
		case <-ctx.Done():
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, errors.New("pgtest: told to stop while tests run")
			}
		case <-time.After(min(time.Second, limit)):
		}
	}
}

// recentlyKept reports whether a test kept its database within the last hour.
func recentlyKept(dir string) bool {
	st, err := os.Stat(filepath.Join(dir, keptFile))
	return err == nil && time.Since(st.ModTime()) < keptIdleLimit
}
