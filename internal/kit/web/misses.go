package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"kapok/internal/kit/fault"
)

// ErrGuessing says that an address asked too often for what is not there.
var ErrGuessing = fault.Define(fault.RateLimited, "kit.guessing") // argument minutes

// How many misses an address has: a handful of typing errors at once, then one
// every so often. Who asks for things that are there is never counted.
const (
	missesAtOnce = 30
	missEvery    = 20 * time.Second
	missesKept   = 10_000 // addresses remembered; then all begin anew
)

// LimitMisses turns an address away that guesses numbers: below the paths, each
// answer "not found" is counted. Every node counts for itself, so that nothing
// is stored of those who ask.
func LimitMisses(s *Site, address func(*http.Request) string, paths ...string) func(http.Handler) http.Handler {
	m := &misses{left: map[string]*rate.Limiter{}}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(r.URL.Path, p) }) {
				next.ServeHTTP(w, r)
				return
			}
			l := m.of(address(r))
			if l.Tokens() < 1 {
				s.Fail(w, r, ErrGuessing.With("minutes", int(missesAtOnce*missEvery/time.Minute)))
				return
			}
			seen := &statusSeen{ResponseWriter: w}
			next.ServeHTTP(seen, r)
			if seen.status == http.StatusNotFound {
				l.Allow()
			}
		})
	}
}

type misses struct {
	mu   sync.Mutex
	left map[string]*rate.Limiter
}

func (m *misses) of(address string) *rate.Limiter {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.left[address]
	if l == nil {
		if len(m.left) >= missesKept {
			clear(m.left)
		}
		l = rate.NewLimiter(rate.Every(missEvery), missesAtOnce)
		m.left[address] = l
	}
	return l
}

// statusSeen notes the status that was answered.
type statusSeen struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes and passes on.
func (s *statusSeen) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (s *statusSeen) Unwrap() http.ResponseWriter { return s.ResponseWriter }
