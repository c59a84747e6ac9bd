package e2e

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestImportedOpportunityIsServed brings opportunities of another city in by
// the program in examples/, and serves one of them to its end.
func TestImportedOpportunityIsServed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	official := s.register(t, "谭月明", "1980-02-03")
	s.makeRegionAdmin(t, official.id, "440104")
	boss, leader, approver := s.register(t, "麦海涛", "1985-05-06"), s.register(t, "欧阳晓彤", "1990-07-08"), s.register(t, "冼丽娟", "1979-09-10")
	volunteer := s.register(t, "陈嘉敏", "2001-03-04")
	foundOrganisation(s, official, boss, leader, approver)

	published := importSample(t, s, boss, official)
	shift := s.nextShift(t, volunteer, published)
	id := shift["id"].(string)
	path := "/shifts/" + id
	volunteer.call(201, "POST", path+"/signups", nil)
	s.pass(s.until(t, shift, "starts_at"))
	allAgain(leader, volunteer)
	s.walk(t, leader, volunteer, path, "in")
	s.pass(min(2*time.Hour, s.until(t, shift, "ends_at")))
	s.walk(t, leader, volunteer, path, "out")
	s.pass(s.until(t, shift, "ends_at") + time.Minute)
	allAgain(boss, approver, volunteer)
	sheet := approver.call(200, "GET", path+"/hours", nil)
	rec, _ := sheet.items()[0]["record"].(map[string]any)
	approver.call(200, "POST", path+"/hours/confirmations", map[string]any{"records": []map[string]any{{"id": rec["id"], "version": rec["version"]}}})
	s.settle(t)
	if h := volunteer.call(200, "GET", "/me/hours", nil); h.num("confirmed_minutes") < 30 {
		t.Errorf("served and confirmed, yet %s", h.raw)
	}
}

// importSample runs the program as its README says and returns the activities
// that were published. Every row is one, or has a reason.
func importSample(t *testing.T, s *stage, boss, official *caller) (published []string) {
	t.Helper()
	const password = "correct horse battery"
	s.pass(time.Minute) // the codes of the setting up are used
	for _, c := range []*caller{boss, official} {
		id, _, err := s.Accounts.WithPhone(t.Context(), c.phone)
		if err == nil {
			err = s.Accounts.SetPassword(t.Context(), id, uuid.Nil, password)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	report := filepath.Join(dir, "report.csv")
	cmd := exec.CommandContext(t.Context(), "go", "run", "kapok/examples/import-nyc", "-base", s.url, "-phone", boss.phone, "-reviewer", official.phone,
		"-division", "440104", "-report", report, "-memory", filepath.Join(dir, "done.json"), filepath.Join("..", "..", "examples", "import-nyc", "sample.csv"))
	cmd.Env = append(os.Environ(), "IMPORT_PASSWORD="+password, "IMPORT_REVIEWER_PASSWORD="+password, "IMPORT_CODE="+boss.totp(), "IMPORT_REVIEWER_CODE="+official.totp())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(report)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 10 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for _, r := range rows[1:] {
		if r[3] == "" {
			t.Errorf("row %s is %s without a reason", r[0], r[2])
		}
		if r[2] == "published" {
			published = append(published, r[3])
		}
	}
	return published
}

// nextShift is the first shift to come of the activities that the search finds.
func (s *stage) nextShift(t *testing.T, c *caller, activities []string) map[string]any {
	t.Helper()
	for _, id := range activities {
		a := c.call(200, "GET", "/activities/"+id, nil)
		list, _ := a.body["shifts"].([]any)
		for _, x := range list {
			shift, _ := x.(map[string]any)
			if s.until(t, shift, "starts_at") > 2*time.Hour {
				return shift
			}
		}
	}
	t.Fatalf("none of %d activities lies ahead", len(activities))
	return nil
}

func (s *stage) until(t *testing.T, shift map[string]any, key string) time.Duration {
	t.Helper()
	text, _ := shift[key].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(s.clock.Now())
}

// walk checks somebody in or out by the code that the leader shows.
func (s *stage) walk(t *testing.T, leader, volunteer *caller, path, direction string) {
	t.Helper()
	code := leader.call(200, "GET", path+"/code", nil).str("token")
	volunteer.call(200, "POST", "/attendance", map[string]any{"code": code, "direction": direction})
}
