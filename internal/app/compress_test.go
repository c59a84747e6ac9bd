package app_test

import (
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// Pages go out compressed to who can read that, and whole to who cannot.
func TestPagesAreCompressed(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	get := func(path, encoding string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		return w
	}
	plain, packed := get("/activities", ""), get("/activities", "gzip")
	if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("encodings %q and %q", plain.Header(), packed.Header())
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(z)
	if err != nil || !strings.Contains(string(page), "</html>") || len(page)/3 < packed.Body.Len() {
		t.Errorf("%d bytes, %v", len(page), err)
	}
	if w := get("/healthz", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Error("a few bytes were compressed")
	}
}
