package attendanceweb

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

func TestTheCodeIsShownToThoseWhoRunTheShift(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.ZhHans, b.leader)
	p := w.Get(b.desk("code"))
	has(t, p, 200, spaced(b.now().Digits), "30 秒后换码", "报名 1 人", "已到 0 人")
	if strings.Contains(text(p), "李") {
		t.Error("a name is projected")
	}
	live := p.Find("[data-refresh]")
	if live.AttrOr("data-refresh", "") != b.desk("code/live") || live.AttrOr("data-every", "") != "5" || p.Find("svg.qr").Length() != 1 {
		t.Errorf("live part: %v", live.Nodes)
	}
	b.Clk.Advance(28 * time.Second)
	if got := w.Get(b.desk("code/live")).Find("[data-refresh]").AttrOr("data-every", ""); got != "2" {
		t.Errorf("renews in %s s, the code changes in 2", got)
	}
	b.Clk.Set(attendancetest.At(3, 0))
	has(t, w.Get(b.desk("code")), 200, "还没到签到时间", "7:00 起可以签到")
	if w.Get(b.desk("code/live")).Find("[data-refresh]").Length() > 0 {
		t.Error("the part lives on without a code")
	}
}

func TestOnlyThoseWhoRunTheShift(t *testing.T) {
	b := setup(t)
	other := b.volunteer(t, "周小明")
	b.Roles[other.ID] = []account.Grant{{Role: account.TeamLeader, Org: uuid.New()}}
	b.open(t, b.Approver)
	b.Roles[b.Approver.ID] = []account.Grant{{Role: account.OrgApprover, Org: b.Org.ID}}
	b.Accounts.Forget()
	for name, who := range map[string]uuid.UUID{"volunteer": b.anna.ID, "leader of another organisation": other.ID, "approver": b.Approver.ID} {
		p, err := b.Bed.People.Get(t.Context(), who)
		b.Must(err)
		w := b.SignedIn(t, i18n.En, p)
		for _, page := range []string{"code", "code/live", "scan"} {
			if got := w.Get(b.desk(page)); got.Status != 403 {
				t.Errorf("%s: %s answers %d", name, page, got.Status)
			}
		}
		if got := w.Post(b.desk("scan"), url.Values{"code": {"12345678"}, "dir": {"in"}}); got.Status != 403 {
			t.Errorf("%s scans: %d", name, got.Status)
		}
	}
	w := b.SignedIn(t, i18n.En, b.leader)
	has(t, w.Get("/console/shifts/"+uuid.NewString()+"/code"), 404)
	has(t, w.Get("/console/shifts/abc/code"), 404)
}

func TestScanningCards(t *testing.T) {
	b := setup(t)
	w := b.SignedIn(t, i18n.ZhHans, b.leader)
	scan := func(code, dir string) url.Values { return url.Values{"code": {code}, "dir": {dir}} }
	has(t, w.Get(b.desk("scan")), 200, "还没有人签到", "核对时数", "报名名单")
	card := b.Attendance.ShowCard(b.anna.ID)
	p := w.Post(b.desk("scan"), scan(card.Token, "in"))
	has(t, p, 200, "李*文：8:50 已签到", b.anna.VolunteerNo)
	if strings.Contains(text(p), "李小文") {
		t.Error("the name is not masked")
	}
	has(t, w.Post(b.desk("scan"), scan(card.Token, "in")), 200, "李*文：8:50 已签到") // twice
	walker := b.volunteer(t, "何小欣")
	has(t, w.Post(b.desk("scan"), scan(b.Attendance.ShowCard(walker.ID).Token, "in")), 200, "何*欣", "没有报名，是临时来的")
	has(t, w.Post(b.desk("scan"), scan(card.Token, "")), 422)
	has(t, w.Post(b.desk("scan"), scan("", "in")), 422)
	has(t, w.Post(b.desk("scan"), scan(b.now().Token, "in")), 422, "这不是志愿者的个人码")
	has(t, w.Post(b.desk("scan"), scan("00000000", "in")), 422, "数字不对")
	has(t, w.Post(b.desk("scan"), scan(b.Attendance.ShowCard(b.leader.ID).Token, "in")), 403, "不能为自己")
	b.Clk.Set(attendancetest.At(11, 0))
	has(t, w.Post(b.desk("scan"), scan(card.Token, "out")), 409, "个人码已经过期", "截图不行")
	has(t, w.Post(b.desk("scan"), scan(spaced(b.Attendance.ShowCard(b.anna.ID).Digits), "out")), 200, "李*文：11:00 已签退")
	has(t, w.Post(b.desk("scan"), scan(b.Attendance.ShowCard(b.anna.ID).Token, "in")), 409, "这位志愿者已经在")
	late := b.volunteer(t, "周小明")
	has(t, w.Post(b.desk("scan"), scan(b.Attendance.ShowCard(late.ID).Token, "out")), 409, "还没有签到")
	if got := w.Get(b.desk("scan")).Find("tbody tr").Length(); got != 2 {
		t.Errorf("%d came", got)
	}
	if got := w.Get(b.desk("scan")).Find("input[name=dir][checked]").AttrOr("value", ""); got != "out" {
		t.Errorf("near the end of the shift %q is chosen", got)
	}
}

