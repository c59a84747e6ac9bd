package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/demo"
	"kapok/internal/kit/web"
)

// sweep sends what no good client would send to every route that changes
// something, as everybody in turn. The answer may be anything but a mistake of
// ours: no 500, nothing in the log, no second row for a repeated request.
type sweep struct {
	*stage
	t      *testing.T
	client *http.Client
	signed []account.SignIn // people who try: a volunteer, a guardian, those who run things
	ids    map[string][]string
	fields map[string]bool // names of fields seen in forms
}

func newSweep(t *testing.T) *sweep {
	t.Helper()
	s := &sweep{stage: newStage(t), t: t, fields: map[string]bool{}, ids: map[string][]string{}}
	s.client = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if err := demo.Fill(ctx, s.App, demo.Options{Seed: 1, Scale: 0.02}); err != nil {
		t.Fatal(err)
	}
	for _, l := range demo.Logins() {
		in, err := s.Accounts.SignInByPassword(ctx, l.Phone, demo.Password, account.Device{Kind: account.Web, Address: l.Phone})
		if err != nil {
			t.Fatal(err)
		}
		s.signed = append(s.signed, in)
	}
	s.findIDs()
	return s
}

// findIDs looks up ids of real things for the places in paths.
func (s *sweep) findIDs() {
	s.t.Helper()
	for name, sql := range map[string]string{
		"org": `SELECT id::text FROM organisation.organisation ORDER BY applied_at LIMIT 3`, "activity": `SELECT id::text FROM activity.activity ORDER BY state, id LIMIT 6`,
		"shift":   `(SELECT id::text FROM activity.shift ORDER BY starts_at LIMIT 2) UNION (SELECT id::text FROM activity.shift ORDER BY starts_at DESC LIMIT 3)`,
		"project": `SELECT id::text FROM activity.project LIMIT 2`, "record": `SELECT id::text FROM record.service_record ORDER BY state, id LIMIT 4`,
		"attendance": `SELECT id::text FROM attendance.attendance ORDER BY state, id LIMIT 4`, "number": `SELECT number FROM certificate.certificate LIMIT 2`,
		"person": `SELECT id::text FROM person.person LIMIT 2`, "ward": `SELECT ward::text FROM person.guardianship LIMIT 1`,
		"signup": `SELECT id::text FROM activity.signup LIMIT 2`,
	} {
		rows, err := s.Pool.Query(s.t.Context(), sql)
		if err != nil {
			s.t.Fatalf("%s: %v", name, err)
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				s.t.Fatal(err)
			}
			s.ids[name] = append(s.ids[name], id)
		}
		if err := rows.Err(); err != nil {
			s.t.Fatalf("%s: %v", name, err)
		}
	}
}

var places = regexp.MustCompile(`\{([a-z_]+)(\.\.\.)?\}`)

// paths fills the places of a route: with real ids, an unknown one, and none at all.
func (s *sweep) paths(route string) []string {
	out := []string{fillPlaces(route, func(string) string { return uuid.NewString() }), fillPlaces(route, func(string) string { return "%00%FF'--" })}
	if route == out[0] {
		return []string{route}
	}
	for i := range 3 {
		out = append(out, fillPlaces(route, func(name string) string {
			if known := s.ids[name]; len(known) > 0 {
				return known[i%len(known)]
			}
			return "x"
		}))
	}
	return out
}

func fillPlaces(route string, with func(string) string) string {
	return places.ReplaceAllStringFunc(strings.TrimSuffix(route, "{$}"), func(p string) string { return with(places.FindStringSubmatch(p)[1]) })
}

// send makes a request as somebody and returns its status; 500 and above fail
// the test.
func (s *sweep) send(method, path, kind string, body []byte, token string, api bool) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	r.Header.Set("Origin", s.url)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	switch {
	case api && token != "":
		r.Header.Set("Authorization", "Bearer "+token)
	case token != "":
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
	}
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode >= 500 {
		s.t.Errorf("%s %s with %s %.80q: %d\n%.300s", method, path, kind, body, answer.StatusCode, text)
	}
	return answer.StatusCode
}

// gather reads the forms of all pages, for the names of their fields.
func (s *sweep) gather() {
	for _, r := range s.Site.Routes() {
		if r.API || r.Method != "GET" {
			continue
		}
		for _, path := range s.paths(r.Path) {
			for _, token := range s.holders(r) {
				s.read(path, token)
			}
		}
	}
	if len(s.fields) < 30 {
		s.t.Errorf("only %d fields were found in forms: %v", len(s.fields), slices.Sorted(maps.Keys(s.fields)))
	}
}

func (s *sweep) read(path, token string) {
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 500 {
		s.t.Errorf("GET %s: %d", path, answer.StatusCode)
	}
	doc, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		return
	}
	doc.Find("input[name], select[name], textarea[name], button[name]").Each(func(_ int, e *goquery.Selection) { s.fields[e.AttrOr("name", "")] = true })
}

// holders opens fresh sessions of those worth trying at a route: it may have
// ended the last ones. Behind the public gate all are alike.
func (s *sweep) holders(r web.Route) []string {
	s.t.Helper()
	var out []string
	for i, in := range s.signed {
		if i > 0 && r.Gate != nil && r.Gate.String() == "public" {
			break
		}
		fresh, err := s.Accounts.Begin(s.t.Context(), s.Pool, in.Account, in.Person, account.Device{Kind: account.Web}, account.ByPasskey)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, fresh.Token)
	}
	return out
}

