package e2e

import (
	"strings"
	"testing"

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
			if r.Method != "GET" || r.API || r.Gate.String() != "public" || strings.Contains(strings.TrimSuffix(r.Path, "/{$}"), "{") || plain[r.Path] {
				continue
			}
			v.open(strings.TrimSuffix(r.Path, "{$}"))
		}
		if v.pages < 5 {
			t.Errorf("only %d pages were looked at", v.pages)
		}
	}
}

// plain answers are no pages.
var plain = map[string]bool{"/healthz": true, "/readyz": true, "/.well-known/kapok-keys.json": true}