func TestTheOrganiserLearnsNothingOfOtherShifts(t *testing.T) {
	b := setup(t)
	secret := b.Shift(attendancetest.Titled("戒毒互助小组"), attendancetest.Between(attendancetest.At(9, 0), attendancetest.At(10, 0)))
	b.Come(secret, b.anna, attendancetest.At(9, 0))
	w := b.SignedIn(t, i18n.ZhHans, b.leader)
	p := w.Post(b.desk("scan"), url.Values{"code": {b.Attendance.ShowCard(b.anna.ID).Token}, "dir": {"in"}})
	has(t, p, 409, "在另一个班次还没有签退")
	if strings.Contains(p.Body, "戒毒") {
		t.Error("the other activity is named")
	}
}

func TestForOrganiserKeepsKindAndArguments(t *testing.T) {
	for _, x := range ofCards {
		got := fault.As(forOrganiser(x.volunteer.With("left", 3)))
		if got.Code != x.organiser.Code || web.Status(got.Kind) != web.Status(x.volunteer.Kind) {
			t.Errorf("%s becomes %s, status %d", x.volunteer.Code, got.Code, web.Status(got.Kind))
		}
		if (got.Args["left"] == nil) != (x.organiser == ErrCardOther) {
			t.Errorf("%s: arguments %v", got.Code, got.Args)
		}
		for _, l := range i18n.Langs {
			if web.Remedy(l, got) == "" {
				t.Errorf("%s has no remedy in %s", got.Code, l)
			}
		}
	}
	if err := errors.New("x"); forOrganiser(err) != err || forOrganiser(nil) != nil {
		t.Error("changes what is no refusal of a card")
	}
}

