package app_test

import (
	"strings"
	"testing"
)

// On a phone the bar below has no room for desks: my page leads there.
func TestMyPageLeadsToOnesDesk(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	desks := map[string]string{"region_admin inside": "/admin", "system_admin inside": "/admin/clients",
		"security_admin inside": "/admin/people", "auditor inside": "/admin/audit"}
	for who, desk := range desks {
		page := s.body(t, "/me", s.tokens[who])
		main := page[strings.Index(page, "<main"):]
		if !strings.Contains(main, `href="`+desk+`"`) {
			t.Errorf("%s finds no way to %s", who, desk)
		}
	}
	main := s.body(t, "/me", s.tokens["volunteer"])
	if strings.Contains(main, `href="/admin`) {
		t.Error("a volunteer is led to a desk of an office")
	}
}
