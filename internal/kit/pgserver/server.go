package pgserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// The roles and the database of a private server.
const (
	superuser = "postgres"
	appRole   = "kapok" // owns the database, is no superuser
	appDB     = "kapok"
)

// Config says how to run a private server. Only DataDir is needed.
type Config struct {
	// DataDir is the server's own folder, made when missing. For root it may
	// become a link to a folder that an ordinary user can reach.
	DataDir string
	// Binaries is the folder of the PostgreSQL programs; empty: Find.
	Binaries string
	// Settings replace or add to the settings of postgresql.conf.
	Settings map[string]string
	// Log takes what the server and its keeper say; nil: nothing.
	Log *slog.Logger
}

// Server is a running private PostgreSQL. If it crashes it is started again,
// at the same address, until Close.
type Server struct {
	inst     Installation
	home     home
	socket   string
	settings map[string]string
	log      *slog.Logger
	lock     *os.File

	mu      sync.Mutex // one of Kill, Restart, Close at a time
	proc    *process   // the keeper's while it runs, else under mu
	release context.CancelFunc
	kept    chan struct{} // closed when the keeper has ended
}

// Start runs a PostgreSQL on cfg.DataDir and returns when it answers. It makes
// the cluster and the database when they are missing, and cleans up after an
// earlier run that crashed. ctx limits the start only.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dataDir, err := filepath.Abs(cfg.DataDir)
	if err != nil || cfg.DataDir == "" {
		return nil, errors.Join(errors.New("pgserver: a data folder is needed"), err)
	}
	inst, err := choose(cfg.Binaries, filepath.Join(dataDir, "cluster"))
	if err != nil {
		return nil, err
	}
	h, err := openHome(dataDir, inst, log)
	if err != nil {
		return nil, err
	}
	s := &Server{inst: inst, home: h, settings: maps.Clone(defaults), log: log}
	maps.Insert(s.settings, maps.All(cfg.Settings))
	if s.lock, err = lockHome(h); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, h.removeSocket(), s.lock.Close())
	}
	return s, nil
}

// begin makes what is missing around the server and starts it.
func (s *Server) begin(ctx context.Context) (err error) {
	if err := ensureCluster(s.home, s.settings["fsync"] != "off", s.log); err != nil {
		return err
	}
	if s.socket, err = s.home.socketFolder(); err != nil {
		return err
	}
	return s.serve(ctx)
}

// serve starts the server and a keeper for it.
func (s *Server) serve(ctx context.Context) error {
	if err := s.up(ctx); err != nil {
		return err
	}
	var keep context.Context
	keep, s.release = context.WithCancel(context.Background())
	s.kept = make(chan struct{})
	go s.keep(keep)
	return nil
}

// defaults suit a machine that also runs Kapok.
var defaults = map[string]string{
	"cluster_name":            "kapok",
	"listen_addresses":        "", // the socket is the only door
	"port":                    strconv.Itoa(port),
	"max_connections":         "200",
	"shared_buffers":          buffers(),
	"effective_cache_size":    cached(),
	"work_mem":                "8MB",
	"maintenance_work_mem":    "128MB",
	"max_wal_size":            "2GB",
	"random_page_cost":        "1.1", // solid-state disks
	"jit":                     "off", // our queries are short
	"timezone":                "UTC",
	"log_timezone":            "UTC",
	"unix_socket_permissions": "0600",
	// The log: through our own logger, and never with anybody's data in it.
	"logging_collector":           "off",
	"log_destination":             "stderr",
	"log_line_prefix":             "",
	"log_min_messages":            "log",
	"log_min_error_statement":     "panic",
	"log_min_duration_statement":  "-1",
	"log_error_verbosity":         "terse",
	"log_checkpoints":             "off",
	"log_autovacuum_min_duration": "-1",
}

// up starts the server process and returns when it answers and the database exists.
func (s *Server) up(ctx context.Context) error {
	if err := settle(ctx, s.home.cluster(), s.log); err != nil {
		return err
	}
	began := time.Now()
	out := newOutput(s.log)
	cmd := s.home.who.command(s.home.dir, s.home.program("postgres"), s.arguments()...)
	cmd.Stdout, cmd.Stderr = out, out
	p, err := launch(cmd)
	if err != nil {
		return fmt.Errorf("pgserver: %w", err)
	}
	if err := s.ready(ctx, p, out); err != nil {
		now, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return errors.Join(err, p.stop(now))
	}
	s.proc = p
	s.log.Info("PostgreSQL is ready", "version", s.inst.Version, "origin", s.inst.Origin,
		"folder", s.home.dir, "ms", time.Since(began).Milliseconds())
	return nil
}

