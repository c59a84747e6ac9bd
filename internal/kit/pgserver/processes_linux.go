package pgserver

import (
	"os"
	"path/filepath"
	"strconv"
)

// serverProcesses lists the PostgreSQL processes of a cluster: they stand in
// its folder and run a program called postgres.
func serverProcesses(cluster string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		if err != nil || cwd != cluster {
			continue // gone, or another user's
		}
		// After an upgrade the link reads "postgres (deleted)".
		exe, err := os.Readlink(filepath.Join("/proc", e.Name(), "exe"))
		if name := filepath.Base(exe); err == nil && (name == "postgres" || name == "postgres (deleted)") {
			pids = append(pids, pid)
		}
	}
	return pids
}