func TestOperations(t *testing.T) {
	b := setup(t)
	anna, leader := b.SignedIn(t, i18n.En, b.anna), b.SignedIn(t, i18n.En, b.leader)
	shift := "/api/v1/shifts/" + b.shift.ID.String()
	var code codeJSON
	if status, p := leader.API(http.MethodGet, shift+"/code", nil, &code); status != 200 || code.URL != "https://kapok.example/c/"+code.Token || len(code.Digits) != 6 {
		t.Fatal(status, p, code)
	}
	for _, path := range []string{shift + "/code", shift + "/attendance"} {
		if status, p := anna.API(http.MethodGet, path, nil, nil); status != 403 {
			t.Error(path, status, p)
		}
		if status, _ := b.Browser(t, i18n.En).API(http.MethodGet, path, nil, nil); status != 401 {
			t.Error(path, status)
		}
	}
	var a AttendanceJSON
	here := map[string]any{"code": code.Digits, "direction": "in", "position": map[string]any{"lat": 23.1291, "lng": 113.2644, "accuracy_m": 12}}
	for range 2 { // a lost answer is asked for once more
		if status, p := anna.API(http.MethodPost, "/api/v1/attendance", here, &a); status != 200 || a.State != "open" || a.InPlace != "near" || !a.SignedUp || a.InMethod != "code" {
			t.Fatal(status, p, a)
		}
	}
	var mine struct {
		Token, Digits string
		Until         time.Time
	}
	if status, p := anna.API(http.MethodGet, "/api/v1/me/code", nil, &mine); status != 200 || len(mine.Digits) != 8 {
		t.Fatal(status, p)
	}
	b.Clk.Set(attendancetest.At(11, 0))
	if status, p := leader.API(http.MethodPost, shift+"/scans", map[string]string{"code": mine.Token, "direction": "out"}, nil); status != 409 || p.Code != "attendanceweb.card_expired" {
		t.Error(status, p)
	}
	anna.API(http.MethodGet, "/api/v1/me/code", nil, &mine)
	var line lineJSON
	if status, p := leader.API(http.MethodPost, shift+"/scans", map[string]string{"code": mine.Token, "direction": "out"}, &line); status != 200 || line.Name != "李*文" || line.OutMethod != "card" || line.Grade != "B" {
		t.Error(status, p, line)
	}
	var list struct{ Items []lineJSON }
	if status, p := leader.API(http.MethodGet, shift+"/attendance", nil, &list); status != 200 || len(list.Items) != 1 || list.Items[0].State != "complete" {
		t.Error(status, p, list)
	}
	for name, in := range map[string]any{
		"no direction":   map[string]any{"code": code.Digits},
		"bad direction":  map[string]any{"code": code.Digits, "direction": "up"},
		"bad position":   map[string]any{"code": code.Digits, "direction": "in", "position": map[string]any{"lat": 123, "lng": 0}},
		"not a code":     map[string]any{"code": "x", "direction": "in"},
		"not one's ward": map[string]any{"code": code.Digits, "direction": "in", "for": b.leader.ID},
	} {
		if status, p := anna.API(http.MethodPost, "/api/v1/attendance", in, nil); status != 422 && status != 403 {
			t.Error(name, status, p)
		}
	}
	if status, p := anna.API(http.MethodPost, "/api/v1/attendance", map[string]any{"code": code.Token, "direction": "in"}, nil); status != 409 || p.Code != "attendance.code_expired" || p.Remedy == "" {
		t.Error(status, p)
	}
}

func TestOperationsOfMine(t *testing.T) {
	b := setup(t)
	anna := b.SignedIn(t, i18n.En, b.anna)
	earlier := b.Shift(attendancetest.Between(attendancetest.At(8, 55), attendancetest.At(9, 30)))
	b.Come(earlier, b.anna, attendancetest.At(8, 56))
	b.Leave(earlier, b.anna, attendancetest.At(9, 30))
	forgot := b.Come(b.shift, b.anna, attendancetest.At(9, 31))
	b.Clk.Set(attendancetest.At(16, 0))
	if _, err := b.Attendance.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var page struct {
		Items []AttendanceJSON
		Next  string
	}
	if status, p := anna.API(http.MethodGet, "/api/v1/me/attendance?limit=1", nil, &page); status != 200 || len(page.Items) != 1 || page.Items[0].ID != forgot.ID || page.Items[0].State != "unconfirmed" || page.Next == "" {
		t.Fatal(status, p, page)
	}
	next := page.Next
	page.Next = ""
	if status, p := anna.API(http.MethodGet, "/api/v1/me/attendance?limit=1&after="+next, nil, &page); status != 200 || len(page.Items) != 1 || page.Items[0].Shift != earlier.ID || page.Next != "" {
		t.Error(status, p, page)
	}
	if status, p := anna.API(http.MethodGet, "/api/v1/me/attendance?after=x", nil, nil); status != 422 {
		t.Error(status, p)
	}
	path := "/api/v1/me/attendance/" + forgot.ID.String() + "/answer"
	if status, p := anna.API(http.MethodPost, path, map[string]any{"out_at": attendancetest.At(9, 0)}, nil); status != 422 || len(p.Errors) != 1 || p.Errors[0].Field != "out_at" {
		t.Error(status, p)
	}
	if status, p := anna.API(http.MethodPost, path, map[string]any{"out_at": attendancetest.At(11, 20), "note": "phone was empty"}, nil); status != 204 {
		t.Error(status, p)
	}
	m, err := attendance.MissingOf(t.Context(), b.Bed.Pool, forgot.ID)
	if err != nil || m.AnswerOutAt == nil || !m.AnswerOutAt.Equal(attendancetest.At(11, 20)) {
		t.Error(m, err)
	}
	stranger := b.SignedIn(t, i18n.En, b.volunteer(t, "何小欣"))
	if status, _ := stranger.API(http.MethodPost, path, map[string]any{"out_at": attendancetest.At(11, 20)}, nil); status != 404 {
		t.Error(status)
	}
}
