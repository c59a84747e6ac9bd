package account

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/region"
)

func testAccess() Access {
	return Access{Regions: region.NewTree([]region.Division{
		{Code: "440000", Level: region.Province}, {Code: "440100", Parent: "440000", Level: region.City},
		{Code: "440104", Parent: "440100", Level: region.County}, {Code: "440105", Parent: "440100", Level: region.County},
	})}
}

// Every role against every action, inside and outside its scope.
func TestEveryRoleAndAction(t *testing.T) {
	t.Parallel()
	a, org := testAccess(), uuid.New()
	want := map[Action]string{
		ManageOrg: "org_admin", PublishWork: "org_admin", ManageSignups: "org_admin org_approver team_leader",
		RunShift: "org_admin org_recorder team_leader", RecordHours: "org_admin org_recorder team_leader", ConfirmHours: "org_admin org_approver",
		ViewOrg: "org_admin org_approver org_recorder team_leader", DecideOrg: "region_admin", ReviewActivity: "region_admin",
		ViewRegion: "region_admin", DecidePhone: "region_admin", DecideCorrection: "region_admin", OpenPerson: "region_admin security_admin", Operate: "system_admin",
		ManageRoles: "security_admin", ReadAudit: "auditor",
		ProposeMerge: "region_admin", DecideMerge: "region_admin", CheckIdentity: "org_admin region_admin", ClearNames: "org_admin org_approver",
		RestoreTop: "system_admin security_admin",
	}
	if len(want) != len(rules) {
		t.Errorf("%d actions, %d expected: extend this table", len(rules), len(want))
	}
	for act, roles := range want {
		for role, scope := range scopes {
			allowed := slices.Contains(strings.Fields(roles), string(role))
			inside := &Principal{Grants: []Grant{{Role: role, Org: org, Region: "440100"}}}
			outside := &Principal{Grants: []Grant{{Role: role, Org: uuid.New(), Region: "440105"}}}
			on := Target{Org: org, Region: "440104"}
			if got := a.Can(inside, act, on); got != allowed {
				t.Errorf("%s %s inside: %v", role, act, got)
			}
			if got := a.Can(outside, act, on); got != (allowed && scope == Everywhere) {
				t.Errorf("%s %s outside: %v", role, act, got)
			}
		}
		if a.Can(nil, act, Target{Org: org}) || a.Can(&Principal{}, act, Target{Org: org, Region: "440104"}) {
			t.Errorf("%s: allowed to nobody", act)
		}
	}
}

func TestZeroTargetsMatchNoGrant(t *testing.T) {
	t.Parallel()
	a := testAccess()
	for _, g := range []Grant{{Role: OrgAdmin}, {Role: RegionAdmin}, {Role: RegionAdmin, Region: "440000"}} {
		if a.Can(&Principal{Grants: []Grant{g}}, rulesFor(g.Role), Target{}) {
			t.Errorf("%+v matches an empty target", g)
		}
	}
}

func rulesFor(r Role) Action {
	if r == RegionAdmin {
		return DecideOrg
	}
	return ManageOrg
}

func TestGates(t *testing.T) {
	t.Parallel()
	a, org := testAccess(), uuid.New()
	admin := &Principal{Grants: []Grant{{Role: OrgAdmin, Org: org}}}
	here := func(*http.Request) (Target, error) { return Target{Org: org, Region: "440104"}, nil }
	none := func(*http.Request) (Target, error) { return Target{}, fault.ErrNotFound }
	for _, c := range []struct {
		name string
		err  error
		who  *Principal
		gate interface{ Admit(*http.Request) error }
	}{
		{"public, nobody", nil, nil, Public},
		{"signed in, nobody", ErrSignIn, nil, SignedIn},
		{"signed in", nil, &Principal{}, SignedIn},
		{"allow, nobody", ErrSignIn, nil, a.Allow(ManageOrg, here)},
		{"allow, other", ErrNotAllowed, &Principal{}, a.Allow(ManageOrg, here)},
		{"allow", nil, admin, a.Allow(ManageOrg, here)},
		{"allow, unknown thing", fault.ErrNotFound, admin, a.Allow(ManageOrg, none)},
		{"any scope", nil, admin, a.AnyScope(ManageOrg)},
		{"any scope, other action", ErrNotAllowed, admin, a.AnyScope(DecideOrg)},
		{"any scope, nobody", ErrSignIn, nil, a.AnyScope(ManageOrg)},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		if c.who != nil {
			r = r.WithContext(With(context.Background(), c.who))
		}
		if err := c.gate.Admit(r); !errors.Is(err, c.err) {
			t.Errorf("%s: got %v want %v", c.name, err, c.err)
		}
	}
}

func TestMayActFor(t *testing.T) {
	t.Parallel()
	me, child := uuid.New(), uuid.New()
	p := &Principal{Person: me, Wards: []uuid.UUID{child}}
	if !p.MayActFor(me) || !p.MayActFor(child) || p.MayActFor(uuid.New()) || (*Principal)(nil).MayActFor(me) {
		t.Error("acts for the wrong people")
	}
}

func TestDeviceNames(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36": "Chrome · Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 MicroMessenger/8.0":        "WeChat · iPhone",
		"curl/8.1": "curl", "": "", "MyTool/1.0 (x)": "MyTool", "https://evil.example/": "https", "请致电 138": "",
	} {
		if got := deviceName(agent); got != want {
			t.Errorf("%q: %q", agent, got)
		}
	}
}
