package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/demo"
	"kapok/internal/kit/pdf/pdftest"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// visits are what people do over HTTP, and what the platform said.
type visits struct {
	*attack
	said    strings.Builder   // where answers led, and what errors said
	numbers []string          // that were used
	places  map[string]string // what was taken away, by its name
}

// hear asks and keeps what may not hold numbers.
func (v *visits) hear(method, path string, body any, headers ...string) *httptest.ResponseRecorder {
	w := v.ask(method, path, body, headers...)
	v.said.WriteString(w.Header().Get("Location") + "\n")
	if strings.Contains(w.Header().Get("Content-Type"), "problem+json") || path == "/logout" {
		v.said.WriteString(w.Body.String())
	}
	return w
}

func (v *visits) use(number string) string {
	v.numbers = append(v.numbers, number)
	return number
}

// wrong is what people with these numbers, and with new ones, do at the doors
// that leads to nothing; a number is also typed where none belongs.
func (v *visits) wrong(numbers []string) {
	for _, id := range []string{persontest.HKID(), persontest.MainlandID("1991-02-03"), "E12345678X", "H0312345600"} {
		phone := persontest.Phone()
		v.use(id)
		numbers = append(numbers, v.use(phone))
		v.hear("POST", "/api/v1/volunteers", map[string]any{"document_kind": "mainland_id", "document_number": id, "phone": phone, "code": "000000", "name_hans": "李小文"})
		v.hear("POST", "/api/v1/volunteers", map[string]any{"document_number": 7, "phone": phone, id: 1})
		v.hear("POST", "/api/v1/sessions", "no object: "+phone)
	}
	v.hear("POST", "/api/v1/sessions", map[string]any{"phone": "+8613900009001", "password": demo.Password})
	for _, n := range numbers {
		v.hear("POST", "/api/v1/sessions", map[string]any{"phone": n, "password": "not the one"})
		v.hear("POST", "/api/v1/phone-codes", map[string]any{"phone": n, "purpose": "login"})
		v.hear("POST", "/recover/request", url.Values{"document_kind": {"mainland_id"}, "document_number": {n}})
		v.hear("POST", "/logout", url.Values{"phone": {n}})
		typed := url.PathEscape(n)
		v.ask("GET", "/verify/"+typed, nil)
		v.ask("GET", "/nowhere/"+typed, nil)
		v.ask("GET", "/api/v1/certificates/"+typed, nil)
		v.ask("GET", "/?q="+url.QueryEscape(n), nil, "User-Agent", n, "X-Request-Id", n, "Referer", "https://example.test/"+typed)
	}
}

