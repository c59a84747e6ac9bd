package e2e

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/app"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/leaktest"
	"kapok/internal/kit/pgtest"
)

// stage is a platform that runs for one test.
type stage struct {
	*app.App
	url   string
	clock *clock.Fixed
	codes *phones
	log   *logs
	trail
}

// trail is what a test leaves outside the pages: the numbers of documents and
// phones used in it, which may stand in no address and in no log.
type trail struct {
	mu      sync.Mutex
	numbers []string
	urls    []string // that browsers asked for
}

// use notes a number and gives it back.
func (t *trail) use(number string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.numbers = append(t.numbers, number)
	return number
}

func (t *trail) visit(url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.urls = append(t.urls, url)
}

// leaks lists the numbers that lie in an address or in a log.
func (t *trail) leaks(log string) map[string][]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return map[string][]string{"an address": leaktest.In(strings.Join(t.urls, "\n"), t.numbers), "the log": leaktest.In(log, t.numbers)}
}

// newStage starts the platform on a Thursday morning some days from now, so
// that cookies live and no journey crosses a public holiday's edge by chance.
func newStage(t testing.TB) *stage {
	t.Helper()
	pool := pgtest.New(t)
	if err := app.LoadDivisions(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{url: "http://" + l.Addr().String(), clock: clock.At(thursday()), codes: &phones{last: map[string]string{}}, log: &logs{}}
	c := conf.Default()
	c.Data, c.PublicURL = t.TempDir(), s.url
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.App, err = app.New(t.Context(), app.Options{Config: c, Pool: pool, Clock: s.clock, Log: log, Codes: s.codes})
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() {
		_ = srv.Close()
		for _, line := range s.log.bad() {
			t.Errorf("the server logged: %s", line)
		}
		for where, found := range s.leaks(s.log.text()) {
			if len(found) > 0 {
				t.Errorf("in %s lie in plain: %v", where, found)
			}
		}
	})
	return s
}

func thursday() time.Time {
	t := time.Now().In(clock.Shanghai)
	for t.Weekday() != time.Thursday {
		t = t.AddDate(0, 0, 1)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 9, 0, 0, 0, clock.Shanghai)
}

// pass moves the clock on.
func (s *stage) pass(d time.Duration) { s.clock.Advance(d) }

// settle lets the readers of the journal catch up.
func (s *stage) settle(t testing.TB) {
	t.Helper()
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// makeRegionAdmin gives somebody the desk of a division, as the operator's
// command line does for the first one.
func (s *stage) makeRegionAdmin(t testing.TB, person uuid.UUID, division string) {
	t.Helper()
	if err := s.Accounts.GrantRole(t.Context(), person, account.RegionAdmin, division, uuid.Nil); err != nil {
		t.Fatal(err)
	}
}

// phones keeps the newest code sent to each phone.
type phones struct {
	mu   sync.Mutex
	last map[string]string
}

// SendCode keeps the code instead of sending it.
func (p *phones) SendCode(_ context.Context, phone, code string, _ i18n.Lang) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[phone] = code
	return nil
}

func (p *phones) code(phone string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[phone]
}

// logs collects what the server writes.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps a line.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// bad lists the lines that no test should cause.
func (l *logs) bad() []string {
	var out []string
	for line := range strings.Lines(l.text()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// chromium is the browser: CHROMIUM, or one on the path.
func chromium(t testing.TB, found string) string {
	t.Helper()
	if p := os.Getenv("CHROMIUM"); p != "" {
		return p
	}
	if found == "" {
		t.Fatal("no Chromium: apt-get install chromium, or name one in CHROMIUM")
	}
	return found
}
