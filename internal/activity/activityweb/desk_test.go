package activityweb_test

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/organisation"
	"kapok/internal/person/persontest"
)

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func activityForm(version string, more ...string) url.Values {
	v := values("version", version, "title", "探访养老院的老人", "content", "陪伴聊天", "responsible", "陈志明", "field", "0017", "division", "440000", "division", "440100",
		"division", "440104", "division", "440104003", "division", "440104003001", "objects", "03", "risks", "高温")
	for _, c := range activity.Classes {
		v.Set("declare_"+c, "no")
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func shiftForm(version string, more ...string) url.Values {
	v := values("version", version, "starts_at", "2026-10-25T09:00", "ends_at", "2026-10-25T11:30", "place", "盐运西社区", "capacity", "１０", "lat", "23.125", "lng", "113.268",
		"radius_m", "200", "skills", "04", "min_age", "16")
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// An organisation writes, submits and changes an activity, as one does in a
// browser without JavaScript.
func TestWritingAnActivity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(t, i18n.ZhHans, w.admin)
	work := "/console/orgs/" + w.org.ID.String() + "/activities"
	sees(t, b.Get(work), 200, "敬老", "新建活动")
	p := b.Post("/console/orgs/"+w.org.ID.String()+"/projects/new", values("name", "爱幼", "intro", "陪伴孩子"))
	sees(t, p, 200, "爱幼", "新建活动")
	project := p.Path
	sees(t, b.Get(project+"/activities/new"), 200, "活动名称", "不属于志愿服务的情形")
	p = b.Post(project+"/activities/new", activityForm(""))
	sees(t, p, 200, "探访养老院的老人", "草稿", "还没有班次")
	desk := p.Path
	p = b.Post(desk+"/step", values("step", "submit", "version", "1"))
	sees(t, p, 422, "至少要有一个班次")
	p = b.Post(desk+"/shifts/new", shiftForm("1"))
	sees(t, p, 200, "10月25日 周日 9:00–11:30", "盐运西社区")
	p = b.Post(desk+"/step", values("step", "submit", "version", "2"))
	sees(t, p, 200, "待审核", "已提交")
	sees(t, b.Post(desk+"/edit", activityForm("3")), 409, "活动正在等待审核")
	sees(t, b.Post(desk+"/step", values("step", "withdraw", "version", "3")), 200, "已撤回")
	sees(t, b.Post(desk+"/edit", activityForm("4", "dangerous", "1", "insurance", "", "with_adult", "1")), 200, "已保存", "由家里的成年人一起报名")
	sees(t, b.Post(desk+"/step", values("step", "submit", "version", "5")), 422, "须先为志愿者投保", "只能由年满 18 岁的人参加")
	sees(t, b.Post(desk+"/step", values("step", "dance", "version", "5")), 422)
	sees(t, b.Post(desk+"/step", values("step", "cancel", "version", "5")), 200, "已取消")
	sees(t, b.Get(work+"?state=cancelled"), 200, "探访养老院的老人")
}

// Mistakes come back at their fields, all at once, with what was typed.
func TestMistakesInForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(t, i18n.En, w.admin)
	a := w.draft()
	desk := "/console/activities/" + a.ID.String()
	p := b.Post(desk+"/edit", activityForm("1", "title", "", "field", "x", "recording_unit", "nobody", "contact", "a typed contact"))
	sees(t, p, 422)
	if v, _ := p.Find("#f-contact").Attr("value"); v != "a typed contact" {
		t.Errorf("contact came back as %q", v)
	}
	for _, id := range []string{"#f-recording_unit-wrong"} {
		if p.Find(id).Length() != 1 {
			t.Errorf("no error at %s", id)
		}
	}
	p = b.Post(desk+"/edit", activityForm("1", "title", "", "field", "x"))
	if p.Find("#f-title-wrong").Length() != 1 || p.Find("#f-field-wrong").Length() != 1 {
		t.Errorf("errors: %s", p.Find("#errors").Text())
	}
	p = b.Post(desk+"/shifts/new", shiftForm("1", "starts_at", "tomorrow", "capacity", "many", "place", "", "lng", "", "max_age", "9"))
	sees(t, p, 422)
	for _, field := range []string{"starts_at", "capacity", "place", "lat", "max_age"} {
		if p.Find("#f-"+field+"-wrong").Length() != 1 {
			t.Errorf("no error at %s: %s", field, p.Find("#errors").Text())
		}
	}
	if p.Find("#f-radius_m").AttrOr("value", "") != "200" {
		t.Error("the radius was lost")
	}
	p = b.Post("/console/orgs/"+w.org.ID.String()+"/projects/new", values("name", ""))
	sees(t, p, 422, "Please fill this in")
	p = b.Post("/console/projects/"+w.project.ID.String(), values("name", "", "version", "1"))
	sees(t, p, 422, "Please fill this in")
	// The button of the division picker changes nothing.
	p = b.Post(desk+"/edit", activityForm("1", "_choose", "division", "title", "half typed"))
	if v, _ := p.Find("#f-title").Attr("value"); p.Status != 200 || v != "half typed" || w.now(a).Title == v {
		t.Errorf("%d %q", p.Status, v)
	}
}

// Two tabs: the second is told, and keeps what was typed.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(t, i18n.ZhHans, w.admin)
	a := w.draft()
	desk := "/console/activities/" + a.ID.String()
	sees(t, b.Post(desk+"/edit", activityForm("1", "contact", "第一个标签页")), 200, "已保存")
	p := b.Post(desk+"/edit", activityForm("1", "contact", "第二个标签页"))
	sees(t, p, 409, "有人改过这个活动")
	version, _ := p.Find(`input[name=version]`).Attr("value")
	if v, _ := p.Find("#f-contact").Attr("value"); v != "第二个标签页" || version != "2" {
		t.Errorf("contact %q, version %s", v, version)
	}
	if got := w.now(a); got.Contact != "第一个标签页" {
		t.Errorf("stored %q", got.Contact)
	}
	sees(t, b.Post(desk+"/shifts/new", shiftForm("1")), 409, "有人改过这个活动")
}

func TestPublishedActivityOnTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(t, i18n.ZhHans, w.admin)
	a := w.published()
	desk, s := "/console/activities/"+a.ID.String(), w.shifts(a)[0]
	version := strconv.Itoa(a.Version)
	sees(t, b.Get(desk), 200, "已发布", "报名名单", "签到码")
	sees(t, b.Get(desk+"/edit"), 200, "经过审核的内容不能再改")
	sees(t, b.Post(desk+"/edit", activityForm(version, "title", "改名")), 422, "发布后不能改这一项")
	sees(t, b.Post(desk+"/step", values("step", "close", "version", version)), 409, "才结束")
	sees(t, b.Post(desk+"/step", values("step", "cancel", "version", version)), 422, "请填写这一项")
	sees(t, b.Get(desk+"/shifts/"+s.ID.String()), 200, "改时间或地点会通知已报名的人")
	sees(t, b.Post(desk+"/shifts/"+s.ID.String()+"/end", values("version", version, "reason", "")), 422, "请填写这一项")
	sees(t, b.Post(desk+"/shifts/"+s.ID.String()+"/end", values("version", version, "reason", "台风")), 200, "班次已取消")
	sees(t, b.Post(desk+"/step", values("step", "cancel", "version", strconv.Itoa(a.Version+1), "reason", "台风")), 200, "活动已取消")
	d := w.draft()
	ds := w.shifts(d)[0]
	sees(t, b.Post("/console/activities/"+d.ID.String()+"/shifts/"+ds.ID.String()+"/end", values("version", "1")), 200, "班次已删去")
}

func TestRecordingUnitByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.approve(organisation.Profile{Name: "区志愿者协会", Kind: organisation.VolunteerOrg, Division: persontest.Yuexiu, CreditCode: "9144030071526726XG", Email: "a@b.cn"})
	b := w.SignedIn(t, i18n.ZhHans, w.admin)
	a := w.draft()
	desk := "/console/activities/" + a.ID.String()
	sees(t, b.Post(desk+"/edit", activityForm("1", "recording_unit", " 区志愿者协会")), 200, "区志愿者协会")
	if got := w.now(a).RecordingUnit; got != other.ID {
		t.Errorf("unit %s", got)
	}
	if v, _ := b.Get(desk + "/edit").Find("#f-recording_unit").Attr("value"); v != "区志愿者协会" {
		t.Errorf("the form shows %q", v)
	}
	sees(t, b.Post(desk+"/edit", activityForm("2", "recording_unit", "")), 200)
	if got := w.now(a).RecordingUnit; got != w.org.ID {
		t.Errorf("unit %s", got)
	}
}

func TestProjectPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.SignedIn(t, i18n.ZhHans, w.admin)
	project := "/console/projects/" + w.project.ID.String()
	sees(t, b.Post(project, values("name", "敬老爱老", "version", "1")), 200, "已保存", "敬老爱老")
	sees(t, b.Post(project, values("name", "别名", "version", "1")), 409)
	d := w.draft()
	sees(t, b.Get(project), 200, d.Title)
	sees(t, b.Post(project+"/close", values("version", "2")), 409, "还有 1 个活动没有结束")
	_, err := w.activities.CancelActivity(context.Background(), activity.Move{Activity: d.ID, Version: 1, By: w.admin.ID})
	w.must(err)
	sees(t, b.Post(project+"/close", values("version", "2")), 200, "项目已结束")
}

