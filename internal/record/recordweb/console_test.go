package recordweb

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/kit/i18n"
	"kapok/internal/record"
)

func TestTheOrganiserReconcilesAShift(t *testing.T) {
	b := setup(t)
	v := b.evening()
	w := b.SignedIn(t, i18n.ZhHans, b.Admin)
	page := w.Get(shiftPath(v.ID))
	sees(t, page, 200, "陪长者过重阳", "还有 10 个工作日", "确认无异常的 2 人，5.00 小时", "李*退", "忘记签退", "2.50 ?", "迟到 101 分钟", "未到")
	if strings.Contains(text(page), "李忘退") {
		t.Error("a full name stands on the shared screen")
	}
	if first := page.Find("tbody tr").First(); !strings.Contains(first.Text(), "李*退") {
		t.Errorf("what needs a look is not first: %s", first.Text())
	}
	done := w.Post(shiftPath(v.ID)+"/confirm", picksOf(page))
	sees(t, done, 200, "已确认 2 条时数")
	rows := b.rows(v)
	if rows["陈正常"].Record.State != record.StateConfirmed || rows["何迟到"].Record.State != record.StatePending {
		t.Errorf("%+v", rows)
	}
	again := w.Post(shiftPath(v.ID)+"/confirm", picksOf(page)) // back button, double click
	sees(t, again, 200, "已确认 2 条时数")
	sees(t, w.Post(shiftPath(v.ID)+"/confirm", url.Values{"pick": {pick(rows["何迟到"].Record)}}), 200, "已确认 1 条时数")
	missing := rows["李忘退"]
	sees(t, w.Post(casePath(v.ID, missing.Attendance.ID)+"/ask", url.Values{}), 200, "已问本人")
	sees(t, w.Post(casePath(v.ID, missing.Attendance.ID)+"/settle", url.Values{"how": {"shift_end"}}), 200, "已按活动结束核定", "确认无异常的 1 人，2.50 小时")
}

func TestAConfirmationInPartSaysWhoAndWhy(t *testing.T) {
	b := setup(t)
	v := b.Shift()
	b.Serve(v, b.World.Volunteer("陈正常"), at(9, 0), at(11, 30))
	b.Clk.Set(at(8, 0))
	b.Serve(v, b.Admin, at(9, 0), at(11, 30))
	w := b.SignedIn(t, i18n.ZhHans, b.Admin)
	page := w.Post(shiftPath(v.ID)+"/confirm", picksOf(w.Get(shiftPath(v.ID))))
	sees(t, page, 409, "已确认 1 条，有 1 条没有确认", b.Admin.VolunteerNo, "不能处理自己的时数", "请组织里的另一位审核员来办")
	sees(t, w.Post(shiftPath(v.ID)+"/confirm", url.Values{"pick": {"nonsense"}}), 422)
}

func TestACaseIsSettledWithATimeOrAReason(t *testing.T) {
	b := setup(t)
	v := b.evening()
	w := b.SignedIn(t, i18n.ZhHans, b.Leader)
	a := b.rows(v)["李忘退"].Attendance
	sees(t, w.Get(casePath(v.ID, a.ID)), 200, "核定离开时间", "按活动结束", "没有提供服务")
	bad := w.Post(casePath(v.ID, a.ID)+"/settle", url.Values{"how": {"actual"}, "out_at": {"2026-10-18T08:00"}})
	sees(t, bad, 422, "离开时间要晚于到达时间", "请填写这一项")
	if bad.Find("input[name=out_at]").AttrOr("value", "") != "2026-10-18T08:00" {
		t.Error("what was typed is gone")
	}
	sees(t, w.Post(casePath(v.ID, a.ID)+"/settle", url.Values{"how": {"actual"}, "out_at": {"2026-10-18T11:00"}, "reason": {"领队看到"}}), 200, "已按实际时间核定")
	if r := b.rows(v)["李忘退"].Record; r == nil || r.Minutes != 120 || r.Grade != "C" {
		t.Errorf("%+v", r)
	}
	sees(t, w.Get(casePath(v.ID, uuid.New())), 404)
}

