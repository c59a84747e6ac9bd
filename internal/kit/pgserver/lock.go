package pgserver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ErrInUse means that another process runs a server on the same data folder.
var ErrInUse = errors.New("in use by another Kapok")

// lockHome makes this process the only one to run a server here. The kernel
// frees the lock when the process ends, however it ends.
func lockHome(h home) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(h.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pgserver: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("pgserver: lock %s: %w", h.dir, err)
		}
		holder, _ := io.ReadAll(io.LimitReader(f, 20)) // only for the text
		return nil, fmt.Errorf("pgserver: the database in %s is %w (process %s): "+
			"stop that one, or use another data folder", h.dir, ErrInUse, strings.TrimSpace(string(holder)))
	}
	err = errors.Join(f.Truncate(0), writeAt0(f, strconv.Itoa(os.Getpid())))
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("pgserver: %w", err)
	}
	return f, nil
}

func writeAt0(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text+"\n"), 0)
	return err
}
