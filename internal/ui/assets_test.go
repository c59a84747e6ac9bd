package ui

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func sample() fstest.MapFS {
	return fstest.MapFS{
		"dist/manifest.json":   {Data: []byte(`{"app.css": "app-AAAA.css", "app.js": "app-BBBB.js", "icon.svg": "icon-CCCC.svg"}`)},
		"dist/app-AAAA.css":    {Data: []byte("body{}")},
		"dist/app-AAAA.css.br": {Data: []byte("br")},
		"dist/app-AAAA.css.gz": {Data: []byte("gzip")},
		"dist/app-BBBB.js":     {Data: []byte("1")},
		"dist/icon-CCCC.svg":   {Data: []byte("<svg/>")},
		"dist/.gitkeep":        {Data: nil},
	}
}

func TestAssetsAreBuilt(t *testing.T) {
	t.Parallel()
	if err := CheckAssets(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(Asset("app.css"), "/assets/app-") {
		t.Errorf("Asset(app.css) = %q, has no hash", Asset("app.css"))
	}
}

func TestAssetsNotBuilt(t *testing.T) {
	t.Parallel()
	a, err := loadAssets(fstest.MapFS{"dist/.gitkeep": {}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.check(); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("check() = %v, want ErrNotBuilt", err)
	}
	if got := a.hashed("app.css"); got != "app.css" {
		t.Errorf("hashed = %q", got)
	}
}

func TestManifestMustHold(t *testing.T) {
	t.Parallel()
	missing := sample()
	delete(missing, "dist/app-BBBB.js")
	if _, err := loadAssets(missing); err == nil {
		t.Error("a manifest that names a missing file was accepted")
	}
	broken := sample()
	broken["dist/manifest.json"] = &fstest.MapFile{Data: []byte("{")}
	if _, err := loadAssets(broken); err == nil {
		t.Error("a broken manifest was accepted")
	}
}

func TestServeAssets(t *testing.T) {
	t.Parallel()
	a, err := loadAssets(sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, path, accept string
		status                     int
		body, encoding             string
	}{
		{"brotli first", "GET", "app-AAAA.css", "gzip, deflate, br", 200, "br", "br"},
		{"gzip", "GET", "app-AAAA.css", "gzip", 200, "gzip", "gzip"},
		{"brotli refused", "GET", "app-AAAA.css", "br;q=0, gzip;q=0.5", 200, "gzip", "gzip"},
		{"plain", "GET", "app-AAAA.css", "", 200, "body{}", ""},
		{"never compressed", "GET", "app-BBBB.js", "br", 200, "1", ""},
		{"head", "HEAD", "app-AAAA.css", "", 200, "", ""},
		{"unknown", "GET", "app-ZZZZ.css", "", 404, "404 page not found\n", ""},
		{"twin by name", "GET", "app-AAAA.css.br", "", 404, "404 page not found\n", ""},
		{"manifest stays inside", "GET", "manifest.json", "", 404, "404 page not found\n", ""},
		{"only reading", "POST", "app-AAAA.css", "", 405, "method not allowed\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(c.method, "/assets/"+c.path, nil)
			r.Header.Set("Accept-Encoding", c.accept)
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			if w.Code != c.status || w.Body.String() != c.body || w.Header().Get("Content-Encoding") != c.encoding {
				t.Errorf("got %d %q %q, want %d %q %q", w.Code, w.Body, w.Header().Get("Content-Encoding"), c.status, c.body, c.encoding)
			}
			if w.Code == http.StatusOK && !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Error("a hashed file must be cached for good")
			}
		})
	}
}

func FuzzAccepts(f *testing.F) {
	for _, s := range []string{"", "br", "br;q=0", "gzip;q=1.0, br", ";;,q=", "br;q=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if accepts(header, "br") && !strings.Contains(strings.ToLower(header), "br") {
			t.Errorf("%q does not name br", header)
		}
	})
}
