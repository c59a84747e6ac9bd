package signupweb_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/account/accounttest"
	"kapok/internal/activity"
	"kapok/internal/audit"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
)

func TestSigningUpByTheButtonOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	b := w.SignedIn(t, i18n.ZhHans, w.Account(t, "1995-01-01"))
	page := b.Get("/activities/" + v.ActivityID.String())
	sees(t, page, 200, "报名")
	form := page.Find(`form[action="` + path(v, "signup") + `"]`)
	who, _ := form.Find(`input[name="for"]`).Attr("value")
	done := b.Post(path(v, "signup"), url.Values{"for": {who}})
	sees(t, done, 200, "报名成功", "已报名", "我去不了")
	if !strings.HasPrefix(done.Path, "/activities/"+v.ActivityID.String()) {
		t.Errorf("led to %s", done.Path)
	}
	sees(t, b.Post(path(v, "signup"), url.Values{"for": {who}}), 200, "报名成功") // a double click
	if n := len(w.roster(v)); n != 1 {
		t.Errorf("%d sign-ups", n)
	}
}

func TestStrangersMustSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	b := w.Browser(t, i18n.ZhHans)
	if p := b.Post(path(v, "signup"), url.Values{}); p.Status != 401 {
		t.Errorf("status %d", p.Status)
	}
	page := b.Get("/activities/" + v.ActivityID.String())
	if href, _ := page.Find(`a[href^="/login?next="]`).Last().Attr("href"); !strings.Contains(href, v.ActivityID.String()) {
		t.Errorf("the box leads to %q", href)
	}
}

func TestARefusalNamesEveryReasonInEveryLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Capacity, s.MinAge, s.Qualifications = 1, 60, []string{"nurse"} })
	p := w.Account(t, "1995-01-01")
	for l, words := range map[i18n.Lang][]string{
		i18n.ZhHans: {"现在还不能报名", "须年满 60 周岁", "另外", "资格"},
		i18n.ZhHant: {"現在還不能報名", "須年滿 60 周歲", "另外", "資格"},
		i18n.En:     {"You cannot sign up yet", "60 or older", "Also", "requires"},
	} {
		b := w.SignedIn(t, l, p)
		sees(t, b.Post(path(v, "signup"), forPerson(p.ID)), 403, words...)
		sees(t, b.Get("/activities/"+v.ActivityID.String()), 200, words...)
	}
}

func TestGuardiansSignUpWards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	mother := w.Account(t, "1985-01-01")
	child := persontest.Ward(t, w.People, mother.ID, "2015-03-01")
	b := w.SignedIn(t, i18n.ZhHans, mother)
	sees(t, b.Post(path(v, "signup"), forPerson(child.ID)), 200, "报名成功")
	list := w.roster(v)
	if len(list) != 1 || list[0].Person != child.ID || list[0].By != mother.ID {
		t.Errorf("got %+v", list)
	}
	sees(t, b.Get("/me/signups"), 200, "探访养老院的老人", "李小文")
	stranger := w.SignedIn(t, i18n.ZhHans, w.Account(t, "1985-01-01"))
	for _, verb := range []string{"signup", "cancel"} {
		if p := stranger.Post(path(v, verb), forPerson(child.ID)); p.Status != 403 {
			t.Errorf("a stranger's %s: status %d", verb, p.Status)
		}
	}
	if p := stranger.Get(path(v, "cancel") + "?for=" + child.ID.String()); p.Status != 403 {
		t.Errorf("a stranger looks: status %d", p.Status)
	}
}

func TestCancellingAsksOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Capacity, s.WaitingMax = 1, 5 })
	p, next := w.Account(t, "1995-01-01"), w.Account(t, "1995-01-01")
	w.join(v, p)
	w.join(v, next)
	b := w.SignedIn(t, i18n.ZhHans, p)
	ask := b.Get(path(v, "cancel"))
	sees(t, ask, 200, "取消报名？", "离开始还有 2 天", "第 22 条", "不取消，我会去")
	sees(t, b.Post(path(v, "cancel"), forPerson(p.ID)), 200, "已取消报名", "还没有要参加的活动", "提前")
	sees(t, b.Post(path(v, "cancel"), forPerson(p.ID)), 200, "已取消报名") // back button, pressed again
	sees(t, b.Get(path(v, "cancel")), 200, "已经不在了")
	sees(t, w.SignedIn(t, i18n.ZhHans, next).Get("/me/signups"), 200, "已报名")
	w.Clock.Set(v.StartsAt)
	sees(t, w.SignedIn(t, i18n.ZhHans, next).Post(path(v, "cancel"), forPerson(next.ID)), 409, "不能再改", "现场负责人")
}

func TestMySignups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Capacity, s.WaitingMax = 1, 5 })
	w.join(v, w.Account(t, "1995-01-01"))
	p := w.Account(t, "1995-01-01")
	w.join(v, p)
	for l, words := range map[i18n.Lang]string{i18n.ZhHans: "候补第 1 位", i18n.ZhHant: "候補第 1 位", i18n.En: "No. 1 on the waiting list"} {
		sees(t, w.SignedIn(t, l, p).Get("/me/signups"), 200, words)
	}
	b := w.SignedIn(t, i18n.ZhHans, p)
	for _, bad := range []string{"x", "-1", "0", "99999999999999999999"} {
		if page := b.Get("/me/signups?before=" + bad); page.Status != 422 {
			t.Errorf("before=%s: status %d", bad, page.Status)
		}
	}
	w.Clock.Set(v.EndsAt)
	sees(t, b.Get("/me/signups"), 200, "还没有要参加的活动", "过去的报名")
}

func TestPastSignupsTurnPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.Account(t, "1995-01-01")
	v := w.post()
	b := w.SignedIn(t, i18n.ZhHans, p)
	for range 23 {
		w.join(v, p)
		b.Post(path(v, "cancel"), forPerson(p.ID))
	}
	first := b.Get("/me/signups")
	older, ok := first.Find(`a[rel="next"]`).Attr("href")
	if n := first.Find("article").Length(); n != 20 || !ok {
		t.Fatalf("%d on the first page, next %v", n, ok)
	}
	second := b.Get(older)
	if n := second.Find("article").Length(); n != 3 || second.Find(`a[rel="next"]`).Length() > 0 {
		t.Errorf("%d on the second page", n)
	}
}

func TestOrganisersDecide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Approval, s.WaitingMax = true, 5 })
	people := []activity.Signup{w.join(v, w.Account(t, "1995-01-01")), w.join(v, w.Account(t, "1996-01-01")), w.join(v, w.Account(t, "1997-01-01"))}
	desk := "/console/shifts/" + v.ID.String() + "/signups"
	b := w.SignedIn(t, i18n.ZhHans, w.leader)
	sees(t, b.Get(desk), 200, "待审核", "李*文", "候补第 1 位", "通过所选")

	sees(t, b.Post(desk, url.Values{"decision": {"approve"}}), 422, "请至少选一位志愿者")
	refuse := url.Values{"decision": {"refuse"}, "signup": {people[0].ID.String()}}
	again := b.Post(desk, refuse)
	sees(t, again, 422, "请写明不通过的理由")
	if again.Find(`input[value="`+people[0].ID.String()+`"][checked]`).Length() != 1 {
		t.Error("what was ticked is lost")
	}
	for _, bad := range []url.Values{{"decision": {"approve"}, "signup": {"x"}}, {"decision": {"burn"}, "signup": {people[0].ID.String()}}} {
		if p := b.Post(desk, bad); p.Status != 422 {
			t.Errorf("%v: status %d", bad, p.Status)
		}
	}
	refuse.Set("reason", "没有培训记录")
	sees(t, b.Post(desk, refuse), 200, "已拒绝 1 人的报名", "已取消和未通过（1）", "没有培训记录")
	sees(t, b.Post(desk, url.Values{"decision": {"approve"}, "signup": {people[1].ID.String(), people[2].ID.String()}}), 200, "已通过 2 人的报名")
	for i, want := range []activity.SignupState{activity.SignupRefused, activity.SignupConfirmed, activity.SignupConfirmed} {
		if got := w.roster(v)[i].State; got != want {
			t.Errorf("sign-up %d is %s, want %s", i, got, want)
		}
	}
}

func TestWhoSeesTheRoster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	w.join(v, w.Account(t, "1995-01-01"))
	desk := "/console/shifts/" + v.ID.String() + "/signups"
	look := w.SignedIn(t, i18n.ZhHans, w.recorder)
	page := look.Get(desk)
	sees(t, page, 200, "李*文")
	if page.Find("form[action] button[name=decision]").Length() > 0 {
		t.Error("somebody who may not decide is offered to")
	}
	if p := look.Post(desk, url.Values{"decision": {"approve"}}); p.Status != 403 {
		t.Errorf("who may only look decides: status %d", p.Status)
	}
	if p := w.SignedIn(t, i18n.ZhHans, w.Account(t, "1995-01-01")).Get(desk); p.Status != 403 {
		t.Errorf("a stranger looks: status %d", p.Status)
	}
	sees(t, look.Get(desk+"?names=full"), 200, "李小文")
	entries, err := audit.Of(t.Context(), w.Pool, audit.Object("shift", v.ID))
	w.must(err)
	if n := len(entries); n < 2 || entries[n-1].Action != audit.ReadAction || *entries[n-1].Actor != w.recorder.ID ||
		!reflect.DeepEqual(entries[n-1].Detail["data"], []any{"name", "age", "service"}) || !reflect.DeepEqual(entries[n-2].Detail["data"], []any{"masked_name", "age", "service"}) {
		t.Errorf("reading names left %+v", entries)
	}
}

func TestUnknownShifts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, other := w.post(), w.post()
	b := w.SignedIn(t, i18n.ZhHans, w.leader)
	wrong := activity.ShiftView{Shift: activity.Shift{ID: v.ID, ActivityID: other.ActivityID}}
	nothing := activity.ShiftView{Shift: activity.Shift{ID: uuid.New(), ActivityID: v.ActivityID}}
	for _, x := range []activity.ShiftView{wrong, nothing} {
		for _, p := range []accounttest.Page{b.Post(path(x, "signup"), url.Values{}), b.Get(path(x, "cancel")), b.Post(path(x, "cancel"), url.Values{})} {
			if p.Status != 404 {
				t.Errorf("%s: status %d", p.Path, p.Status)
			}
		}
	}
	for _, at := range []string{"/console/shifts/x/signups", "/console/shifts/" + uuid.NewString() + "/signups", "/activities/x/shifts/x/cancel"} {
		if p := b.Get(at); p.Status != 404 {
			t.Errorf("%s: status %d", at, p.Status)
		}
	}
}
