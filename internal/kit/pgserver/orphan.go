package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settle stops every PostgreSQL process that still works in the cluster, left
// over by a Kapok or a postmaster that was killed, and removes a stale pid file.
// The caller holds the home's lock, so no such process is wanted by anybody.
func settle(ctx context.Context, cluster string, log *slog.Logger) error {
	if real, err := filepath.EvalSymlinks(cluster); err == nil {
		cluster = real
	}
	if pids := serverProcesses(cluster); len(pids) > 0 {
		log.Info("stopping a PostgreSQL left over by an earlier run", "folder", cluster, "processes", len(pids))
		if err := stopAll(ctx, cluster, pids); err != nil {
			return err
		}
	}
	// PostgreSQL trusts this file when its process number is in use, by whatever
	// program; after a reboot it often is. None works here: that was looked up.
	err := os.Remove(filepath.Join(cluster, "postmaster.pid"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}

// stopAll stops the postmaster politely, which takes its children with it.
// Children without a postmaster cannot finish anything; they are only in the way.
func stopAll(ctx context.Context, cluster string, pids []int) error {
	steps := []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 30 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}}
	master := postmaster(cluster)
	if !slices.Contains(pids, master) {
		steps = steps[1:]
	}
	for _, step := range steps {
		for _, pid := range serverProcesses(cluster) {
			if step.signal == syscall.SIGINT && pid != master {
				continue
			}
			if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("pgserver: a PostgreSQL left over by an earlier run (process %d) cannot be stopped: %w", pid, err)
			}
		}
		gone, err := waitGone(ctx, cluster, step.wait)
		if gone || err != nil {
			return err
		}
	}
	return fmt.Errorf("pgserver: PostgreSQL processes %v of an earlier run do not end, not even by kill -9", serverProcesses(cluster))
}

func waitGone(ctx context.Context, cluster string, limit time.Duration) (bool, error) {
	late := time.After(limit)
	for len(serverProcesses(cluster)) > 0 {
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("pgserver: waiting for an earlier PostgreSQL to stop: %w", ctx.Err())
		case <-late:
			return false, nil
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true, nil
}

// postmaster is the process number in the cluster's pid file, or 0.
func postmaster(cluster string) int {
	b, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return 0
	}
	return parsePid(string(b))
}

// parsePid reads the first line of a pid file; a negative number there means a
// stand-alone backend.
func parsePid(file string) int {
	line, _, _ := strings.Cut(file, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid > 1<<30 || pid < -1<<30 {
		return 0
	}
	return max(pid, -pid)
}
