package app_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account/accounttest"
	"kapok/internal/app"
	"kapok/internal/demo"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/pgtest"
	"kapok/internal/person/persontest"
)

// needles are the forms in which a number could lie about in plain.
func needles(number string) []string {
	bare := strings.NewReplacer("(", "", ")", "", " ", "", "-", "").Replace(number)
	out := []string{number, bare, strings.ToLower(bare)}
	for _, prefix := range []string{"+86", "+852", "+853"} {
		if national, ok := strings.CutPrefix(bare, prefix); ok {
			out = append(out, national)
		}
	}
	for _, plain := range out {
		out = append(out, hex.EncodeToString([]byte(plain)), strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(plain)), "="), base64.RawURLEncoding.EncodeToString([]byte(plain)))
	}
	return out
}

// lies reports whether a form stands in a text; a short one counts as a word of
// its own only, as ids and moments hold any eight digits by chance.
func lies(hay, form string) bool {
	if len(form) > 9 {
		return strings.Contains(hay, form)
	}
	const inWord = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
	for {
		before, after, found := strings.Cut(hay, form)
		if !found {
			return false
		}
		begins := before == "" || !strings.ContainsRune(inWord, rune(before[len(before)-1]))
		if begins && (after == "" || !strings.ContainsRune(inWord, rune(after[0]))) {
			return true
		}
		hay = after
	}
}

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

// A life of the platform with the log at its loudest: the demo (people with all
// kinds of documents, sign-ups, attendance, hours, certificates), then signing
// in, recovering and registering over HTTP with what is wrong, and once with what
// is right. No number of a
// document or phone may be found in any table, the log, an address that an
// answer leads to, an error or the metrics. Numbers lie in plain only where they
// are meant to be read: in the pages of their owner, which are no errors, and in
// the gateway's outbox folder, which is what the SMS are sent from.
func TestNoNumberLiesAboutInPlain(t *testing.T) {
	t.Parallel()
	pool, log := pgtest.New(t), &accounttest.Buffer{}
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
	numbers := append(sealed(t, a, "person.identity_document", "number_enc", 40), sealed(t, a, "account.account", "phone", 40)...)
	spoken, tried := visits(a, numbers)
	numbers = append(numbers, append(tried, "+8613900009001")...)
	haystacks := map[string]string{"the log": log.String(), "addresses and errors": spoken, "metrics": operator(a)}
	for _, table := range tables(t, a) {
		haystacks[table] = whole(t, a, table)
	}
	if len(haystacks) < 40 || len(haystacks["person.person"]) < 1000 || !strings.Contains(spoken, "account.wrong") || haystacks["metrics"] == "" {
		t.Fatalf("only %d places were looked at", len(haystacks))
	}
	for where, hay := range haystacks {
		for _, n := range numbers {
			for _, form := range needles(n) {
				if lies(hay, form) {
					t.Errorf("a number of %d characters lies in %s in plain", len(n), where)
				}
			}
		}
	}
}

// visits is what people with these numbers, and with new ones, do at the doors;
// it returns what the answers led to and what errors said, and the new numbers.
func visits(a *app.App, numbers []string) (spoken string, tried []string) {
	var said strings.Builder
	post := func(path string, form url.Values) {
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		hear(a, &said, req)
	}
	call := func(path, body string) {
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		hear(a, &said, req)
	}
	for _, id := range []string{persontest.HKID(), persontest.MainlandID("1991-02-03"), "E12345678X", "H0312345600"} {
		phone := persontest.Phone()
		tried = append(tried, id, phone)
		numbers = append(numbers, phone)
		call("/api/v1/volunteers", fmt.Sprintf(`{"document_kind":"mainland_id","document_number":%q,"phone":%q,"code":"000000","name_hans":"李小文"}`, id, phone))
		call("/api/v1/volunteers", fmt.Sprintf(`{"document_number":7,"phone":%q,"%s":1}`, phone, id))
		call("/api/v1/sessions", fmt.Sprintf(`{"phone":%q`, phone)) // no JSON
	}
	call("/api/v1/sessions", fmt.Sprintf(`{"phone":"+8613900009001","password":%q}`, demo.Password))
	for _, n := range numbers {
		call("/api/v1/sessions", fmt.Sprintf(`{"phone":%q,"password":"not the one"}`, n))
		call("/api/v1/phone-codes", fmt.Sprintf(`{"phone":%q,"purpose":"login"}`, n))
		post("/recover/request", url.Values{"document_kind": {"mainland_id"}, "document_number": {n}})
		post("/logout", url.Values{"phone": {n}})
	}
	return said.String(), tried
}

// hear serves a request and keeps where it leads and what an error of the API says.
func hear(a *app.App, said *strings.Builder, req *http.Request) {
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, req)
	said.WriteString(w.Header().Get("Location") + "\n")
	if strings.Contains(w.Header().Get("Content-Type"), "problem+json") || req.URL.Path == "/logout" {
		said.WriteString(w.Body.String())
	}
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

// whole is a whole table as text; bytes stand as hexadecimal.
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
	return strings.Join(lines, "\n")
}