func TestReviewing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.draft(func(p *activity.Plan) { p.Content = "活动后聚餐，每人补贴 200 元" })
	a, err := w.activities.Submit(context.Background(), activity.Move{Activity: a.ID, Version: a.Version, By: w.admin.ID})
	w.must(err)
	b := w.SignedIn(t, i18n.ZhHans, w.officer)
	sees(t, b.Get("/admin/activities"), 200, a.Title, "木棉义工队", "2")
	page := "/admin/activities/" + a.ID.String()
	sees(t, b.Get(page), 200, "聚餐", "200 元", "公益目的不明确", "高温、交通", "已逐项核对")
	version := strconv.Itoa(a.Version)
	sees(t, b.Post(page, values("verdict", "return", "version", version)), 422, "请填写这一项")
	p := b.Post(page, values("verdict", "publish", "version", version, "looked", "job", "reason", "写了一半"))
	sees(t, p, 422, "请逐项核对")
	if p.Find("textarea").Text() != "写了一半" {
		t.Error("the reason was lost")
	}
	all := values("verdict", "publish", "version", version)
	for _, c := range activity.Classes {
		all.Add("looked", c)
	}
	old := url.Values{}
	for k, v := range all {
		old[k] = v
	}
	old.Set("version", "1")
	sees(t, b.Post(page, old), 409)
	sees(t, b.Post(page, all), 200, "活动已发布", "没有待审核的活动")
	sees(t, b.Post(page, all), 409, "活动已经发布")
	second := w.draft()
	second, err = w.activities.Submit(context.Background(), activity.Move{Activity: second.ID, Version: second.Version, By: w.admin.ID})
	w.must(err)
	sees(t, b.Post("/admin/activities/"+second.ID.String(), values("verdict", "return", "version", strconv.Itoa(second.Version), "reason", "请写清时间")), 200, "活动已退回")
	sees(t, w.SignedIn(t, i18n.ZhHant, w.admin).Get("/console/activities/"+second.ID.String()), 200, "请写清时间")
}

// Every page of the desks in every language, without a key showing.
func TestDesksInAllLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, d := w.published(), w.draft()
	s := w.shifts(d)[0]
	for _, l := range languages {
		org, region := w.SignedIn(t, l, w.admin), w.SignedIn(t, l, w.officer)
		desk := "/console/activities/" + d.ID.String()
		for _, path := range []string{"/console/orgs/" + w.org.ID.String() + "/activities", "/console/orgs/" + w.org.ID.String() + "/projects/new",
			"/console/projects/" + w.project.ID.String(), "/console/projects/" + w.project.ID.String() + "/activities/new", desk, desk + "/edit", desk + "/shifts/new",
			desk + "/shifts/" + s.ID.String(), "/console/activities/" + a.ID.String(), "/me/calendar"} {
			noKeys(t, org.Get(path))
		}
		for _, path := range []string{"/admin/activities", "/admin/activities/" + a.ID.String()} {
			noKeys(t, region.Get(path))
		}
	}
}

// Who may not is sent away, from pages and operations alike.
func TestGates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.draft()
	stranger := w.Account(t, "1991-01-01")
	b := w.SignedIn(t, i18n.En, stranger)
	desk := "/console/activities/" + a.ID.String()
	for _, path := range []string{"/console/orgs/" + w.org.ID.String() + "/activities", desk, desk + "/edit", "/admin/activities", "/admin/activities/" + a.ID.String()} {
		sees(t, b.Get(path), 403)
	}
	for _, path := range []string{desk + "/edit", desk + "/step", desk + "/shifts/new", "/admin/activities/" + a.ID.String()} {
		sees(t, b.Post(path, values("version", "1")), 403)
	}
	sees(t, w.SignedIn(t, i18n.En, w.officer).Get(desk), 403)
	sees(t, w.SignedIn(t, i18n.En, w.admin).Get("/admin/activities/"+a.ID.String()), 403)
	for _, path := range []string{"/console/activities/x", "/console/projects/x", "/console/orgs/x/activities"} {
		sees(t, w.SignedIn(t, i18n.En, w.admin).Get(path), 404)
	}
	if status, _ := b.API("PUT", "/api/v1/activities/"+a.ID.String(), map[string]any{"title": "x", "version": 1}, nil); status != 403 {
		t.Errorf("API answers %d", status)
	}
	if status, _ := b.API("GET", "/api/v1/activities/"+a.ID.String(), nil, nil); status != 404 {
		t.Errorf("a draft is shown to strangers: %d", status)
	}
	if got := w.now(a); got.Version != 1 || strings.TrimSpace(got.Title) != "探访养老院的老人" {
		t.Errorf("changed: %+v", got)
	}
}
