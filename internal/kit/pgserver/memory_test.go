package pgserver

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryIsTheSmallestLimit(t *testing.T) {
	t.Parallel()
	const info, v2, v1 = "proc/meminfo", "sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nothing told":  {nil, 512 * mib},
		"machine":       {map[string]string{info: "MemFree: 1 kB\nMemTotal:       24576000 kB\n"}, 24576000 << 10},
		"no group":      {map[string]string{info: "MemTotal: 1048576 kB", v2: "max\n"}, 1 << 30},
		"group":         {map[string]string{info: "MemTotal: 1048576 kB", v2: "536870912\n"}, 512 * mib},
		"old group":     {map[string]string{info: "MemTotal: 1048576 kB", v1: "268435456\n"}, 256 * mib},
		"not a number":  {map[string]string{info: "MemTotal: much", v2: "lots"}, 512 * mib},
		"no such line":  {map[string]string{info: "SwapTotal: 5 kB"}, 512 * mib},
		"boundless one": {map[string]string{info: "MemTotal: 1048576 kB", v1: "9223372036854771712"}, 1 << 30},
	} {
		root := t.TempDir() + "/"
		for path, text := range c.files {
			if err := os.MkdirAll(filepath.Dir(root+path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(root+path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := memory(root); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
