package pgserver

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

const (
	mib         = 1 << 20
	leastBuffer = 128 * mib
	mostBuffer  = 8 << 30
)

// buffers is the shared_buffers of a machine: a quarter of its memory, as
// PostgreSQL's manual advises for a server. Pages are taken as they are used,
// so a small database costs no more for it.
func buffers() string {
	return megabytes(min(max(leastBuffer, memory("/")/4), mostBuffer))
}

// cached is effective_cache_size: what of the database may be in memory at
// all, which the planner wants to know.
func cached() string { return megabytes(max(2*leastBuffer, memory("/")/2)) }

func megabytes(n int64) string { return fmt.Sprintf("%dMB", n/mib) }

// memory is what this process may use, in bytes: the machine's memory or the
// smaller limit of its control group; half a gigabyte where neither is told.
// root is "/", or a folder that a test made.
func memory(root string) int64 {
	least := int64(math.MaxInt64)
	for _, n := range []int64{
		total(root + "proc/meminfo"),
		limit(root + "sys/fs/cgroup/memory.max"),
		limit(root + "sys/fs/cgroup/memory/memory.limit_in_bytes"),
	} {
		if n > 0 {
			least = min(least, n)
		}
	}
	if least == math.MaxInt64 {
		return 512 * mib
	}
	return least
}

// total reads "MemTotal:  24576000 kB"; 0 when it is not there.
func total(path string) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, rest, _ := strings.Cut(s.Text(), ":"); name == "MemTotal" {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}

// limit reads a number; 0 when there is none ("max").
func limit(path string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n
}
