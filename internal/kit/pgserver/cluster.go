package pgserver

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clusterMajor is the PostgreSQL version that wrote the cluster, 0 when there
// is none yet.
func clusterMajor(cluster string) (int, error) {
	b, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("pgserver: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || major < 10 {
		return 0, fmt.Errorf("pgserver: %s is not a PostgreSQL cluster Kapok can use: its PG_VERSION says %q", cluster, b)
	}
	return major, nil
}

// choose finds the programs for the cluster: another major version cannot read it.
func choose(binaries, cluster string) (Installation, error) {
	major, err := clusterMajor(cluster)
	if err != nil {
		return Installation{}, err
	}
	inst, err := Best(binaries, major)
	if err != nil && major > 0 {
		err = fmt.Errorf("pgserver: the database in %s was written by PostgreSQL %d, which no other version can read: %w",
			cluster, major, err)
	}
	return inst, err
}

// ensureCluster makes the cluster when there is none. initdb works under
// another name, so that one cut short leaves nothing that looks finished.
func ensureCluster(h home, durable bool, log *slog.Logger) error {
	if err := removeHalfMade(h.dir); err != nil {
		return err
	}
	if _, exists, err := ownerOf(h.cluster()); err != nil || exists {
		return errors.Join(err, h.reclaim())
	}
	log.Info("making a new database", "folder", h.dir)
	dir, err := os.MkdirTemp(h.dir, halfMade)
	if err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	if err := h.who.own(dir); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	if err := initdb(h, dir, durable); err != nil {
		return err
	}
	if err := os.Rename(dir, h.cluster()); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	return syncFolder(h.dir)
}

const halfMade = "new-"

func removeHalfMade(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), halfMade) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("pgserver: %w", err)
		}
	}
	return nil
}

// reclaim mends a cluster that root copied: its files are root's now.
func (h home) reclaim() error {
	if owner, _, err := ownerOf(h.cluster()); err != nil || owner.uid == h.who.uid {
		return err
	}
	return h.who.ownTree(h.cluster())
}

// initdb makes a cluster in UTF-8 with the C locale, so that sorting and index
// order are the same on every system and never change with its libraries.
// The socket folder guards the door (see doc.go), hence trust.
func initdb(h home, dir string, durable bool) error {
	args := []string{"--pgdata", dir, "--username", superuser, "--encoding", "UTF8", "--locale", "C",
		"--auth-local", "trust", "--auth-host", "reject", "--no-instructions"}
	if !durable {
		args = append(args, "--no-sync")
	}
	cmd := h.who.command(h.dir, h.program("initdb"), args...)
	out := newOutput(slog.New(slog.DiscardHandler))
	cmd.Stdout, cmd.Stderr = out, out
	p, err := launch(cmd)
	if err != nil {
		return fmt.Errorf("pgserver: initdb: %w", err)
	}
	<-p.exited
	if p.err != nil {
		return fmt.Errorf("pgserver: initdb: %w: %s", p.err, out.tail())
	}
	return nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	return nil
}
