package app_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"kapok/internal/kit/i18n"
)

// rawKey is what a missing text looks like on a page: its key.
var rawKey = regexp.MustCompile(`>\s*((?:\w+web|ui|app|site|api|person|account|activity|attendance|record|certificate|organisation|federation|idp|code|fault|notify|signup)\.[a-z_]+(?:\.[\w-]+)*)\s*<`)

// Every page that the scene can fill, in every language, as everybody who may
// see it: it is there, in that language, and shows texts, not keys.
func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	shown := 0
	for _, r := range s.Site.Routes() {
		path, ok := s.address(strings.ReplaceAll(r.Path, "{$}", ""))
		if r.Method != "GET" || r.API || !ok {
			continue
		}
		for _, who := range []string{"nobody", "volunteer", "org_admin inside", "region_admin inside"} {
			if !passes(r.Gate.String(), who) {
				continue
			}
			for _, l := range i18n.Langs {
				shown += s.look(t, path, who, l)
			}
		}
	}
	if shown < 200 {
		t.Errorf("only %d pages were shown", shown)
	}
}

// look asks for a page and counts it when it is one.
func (s *scene) look(t *testing.T, path, who string, l i18n.Lang) int {
	req := httptest.NewRequest("GET", path, nil)
	req.Header.Set("Cookie", "lang="+string(l))
	if token := s.tokens[who]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.Site.ServeHTTP(w, req)
	if w.Code >= 500 {
		t.Errorf("%s as %s: status %d", path, who, w.Code)
	}
	body := w.Body.String()
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return 0
	}
	if m := rawKey.FindStringSubmatch(body); m != nil {
		t.Errorf("%s as %s in %s shows the key %s", path, who, l, m[1])
	}
	if strings.Contains(body, "<html") && !strings.Contains(body, `<html lang="`+string(l)+`"`) {
		t.Errorf("%s as %s is not in %s", path, who, l)
	}
	return 1
}
