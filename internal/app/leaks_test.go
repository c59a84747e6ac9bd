package app_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"kapok/internal/account/accounttest"
	"kapok/internal/app"
	"kapok/internal/demo"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/leaktest"
	"kapok/internal/kit/pgtest"
)

// sealed reads the numbers that a table keeps sealed, as far as they are whole.
func sealed(t *testing.T, a *app.App, table, column string, n int) (out []string) {
	t.Helper()
	rows, err := a.Pool.Query(t.Context(), fmt.Sprintf(`SELECT id, %[1]s FROM %[2]s WHERE length(%[1]s) > 0 ORDER BY id DESC LIMIT %[3]d`, column, table, n))
	if err != nil {
		t.Fatal(err)
	}
	var id uuid.UUID
	var enc []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &enc}, func() error {
		plain, err := a.Keys.Open(crypt.Place{Table: table, Column: column, Row: id}, enc)
		out = append(out, plain)
		return err
	})
	if err != nil || len(out) < 5 {
		t.Fatalf("%s.%s: %d numbers, %v", table, column, len(out), err)
	}
	return out
}

// A life of the platform with the log at its loudest and traces on: the demo
// (people with all kinds of documents, sign-ups, attendance, hours), then over
// HTTP what is wrong at the doors, and what is right: registering twice, a merge
// and its undoing, recovering an account, certificates and their check, all
// downloads; and a database that fails. No number of a document or phone may be found in any table, the
// log, the traces, the metrics, an address that an answer leads to, an error, or
// what staff can take away. Numbers lie in plain only where they are meant to be
// read: in the pages of their owner and in the gateway's outbox folder, which is
// what the SMS are sent from. Not parallel: there is one tracer provider for all.
func TestNoNumberLiesAboutInPlain(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	tracing := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	otel.SetTracerProvider(tracing)
	log := &accounttest.Buffer{}
	a := &attack{scene: newSceneOn(t, loudApp(t, log)), gateway: &phones{codes: map[string]string{}}}
	a.Accounts.Sender = a.gateway
	numbers := append(sealed(t, a.App, "person.identity_document", "number_enc", 20), sealed(t, a.App, "account.account", "phone", 15)...)
	v := &visits{attack: a, places: map[string]string{}}
	v.wrong(numbers)
	v.right(t)
	v.broken(t, numbers[:8])
	if err := tracing.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	numbers = append(numbers, append(v.numbers, "+8613900009001")...)
	v.places["the log"], v.places["the traces"], v.places["the metrics"] = log.String(), told(spans.Ended()), operator(a.App)
	v.places["addresses and errors"] = v.said.String()
	for _, table := range tables(t, a.App) {
		v.places[table] = whole(t, a.App, table)
	}
	a.mustBeFull(t, v.places)
	for where, hay := range v.places {
		if found := leaktest.In(hay, numbers); len(found) > 0 {
			t.Errorf("in %s lie in plain: %v", where, found)
		}
	}
}

// loudApp is a platform with the demo's life that logs all there is.
func loudApp(t *testing.T, log io.Writer) *app.App {
	t.Helper()
	pool := pgtest.New(t)
	if err := app.LoadDivisions(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	c := conf.Default()
	c.Data = t.TempDir()
	a, err := app.New(t.Context(), app.Options{Config: c, Pool: pool, Clock: clock.System{}, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(t.Context(), a, demo.Options{Seed: 5, Scale: 0.02}); err != nil {
		t.Fatal(err)
	}
	return a
}

// mustBeFull makes sure that there was something to be found in.
func (a *attack) mustBeFull(t *testing.T, places map[string]string) {
	t.Helper()
	for where, want := range map[string]string{"the log": "does not exist", "the traces": "POST /recover/request", "the metrics": "kapok_http_request_seconds", "addresses and errors": "account.wrong",
		"person.person": "440", "person.merge": "undone", "account.new_phone": "approved", "certificate.certificate": "zh-Hans",
		"hours.xlsx": "worksheets/sheet1.xml", "the certificate": "%PDF", "the check of it": "<html"} {
		if !strings.Contains(places[where], want) {
			t.Errorf("%s holds no %q: %d characters", where, want, len(places[where]))
		}
	}
	if len(places) < 50 {
		t.Errorf("only %d places were looked at", len(places))
	}
}

// told is all that spans tell.
func told(spans []sdktrace.ReadOnlySpan) string {
	var b strings.Builder
	for _, s := range spans {
		fmt.Fprintln(&b, s.Name(), s.Attributes(), s.Events(), s.Status(), s.Links(), s.Resource())
	}
	return b.String()
}

func operator(a *app.App) string {
	w := httptest.NewRecorder()
	a.Metrics.Operator().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func tables(t *testing.T, a *app.App) []string {
	t.Helper()
	rows, err := a.Pool.Query(t.Context(), `SELECT table_schema || '.' || table_name FROM information_schema.tables
		WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema', 'region') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// whole is a whole table as text; bytes stand as hexadecimal, and once more raw.
func whole(t *testing.T, a *app.App, table string) string {
	t.Helper()
	rows, err := a.Pool.Query(t.Context(), `SELECT x::text FROM `+table+` x`)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(table, err)
	}
	return strings.Join(append(lines, raw(t, a, table)...), "\n")
}

// raw is what the columns of bytes of a table hold, as it is.
func raw(t *testing.T, a *app.App, table string) (out []string) {
	t.Helper()
	rows, err := a.Pool.Query(t.Context(), `SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND atttypid = 'bytea'::regtype AND attnum > 0 AND NOT attisdropped`, table)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		rows, err := a.Pool.Query(t.Context(), `SELECT `+c+` FROM `+table+` WHERE `+c+` IS NOT NULL`)
		if err != nil {
			t.Fatal(err)
		}
		values, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil {
			t.Fatal(table, c, err)
		}
		for _, v := range values {
			out = append(out, string(v))
		}
	}
	return out
}
