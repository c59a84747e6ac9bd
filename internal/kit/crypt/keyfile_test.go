package crypt

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func open(t *testing.T, dir string) *Keys {
	t.Helper()
	k, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeysAreMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	sealed := open(t, dir).Seal(place, "A123456")
	again := open(t, dir)
	if got, err := again.Open(place, sealed); got != "A123456" || err != nil {
		t.Errorf("after a restart: %q, %v", got, err)
	}
	for _, name := range []string{masterFile, keysFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestNodesThatStartTogetherGetTheSameKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	prints := make([]string, 8)
	var wg sync.WaitGroup
	for i := range prints {
		wg.Go(func() {
			if k, err := Open(dir); err == nil {
				prints[i] = k.Fingerprint()
			}
		})
	}
	wg.Wait()
	for _, p := range prints {
		if p == "" || p != prints[0] {
			t.Fatalf("different keys: %v", prints)
		}
	}
}

func TestKeyFoldersThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(dir string) error
		want  string
	}{
		"readable by others": {func(dir string) error { return os.Chmod(filepath.Join(dir, keysFile), 0o640) }, "chmod 600"},
		"master readable":    {func(dir string) error { return os.Chmod(filepath.Join(dir, masterFile), 0o604) }, "chmod 600"},
		"master lost":        {func(dir string) error { return os.Remove(filepath.Join(dir, masterFile)) }, "backup"},
		"master of another": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, masterFile), []byte(strings.Repeat("ab", 16)), 0o600)
		}, "not a pair"},
		"master cut": {func(dir string) error { return os.WriteFile(filepath.Join(dir, masterFile), []byte("abcd"), 0o600) }, "32 hex digits"},
		"keys cut": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, keysFile), []byte(`{"format":1`), 0o600)
		}, "cannot be read"},
		"keys empty": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, keysFile), []byte(`{"format":1}`), 0o600)
		}, "not a pair"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			open(t, dir)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAnOlderDataKeyStaysReadable(t *testing.T) {
	t.Parallel()
	f := newKeyFile()
	old, err := f.ready()
	if err != nil {
		t.Fatal(err)
	}
	sealed := old.Seal(place, "A123456")
	f.Data = append(f.Data, dataKey{ID: 2, Key: randomBytes(keySize)})
	f.Current = 2
	now, err := f.ready()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := now.Open(place, sealed); got != "A123456" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := old.Open(place, now.Seal(place, "A123456")); err != ErrOpen {
		t.Errorf("a key that is not there opened: %v", err)
	}
}
