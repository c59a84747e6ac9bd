package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"kapok/internal/kit/fault"
)

// Whoever guesses is turned away; another address, other paths and answers
// that are there are not.
func TestLimitMisses(t *testing.T) {
	t.Parallel()
	s := newTestSite()
	s.Use(LimitMisses(s, func(r *http.Request) string { return r.RemoteAddr }, "/verify/"))
	s.Handle("GET", "/verify/{number}", openGate{}, func(w http.ResponseWriter, r *http.Request) error {
		if r.PathValue("number") == "good" {
			w.WriteHeader(http.StatusOK)
			return nil
		}
		return fault.ErrNotFound
	})
	get := func(from, path string) int {
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	for range 3 * missesAtOnce {
		if code := get("a", "/verify/good"); code != http.StatusOK {
			t.Fatalf("a number that is there: %d", code)
		}
		get("a", "/elsewhere")
	}
	for i := range missesAtOnce {
		if code := get("a", "/verify/bad"); code != http.StatusNotFound {
			t.Fatalf("miss %d: %d", i, code)
		}
	}
	if code := get("a", "/verify/good"); code != http.StatusTooManyRequests {
		t.Errorf("after %d misses: %d", missesAtOnce, code)
	}
	if get("b", "/verify/good") != http.StatusOK || get("a", "/elsewhere") != http.StatusNotFound {
		t.Error("others pay for the guesser")
	}
}
