package ui

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kapok/internal/kit/clock"
)

// through sends a request through Frame and gives the answer and the View made.
func through(r *http.Request) (*httptest.ResponseRecorder, *View) {
	var seen *View
	h := Frame("https://example.org", clock.At(at(10, 16, 10, 0)), func(*http.Request) Who { return Who{SignedIn: true} })(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { v := ViewFrom(r.Context()); seen = &v }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w, seen
}

func TestFrame(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/activities?q=%E5%85%BB%E8%80%81&lang=en", nil)
	r.AddCookie(&http.Cookie{Name: ElderCookie, Value: "1"})
	_, v := through(r)
	if !v.Elder || !v.Who.SignedIn || v.Path != "/activities?q=%E5%85%BB%E8%80%81" || v.Now.IsZero() {
		t.Errorf("view %+v", v)
	}
	if _, v := through(httptest.NewRequest("GET", "/api/v1/activities", nil)); v.Who.SignedIn {
		t.Error("the API was asked who is signed in")
	}
}

func TestElderSwitch(t *testing.T) {
	t.Parallel()
	for query, value := range map[string]string{"elder=1": "1", "elder=0": ""} {
		w, v := through(httptest.NewRequest("GET", "/me?tab=2&"+query, nil))
		if v != nil || w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/me?tab=2" {
			t.Errorf("%s: %d to %q", query, w.Code, w.Header().Get("Location"))
		}
		c := w.Result().Cookies()[0]
		if c.Name != ElderCookie || (value == "1") != (c.MaxAge > 0) || !c.HttpOnly {
			t.Errorf("%s: cookie %v", query, c)
		}
	}
}

// The way back after a switch never leaves the site.
func FuzzCleanPath(f *testing.F) {
	for _, s := range []string{"/", "//evil.example/x", "/\\evil.example", "/a?elder=1&x=//b", "/%2F/evil.example", "/a/../b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.ParseRequestURI(s)
		if err != nil {
			return
		}
		got := cleanPath(u)
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.HasPrefix(got, "/\\") {
			t.Errorf("cleanPath(%q) = %q", s, got)
		}
	})
}

func TestFlash(t *testing.T) {
	t.Parallel()
	set := httptest.NewRecorder()
	SetFlash(set, httptest.NewRequest("POST", "/", nil), Jade, "ui.due.days", "n", 17)
	next := httptest.NewRequest("GET", "/", nil)
	next.AddCookie(set.Result().Cookies()[0])

	fragment := next.Clone(next.Context())
	fragment.Header.Set("Sec-Fetch-Dest", "empty")
	if w, v := through(fragment); v.flash != nil || len(w.Result().Cookies()) != 0 {
		t.Error("a fragment took the message meant for the next page")
	}
	w, v := through(next)
	if v.flash == nil || v.flash.Kind != Jade || v.flash.text(next.Context()) != "还有 17 天" {
		t.Fatalf("flash %+v", v.flash)
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("the message stays: %v", c)
	}
}

// Whatever stands in the cookie, only texts of the catalogue with numbers appear.
func FuzzFlash(f *testing.F) {
	for _, s := range []string{"", "{}", `{"k":"red","t":"ui.due.days","a":{"n":3}}`, `{"t":"<b>"}`, `{"t":"ui.due.days","a":{"n":"<b>"}}`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: FlashCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(s))})
		_, v := through(r)
		if v.flash != nil && strings.ContainsAny(v.flash.text(r.Context()), "<>") {
			t.Errorf("%q shows %q", s, v.flash.text(r.Context()))
		}
	})
}
