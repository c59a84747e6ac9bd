//go:build !linux

package pgserver

import (
	"os/exec"
	"strconv"
	"strings"
)

// serverProcesses finds the postmaster of a cluster by its command line, and its
// children by their parent.
func serverProcesses(cluster string) []int {
	out, err := exec.Command("ps", "-axww", "-o", "pid=,ppid=,command=").Output()
	if err != nil {
		return nil
	}
	var pids []int
	parents := map[int]bool{}
	children := map[int]int{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		pid, _ := strconv.Atoi(fields[0]) // ps prints numbers
		children[pid], _ = strconv.Atoi(fields[1])
		if strings.Contains(line, "postgres -D "+cluster+" ") {
			parents[pid] = true
			pids = append(pids, pid)
		}
	}
	for pid, parent := range children {
		if parents[parent] {
			pids = append(pids, pid)
		}
	}
	return pids
}
