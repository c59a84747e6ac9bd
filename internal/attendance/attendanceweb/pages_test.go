package attendanceweb

import (
	"net/url"
	"strings"
	"testing"

	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

func TestComingAndLeavingByTheCode(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.ZhHans, b.anna)
	has(t, w.Get("/checkin"), 200, "陪长者过重阳", "还没签到")
	p := b.scan(w)
	has(t, p, 200, "陪长者过重阳", "盐运西社区", "签到")
	if b.of(b.anna.ID) != nil {
		t.Fatal("looking checked in")
	}
	done := press(t, w, p, "lat", "23.1291", "lng", "113.2644", "accuracy", "10")
	has(t, done, 200, "8:50 已签到", "扫动态码，在现场")
	a := b.of(b.anna.ID)
	if a == nil || a.InMethod != attendance.QR || a.InPlace != attendance.Near || done.Path != attendancePath(a.ID) {
		t.Fatalf("%+v at %s", a, done.Path)
	}
	has(t, press(t, w, p), 200, "8:50 已签到") // double click, back button, another tab
	has(t, w.Get("/checkin"), 200, "8:50 已签到")
	b.Clk.Set(attendancetest.At(11, 31))
	p = b.scan(w)
	has(t, p, 200, "签退")
	p = press(t, w, p)
	has(t, p, 200, "11:31 已签退", "服务 150 分钟，即 2.50 小时", "没有位置")
	if p.Find(`a[href="/me/hours"]`).Length() == 0 {
		t.Error("no way to my hours")
	}
	if strings.Contains(b.Bed.Log.String(), "23.1291") {
		t.Error("the position was logged")
	}
}

func TestSigningInDoesNotLoseTheCode(t *testing.T) {
	b := setup(t)
	code := attendance.ScanPath + b.now().Token
	w := b.Browser(t, i18n.En)
	if p := w.Get(code); p.Path != "/login?next="+url.QueryEscape(code) {
		t.Fatalf("led to %s", p.Path)
	}
	b.Clk.Advance(2 * minute)
	w.SetCookie("/", "session", b.Token(t, b.anna))
	p := w.Get(code)
	has(t, p, 200, "Check in")
	has(t, press(t, w, p), 200, "Checked in at 8:52")
	other := b.SignedIn(t, i18n.En, b.volunteer(t, "何小欣")) // a browser that did not read it in time
	has(t, other.Get(code), 409, "This code is over", "Scan again")
}

func TestTheTicketIsOfNoUseToOthers(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.En, b.anna)
	p := b.scan(w)
	stranger := b.volunteer(t, "何小欣")
	x := b.SignedIn(t, i18n.En, stranger)
	has(t, x.Get(p.Path), 422, "not a check-in code")
	has(t, x.Post(p.Path, url.Values{"go": {"in." + stranger.ID.String()}}), 422, "not a check-in code")
	has(t, w.Post(p.Path, url.Values{"go": {"in." + stranger.ID.String()}}), 403)
	has(t, w.Post(p.Path, url.Values{"go": {"sideways"}}), 422)
	b.Clk.Advance(4 * minute)
	has(t, w.Get(p.Path), 409, "This code is over")
	has(t, press(t, w, p), 409, "This code is over")
	if b.of(b.anna.ID) != nil || b.of(stranger.ID) != nil {
		t.Error("somebody came in")
	}
}

func TestTypedDigits(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.ZhHans, b.anna)
	p := w.Post("/checkin", url.Values{"code": {""}})
	has(t, p, 422)
	if p.Find("#f-code-wrong").Length() != 1 {
		t.Error("the field does not carry its error")
	}
	has(t, w.Post("/checkin", url.Values{"code": {"abc"}}), 422, "这不是签到码")
	wrong := b.Attendance.ShowCard(b.anna.ID).Digits[:6]
	if wrong == b.now().Digits {
		wrong = "000000"
	}
	p = w.Post("/checkin", url.Values{"code": {wrong}})
	has(t, p, 422, "数字不对，还可以试 4 次")
	if p.Value("code") != wrong {
		t.Error("what was typed is lost")
	}
	has(t, w.Post("/checkin", url.Values{"code": {"１２"}}), 422, "这不是签到码")
	p = w.Post("/checkin", url.Values{"code": {" " + spaced(b.now().Digits)}})
	has(t, p, 200, "陪长者过重阳")
	has(t, press(t, w, p), 200, "8:50 已签到", "输入数字码")
	for range 4 {
		w.Post("/checkin", url.Values{"code": {wrong}})
	}
	has(t, w.Post("/checkin", url.Values{"code": {wrong}}), 429, "输错次数太多")
	has(t, w.Post("/checkin", url.Values{"code": {"https://kapok.example/c/" + b.now().Token}}), 200, "签退") // scanning still works
}

