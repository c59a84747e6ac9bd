package accounttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

// Browser visits the site as somebody would without JavaScript.
type Browser struct {
	t      testing.TB
	bed    *Bed
	lang   i18n.Lang
	client *http.Client
	Token  string // sent as a bearer token by API
}

// Page is what a browser sees: after redirects, parsed.
type Page struct {
	*goquery.Document
	Status int
	Path   string // with query
	Body   string
}

// Browser makes a browser with its own cookies, reading in a language.
func (b *Bed) Browser(t testing.TB, l i18n.Lang) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, bed: b, lang: l, client: &http.Client{Jar: jar}}
}

// SignedIn makes a browser of somebody signed in.
func (b *Bed) SignedIn(t testing.TB, l i18n.Lang, p person.Person) *Browser {
	t.Helper()
	w := b.Browser(t, l)
	w.Token = b.Token(t, p)
	w.SetCookie("/", "session", w.Token)
	return w
}

// Cookies are the cookies that would be sent to a path, by name.
func (w *Browser) Cookies(path string) map[string]string {
	at, err := url.Parse(w.bed.server.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range w.client.Jar.Cookies(at) {
		out[c.Name] = c.Value
	}
	return out
}

// SetCookie gives the browser a cookie.
func (w *Browser) SetCookie(path, name, value string) {
	at, err := url.Parse(w.bed.server.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: path}})
}

// Get visits a path.
func (w *Browser) Get(path string) Page {
	w.t.Helper()
	return w.do(http.MethodGet, path, "", nil)
}

// Post sends a form.
func (w *Browser) Post(path string, form url.Values) Page {
	w.t.Helper()
	return w.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (w *Browser) do(method, path, kind string, body io.Reader) Page {
	w.t.Helper()
	req, err := http.NewRequest(method, w.bed.server.URL+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", string(w.lang))
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	return Page{Document: doc, Status: res.StatusCode, Path: res.Request.URL.RequestURI(), Body: string(text)}
}

// API calls an operation with a JSON body (nil for none) and reads the answer
// into out (nil to drop it). It returns the status and, for refusals, the problem.
func (w *Browser) API(method, path string, in, out any) (int, web.Problem) {
	w.t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			w.t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, w.bed.server.URL+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", string(w.lang))
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if w.Token != "" {
		req.Header.Set("Authorization", "Bearer "+w.Token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, w.decode(res, out)
}

func (w *Browser) decode(res *http.Response, out any) (p web.Problem) {
	w.t.Helper()
	var into any = &p
	if res.StatusCode < 400 {
		into = out
	}
	if into == nil || res.StatusCode == http.StatusNoContent {
		return p
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		w.t.Fatalf("%s: %v", res.Request.URL.Path, err)
	}
	return p
}

// Wrong lists the fields at fault of a page, in order of the list on top.
func (p Page) Wrong() []string {
	var out []string
	p.Find("#errors a").Each(func(_ int, s *goquery.Selection) {
		href, _ := s.Attr("href")
		out = append(out, strings.TrimPrefix(href, "#f-"))
	})
	return out
}

// Value is what stands in a field: input, select or ticked box.
func (p Page) Value(name string) string {
	if s := p.Find(`select[name="` + name + `"] option[selected]`); s.Length() > 0 {
		return s.Last().AttrOr("value", "")
	}
	if s := p.Find(`input[name="` + name + `"][checked]`); s.Length() > 0 {
		return s.AttrOr("value", "")
	}
	return p.Find(`input[name="`+name+`"]:not([type=radio]):not([type=checkbox])`).AttrOr("value", "")
}