func (s *Server) arguments() []string {
	quoted := `"` + strings.ReplaceAll(s.socket, `"`, `""`) + `"`
	args := []string{"-D", s.home.cluster(), "-c", "unix_socket_directories=" + quoted}
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		args = append(args, "-c", name+"="+s.settings[name])
	}
	return args
}

// ready waits until the server answers, which after a crash may take as long as
// its recovery does, and makes role and database when they are missing.
func (s *Server) ready(ctx context.Context, p *process, out *output) error {
	for {
		err := s.prepare(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("pgserver: PostgreSQL did not start: %w: %s", p.err, out.tail())
		case <-ctx.Done():
			return fmt.Errorf("pgserver: PostgreSQL was not ready in time: %w; last: %w; %s", ctx.Err(), err, out.tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) prepare(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URLOf(superuser, superuser))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var role, database bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
		EXISTS (SELECT FROM pg_database WHERE datname = $2)`, appRole, appDB).Scan(&role, &database)
	if err != nil {
		return err
	}
	if !role {
		if _, err := conn.Exec(ctx, "CREATE ROLE "+appRole+" LOGIN"); err != nil {
			return err
		}
	}
	if !database {
		_, err = conn.Exec(ctx, "CREATE DATABASE "+appDB+" OWNER "+appRole)
	}
	return err
}

// keep starts the server again whenever it ends by itself, until released.
func (s *Server) keep(ctx context.Context) {
	defer close(s.kept)
	for s.proc.wait(ctx); ctx.Err() == nil; s.proc.wait(ctx) {
		s.log.Error("PostgreSQL ended by itself and is started again", "error", s.proc.err)
		for pause := 100 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
			err := s.up(ctx)
			if err == nil || ctx.Err() != nil {
				break
			}
			s.log.Error("PostgreSQL does not start", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
}

// URL is the address of the database kapok as its owner, for pgx and psql. It
// stays the same for the life of the Server, whatever crashes.
func (s *Server) URL() string { return s.URLOf(appRole, appDB) }

// URLOf is the address of any database as any role; "postgres" is the superuser.
func (s *Server) URLOf(role, database string) string { return urlOf(s.socket, role, database) }

// Join is the address of the database kapok of a server that another process
// runs in the folder; the second answer is false when there is none.
func Join(dataDir string) (string, bool) {
	socket, err := filepath.EvalSymlinks(filepath.Join(dataDir, "run"))
	if err != nil {
		return "", false
	}
	if socket, err = filepath.Abs(socket); err != nil {
		return "", false
	}
	return urlOf(socket, appRole, appDB), true
}

func urlOf(socket, role, database string) string {
	query := url.Values{"host": {socket}, "port": {strconv.Itoa(port)}, "user": {role}}
	// psql, unlike Go, does not read + as a space.
	return "postgres:///" + url.PathEscape(database) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// Version is the server's version, for example "18.4".
func (s *Server) Version() string { return s.inst.Version }

// Installation is the set of programs the server runs.
func (s *Server) Installation() Installation { return s.inst }

// Close shuts the server down: open transactions are rolled back, every commit
// is kept. When ctx ends first it is stopped at once, still without loss, and
// the error says so. Calling it again does nothing.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		return nil
	}
	s.letGo()
	err := s.proc.stop(ctx)
	err = errors.Join(err, s.home.removeSocket(), s.lock.Close())
	s.lock = nil
	if err != nil {
		s.log.Warn("PostgreSQL did not stop as it should", "error", err)
	} else {
		s.log.Info("PostgreSQL has stopped")
	}
	return err
}

// Kill ends every process of the server by kill -9, as a power cut would, and
// leaves it down until Restart. It is for tests of exactly that.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		return errors.New("pgserver: already closed")
	}
	s.letGo()
	// Not by number: once it has ended, its number may be another program's.
	if err := s.proc.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("pgserver: %w", err)
	}
	for _, pid := range serverProcesses(s.home.cluster()) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("pgserver: %w", err)
		}
	}
	<-s.proc.exited
	return nil
}

// Restart starts a killed server again, at the same address.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		return errors.New("pgserver: already closed")
	}
	return s.serve(ctx)
}

// letGo ends the keeper, so that what follows is not undone by it.
func (s *Server) letGo() {
	s.release()
	<-s.kept
}
