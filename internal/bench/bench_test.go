package bench

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMedianAndGoals(t *testing.T) {
	t.Parallel()
	if median([]float64{9, 1, 5}) != 5 || median([]float64{1, 3}) != 2 || median(nil) != 0 {
		t.Error("medians are wrong")
	}
	for _, c := range []struct {
		r    Result
		want bool
	}{
		{compare("a", "1/s", []float64{50}, []float64{10}, 5, Higher, 1), true},
		{compare("a", "1/s", []float64{49}, []float64{10}, 5, Higher, 1), false},
		{compare("a", "ms", []float64{15}, []float64{10}, 1.5, Lower, 1), true},
		{Result{Ours: 1, Goal: 0, Better: Lower}, false},
		{Result{Ours: 0, Goal: 0, Better: Lower}, true},
	} {
		if c.r.Met() != c.want {
			t.Errorf("%v: met %v", c.r, c.r.Met())
		}
	}
}

func TestUnknownNamesAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := Run(context.Background(), "nothing", Options{}, &bytes.Buffer{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestResultsReplaceTheirNamesakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, r := range []Result{{Name: "b", Ours: 1, Better: Higher}, {Name: "a", Ours: 20, Baseline: 10, Ratio: 2, Goal: 5, Better: Higher}, {Name: "b", Ours: 3, Better: Higher}} {
		if err := WriteResults(dir, []Result{r}); err != nil {
			t.Fatal(err)
		}
	}
	md, err := os.ReadFile(filepath.Join(dir, "RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(md)
	if !strings.Contains(text, "| a |  | 20 | 10 | 2.00× | ≥ 5× | no |") || strings.Count(text, "\n| b |") != 1 || !strings.Contains(text, "| b |  | 3 | – |") {
		t.Errorf("got %s", text)
	}
}

func TestLoadCountsAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer bad" {
			http.Error(w, strings.Repeat("x", 1500), http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	tokens := []string{"good", "bad", "good"}
	l := load{addr: server.Listener.Addr().String(), clients: 4, next: func(_, i int) []byte {
		if i == len(tokens) {
			return nil
		}
		return post("/x", tokens[i])
	}}
	o, err := l.run(t.Context())
	if err != nil || o.count[200] != 8 || o.count[403] != 4 || o.total() != 12 || o.quantile(.5) > o.quantile(1) {
		t.Errorf("got %+v, %v", o.count, err)
	}
	if o.only(200) == nil || o.only(200, 403) != nil {
		t.Error("unexpected answers are not noticed")
	}
	l.until = time.Now().Add(-time.Second)
	if o, err := l.run(t.Context()); err != nil || o.total() != 0 {
		t.Errorf("after the time was over: %d answers, %v", o.total(), err)
	}
}

// TestSignupBenchmarkChecksItself runs each part once, very small: the numbers
// mean nothing, but every part must agree with the database.
func TestSignupBenchmarkChecksItself(t *testing.T) {
	t.Parallel()
	e, err := Start(t.Context(), Options{Size: Small})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &signupBench{Env: e, rng: rand.New(rand.NewPCG(1, 1)), limit: 200 * time.Millisecond}
	if b.people, err = e.volunteers(t.Context(), 300); err != nil {
		t.Fatal(err)
	}
	for _, tr := range []trial{{"hot", 0, b.roomy(1), http.StatusCreated, plainLocked, b.roomy(1)}, {"spread", 0, b.roomy(50), http.StatusCreated, plainStatement, b.roomy(50)},
		{"refuse", 0, b.full, http.StatusConflict, plainLocked, b.full}} {
		if o, err := b.ours(t.Context(), tr, 0); err != nil || o.total() == 0 {
			t.Errorf("%s: %d answers, %v", tr.name, o.total(), err)
		}
		if rate, err := b.theirs(t.Context(), tr); err != nil || rate == 0 {
			t.Errorf("%s: baseline %v, %v", tr.name, rate, err)
		}
	}
	set, err := b.set(t.Context(), 1, 20)
	if err != nil {
		t.Fatal(err)
	}
	if over, err := b.raceOnce(t.Context(), set[0], 200); over != 0 || err != nil {
		t.Errorf("%d places beyond capacity, %v", over, err)
	}
}
