package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/privacy"
)

// roster is a shift with minors on its list, and people of its organisation.
type roster struct {
	*attack
	clk   *clock.Fixed
	minor person.Person
	org   uuid.UUID
	base  string // of the shift's pages
}

func newRoster(t *testing.T) *roster {
	clk := clock.At(time.Now())
	a := newAppAt(t, clk)
	r := &roster{attack: &attack{scene: newSceneOn(t, a)}, clk: clk}
	var shift, minor uuid.UUID
	err := a.Pool.QueryRow(t.Context(), `SELECT g.shift, g.person, a.org FROM activity.signup g JOIN activity.shift s ON s.id = g.shift
		JOIN activity.activity a ON a.id = s.activity JOIN person.person p ON p.id = g.person
		JOIN person.guardianship w ON w.ward = p.id AND w.ended_at IS NULL
		WHERE p.birth_date > current_date - interval '17 years' AND g.state IN ('confirmed', 'pending', 'waiting') ORDER BY g.id LIMIT 1`).Scan(&shift, &minor, &r.org)
	if err != nil {
		t.Fatal(err)
	}
	if r.minor, err = a.People.Get(t.Context(), minor); err != nil {
		t.Fatal(err)
	}
	r.base = "/console/shifts/" + shift.String()
	return r
}

// member gives somebody of the scene a role in the roster's organisation.
func (r *roster) member(t *testing.T, who string, role organisation.Role) []string {
	t.Helper()
	p, err := r.People.Get(t.Context(), r.people[who])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Orgs.AddMember(t.Context(), organisation.Naming{Org: r.org, VolunteerNo: p.VolunteerNo, Role: role, By: r.adminOf(t, r.org)}); err != nil {
		t.Fatal(err)
	}
	r.Accounts.Forget()
	return r.as(t, who)
}

func (r *roster) as(t *testing.T, who string) []string {
	t.Helper()
	return cookie(r.signIn(t, r.people[who], account.ByPasskey))
}

// shows reports whether the roster shows the minor's name in full to somebody.
func (r *roster) shows(t *testing.T, as []string) bool {
	t.Helper()
	w := r.ask("GET", r.base+"/signups?names=full", nil, as...)
	if w.Code != http.StatusOK {
		t.Fatalf("the roster: %d", w.Code)
	}
	return strings.Contains(w.Body.String(), r.minor.NameHans)
}

func (r *roster) must(t *testing.T, status int, method, path string, form url.Values, as []string) string {
	t.Helper()
	var body any
	if form != nil {
		body = form
	}
	w := r.ask(method, path, body, as...)
	if w.Code != status {
		t.Fatalf("%s %s: %d, want %d", method, path, w.Code, status)
	}
	return w.Body.String()
}

// request is the newest open request for the roster's organisation.
func (r *roster) request(t *testing.T) string {
	t.Helper()
	var id uuid.UUID
	r.row(t, `SELECT DISTINCT roster FROM privacy.access WHERE kind = 'roster' AND state = 'open' AND org = $1`, &id, r.org)
	return id.String()
}

// An organiser reads a minor's full name once a second person of the
// organisation agreed, on that roster, for three days; guardians are told and
// the yearly report counts it.
func TestFullNamesOfMinorsNeedASecondPerson(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	leader := r.member(t, "team_leader outside", organisation.Leader)
	approver := r.member(t, "org_approver outside", organisation.Approver)
	names, desk := r.base+"/names", "/console/orgs/"+r.org.String()+"/names"
	if r.shows(t, leader) {
		t.Fatal("shown without asking")
	}
	if page := r.must(t, 200, "GET", r.base+"/signups?names=full", nil, leader); !strings.Contains(page, names) {
		t.Error("the roster does not lead to asking")
	}
	r.must(t, 422, "POST", names, url.Values{"reason": {""}}, leader)
	r.must(t, 303, "POST", names, url.Values{"reason": {"买一天的保险"}}, leader)
	r.must(t, 303, "POST", names, url.Values{"reason": {"买保险"}}, leader) // replaces it
	decide := desk + "/" + r.request(t)
	r.must(t, 403, "POST", decide, url.Values{"do": {"approve"}}, leader)
	r.must(t, 403, "POST", decide, url.Values{"do": {"approve"}}, r.as(t, "org_approver inside"))
	r.must(t, 403, "POST", "/admin/names/"+r.request(t), url.Values{"do": {"approve"}}, r.provincial(t))
	if page := r.must(t, 200, "GET", desk, nil, approver); !strings.Contains(page, "买保险") || strings.Contains(page, "一天") {
		t.Error("the second person does not see the request")
	}
	if page := r.must(t, 200, "GET", "/console/orgs/"+r.org.String(), nil, approver); !strings.Contains(page, desk) {
		t.Error("the desk does not lead there")
	}
	if r.shows(t, leader) {
		t.Error("shown before anybody agreed")
	}
	r.must(t, 303, "POST", decide, url.Values{"do": {"approve"}}, approver)
	r.must(t, 409, "POST", decide, url.Values{"do": {"refuse"}}, approver)
	if !r.shows(t, leader) || r.shows(t, approver) {
		t.Error("the name is for who asked, and for nobody else")
	}
	r.reported(t)
	r.clk.Advance(73 * time.Hour)
	if r.shows(t, r.as(t, "team_leader outside")) {
		t.Error("shown after three days")
	}
}

