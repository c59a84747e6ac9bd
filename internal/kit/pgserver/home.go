package pgserver

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// fallbackRoot holds what root's server user cannot reach in its own place.
// Tests set another.
var fallbackRoot = "/var/lib/kapok"

// longestSocket is the length of a socket path every system takes (macOS: 104
// bytes with the closing zero, Linux: 108).
const longestSocket = 103

// socketName is what PostgreSQL calls its socket; the number is only a name, as
// nothing listens on a port.
const (
	port       = 5432
	socketName = ".s.PGSQL.5432"
)

// home is the folder around one private server.
type home struct {
	dir      string // real path, links resolved
	who      account
	postgres string // folder of the programs, reachable for who
}

func (h home) cluster() string            { return filepath.Join(h.dir, "cluster") }
func (h home) program(name string) string { return filepath.Join(h.postgres, name) }

// openHome finds or makes the home for dataDir and makes sure that the server's
// user can reach both it and the programs. Where that user cannot, as below
// root's own folder, home and programs go under fallbackRoot, and dataDir becomes a
// link to it: removing or moving dataDir keeps its plain meaning.
func openHome(dataDir string, inst Installation, log *slog.Logger) (home, error) {
	who, err := accountFor(dataDir)
	if err != nil {
		return home{}, err
	}
	h := home{who: who, postgres: inst.Bin}
	if !who.canRun(h.program("postgres"), "/") {
		if h.postgres, err = copyPrograms(inst, log); err != nil {
			return home{}, fmt.Errorf("pgserver: user %s cannot run %s: %w", who.name, inst.Bin, err)
		}
	}
	if err := makeFolder(dataDir); err != nil {
		return home{}, err
	}
	if err := h.enter(dataDir); err != nil {
		return home{}, err
	}
	if !who.canRun(h.program("postgres"), h.dir) {
		if err := moveAway(dataDir, who); err != nil {
			return home{}, err
		}
		if err := h.enter(dataDir); err != nil {
			return home{}, err
		}
	}
	if target, err := os.Readlink(dataDir); err == nil {
		log.Info("the database stands in another folder, where its user can reach it", "user", who.name, "data", dataDir, "database", target)
	}
	return h, nil
}

// enter resolves dataDir and lets the server's user and root in, nobody else.
func (h *home) enter(dataDir string) (err error) {
	if h.dir, err = filepath.EvalSymlinks(dataDir); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	if err := refuseForeign(h.dir); err != nil {
		return err
	}
	if err := errors.Join(h.who.own(h.dir), os.Chmod(h.dir, 0o700)); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}

// refuseForeign keeps a mistyped data folder from changing hands.
func refuseForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	if len(entries) == 0 {
		return nil
	}
	for _, name := range []string{"cluster", "lock"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("pgserver: %s holds other files and is not a database folder of Kapok: "+
		"give an empty or a new folder", dir)
}

// makeFolder makes dataDir. Folders on the way stay open for passing through.
func makeFolder(dataDir string) error {
	target, err := os.Readlink(dataDir)
	if err == nil {
		if _, err := os.Stat(dataDir); err != nil {
			return fmt.Errorf("pgserver: %s points to %s, where the database should be: %w; "+
				"bring that folder back, or remove the link to start empty", dataDir, target, err)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dataDir), 0o755); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	if err := os.Mkdir(dataDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}

// moveAway replaces the empty dataDir by a link to a new folder in fallbackRoot.
func moveAway(dataDir string, who account) error {
	// rmdir, not os.Remove: never a link that another process has just put there.
	if err := syscall.Rmdir(dataDir); err != nil {
		return fmt.Errorf("pgserver: user %s, who must run PostgreSQL for root, cannot enter %s, and it is not empty: "+
			"let others pass through its parent folders (chmod o+x) or use another data folder: %w", who.name, dataDir, err)
	}
	dir, err := tempIn(fallbackRoot, "data-")
	if err != nil {
		return fmt.Errorf("pgserver: user %s cannot enter %s, and there is no other place: %w", who.name, dataDir, err)
	}
	if err := os.Symlink(dir, dataDir); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}

// tempIn makes a new folder in parent, which is made passable when missing.
func tempIn(parent, prefix string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(parent, prefix)
}

// socketFolder makes an empty folder for the socket: run in the home, or, when
// that path is too long for a socket or has a comma, which in an address parts
// two hosts, a link there to a short temporary folder.
func (h home) socketFolder() (string, error) {
	run := filepath.Join(h.dir, "run")
	if err := h.removeSocket(); err != nil {
		return "", err
	}
	dir := run
	if len(filepath.Join(run, socketName)) > longestSocket || strings.Contains(run, ",") {
		var err error
		if dir, err = os.MkdirTemp("", socketPrefix); err != nil {
			return "", fmt.Errorf("pgserver: %w", err)
		}
		if err := os.Symlink(dir, run); err != nil {
			return "", fmt.Errorf("pgserver: %w", err)
		}
	} else if err := os.Mkdir(run, 0o700); err != nil {
		return "", fmt.Errorf("pgserver: %w", err)
	}
	if err := h.who.own(dir); err != nil {
		return "", fmt.Errorf("pgserver: %w", err)
	}
	return dir, nil
}

const socketPrefix = "kapok-socket-"

// removeSocket removes what socketFolder made, now or in a run that crashed.
func (h home) removeSocket() error {
	run := filepath.Join(h.dir, "run")
	if target, err := os.Readlink(run); err == nil && strings.HasPrefix(filepath.Base(target), socketPrefix) {
		if err := os.RemoveAll(target); err != nil {
			return fmt.Errorf("pgserver: %w", err)
		}
	}
	if err := os.RemoveAll(run); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}