// few takes fewer of a list for paths that lead nowhere.
func few[T any](list []T, i int) []T {
	if i < 2 {
		return list[:min(2, len(list))]
	}
	return list
}

const sessionCookie = "session" // over plain HTTP

const form = "application/x-www-form-urlencoded"

// TestBadForms sends bad forms to every page that takes one.
func TestBadForms(t *testing.T) {
	t.Parallel()
	s := newSweep(t)
	s.gather()
	all := func(value string) []byte {
		var b strings.Builder
		for name := range s.fields {
			fmt.Fprintf(&b, "%s=%s&", name, value)
		}
		return []byte(b.String())
	}
	bodies := []struct {
		kind string
		body []byte
	}{
		{form, nil}, {form, []byte("a=%ff%fe&title=%c3%28&x=%zz")}, {form, []byte("\xff\xfe=\xff")}, {form, all("99999999999999999999")}, {form, all("-1")},
		{form, all("%F0%9F%8E%8B%00%0A")}, {form, all(strings.Repeat("%E5%AD%97", 300))}, {form, all(uuid.NewString())}, {form, all("NaN")},
		{form, bytes.Repeat([]byte("a=b&"), 300_000)}, {"text/plain", []byte("title=x")}, {"application/json", []byte(`{"a":1}`)}, {"", []byte("a=b")},
		{"multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nabc")},
		{"multipart/form-data", []byte("no boundary")},
	}
	tried := 0
	for _, r := range s.Site.Routes() {
		if r.API || r.Method == "GET" {
			continue
		}
		for i, path := range s.paths(r.Path) {
			for _, token := range few(s.holders(r), i) {
				for _, b := range few(bodies, i) {
					s.send(r.Method, path, b.kind, b.body, token, false)
					tried++
				}
			}
		}
	}
	t.Logf("%d bad requests", tried)
}

// TestBadJSON sends bad JSON to every operation, made from its own schema.
func TestBadJSON(t *testing.T) {
	t.Parallel()
	s := newSweep(t)
	doc := s.API.OpenAPI()
	tried := 0
	for path, item := range doc.Paths {
		for method, op := range operations(item) {
			route := web.Route{Method: method, Path: path}
			for _, r := range s.Site.Routes() {
				if r.API && r.Method == method && r.Path == path {
					route = r
				}
			}
			for i, full := range s.paths(path) {
				for _, token := range few(s.holders(route), i) {
					for _, b := range few(s.bodies(doc, op), i) {
						s.send(method, full, b.kind, b.body, token, true)
						tried++
					}
				}
			}
		}
	}
	t.Logf("%d bad requests", tried)
	if tried < 500 {
		t.Errorf("only %d requests were tried", tried)
	}
}

func operations(p *huma.PathItem) map[string]*huma.Operation {
	out := map[string]*huma.Operation{"GET": p.Get, "POST": p.Post, "PUT": p.Put, "PATCH": p.Patch, "DELETE": p.Delete}
	maps.DeleteFunc(out, func(_ string, o *huma.Operation) bool { return o == nil })
	return out
}

type sent struct {
	kind string
	body []byte
}

func (s *sweep) bodies(doc *huma.OpenAPI, op *huma.Operation) []sent {
	const js = "application/json"
	if op.RequestBody == nil {
		return []sent{{"", nil}, {js, []byte("{")}}
	}
	out := []sent{{"", nil}, {js, nil}, {js, []byte("{")}, {js, []byte("null")}, {js, []byte("[]")}, {js, []byte("\xff\xfe")}, {"text/plain", []byte("x")}, {form, []byte("a=b")},
		{js, bytes.Repeat([]byte(`[`), 200_000)}, {js, append([]byte(`{"x":"`), bytes.Repeat([]byte("a"), 1100<<10)...)}}
	media := op.RequestBody.Content[js]
	if media == nil || media.Schema == nil {
		return out
	}
	for _, leaf := range []leaves{{text: strings.Repeat("字", 5000), number: 1e15}, {text: "", number: -1}, {text: "\u0000\u202e", number: 0}, {text: uuid.NewString(), number: 2147483648}, {null: true}} {
		b, err := json.Marshal(leaf.of(doc, media.Schema, 0))
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, sent{js, b})
	}
	return out
}

// leaves are the values put into every place of a schema.
type leaves struct {
	text   string
	number float64
	null   bool
}

func (l leaves) of(doc *huma.OpenAPI, schema *huma.Schema, deep int) any {
	if schema.Ref != "" {
		schema = doc.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	if schema == nil || l.null && deep > 0 || deep > 6 {
		return nil
	}
	switch schema.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for name, p := range schema.Properties {
			out[name] = l.of(doc, p, deep+1)
		}
		return out
	case huma.TypeArray:
		return []any{l.of(doc, schema.Items, deep+1), l.of(doc, schema.Items, deep+1)}
	case huma.TypeInteger, huma.TypeNumber:
		return l.number
	case huma.TypeBoolean:
		return true
	}
	switch schema.Format {
	case "date-time":
		return "9999-12-31T23:59:59Z"
	case "date":
		return "0001-01-01"
	case "uuid":
		return uuid.NewString()
	}
	if len(schema.Enum) > 0 {
		return schema.Enum[0]
	}
	return l.text
}