func TestSomebodyWithoutAPhoneIsWrittenDown(t *testing.T) {
	b := setup(t)
	v := b.evening()
	absent := b.rows(v)["赵未到"].Person
	w := b.SignedIn(t, i18n.ZhHans, b.Leader)
	page := w.Get(shiftPath(v.ID) + "/write?no=" + absent.VolunteerNo)
	if page.Find("input[name=volunteer_no]").AttrOr("value", "") != absent.VolunteerNo {
		t.Error("the number is not there already")
	}
	form := url.Values{"volunteer_no": {"K7Q-0000"}, "in_at": {"2026-10-18T09:00"}, "out_at": {"2026-10-18T11:00"}, "reason": {"手机没电，领队在场"}}
	sees(t, w.Post(shiftPath(v.ID)+"/write", form), 422, "没有这个志愿者编号")
	form.Set("volunteer_no", strings.ToLower(absent.VolunteerNo))
	sees(t, w.Post(shiftPath(v.ID)+"/write", form), 200, "已补记", "组织方补记")
	sees(t, w.Post(shiftPath(v.ID)+"/write", form), 409, "已经有签到记录")
}

func TestARecordIsAmendedVoidedAndTakenBack(t *testing.T) {
	b := setup(t)
	v := b.evening()
	w := b.SignedIn(t, i18n.ZhHans, b.Approver)
	rec := b.rows(v)["陈正常"].Record
	page := w.Get(recordPath(rec.ID))
	sees(t, page, 200, "2.50 小时", "签退后生成", "更正", "作废")
	form := url.Values{"version": {"1"}, "starts_at": {"2026-10-18T09:00"}, "ends_at": {"2026-10-18T11:30"}, "minutes": {"120"}, "place": {"盐运西社区"}, "content": {"聊天"}}
	sees(t, w.Post(recordPath(rec.ID)+"/amend", form), 422, "请填写这一项")
	form.Set("reason", "中间休息半小时")
	sees(t, w.Post(recordPath(rec.ID)+"/amend", form), 200, "已更正", "服务时间（分钟）：150 → 120", "中间休息半小时", "2.00 小时")
	sees(t, w.Post(recordPath(rec.ID)+"/amend", form), 409, "内容已被别人改过")
	sees(t, w.Post(recordPath(rec.ID)+"/void", url.Values{"version": {"2"}}), 422, "请填写这一项")
	sees(t, w.Post(recordPath(rec.ID)+"/void", url.Values{"version": {"2"}, "cause": {"duplicate"}, "reason": {"重复"}}), 200, "已作废", "重复记录", "撤销作废")
	sees(t, w.Post(recordPath(rec.ID)+"/reinstate", url.Values{"version": {"3"}, "reason": {"看错了"}}), 200, "已撤销作废", "待确认")
}

func TestAnObjectionIsAnsweredOnTheDesk(t *testing.T) {
	b := setup(t)
	v := b.evening()
	row := b.rows(v)["陈正常"]
	_, err := b.records.Dispute(t.Context(), record.Objection{Record: row.Record.ID, By: row.Person.ID, Reason: "我早到半小时布置"})
	b.Must(err)
	w := b.SignedIn(t, i18n.ZhHans, b.Approver)
	sees(t, w.Get(orgPath(b.Org.ID)), 200, "志愿者有异议的 1 条", row.Person.VolunteerNo)
	sees(t, w.Get(recordPath(row.Record.ID)), 200, "志愿者的异议：我早到半小时布置", "答复异议")
	sees(t, w.Post(recordPath(row.Record.ID)+"/uphold", url.Values{"version": {"2"}}), 422, "请填写这一项")
	sees(t, w.Post(recordPath(row.Record.ID)+"/uphold", url.Values{"version": {"2"}, "reason": {"布置不在本班次内"}}), 200, "已答复并确认", "已确认")
}

