package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kapok/internal/idp"
	"kapok/internal/kit/i18n"
)

// Every page that needs no path and no session is sound in all languages.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := browser(t)
	for _, l := range i18n.Langs {
		v := enter(t, b, s, "stranger/"+string(l), manner{lang: l, width: 360})
		for _, r := range s.Site.Routes() {
			if r.Method != "GET" || r.API || r.Gate.String() != "public" || strings.Contains(strings.TrimSuffix(r.Path, "/{$}"), "{") || plain[r.Path] || strings.HasSuffix(r.Path, ".json") {
				continue
			}
			v.open(strings.TrimSuffix(r.Path, "{$}"))
		}
		if v.pages < 5 {
			t.Errorf("only %d pages were looked at", v.pages)
		}
	}
}

// plain answers are no pages, or pages only in the middle of a sign-in.
var plain = map[string]bool{"/healthz": true, "/readyz": true,
	idp.DiscoveryPath: true, idp.KeysPath: true, idp.AuthorizePath: true, idp.LogoutPath: true}

// The inspection itself must find what it looks for.
func TestInspectionFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<html><body><h1>a</h1><h1 id=x>b</h1><p id=x style="color:#bbb;background:#fff">faint</p>
			<input name=q><button></button><img src=data:,><div style="width:900px">wide</div></body></html>`))
	}))
	t.Cleanup(srv.Close)
	s := &stage{url: srv.URL}
	v := enter(t, browser(t), s, "inspector", manner{lang: i18n.En, width: 360})
	v.do(chromedp.Navigate(srv.URL + "/?phone=" + s.use("+8613912345678")))
	if found := s.leaks("to +8613912345678"); len(found["an address"]) != 1 || len(found["the log"]) != 1 {
		t.Errorf("a number in an address and in the log: %v", found)
	}
	found := strings.Join(js[[]string](v, inspectJS), "\n")
	for _, want := range []string{"no title", "no language", "scrolls sideways", "not exactly one main", "not exactly one h1", "id x twice", "no label", "no name", "no alt", "inline style", "contrast 1."} {
		if !strings.Contains(found, want) {
			t.Errorf("it does not find %q among:\n%s", want, found)
		}
	}
}
