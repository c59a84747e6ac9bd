package ui_test

import (
	"bytes"
	"compress/gzip"
	"net/http/httptest"
	"testing"

	"kapok/internal/kit/i18n"
	"kapok/internal/ui"
	"kapok/internal/ui/gallery"
)

// fetched is how many bytes a browser that takes brotli loads for an asset.
func fetched(t *testing.T, name string) int {
	t.Helper()
	r := httptest.NewRequest("GET", ui.Asset(name), nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	w := httptest.NewRecorder()
	ui.Assets().ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatalf("%s: %d; run make build", name, w.Code)
	}
	return w.Body.Len()
}

// The first page on an old phone over 3G is at most 100 kB; of that the frame
// of the page, with styles and script, may take 30 kB.
func TestFirstLoadIsLight(t *testing.T) {
	t.Parallel()
	css, js, icon := fetched(t, "app.css"), fetched(t, "app.js"), fetched(t, "icon.svg")
	var page bytes.Buffer
	z := gzip.NewWriter(&page)
	if err := gallery.Pages()["/"].Render(reader(i18n.ZhHans, false), z); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("styles %d, script %d, icon %d, home page %d bytes compressed", css, js, icon, page.Len())
	if css > 12<<10 || js > 6<<10 {
		t.Errorf("styles %d or script %d bytes are too much", css, js)
	}
	if sum := css + js + icon + page.Len(); sum > 30<<10 {
		t.Errorf("the first load is %d bytes", sum)
	}
}