func TestRefusalsSayWhatHelps(t *testing.T) {
	b := setup(t)
	later := b.Shift(attendancetest.Titled("东濠涌清洁"), attendancetest.Between(attendancetest.At(10, 0), attendancetest.At(12, 0)))
	risky := b.Shift(attendancetest.Titled("台风后清障"), attendancetest.Dangerous)
	w := b.SignedIn(t, i18n.ZhHans, b.anna)
	out := func(p string) url.Values { return url.Values{"go": {p + "." + b.anna.ID.String()}} }
	first := b.scan(w)
	has(t, w.Post(first.Path, out("out")), 409, "还没有签到", "请先签到")
	press(t, w, first)
	has(t, w.Post(first.Path, out("out")), 409, "活动还没开始", "告诉负责人")
	b.shift, later = later, b.shift
	p := press(t, w, b.scan(w))
	has(t, p, 409, "您在“陪长者过重阳”的签到还没有签退", "请先在那里签退")
	b.shift = risky
	stranger := b.SignedIn(t, i18n.ZhHans, b.volunteer(t, "何小欣"))
	has(t, press(t, stranger, b.scan(stranger)), 403, "已投保", "第十七条")
	b.shift = later
	b.Clk.Set(attendancetest.At(11, 0))
	press(t, w, b.scan(w))
	p = b.scan(w)
	has(t, p, 200, "11:00 已签退", "看我的签到记录")
	has(t, w.Post(p.Path, out("in")), 409, "您已经在 2026年10月18日 11:00 签退")
	b.Clk.Set(attendancetest.At(12, 0))
	has(t, press(t, stranger, b.scan(stranger)), 409, "已经结束", "补记")
	has(t, stranger.Get("/c/"+strings.Repeat("A", 44)), 422, "这不是签到码")
	has(t, stranger.Get("/c/123456"), 422, "这不是签到码")
}

func TestForgottenCheckOut(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.ZhHans, b.anna)
	press(t, w, b.scan(w))
	b.Clk.Set(attendancetest.At(16, 0))
	if _, err := b.Attendance.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := b.of(b.anna.ID)
	path := attendancePath(a.ID)
	if w.Get("/checkin").Find(`a[href="`+path+`"]`).Length() == 0 {
		t.Error("check-in does not lead to the question")
	}
	p := w.Get(path)
	has(t, p, 200, "您是几点离开的")
	if p.Value("out_at") != "2026-10-18T11:30" {
		t.Errorf("offers %q", p.Value("out_at"))
	}
	p = w.Post(path, url.Values{"out_at": {"2026-10-18T08:00"}, "note": {"手机没电了"}})
	has(t, p, 422, "离开时间要晚于到达时间")
	if p.Value("out_at") != "2026-10-18T08:00" || p.Value("note") != "手机没电了" {
		t.Error("what was typed is lost")
	}
	has(t, w.Post(path, url.Values{"out_at": {"不知道"}}), 422)
	has(t, w.Post(path, url.Values{"out_at": {"2026-10-18T11:20"}, "note": {"手机没电了"}}), 200, "已告诉负责人", "11:20", "手机没电了")
	has(t, w.Post(path, url.Values{"out_at": {"2026-10-18T11:25"}}), 200, "11:25")
	stranger := b.SignedIn(t, i18n.ZhHans, b.volunteer(t, "何小欣"))
	has(t, stranger.Get(path), 404, "没有这条签到记录")
	has(t, stranger.Post(path, url.Values{"out_at": {"2026-10-18T11:20"}}), 404)
	b.Must(b.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: a.ID, By: b.Leader.ID, How: attendance.Answer}))
	has(t, w.Post(path, url.Values{"out_at": {"2026-10-18T11:20"}}), 409, "不需要处理")
	has(t, w.Get(path), 200, "11:25 已签退", "事后确认")
}

func TestDismissedSaysWhy(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.ZhHant, b.anna)
	press(t, w, b.scan(w))
	a := b.of(b.anna.ID)
	b.Must(b.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: a.ID, By: b.Leader.ID, How: attendance.Refused, Reason: "走錯了場地"}))
	has(t, w.Get(attendancePath(a.ID)), 200, "走錯了場地", "可以改回來")
}

func TestAGuardianActsForAWard(t *testing.T) {
	b := setup(t)
	ward := persontest.Ward(t, b.Bed.People, b.anna.ID, "2015-03-01")
	b.Accounts.Forget()
	w := b.SignedIn(t, i18n.ZhHans, b.anna)
	p := b.scan(w)
	if n := p.Find("button[name=go]").Length(); n != 2 {
		t.Fatalf("%d buttons", n)
	}
	value := p.Find("details button[name=go]").AttrOr("value", "")
	if value != "in."+ward.ID.String() {
		t.Fatalf("the others: %q", value)
	}
	has(t, w.Post(p.Path, url.Values{"go": {value}}), 200, "已签到", person.NameIn(i18n.ZhHans, ward))
	has(t, w.Get("/checkin"), 200, "谁")
	if b.of(ward.ID) == nil || b.of(b.anna.ID) != nil {
		t.Error("the wrong one came")
	}
	p = w.Post("/checkin", url.Values{"code": {b.now().Digits}, "for": {ward.ID.String()}})
	has(t, p, 200, "陪长者过重阳")
	has(t, w.Post("/checkin", url.Values{"code": {b.now().Digits}, "for": {b.Leader.ID.String()}}), 403)
	has(t, w.Get("/me/code?for="+ward.ID.String()), 200)
	has(t, w.Get("/me/code?for="+b.Leader.ID.String()), 403)
	card, err := b.Attendance.ReadCard(t.Context(), b.shift.ID, b.Attendance.ShowCard(ward.ID).Token, b.Leader.ID)
	if err != nil || card.Person() != ward.ID {
		t.Error(card, err)
	}
}

