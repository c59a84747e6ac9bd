package pgtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"runtime/debug"
	"sync"

	"github.com/jackc/pgx/v5"

	"kapok/db"
	"kapok/internal/kit/pg"
)

// migrated finds or makes the template for the migrations of this source tree,
// once a process, and returns its name.
var migrated = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := connected()
	if err != nil {
		return "", err
	}
	key := sha256.New()
	if err := hashFiles(key, db.Migrations); err != nil {
		return "", fmt.Errorf("pgtest: %w", err)
	}
	hashModules(key)
	name := fmt.Sprintf("%s%x", templatePrefix, key.Sum(nil)[:8])
	return name, s.ensureTemplate(ctx, name, migrate)
})

func hashFiles(key hash.Hash, files fs.FS) error {
	return fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, path)
		fmt.Fprintf(key, "%s %d\n%s", path, len(b), b)
		return err
	})
}

// hashModules adds the versions of the libraries: some bring tables of their own.
func hashModules(key hash.Hash) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			fmt.Fprintln(key, m.Path, m.Version, m.Sum)
		}
	}
}

func migrate(ctx context.Context, url string) error {
	pool, err := pg.Open(ctx, url, 0)
	if err != nil {
		return err
	}
	defer pool.Close()
	return pg.Migrate(ctx, pool)
}

// ensureTemplate makes the template unless it is there. It is marked as a
// template only when it is whole; one half-made by a killed test is made again.
func (s *server) ensureTemplate(ctx context.Context, name string, fill func(context.Context, string) error) error {
	done, err := s.isTemplate(ctx, name)
	if done || err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, s.url) // a lock belongs to one connection
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	done, err = s.isTemplate(ctx, name) // by whoever held the lock
	if done || err != nil {
		return err
	}
	if err := s.drop(ctx, name); err != nil {
		return err
	}
	if err := s.create(ctx, name, "template0"); err != nil {
		return err
	}
	if err := fill(ctx, s.urlOf(name)); err != nil {
		return fmt.Errorf("pgtest: migrating the template: %w", err)
	}
	return s.exec(ctx, "ALTER DATABASE "+quote(name)+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
}

func (s *server) isTemplate(ctx context.Context, name string) (is bool, err error) {
	err = s.admin.QueryRow(ctx, "SELECT datistemplate FROM pg_database WHERE datname = $1", name).Scan(&is)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("pgtest: %w", err)
	}
	return is, nil
}