// reported: the guardians were told, the report has it, and the minor's page
// stays closed to the organiser.
func (r *roster) reported(t *testing.T) {
	t.Helper()
	who := r.people["team_leader outside"]
	var told, guardians int
	r.row(t, `SELECT count(*) FROM person.guardianship WHERE ended_at IS NULL AND ward = $1`, &guardians, r.minor.ID)
	r.row(t, `SELECT count(*) FROM notify.message WHERE kind = 'privacy.names' AND key LIKE '%' || $1::text`, &told, r.minor.ID)
	if guardians == 0 || told != guardians {
		t.Errorf("%d of %d guardians were told", told, guardians)
	}
	lines, err := r.Privacy.MinorsReport(t.Context(), r.clk.Now().In(clock.Shanghai).Year(), func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	found := slices.ContainsFunc(lines, func(l privacy.MinorAccess) bool {
		return l.Person == r.minor.ID && l.AskedBy == who && l.State == "approved" && l.Opened == 1
	})
	if !found {
		t.Errorf("the report does not have that the name was read once: %+v", lines)
	}
	if _, err := r.Privacy.OpenPerson(t.Context(), who, r.minor.ID); err == nil {
		t.Error("it opened the minor's page")
	}
}

// provincial is an administrator of the whole province.
func (r *roster) provincial(t *testing.T) []string {
	t.Helper()
	if err := r.Accounts.GrantRole(t.Context(), r.people["region_admin inside"], account.RegionAdmin, "44", uuid.Nil); err != nil && !strings.Contains(err.Error(), account.ErrRoleTwice.Code) {
		t.Fatal(err)
	}
	r.Accounts.Forget()
	return r.as(t, "region_admin inside")
}

// Where the organisation has nobody else, the division's administrator decides.
func TestFullNamesOfMinorsWhereTheOrganisationHasOne(t *testing.T) {
	t.Parallel()
	r := newRoster(t)
	if _, err := r.Pool.Exec(t.Context(), `DELETE FROM organisation.member WHERE org = $1 AND role <> 'org_admin'`, r.org); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Pool.Exec(t.Context(), `DELETE FROM organisation.member WHERE org = $1 AND person <> $2`, r.org, r.adminOf(t, r.org)); err != nil {
		t.Fatal(err)
	}
	r.people["the only one"] = r.adminOf(t, r.org)
	r.Accounts.Forget()
	one, official := r.as(t, "the only one"), r.provincial(t)
	r.must(t, 303, "POST", r.base+"/names", url.Values{"reason": {"集合点名"}}, one)
	id := r.request(t)
	r.must(t, 403, "POST", "/console/orgs/"+r.org.String()+"/names/"+id, url.Values{"do": {"approve"}}, one)
	if page := r.must(t, 200, "GET", "/admin/people", nil, official); !strings.Contains(page, "集合点名") {
		t.Error("the administrator does not see it")
	}
	r.must(t, 303, "POST", "/admin/names/"+id, url.Values{"do": {"refuse"}}, official)
	if r.shows(t, one) {
		t.Error("shown though refused")
	}
	r.must(t, 303, "POST", r.base+"/names", url.Values{"reason": {"集合点名"}}, one)
	var out struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(r.must(t, 200, "GET", "/api/v1/admin/name-requests", nil, official)), &out); err != nil || len(out.Items) != 1 {
		t.Fatalf("%+v", out)
	}
	w := r.ask("POST", "/api/v1/admin/name-requests/"+out.Items[0].ID+"/decision", map[string]any{"approve": true}, official...)
	if w.Code != http.StatusNoContent || !r.shows(t, one) {
		t.Errorf("approved: %d", w.Code)
	}
}
