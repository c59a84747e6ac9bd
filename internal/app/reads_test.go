package app_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
)

var volunteerNo = regexp.MustCompile(`\b[0-9ACDEFGHJKMNPQRTVWXY]{3}-[0-9ACDEFGHJKMNPQRTVWXY]{4}\b`)

// example is the number that hints of forms show.
const example = "K7Q-4821"

// Whatever page, list or file shows a volunteer to staff leaves an entry that
// this volunteer can see: all routes are walked, so that a new page that forgets
// it fails here.
func TestEveryLookAtAVolunteerIsRecorded(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.peopled(t)
	seen := map[string]bool{}
	for _, r := range s.Site.Routes() {
		gate := strings.TrimSuffix(r.Gate.String(), ":fresh")
		path, ok := s.address(r.Path)
		if r.Method != http.MethodGet || !ok || gate == "public" || gate == "signed_in" {
			continue
		}
		for who, token := range s.tokens {
			if !passes(gate, who) {
				continue
			}
			var before int64
			s.row(t, `SELECT coalesce(max(id), 0) FROM audit.entry`, &before)
			body := s.body(t, path, token)
			for no := range strings.SplitSeq(strings.Join(volunteerNo.FindAllString(body, -1), " "), " ") {
				if no == "" || no == example {
					continue
				}
				seen[r.Path] = true
				s.mustSee(t, no, s.people[who], before, r.Path)
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d routes show volunteers: %v", len(seen), seen)
	}
}

// peopled chooses a shift of the scene's organisation that people came to.
func (s *scene) peopled(t *testing.T) {
	t.Helper()
	s.row(t, `SELECT r.shift::text, r.activity::text, r.id::text, r.attendance::text FROM record.service_record r
		WHERE r.attendance IS NOT NULL AND r.org = $1 ORDER BY r.id LIMIT 1`, s.id("shift"), s.id("activity"), s.id("record"), s.id("attendance"), s.ids["org"])
}

func (s *scene) body(t *testing.T, path, token string) string {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, strings.ReplaceAll(path, "$", ""), nil)
	req.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.Site.ServeHTTP(w, req)
	if strings.Contains(w.Header().Get("Content-Type"), "sheet") {
		return "" // a packed file; its export has a test beside it
	}
	return w.Body.String()
}

// mustSee checks that the volunteer of a number can see that the reader looked
// just now; the page of check-in notes it once in ten minutes.
func (s *scene) mustSee(t *testing.T, no string, reader uuid.UUID, before int64, route string) {
	t.Helper()
	var noted, own bool
	err := s.Pool.QueryRow(t.Context(), `SELECT p.id = $2, EXISTS (SELECT FROM audit.subject x JOIN audit.entry e ON e.id = x.entry WHERE x.person = p.id AND e.actor = $2
			AND (e.id > $3 OR e.detail ->> 'purpose' = 'check_in'))
		FROM person.person p WHERE p.volunteer_no = $1`, no, reader, before).Scan(&own, &noted)
	if err != nil {
		t.Fatalf("%s shows %s: %v", route, no, err)
	}
	if !own && !noted {
		t.Errorf("%s shows %s and leaves no trace of it", route, no)
	}
}