func TestWhoIsLateOnBothDesks(t *testing.T) {
	b := setup(t)
	v := b.evening()
	org, region := b.SignedIn(t, i18n.ZhHans, b.Approver), b.SignedIn(t, i18n.ZhHans, b.region)
	sees(t, org.Get(orgPath(b.Org.ID)), 200, "陪长者过重阳", "还有 10 个工作日")
	b.Clk.Set(at(9, 0).AddDate(0, 0, 16)) // 3 November: two working days late
	sees(t, org.Get(orgPath(b.Org.ID)), 200, "已逾期 2 个工作日")
	page := region.Get("/admin/late")
	sees(t, page, 200, "记录期限", b.Org.Name, "已逾期 2 个工作日")
	if strings.Contains(text(page), "李*退") || page.Find(`a[href="`+shiftPath(v.ID)+`"]`).Length() > 0 {
		t.Error("the region's desk leads to people")
	}
	sees(t, region.Get("/admin/late?division=440106"), 200, b.Org.Name) // not the reader's: the own one is shown
}

func TestWhoMayWhat(t *testing.T) {
	b := setup(t)
	v := b.evening()
	rec := b.rows(v)["陈正常"].Record
	stranger := b.World.Volunteer("路人甲")
	b.open(t, stranger)
	for name, x := range map[string]struct {
		who    func() int
		status int
	}{
		"a stranger looks": {func() int { return b.SignedIn(t, i18n.En, stranger).Get(shiftPath(v.ID)).Status }, 403},
		"a stranger takes": {func() int { return b.SignedIn(t, i18n.En, stranger).Get(shiftPath(v.ID) + ".xlsx").Status }, 403},
		"a leader confirms": {func() int {
			return b.SignedIn(t, i18n.En, b.Leader).Post(shiftPath(v.ID)+"/confirm", url.Values{"pick": {pick(rec)}}).Status
		}, 403},
		"a leader voids": {func() int {
			return b.SignedIn(t, i18n.En, b.Leader).Post(recordPath(rec.ID)+"/void", url.Values{}).Status
		}, 403},
		"an organisation's admin": {func() int { return b.SignedIn(t, i18n.En, b.Admin).Get("/admin/late").Status }, 403},
		"no such shift":           {func() int { return b.SignedIn(t, i18n.En, b.Admin).Get(shiftPath(uuid.New())).Status }, 404},
		"no such record":          {func() int { return b.SignedIn(t, i18n.En, b.Admin).Get(recordPath(uuid.New())).Status }, 404},
	} {
		if got := x.who(); got != x.status {
			t.Errorf("%s: %d, want %d", name, got, x.status)
		}
	}
}

func TestNamesInFullAndTablesAreAudited(t *testing.T) {
	b := setup(t)
	v := b.evening()
	w := b.SignedIn(t, i18n.ZhHans, b.Admin)
	sees(t, w.Get(shiftPath(v.ID)+"?names=full"), 200, "李忘退")
	page := w.Get(shiftPath(v.ID) + ".xlsx")
	if page.Status != 200 || !strings.HasPrefix(page.Body, "PK") {
		t.Errorf("status %d", page.Status)
	}
	var n int
	b.Must(b.Bed.Pool.QueryRow(t.Context(), `SELECT count(*) FROM audit.entry WHERE action = 'data.read' AND actor = $1 AND detail -> 'data' ? 'name'`, b.Admin.ID).Scan(&n))
	if n != 2 {
		t.Errorf("%d entries", n)
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	b := setup(t)
	v := b.evening()
	rows := b.rows(v)
	for _, l := range i18n.Langs {
		w := b.SignedIn(t, l, b.Admin)
		for _, path := range []string{orgPath(b.Org.ID), shiftPath(v.ID), shiftPath(v.ID) + "/write", casePath(v.ID, rows["李忘退"].Attendance.ID), recordPath(rows["陈正常"].Record.ID)} {
			sound(t, l, w.Get(path))
		}
		sound(t, l, b.SignedIn(t, l, b.region).Get("/admin/late"))
	}
}
