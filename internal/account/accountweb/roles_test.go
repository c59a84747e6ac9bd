package accountweb

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
)

// security is a browser of a security administrator who signed in just now.
func security(t *testing.T, b *accounttest.Bed, l i18n.Lang) *accounttest.Browser {
	t.Helper()
	p := b.Account(t, "1980-02-03")
	if err := b.Accounts.GrantRole(t.Context(), p.ID, account.SecurityAdmin, "", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	return b.SignedIn(t, l, p)
}

func TestASecurityAdministratorGivesAndTakesRoles(t *testing.T) {
	b := setup(t)
	w, holder := security(t, b, i18n.En), b.Account(t, "1985-01-01")
	theirs := b.SignedIn(t, i18n.En, holder)
	give := func(role, division, reason string) accounttest.Page {
		return w.Post("/admin/roles", url.Values{"volunteer_no": {holder.VolunteerNo}, "role": {role}, "division": {division}, "reason": {reason}})
	}
	if page := give("auditor", "", ""); !cmp.Equal(page.Wrong(), []string{"reason"}) {
		t.Errorf("without a reason: %v", page.Wrong())
	}
	if page := give("region_admin", "", "x"); !cmp.Equal(page.Wrong(), []string{"division"}) {
		t.Errorf("without a division: %v", page.Wrong())
	}
	if page := give("auditor", "", "new in office"); page.Path != "/admin/roles" || page.Status != 200 {
		t.Fatalf("%s %d %v", page.Path, page.Status, page.Wrong())
	}
	if page := give("system_admin", "", "both hands"); !cmp.Equal(page.Wrong(), []string{"role"}) || !strings.Contains(page.Body, "three different people") {
		t.Errorf("two of the three in one hand: %v", page.Wrong())
	}
	if who, err := b.Accounts.Who(t.Context(), theirs.Token); err != nil || !who.Holds(account.ReadAudit) {
		t.Fatalf("the role does not hold: %v", err)
	}
	list := w.Get("/admin/roles?role=auditor")
	action, _ := list.Find(`form[action$="/end"]`).Attr("action")
	if !strings.Contains(list.Body, holder.VolunteerNo) || !strings.Contains(list.Body, "new in office") || action == "" {
		t.Fatalf("the list does not show it\n%s", list.Body)
	}
	if page := theirs.Get("/admin/roles"); page.Status != 403 {
		t.Errorf("an auditor sees the page: %d", page.Status)
	}
	if page := w.Post(action, url.Values{"reason": {""}}); !cmp.Equal(page.Wrong(), []string{"reason"}) {
		t.Errorf("taken without a reason: %v", page.Wrong())
	}
	if page := w.Post(action, url.Values{"reason": {"moved to another office"}}); page.Status != 200 || strings.Contains(page.Find("main li").Text(), holder.VolunteerNo) {
		t.Errorf("%d", page.Status)
	}
	if who, err := b.Accounts.Who(t.Context(), theirs.Token); err != nil || who == nil || who.Holds(account.ReadAudit) {
		t.Errorf("the session can do it still: %v", err)
	}
	if ended := w.Get("/admin/roles?ended=1"); !strings.Contains(ended.Body, "moved to another office") || ended.Find(`form[action$="/end"]`).Length() != 0 {
		t.Error("what ended is not shown, or can be taken again")
	}
	b.Clock.Advance(account.FreshFor + 1)
	if page := give("inspector", persontest.Yuexiu, "late"); page.Status != 403 || page.Find(`form[action="/login/again"]`).Length() == 0 {
		t.Errorf("given by a session that was not proved: %d", page.Status)
	}
}

func TestRolesOverTheAPI(t *testing.T) {
	b := setup(t)
	w, holder := security(t, b, i18n.En), b.Account(t, "1985-01-01")
	give := map[string]any{"volunteer_no": holder.VolunteerNo, "role": "inspector", "division": persontest.Yuexiu, "until": "2026-10-17", "reason": "samples of autumn"}
	if status, p := w.API("POST", "/api/v1/admin/roles", give, nil); status != 422 || p.Errors[0].Field != "until" {
		t.Errorf("ends in the past: %d %+v", status, p)
	}
	give["until"] = "2026-12-31"
	if status, p := w.API("POST", "/api/v1/admin/roles", give, nil); status != 204 {
		t.Fatalf("%d %+v", status, p)
	}
	var found struct{ Items []givenJSON }
	for division, n := range map[string]int{persontest.Yuexiu: 1, persontest.Tianhe: 0, "440000": 1} {
		found.Items = nil
		if status, _ := w.API("GET", "/api/v1/admin/roles?division="+division, nil, &found); status != 200 || len(found.Items) != n {
			t.Errorf("%s: %d, %d roles", division, status, len(found.Items))
		}
	}
	w.API("GET", "/api/v1/admin/roles?role=inspector", nil, &found)
	path := "/api/v1/admin/roles/" + found.Items[0].Grant.String() + "/end"
	if status, _ := w.API("POST", path, map[string]any{"reason": "done"}, nil); status != 204 {
		t.Errorf("taken: %d", status)
	}
	if status, _ := w.API("POST", "/api/v1/admin/roles/"+uuid.NewString()+"/end", map[string]any{"reason": "done"}, nil); status != 404 {
		t.Errorf("nothing was taken: %d", status)
	}
}

func TestTheRolesPageInEveryLanguage(t *testing.T) {
	b := setup(t)
	for _, l := range i18n.Langs {
		page := security(t, b, l).Get("/admin/roles")
		if page.Status != 200 || strings.Contains(page.Find("main").Text(), "account.ro") {
			t.Errorf("%s: %d\n%s", l, page.Status, page.Find("main").Text())
		}
	}
}
