package privacyweb

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/privacy"
)

// accessOf reads the requests that somebody made and may decide.
func accessOf(t *testing.T, w *accounttest.Browser) (mine, decide []accessJSON) {
	t.Helper()
	var out struct {
		Mine   []accessJSON `json:"mine"`
		Decide []accessJSON `json:"to_decide"`
	}
	if status, p := w.API("GET", "/api/v1/admin/access", nil, &out); status != 200 {
		t.Fatalf("status %d %v", status, p)
	}
	return out.Mine, out.Decide
}

// A minor's page opens with a reason and a second administrator's approval, for
// a day, each look noted; the yearly report comes out of it.
func TestAMinorsPageNeedsASecondPerson(t *testing.T) {
	b := setup(t)
	mother := b.Account(t, "1985-02-03")
	child := persontest.Ward(t, b.People, mother.ID, "2016-05-01")
	staff := func(region string) person.Person {
		p := b.Account(t, "1980-02-03")
		b.Roles[p.ID] = []account.Grant{{Role: account.RegionAdmin, Region: region}}
		return p
	}
	first, second, far := staff(child.Division), staff("440100"), staff("820000")
	one, two, other := b.SignedIn(t, i18n.ZhHans, first), b.SignedIn(t, i18n.ZhHans, second), b.SignedIn(t, i18n.ZhHans, far)
	page := "/admin/people/" + child.ID.String()
	want(t, one.Get(page), 403)
	ask := url.Values{"volunteer_no": {child.VolunteerNo}, "reason": {"核对监护关系"}}
	want(t, other.Post("/admin/people", ask), 422)
	want(t, one.Post("/admin/people", url.Values{"volunteer_no": {child.VolunteerNo}}), 422)
	want(t, one.Post("/admin/people", ask), 200, child.VolunteerNo)
	mine, own := accessOf(t, one)
	if len(mine) != 1 || len(own) != 0 || !mine[0].Minor {
		t.Fatalf("mine %+v, to decide %+v", mine, own)
	}
	decide := "/admin/access/" + mine[0].ID.String()
	want(t, one.Post(decide, url.Values{"do": {"approve"}}), 403) // not by who asked
	want(t, other.Post(decide, url.Values{"do": {"approve"}}), 403)
	want(t, one.Get(page), 403)
	want(t, two.Get("/admin/people"), 200, "核对监护关系")
	want(t, two.Post(decide, url.Values{"do": {"approve"}}), 200)
	want(t, two.Post(decide, url.Values{"do": {"approve"}}), 409)
	open := one.Get(page)
	want(t, open, 200, child.NameHans, "2016-05-01")
	want(t, two.Get(page), 403) // approved for one person only
	for who, may := range map[uuid.UUID]bool{first.ID: true, second.ID: false} {
		if cleared, err := privacy.New(privacy.Deps{Pool: b.Pool, Clock: b.Clock}).Cleared(t.Context(), who, uuid.New(), []uuid.UUID{child.ID, mother.ID}); err != nil || cleared[child.ID] != may || cleared[mother.ID] {
			t.Errorf("cleared %v, %v", cleared, err)
		}
	}
	if looks := looksOf(t, b, child.ID); len(looks) != 1 || looks[0].Actor != first.ID || looks[0].Purpose != "profile" {
		t.Errorf("looks %+v", looks)
	}
	want(t, two.Get("/admin/people/report"), 200, first.ID.String(), second.ID.String())
	if p := other.Get("/admin/people/report"); strings.Contains(p.Body, first.ID.String()) {
		t.Error("another division's report has it")
	}
	if p := two.Get("/admin/people/report.xlsx"); p.Status != 200 || !strings.HasPrefix(p.Body, "PK") {
		t.Errorf("the table: %d", p.Status)
	}
	b.Clock.Advance(25 * time.Hour)
	want(t, b.SignedIn(t, i18n.ZhHans, first).Get(page), 403)
}

// Break-glass: two security administrators, an hour, the person told afterwards.
func TestAnIncidentOpensForAnHourAndThePersonIsTold(t *testing.T) {
	b := setup(t)
	ann := b.Account(t, "1990-02-03")
	guard := func() person.Person {
		p := b.Account(t, "1980-02-03")
		b.Roles[p.ID] = []account.Grant{{Role: account.SecurityAdmin}}
		return p
	}
	region := b.Account(t, "1980-02-03")
	b.Roles[region.ID] = []account.Grant{{Role: account.RegionAdmin, Region: ann.Division}}
	first, second := guard(), guard()
	one, two := b.SignedIn(t, i18n.En, first), b.SignedIn(t, i18n.En, second)
	if status, p := one.API("POST", "/api/v1/admin/access", map[string]string{"volunteer_no": ann.VolunteerNo, "reason": "account taken over"}, nil); status != 201 {
		t.Fatalf("status %d %v", status, p)
	}
	_, list := accessOf(t, two)
	if len(list) != 1 || list[0].Kind != "incident" {
		t.Fatalf("to decide %+v", list)
	}
	decide := "/api/v1/admin/access/" + list[0].ID.String() + "/decision"
	body := map[string]any{"approve": true, "tell_after_hours": 48}
	if status, _ := b.SignedIn(t, i18n.En, region).API("POST", decide, body, nil); status != 403 {
		t.Errorf("an administrator of the division decides an incident: %d", status)
	}
	if status, p := two.API("POST", decide, body, nil); status != 204 {
		t.Fatalf("status %d %v", status, p)
	}
	page := "/api/v1/admin/people/" + ann.ID.String()
	if status, p := one.API("GET", page, nil, nil); status != 200 {
		t.Errorf("status %d %v", status, p)
	}
	told := func() (n int) {
		if err := b.Pool.QueryRow(t.Context(), `SELECT count(*) FROM notify.message WHERE person = $1 AND kind = 'privacy.opened'`, ann.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	service := serviceOf(b)
	for _, x := range []struct {
		after time.Duration
		told  int
	}{{47 * time.Hour, 0}, {2 * time.Hour, 1}, {time.Hour, 1}} {
		b.Clock.Advance(x.after)
		if _, err := service.TellOpened(t.Context()); err != nil || told() != x.told {
			t.Errorf("after %v more: told %d, want %d, %v", x.after, told(), x.told, err)
		}
	}
	if status, _ := b.SignedIn(t, i18n.En, first).API("GET", page, nil, nil); status != 403 {
		t.Errorf("two days later it still opens: %d", status)
	}
}
