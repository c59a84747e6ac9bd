package obs

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kapok/internal/kit/pgtest"
)

func TestRequestsAreMeasuredByPatternNotPath(t *testing.T) {
	t.Parallel()
	m := NewMetrics(pgtest.New(t))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /verify/{number}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := Trace(m.Measure(mux))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/verify/K26-SECRET", nil))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/nowhere/440524188001010014", nil))

	w := httptest.NewRecorder()
	m.Operator().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body := w.Body.String()
	for _, want := range []string{`route="GET /verify/{number}"`, `status="418"`, `route="unknown"`, "kapok_db_connections_max", "go_goroutines"} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(body, "SECRET") || strings.Contains(body, "4405241880") {
		t.Error("a path reached the metrics")
	}
}

func TestLoggerKeepsItsLevelAndFormat(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := Logger(&b, "warn", "json")
	log.Info("quiet")
	log.Warn("loud", "n", 1)
	if got := b.String(); strings.Contains(got, "quiet") || !strings.Contains(got, `"n":1`) {
		t.Errorf("got %s", got)
	}
}

func TestNoTracesWithoutAnEndpoint(t *testing.T) {
	t.Parallel()
	stop, err := Tracing(context.Background(), "", "1")
	if err != nil || stop(context.Background()) != nil {
		t.Error(err)
	}
}
