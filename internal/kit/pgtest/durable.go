package pgtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"kapok/internal/kit/pgserver"
)

// Server is a PostgreSQL of a test's own.
type Server struct {
	t testing.TB
	s *pgserver.Server
}

// Durable starts a server of the test's own that keeps every commit, with a
// migrated database, for tests that kill it. It ends with the test. Of
// KAPOK_TEST_PG only a version counts: a server given by URL is not ours to kill.
func Durable(t testing.TB) *Server {
	t.Helper()
	major, address, err := parseChoice(os.Getenv(chooseEnv))
	if err != nil {
		t.Fatal(err)
	}
	if address != "" {
		major = defaultMajor
	}
	inst, err := pgserver.Best("", major)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := pgserver.Start(ctx, pgserver.Config{DataDir: filepath.Join(openFolder(t), "pg"), Binaries: inst.Bin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := migrate(ctx, s.URL()); err != nil {
		t.Fatal(err)
	}
	return &Server{t: t, s: s}
}

// openFolder is like t.TempDir, but lets other users pass: as root the server
// runs as another one.
func openFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kapok-durable-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// URL is the address of the migrated database, the same before and after Kill.
func (s *Server) URL() string { return s.s.URL() }

// Kill ends all processes of the server by kill -9. It stays down until Restart.
func (s *Server) Kill() {
	s.t.Helper()
	if err := s.s.Kill(); err != nil {
		s.t.Fatal(err)
	}
}

// Restart starts the killed server again and returns when it has recovered.
func (s *Server) Restart() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.s.Restart(ctx); err != nil {
		s.t.Fatal(err)
	}
}
