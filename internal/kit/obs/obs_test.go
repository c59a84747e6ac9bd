package obs

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

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

	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("K4405241880", "/verify/1", nil))

	w := httptest.NewRecorder()
	m.Operator().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body := w.Body.String()
	for _, want := range []string{`route="GET /verify/{number}"`, `status="418"`, `route="unknown"`, `method="other"`, "kapok_db_connections_max", "go_goroutines"} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(body, "SECRET") || strings.Contains(body, "4405241880") {
		t.Error("a path or a made-up method reached the metrics")
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

// Not parallel: there is one tracer provider for all.
func TestTracesTellThePatternAlone(t *testing.T) {
	seen := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(seen)))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /verify/{number}", func(http.ResponseWriter, *http.Request) {})
	r := httptest.NewRequest("GET", "/verify/SECRET?q=SECRET", nil)
	r.Header.Set("User-Agent", "SECRET")
	r.RemoteAddr = "192.0.2.77:1"
	Trace(mux).ServeHTTP(httptest.NewRecorder(), r)
	spans := seen.Ended()
	if len(spans) != 1 || spans[0].Name() != "GET /verify/{number}" {
		t.Fatalf("spans %v", spans)
	}
	want := []attribute.KeyValue{attribute.String("http.request.method", "GET"), attribute.Int("http.response.status_code", 200)}
	if !slices.Equal(spans[0].Attributes(), want) {
		t.Errorf("attributes %v", spans[0].Attributes())
	}
}
