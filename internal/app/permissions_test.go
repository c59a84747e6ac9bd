package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/app"
	"kapok/internal/demo"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
)

// newApp is a platform on a database of the test's own with a little life in it.
func newApp(t *testing.T) *app.App { return newAppAt(t, clock.System{}) }

func newAppAt(t *testing.T, clk clock.Clock) *app.App {
	return newAppWith(t, clk, func(*conf.Config) {})
}

// newAppWith is newApp at a time, with another configuration.
func newAppWith(t *testing.T, clk clock.Clock, change func(*conf.Config)) *app.App {
	t.Helper()
	pool := pgtest.New(t)
	if err := app.LoadDivisions(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	c := conf.Default()
	c.Data = t.TempDir()
	change(&c)
	a, err := app.New(t.Context(), app.Options{Config: c, Pool: pool, Clock: clk, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(t.Context(), a, demo.Options{Seed: 3, Scale: 0.02}); err != nil {
		t.Fatal(err)
	}
	return a
}

// scene is one organisation with its things, and somebody of every role inside
// and outside its scope.
type scene struct {
	*app.App
	ids    map[string]string    // path parameter → id of a thing of the organisation
	people map[string]uuid.UUID // who → person; nobody is uuid.Nil
	tokens map[string]string    // who → bearer token
}

func newScene(t *testing.T) *scene { return newSceneOn(t, newApp(t)) }

func newSceneOn(t *testing.T, a *app.App) *scene {
	t.Helper()
	s := &scene{App: a, ids: map[string]string{}, people: map[string]uuid.UUID{}, tokens: map[string]string{"nobody": ""}}
	var org, other uuid.UUID
	s.row(t, `SELECT a.org, s.id::text, a.id::text, a.project::text FROM activity.shift s JOIN activity.activity a ON a.id = s.activity
		JOIN organisation.organisation o ON o.id = a.org WHERE a.state = 'published' AND o.state = 'approved' AND o.division LIKE '44%' ORDER BY s.id LIMIT 1`,
		&org, s.id("shift"), s.id("activity"), s.id("project"))
	s.row(t, `SELECT id FROM organisation.organisation WHERE id <> $1 AND state = 'approved' AND county <> (SELECT county FROM organisation.organisation WHERE id = $1) ORDER BY id LIMIT 1`, &other, org)
	s.ids["org"] = org.String()
	s.cast(t, org, other)
	return s
}

func (s *scene) id(name string) *idSlot { return &idSlot{s.ids, name} }

// idSlot scans an id into the map.
type idSlot struct {
	to   map[string]string
	name string
}

func (i *idSlot) Scan(v any) error {
	i.to[i.name] = fmt.Sprint(v)
	return nil
}

func (s *scene) row(t *testing.T, sql string, dest ...any) {
	t.Helper()
	n := strings.Count(sql, "$1")
	var args []any
	if n > 0 {
		args, dest = dest[len(dest)-1:], dest[:len(dest)-1]
	}
	if err := s.Pool.QueryRow(t.Context(), sql, args...).Scan(dest...); err != nil {
		t.Fatalf("%v: %.80s", err, sql)
	}
}

// cast gives roles to adults of the mainland who have none.
func (s *scene) cast(t *testing.T, org, other uuid.UUID) {
	t.Helper()
	ctx := t.Context()
	rows, err := s.Pool.Query(ctx, `SELECT p.id, p.volunteer_no FROM person.person p WHERE p.birth_date < '2006-01-01' AND p.division LIKE '44%'
		AND NOT EXISTS (SELECT FROM organisation.member m WHERE m.person = p.id)
		AND NOT EXISTS (SELECT FROM account.role_grant g WHERE g.person = p.id) ORDER BY p.id LIMIT 40`)
	if err != nil {
		t.Fatal(err)
	}
	type extra struct {
		ID uuid.UUID
		No string
	}
	pool, err := pgx.CollectRows(rows, pgx.RowToStructByPos[extra])
	if err != nil || len(pool) < 20 {
		t.Fatalf("%d people to give roles to: %v", len(pool), err)
	}
	admin := s.adminOf(t, org)
	next := func(who string) extra {
		e := pool[0]
		pool = pool[1:]
		s.people[who], s.tokens[who] = e.ID, s.signIn(t, e.ID, account.ByPasskey)
		if role, inside := strings.CutSuffix(who, " inside"); inside && account.Role(role).NeedsTwo() {
			s.people[role+oneFactor], s.tokens[role+oneFactor] = e.ID, s.signIn(t, e.ID, account.ByPassword)
		}
		return e
	}
	next("volunteer")
	for _, place := range []struct {
		where string
		org   uuid.UUID
		by    uuid.UUID
	}{{"inside", org, admin}, {"outside", other, s.adminOf(t, other)}} {
		for _, role := range []account.Role{account.OrgAdmin, account.OrgApprover, account.OrgRecorder, account.TeamLeader} {
			e := next(string(role) + " " + place.where)
			if _, err := s.Orgs.AddMember(ctx, organisation.Naming{Org: place.org, VolunteerNo: e.No, Role: organisation.Role(role), By: place.by}); err != nil {
				t.Fatal(err)
			}
		}
		o, err := s.Orgs.Get(ctx, place.org)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range []account.Role{account.RegionAdmin, account.Inspector, account.CreditAuthority} {
			if err := s.Accounts.GrantRole(ctx, next(string(role)+" "+place.where).ID, role, o.County, uuid.Nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, role := range []account.Role{account.SystemAdmin, account.SecurityAdmin, account.Auditor, account.Partner, account.Merchant} {
		if err := s.Accounts.GrantRole(ctx, next(string(role)+" inside").ID, role, "", uuid.Nil); err != nil {
			t.Fatal(err)
		}
	}
	s.Accounts.Forget()
}

func (s *scene) adminOf(t *testing.T, org uuid.UUID) (id uuid.UUID) {
	t.Helper()
	s.row(t, `SELECT person FROM organisation.member WHERE role = 'org_admin' AND org = $1 LIMIT 1`, &id, org)
	return id
}

// signIn opens a session of a person, with an account of their own or a new one.
func (s *scene) signIn(t *testing.T, person uuid.UUID, by account.Factor) (token string) {
	t.Helper()
	err := pg.InTx(t.Context(), s.Pool, func(tx pgx.Tx) error {
		var id uuid.UUID
		err := tx.QueryRow(t.Context(), `SELECT id FROM account.account WHERE person = $1`, person).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			id, err = s.Accounts.OpenTx(t.Context(), tx, person, fmt.Sprintf("+861370000%04d", len(s.people)))
		}
		if err != nil {
			return err
		}
		in, err := s.Accounts.Begin(t.Context(), tx, id, person, account.Device{Kind: account.API, Name: "test"}, by)
		token = in.Token
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// oneFactor ends the names of staff whose session has one factor.
const oneFactor = " by password alone"

// want is who passes each gate: "any" signed-in person, or those named.
var want = map[string][]string{
	"manage_org":     {"org_admin"},
	"publish_work":   {"org_admin"},
	"manage_signups": {"org_admin", "org_approver", "team_leader"},
	"run_shift":      {"org_admin", "org_recorder", "team_leader"},
	"record_hours":   {"org_admin", "org_recorder", "team_leader"},
	"confirm_hours":  {"org_admin", "org_approver"},
	"view_org":       {"org_admin", "org_approver", "org_recorder", "team_leader"},
	"decide_org":     {"region_admin"}, "review_activity": {"region_admin"}, "view_region": {"region_admin"}, "decide_phone": {"region_admin"}, "decide_correction": {"region_admin"}, "open_person": {"region_admin", "security_admin"}, "operate": {"system_admin"},
	"manage_roles": {"security_admin"}, "read_audit": {"auditor"},
	"oauth_client":  {}, // partners' systems, which show credentials of their own
	"propose_merge": {"region_admin"}, "decide_merge": {"region_admin"}, "check_identity": {"org_admin", "region_admin"},
	"clear_names": {"org_admin", "org_approver"},
	"restore_top": {"system_admin", "security_admin"},
}

// passes is what the table says: may who pass a gate?
func passes(gate, who string) bool {
	role, where, _ := strings.Cut(who, " ")
	gate = strings.TrimSuffix(gate, ":fresh")
	action, anyScope := strings.CutSuffix(gate, ":any")
	switch {
	case gate == "public":
		return true
	case who == "nobody":
		return false
	case gate == "signed_in":
		return true
	}
	if strings.HasSuffix(who, oneFactor) {
		return false
	}
	return slices.Contains(want[action], role) && (where == "inside" || anyScope)
}

var parameter = regexp.MustCompile(`\{([a-z_]+)[.$]*\}`)

// address fills the ids of the scene into a path. Where a path names a thing
// the scene has none of, ok is false.
func (s *scene) address(path string) (out string, ok bool) {
	ok = true
	out = parameter.ReplaceAllStringFunc(path, func(p string) string {
		id, known := s.ids[parameter.FindStringSubmatch(p)[1]]
		ok = ok && known
		return id
	})
	return out, ok
}

// endsSessions are routes after which one is signed out.
var endsSessions = regexp.MustCompile(`^/logout$|^/me/devices|^/api/v1/sessions|^/login/passkey`)

func TestEveryRouteAndRole(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	tried := 0
	for _, r := range s.Site.Routes() {
		gate := strings.TrimSuffix(r.Gate.String(), ":fresh")
		path, scoped := s.address(r.Path)
		if _, known := want[strings.TrimSuffix(gate, ":any")]; !known && gate != "public" && gate != "signed_in" {
			t.Errorf("%s %s: the table does not know the gate %s", r.Method, r.Path, gate)
		}
		for who, token := range s.tokens {
			if !scoped && passes(gate, who) {
				continue // the gate would answer "not found" for a thing that is not there
			}
			tried++
			s.try(t, r, path, who, token, scoped)
			if endsSessions.MatchString(r.Path) && who != "nobody" {
				s.renew(t, s.people[who])
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d routes × roles were tried", tried)
	}
}

// try sends a request with an empty body: whoever passes the gate is answered by
// the handler, whatever it says, but never 401; whoever does not is turned away.
func (s *scene) try(t *testing.T, route web.Route, path, who, token string, scoped bool) {
	req := httptest.NewRequest(route.Method, strings.ReplaceAll(path, "$", ""), nil)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.Site.ServeHTTP(w, req)
	if role, one := strings.CutSuffix(who, oneFactor); one && scoped && !passes(route.Gate.String(), who) && passes(route.Gate.String(), role+" inside") {
		s.wantsSecond(t, route, who, w)
		return
	}
	toLogin := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login?next=")
	turnedAway := w.Code == http.StatusUnauthorized || toLogin
	gate := strings.TrimSuffix(route.Gate.String(), ":fresh")
	gated := gate != "public" && gate != "signed_in"
	refused := turnedAway || gated && w.Code == http.StatusForbidden || !scoped && (w.Code == http.StatusNotFound || w.Code == http.StatusTemporaryRedirect)
	if allowed := passes(route.Gate.String(), who); allowed == refused {
		t.Errorf("%s %s (%s) as %s: status %d, allowed should be %v", route.Method, route.Path, route.Gate, who, w.Code, allowed)
	}
	if w.Code >= 500 {
		t.Errorf("%s %s as %s: status %d", route.Method, route.Path, who, w.Code)
	}
}

// renew opens new sessions of a person, in every manner there was one.
func (s *scene) renew(t *testing.T, person uuid.UUID) {
	t.Helper()
	for who, id := range s.people {
		switch {
		case id != person:
		case strings.HasSuffix(who, oneFactor):
			s.tokens[who] = s.signIn(t, id, account.ByPassword)
		default:
			s.tokens[who] = s.signIn(t, id, account.ByPasskey)
		}
	}
}

// wantsSecond: the refusal says that a second factor would help, and leads there.
func (s *scene) wantsSecond(t *testing.T, route web.Route, who string, w *httptest.ResponseRecorder) {
	t.Helper()
	led := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login/second?next=") ||
		w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), `action="/login/second"`) || // the form rides along
		w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), `href="/me/passkeys/new`) ||
		w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), account.ErrSecondFactor.Code)
	if !led {
		t.Errorf("%s %s as %s: status %d does not lead to the second factor", route.Method, route.Path, who, w.Code)
	}
}

// The printed table says what the gates do, and docs/permissions.md is it.
func TestPermissionTableIsTheGoldenFile(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, r := range s.Site.Routes() {
		gate := strings.TrimSuffix(r.Gate.String(), ":fresh")
		for _, role := range account.Roles {
			inside, outside := passes(gate, string(role)+" inside"), passes(gate, string(role)+" outside")
			want := account.Closed
			switch {
			case inside && (outside || s.tokens[string(role)+" outside"] == ""):
				want = account.Open // of roles that hold everywhere nobody is outside
			case inside:
				want = account.Within
			}
			if got := account.Passes(gate, role); got != want {
				t.Errorf("%s as %s: the table says %s, want %s", gate, role, got, want)
			}
		}
	}
	const golden = "../../docs/permissions.md"
	now := append([]byte("# Who may do what\n\nMade by `go test ./internal/app -run PermissionTable -update`; `kapok doctor permissions` prints it of a running\nplatform. \"in scope\" is the role's organisation or division and what lies below it. Roles marked ² count only in a\nsession of two factors; with one they are refused everywhere with account.second_factor.\n\n"), s.Permissions()...)
	if *update {
		if err := os.WriteFile(golden, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if was, err := os.ReadFile(golden); err != nil || !bytes.Equal(was, now) {
		t.Errorf("%s is not what the program does; look at the difference and renew it with -update: %v", golden, err)
	}
}