// broken is a database that fails in the middle of it all: what it says of that
// is logged.
func (v *visits) broken(t *testing.T, numbers []string) {
	t.Helper()
	for _, table := range []string{"account.account", "person.identity_document"} {
		schema, name, _ := strings.Cut(table, ".")
		rename := func(from, to string) {
			if _, err := v.Pool.Exec(t.Context(), "ALTER TABLE "+schema+"."+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		rename(name, "gone")
		v.wrong(numbers)
		rename("gone", name)
	}
}

// right is a life that goes well.
func (v *visits) right(t *testing.T) {
	first := v.register(t, map[string]any{"document_kind": "hkid", "document_number": v.use(persontest.HKID()), "birth_date": "1990-05-01", "gender": "female"})
	permit := v.use("H0765432100")
	second := v.register(t, map[string]any{"document_kind": "travel_permit", "document_number": permit, "birth_date": "1990-05-01", "gender": "female"})
	v.mergeAndUndo(t, first, second, permit)
	v.recover(t, permit)
	v.certificate(t)
	v.downloads(t)
}

// newcomer is somebody who just registered.
type newcomer struct{ phone, token string }

// sendCode has a code sent to a phone and reads it there.
func (v *visits) sendCode(t *testing.T, phone, purpose string) string {
	t.Helper()
	if w := v.hear("POST", "/api/v1/phone-codes", map[string]any{"phone": phone, "purpose": purpose}); w.Code != http.StatusNoContent {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return v.gateway.code(phone)
}

// newPhone is nobody's of the demo.
func (v *visits) newPhone() string {
	return v.use(fmt.Sprintf("+86158%08d", 10203040+7*len(v.numbers)))
}

func (v *visits) register(t *testing.T, document map[string]any) newcomer {
	t.Helper()
	n := newcomer{phone: v.newPhone()}
	body := map[string]any{"name_hans": "李小文", "division": "440104", "service_fields": []string{"0017"}, "phone": n.phone, "code": v.sendCode(t, n.phone, "register"),
		"consent_privacy": person.CurrentConsent(person.ConsentPrivacy).Version, "consent_document": person.CurrentConsent(person.ConsentDocument).Version}
	for k, x := range document {
		body[k] = x
	}
	var out struct{ Token string }
	v.call(t, http.StatusCreated, "POST", "/api/v1/volunteers", body, "", &out)
	n.token = out.Token
	return n
}

// call does an operation that must go well.
func (v *visits) call(t *testing.T, status int, method, path string, body any, token string, out any) {
	t.Helper()
	w := v.hear(method, path, body, bearer(token)...)
	if w.Code != status {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), out); err != nil && out != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (v *visits) mergeAndUndo(t *testing.T, kept, absorbed newcomer, permit string) {
	t.Helper()
	var m struct{ Merge, State string }
	code := v.sendCode(t, absorbed.phone, "login")
	v.call(t, http.StatusOK, "POST", "/api/v1/me/merges", map[string]any{"phone": absorbed.phone, "code": code, "document_kind": "travel_permit", "document_number": permit}, kept.token, &m)
	if m.State != "merged" {
		t.Fatalf("merge: %+v", m)
	}
	v.call(t, http.StatusOK, "POST", "/api/v1/me/merges/"+m.Merge+"/undo", nil, kept.token, &m)
	if m.State != "undone" {
		t.Fatalf("undone: %+v", m)
	}
}

// recover leads the holder of a document to a new phone, by an administrator.
func (v *visits) recover(t *testing.T, document string) {
	t.Helper()
	phone := v.newPhone()
	form := url.Values{"phone": {phone}, "phone_region": {"CN"}, "do": {"send"}}
	v.hear("POST", "/recover/phone", form)
	form.Set("do", "check")
	form.Set("code", v.gateway.code(phone))
	var carried []string
	for _, c := range v.hear("POST", "/recover/phone", form).Result().Cookies() {
		carried = append(carried, c.Name+"="+c.Value)
	}
	asked := v.hear("POST", "/recover/request", url.Values{"document_kind": {"travel_permit"}, "document_number": {document}}, "Cookie", strings.Join(carried, "; "))
	if asked.Code != http.StatusSeeOther {
		t.Fatalf("asking: %d", asked.Code)
	}
	var request uuid.UUID
	v.row(t, `SELECT id FROM account.new_phone WHERE state = 'open' AND person IS NOT NULL`, &request)
	admin := v.people["region_admin inside"]
	if err := v.Accounts.GrantRole(t.Context(), admin, account.RegionAdmin, "44", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	as := cookie(v.signIn(t, admin, account.ByPasskey))
	v.places["the desk"] = v.hear("GET", "/admin/phones", nil, as...).Body.String()
	if w := v.hear("POST", "/admin/phones/"+request.String(), url.Values{"do": {"approve"}}, as...); w.Code != http.StatusSeeOther {
		t.Fatalf("approving: %d", w.Code)
	}
	var in struct{ Token string }
	v.call(t, http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"phone": phone, "code": v.sendCode(t, phone, "login")}, "", &in)
}

// certificate has somebody take a certificate to somebody who checks it.
func (v *visits) certificate(t *testing.T) {
	t.Helper()
	var holder uuid.UUID
	v.row(t, `SELECT t.person FROM record.hours_total t JOIN account.account a ON a.person = t.person
		WHERE t.confirmed_minutes > 0 AND NOT EXISTS (SELECT FROM certificate.certificate c WHERE c.person = t.person) ORDER BY t.person LIMIT 1`, &holder)
	as := v.signIn(t, holder, account.ByPasskey)
	var c struct{ Number string }
	v.call(t, http.StatusCreated, "POST", "/api/v1/me/certificates", map[string]any{"language": "zh-Hans", "name": "full",
		"show": map[string]any{"volunteer_no": true, "document": true, "items": true}}, as, &c)
	at := "/me/certificates/" + c.Number
	pdf := v.hear("GET", at+"/pdf", nil, bearer(as)...).Body.Bytes()
	v.places["the certificate"] = string(pdf) + pdftest.Text(t, pdf)
	v.places["the page of it"] = v.hear("GET", at, nil, bearer(as)...).Body.String()
	v.places["the data of it"] = v.hear("GET", at+"/json", nil, bearer(as)...).Body.String()
	v.places["the check of it"] = v.hear("GET", "/verify/"+c.Number, nil).Body.String()
}

// downloads takes away every file that staff of the scene may, and the
// volunteer's own data, in which numbers are masked too.
func (v *visits) downloads(t *testing.T) {
	t.Helper()
	v.peopled(t)
	for _, r := range v.Site.Routes() {
		who := v.insider(r.Gate.String())
		at, ok := v.address(r.Path)
		if strings.HasPrefix(r.Path, "/me/data/download") {
			who = "volunteer"
		}
		if r.Method != http.MethodGet || path.Ext(r.Path) == "" || who == "" || !ok {
			continue
		}
		w := v.hear("GET", at, nil, bearer(v.signIn(t, v.people[who], account.ByPasskey))...)
		if w.Code != http.StatusOK {
			t.Errorf("%s as %s: %d", at, who, w.Code)
		}
		v.places[path.Base(r.Path)] = opened(t, r.Path, w.Body.Bytes())
	}
}

// opened is a file with what is packed in it.
func opened(t *testing.T, name string, file []byte) string {
	t.Helper()
	switch path.Ext(name) {
	case ".pdf":
		return pdftest.Text(t, file)
	case ".xlsx":
		z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&all, f.Name)
			if _, err := io.Copy(&all, r); err != nil {
				t.Fatal(err)
			}
		}
		return all.String()
	}
	return string(file)
}
