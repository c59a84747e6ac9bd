package pgserver

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// folder makes a folder that any user may pass through (t.TempDir is closed to
// others, which is a case of its own, see root_test.go).
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kapok-pgserver-")
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

// stencil is a home with a cluster, made once: copying it costs a tenth of initdb.
var stencil = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp(fallbackRoot, "stencil-")
	if err != nil {
		return "", err
	}
	s, err := Start(context.Background(), Config{DataDir: dir, Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		return "", err
	}
	return dir, s.Close(context.Background())
})

// prepared is a data folder with a cluster in it, named so in a new folder.
func prepared(t *testing.T, name string) string {
	t.Helper()
	from, err := stencil()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(folder(t), name)
	if err := copyTree(from, dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "cluster"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// journal is a log that a test can read.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// small settings start sooner; a test that looks at the settings gives its own.
var small = map[string]string{"shared_buffers": "16MB", "max_connections": "20"}

// start runs a server and closes it after the test.
func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	if cfg.Settings == nil {
		cfg.Settings = small
	}
	s, err := Start(limited(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(limited(t)); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run runs one statement in the application's database, waiting for a server
// that is being started again.
func run(t *testing.T, url, sql string) {
	t.Helper()
	if err := try(limited(t), url, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func try(ctx context.Context, url, sql string) error {
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			defer conn.Close(ctx)
			_, err = conn.Exec(ctx, sql)
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// value reads one value of one row.
func value[T any](t *testing.T, url, sql string) T {
	t.Helper()
	var v T
	conn, err := pgx.Connect(limited(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(limited(t), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}
