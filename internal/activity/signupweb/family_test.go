package signupweb_test

import (
	"net/url"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
)

func TestAFamilySignsUpByOneForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Capacity = 3 })
	mother := w.Account(t, "1985-05-01")
	child := persontest.Ward(t, w.People, mother.ID, "2014-01-01")
	b := w.SignedIn(t, i18n.ZhHans, mother)
	page := b.Get("/activities/" + v.ActivityID.String())
	sees(t, page, 200, "亲子报名", "我自己", "一起报名")
	form := page.Find(`form[action="` + path(v, "family") + `"]`)
	if n := form.Find(`input[name="who"][checked]`).Length(); n != 2 {
		t.Fatalf("%d people to tick", n)
	}
	both := url.Values{"who": {mother.ID.String(), child.ID.String()}}
	sees(t, b.Post(path(v, "family"), both), 200, "2 人一起报名成功")
	if n := len(w.roster(v)); n != 2 {
		t.Errorf("%d sign-ups", n)
	}
	sees(t, b.Get(path(v, "cancel")+"?for="+mother.ID.String()), 200, "一家 2 人都去不了")
	both.Set("for", mother.ID.String())
	both.Set("do", "all")
	b.Post(path(v, "cancel"), both)
	for _, g := range w.roster(v) {
		if g.State != activity.SignupCancelled {
			t.Errorf("%s is left", g.State)
		}
	}
}

func TestAFamilyReadsWhoCannotAndWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Capacity, s.MinAge = 3, 16 })
	mother := w.Account(t, "1985-05-01")
	child := persontest.Ward(t, w.People, mother.ID, "2014-01-01")
	w.must(w.People.WithdrawService(t.Context(), mother.ID, child.ID, nil))
	b := w.SignedIn(t, i18n.ZhHans, mother)
	p := b.Post(path(v, "family"), url.Values{"who": {mother.ID.String(), child.ID.String()}})
	sees(t, p, 409, "谁都没有报", "现在还不能为", "须年满 16 周岁", "需要监护人同意", "去同意")
	if len(w.roster(v)) != 0 {
		t.Error("somebody was signed up")
	}
	stranger := w.Account(t, "1990-01-01")
	if p := b.Post(path(v, "family"), url.Values{"who": {stranger.ID.String()}}); p.Status != 403 {
		t.Errorf("a stranger is signed up: %d", p.Status)
	}
}

func TestFamilySignUpsThroughTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Capacity, s.WaitingMax = 1, 2 })
	mother := w.Account(t, "1985-05-01")
	child := persontest.Ward(t, w.People, mother.ID, "2014-01-01")
	b := w.SignedIn(t, i18n.En, mother)
	at := "/api/v1/shifts/" + v.ID.String() + "/family-sign-ups"
	body := map[string]any{"people": []uuid.UUID{mother.ID, child.ID}}
	var got signups
	if code, problem := b.API("POST", at, body, &got); code != 201 || len(got.Items) != 2 || got.Items[0].State != "waiting" || got.Items[1].State != "waiting" {
		t.Errorf("%d %+v %+v", code, got, problem)
	}
	if code, _ := b.API("POST", at+"/cancel", body, &got); code != 200 || got.Items[1].State != "cancelled" {
		t.Errorf("%d %+v", code, got)
	}
	if code, problem := b.API("POST", at, map[string]any{"people": []uuid.UUID{w.leader.ID}}, nil); code != 403 || problem.Code != "person.not_guardian" {
		t.Errorf("a stranger: %d %s", code, problem.Code)
	}
}