func TestElderModeIsOneTask(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.ZhHans, b.anna)
	w.SetCookie("/", "elder", "1")
	p := w.Get("/checkin")
	has(t, p, 200, "您好", "9:00", "盐运西社区", "我去不了", "打电话给负责人")
	task := p.Find(`main a.btn[href="/checkin?code=1"]`)
	if strings.TrimSpace(task.Text()) != "我到了，签到" || p.Find("main form, main input").Length() > 0 {
		t.Errorf("the task is %q, with %d fields", task.Text(), p.Find("main input").Length())
	}
	step := w.Get("/checkin?code=1")
	has(t, step, 200, "扫现场的码")
	if got := step.Find("button[name=do]").AttrOr("value", ""); got != "in" {
		t.Errorf("the button does %q", got)
	}
	has(t, w.Post("/checkin", url.Values{"code": {"abc"}, "do": {"in"}}), 422, "扫现场的码", "这不是签到码")
	if p.Find(`a[href="tel:02083330000"]`).Length() != 1 {
		t.Error("no number to call")
	}
	has(t, w.Post("/checkin", url.Values{"code": {b.now().Digits}, "do": {"in"}}), 200, "8:50 已签到")
	has(t, w.Post("/checkin", url.Values{"code": {b.now().Digits}, "do": {"out"}}), 409, "还没开始")
	p = w.Get("/checkin")
	has(t, p, 200, "我要走了，签退")
	b.Clk.Set(attendancetest.At(11, 0))
	has(t, w.Post("/checkin", url.Values{"code": {b.now().Digits}, "do": {"out"}}), 200, "11:00 已签退")
	has(t, w.Get("/checkin"), 200, "11:00 已签退")
	has(t, b.SignedIn(t, i18n.ZhHans, b.volunteer(t, "何小欣")).Get("/checkin"), 200, "现在没有要签到的活动")
}

func TestTheCardChanges(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.En, b.anna)
	p := w.Get("/me/code")
	has(t, p, 200, spaced(b.Attendance.ShowCard(b.anna.ID).Digits))
	live := p.Find("[data-refresh]")
	if live.AttrOr("data-refresh", "") != "/me/code/live" || p.Find("svg.qr").Length() != 1 || p.Find("noscript").Length() == 0 {
		t.Errorf("%s", live.Text())
	}
	b.Clk.Advance(minute)
	next := w.Get("/me/code/live")
	if next.Find("[data-refresh] .digits").Text() == p.Find(".digits").Text() || next.Find("h1").Length() > 0 {
		t.Error("the code did not change, or a whole page came")
	}
}

func TestWhoIsNotSignedInIsAskedTo(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.En)
	for _, path := range []string{"/checkin", "/me/code", b.desk("code"), b.desk("scan"), attendancePath(b.shift.ID)} {
		if p := w.Get(path); !strings.HasPrefix(p.Path, "/login?next=") {
			t.Errorf("%s leads to %s", path, p.Path)
		}
	}
	has(t, w.Post("/checkin", url.Values{"code": {"123456"}}), 401)
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	b := setup(t)
	persontest.Ward(t, b.Bed.People, b.anna.ID, "2015-03-01")
	second := b.volunteer(t, "何小欣")
	b.SignUp(b.Shift(attendancetest.Between(attendancetest.At(33, 0), attendancetest.At(34, 0))), second)
	b.Come(b.shift, b.anna, attendancetest.At(8, 55))
	path := attendancePath(b.of(b.anna.ID).ID)
	for _, l := range i18n.Langs {
		for _, elder := range []string{"0", "1"} {
			w, x, o := b.SignedIn(t, l, b.anna), b.SignedIn(t, l, second), b.SignedIn(t, l, b.leader)
			for _, one := range []interface {
				SetCookie(path, name, value string)
			}{w, x, o} {
				one.SetCookie("/", "elder", elder)
			}
			sound(t, l, w.Get("/checkin"))
			sound(t, l, x.Get("/checkin"))
			sound(t, l, x.Get("/checkin?code=1"))
			sound(t, l, w.Post("/checkin", url.Values{"code": {"abc"}}))
			sound(t, l, b.scan(w))
			sound(t, l, b.scan(x))
			sound(t, l, x.Get("/c/abc"))
			sound(t, l, w.Get(path))
			sound(t, l, w.Get("/me/code"))
			sound(t, l, o.Get(b.desk("code")))
			sound(t, l, o.Get(b.desk("scan")))
			for code := range map[string]bool{"": true, "abc": true, b.Attendance.ShowCard(second.ID).Token: true} {
				sound(t, l, o.Post(b.desk("scan"), url.Values{"code": {code}, "dir": {"out"}}))
			}
		}
	}
}
