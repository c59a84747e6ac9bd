package e2e

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/certificate"
	"kapok/internal/kit/sign"
	"kapok/internal/person/persontest"
)

var noDeclarations = map[string]bool{"job": false, "internal": false, "own_benefit": false, "no_aim": false, "pay": false, "time": false}

// TestLifeOfAnHourByAPI walks one hour through its whole life over the JSON
// API, with the refusals that people meet on the way.
func TestLifeOfAnHourByAPI(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	official := s.register(t, "谭月明", "1980-02-03")
	s.makeRegionAdmin(t, official.id, "440104")
	boss, leader, approver := s.register(t, "麦海涛", "1985-05-06"), s.register(t, "欧阳晓彤", "1990-07-08"), s.register(t, "冼丽娟", "1979-09-10")
	volunteer, late := s.register(t, "陈嘉敏", "2001-03-04"), s.register(t, "梁炳坤", "1954-06-07")
	stranger := &caller{t: t, stage: s, name: "stranger"}

	registrationRefusals(s, volunteer)
	org := foundOrganisation(s, official, boss, leader, approver)
	shift := publishActivity(s, official, boss, org)
	signUps(s, volunteer, late, shift)
	serve(s, leader, volunteer, shift)
	confirmHours(s, boss, approver, volunteer, shift)
	proveHours(s, volunteer, stranger)
}

func registrationRefusals(s *stage, c *caller) {
	c.t.Helper()
	again := &caller{t: c.t, stage: s, name: "陈嘉敏", phone: s.use(persontest.Phone())}
	again.call(204, "POST", "/phone-codes", map[string]any{"phone": again.phone, "purpose": "register"})
	f := again.facts("1999-01-02")
	f["document_number"] = "110105194912310021" // the check digit is X… not 1
	again.refused(422, "person.document_check", "document_number", "POST", "/volunteers", f)
	f = again.facts("2015-01-02")
	again.refused(422, "person.under_14", "document_number", "POST", "/volunteers", f)
	f = again.facts("1999-01-02")
	f["code"] = "000000"
	if s.codes.code(again.phone) == "000000" {
		f["code"] = "111111"
	}
	again.refused(422, "account.code_wrong", "code", "POST", "/volunteers", f)
}

// foundOrganisation: it applies, the region approves, members get their roles.
func foundOrganisation(s *stage, official, boss, leader, approver *caller) string {
	boss.t.Helper()
	body := map[string]any{"name": "越秀区木棉志愿服务队", "kind": "group", "division": "440104003", "phone": "020-00000000"}
	boss.refused(422, "organisation.guiding_unit_required", "guiding_unit", "POST", "/organisations", body)
	body["guiding_unit"] = "北京街道办事处"
	org := boss.call(201, "POST", "/organisations", body).str("id")
	boss.refused(403, "account.not_allowed", "", "POST", "/organisations/"+org+"/decision", map[string]any{"verdict": "approve"})
	official.refused(403, "account.second_factor", "", "POST", "/organisations/"+org+"/decision", map[string]any{"verdict": "approve"})
	official.equip()
	official.call(200, "POST", "/organisations/"+org+"/decision", map[string]any{"verdict": "approve"})
	boss.refused(403, "account.second_factor", "", "POST", "/organisations/"+org+"/members", map[string]any{"volunteer_no": leader.no, "role": "team_leader"})
	boss.equip()
	approver.equip()
	for who, role := range map[*caller]string{leader: "team_leader", approver: "org_approver"} {
		boss.call(204, "POST", "/organisations/"+org+"/members", map[string]any{"volunteer_no": who.no, "role": role})
	}
	return org
}

// publishActivity: written, refused for what the law asks, handed in, published.
func publishActivity(s *stage, official, boss *caller, org string) (shift string) {
	boss.t.Helper()
	project := boss.call(201, "POST", "/organisations/"+org+"/projects", map[string]any{"name": "长者关怀"}).str("id")
	starts := s.clock.Now().Add(50 * time.Hour).Truncate(time.Hour)
	plan := map[string]any{"division": "440104003", "title": "探访养老院的老人", "content": "陪老人下棋、读报。", "responsible": "欧阳晓彤", "contact": "020-00000000",
		"field": "0017", "declarations": noDeclarations, "shifts": []map[string]any{{"starts_at": starts, "ends_at": starts.Add(2 * time.Hour), "place": "北京街养老院",
			"lat": 23.1244, "lng": 113.2668, "radius_m": 300, "capacity": 1}}}
	a := boss.call(201, "POST", "/projects/"+project+"/activities", plan)
	id := a.str("id")
	boss.refused(422, "activity.risks_needed", "risks", "POST", "/activities/"+id+"/submit", map[string]any{"version": a.num("version")})
	plan["risks"], plan["version"] = "走廊湿滑，注意防跌倒。", a.num("version")
	delete(plan, "shifts")
	a = boss.call(200, "PUT", "/activities/"+id, plan)
	boss.refused(409, "kit.version_conflict", "", "POST", "/activities/"+id+"/submit", map[string]any{"version": a.num("version") - 1})
	a = boss.call(200, "POST", "/activities/"+id+"/submit", map[string]any{"version": a.num("version")})
	boss.refused(403, "account.not_allowed", "", "POST", "/activities/"+id+"/review", map[string]any{"version": a.num("version"), "verdict": "publish"})
	looked := []string{"job", "internal", "own_benefit", "no_aim", "pay", "time"}
	a = official.call(200, "POST", "/activities/"+id+"/review", map[string]any{"version": a.num("version"), "verdict": "publish", "looked": looked})
	if a.str("state") != "published" {
		boss.t.Fatalf("the activity is %s", a.str("state"))
	}
	list, _ := a.body["shifts"].([]any)
	first, _ := list[0].(map[string]any)
	shift, _ = first["id"].(string)
	return shift
}

// signUps: found by other words than its title has, signed up for twice to no
// harm, and full for the next.
func signUps(s *stage, volunteer, late *caller, shift string) {
	volunteer.t.Helper()
	found := volunteer.call(200, "GET", "/activities?q=%E5%85%BB%E8%80%81%E9%99%A2%E6%8E%A2%E8%AE%BF&division=440100", nil) // 养老院探访
	if len(found.items()) != 1 {
		volunteer.t.Errorf("the search finds %s", found.raw)
	}
	one := volunteer.call(201, "POST", "/shifts/"+shift+"/signups", nil)
	if again := volunteer.call(201, "POST", "/shifts/"+shift+"/signups", nil); again.str("id") != one.str("id") {
		volunteer.t.Error("a repeated sign-up made another")
	}
	late.refused(409, "activity.shift_full", "", "POST", "/shifts/"+shift+"/signups", nil)
	late.call(404, "POST", "/shifts/"+uuid.NewString()+"/signups", nil)
}

// serve: in and out by the code the leader shows; a code of before is refused.
func serve(s *stage, leader, volunteer *caller, shift string) {
	volunteer.t.Helper()
	leader.call(409, "GET", "/shifts/"+shift+"/code", nil)
	s.pass(49*time.Hour + 55*time.Minute)
	allAgain(leader, volunteer)
	code := leader.call(200, "GET", "/shifts/"+shift+"/code", nil)
	volunteer.refused(403, "account.not_allowed", "", "GET", "/shifts/"+shift+"/code", nil)
	here := map[string]any{"code": code.str("digits"), "direction": "in", "position": map[string]any{"lat": 23.1245, "lng": 113.2669, "accuracy_m": 20}}
	in := volunteer.call(200, "POST", "/attendance", here)
	if in.str("grade") != "A" && in.str("in_place") != "near" {
		volunteer.t.Errorf("checked in as %s", in.raw)
	}
	s.pass(2*time.Hour + 6*time.Minute)
	here["direction"] = "out"
	volunteer.call(422, "POST", "/attendance", here) // the code of two hours ago
	code = leader.call(200, "GET", "/shifts/"+shift+"/code", nil)
	here["code"] = code.str("token")
	if out := volunteer.call(200, "POST", "/attendance", here); out.str("state") != "complete" {
		volunteer.t.Errorf("checked out as %s", out.raw)
	}
	s.settle(volunteer.t)
	h := volunteer.call(200, "GET", "/me/hours", nil)
	if h.num("pending_minutes") != 120 || h.num("confirmed_minutes") != 0 || h.items()[0]["due_on"] == "" {
		volunteer.t.Errorf("after the check-out: %s", h.raw)
	}
}

// proveHours: a certificate, checked by a stranger, online and offline.
func proveHours(s *stage, volunteer, stranger *caller) {
	volunteer.t.Helper()
	c := volunteer.call(201, "POST", "/me/certificates", map[string]any{"language": "zh-Hans", "name": "masked", "show": map[string]any{"units": true}})
	number := c.str("number")
	seen := stranger.call(200, "GET", "/certificates/"+number, nil)
	if seen.str("status") != "valid" || strings.Contains(string(seen.raw), "陈嘉敏") {
		volunteer.t.Errorf("a stranger sees %s", seen.raw)
	}
	stranger.refused(422, "certificate.bad_number", "", "GET", "/certificates/"+number[:len(number)-1]+"!", nil)
	file := volunteer.call(200, "GET", "/me/certificates/"+number+"/pdf", nil).raw
	keys, err := sign.ParseKeys(stranger.call(200, "GET", "/verify/keys.json", nil).raw)
	if err != nil {
		volunteer.t.Fatal(err)
	}
	if r, err := certificate.VerifyFile(bytes.NewReader(file), keys); err != nil || r.Finding != certificate.Good || r.Statement.Minutes != 120 {
		volunteer.t.Errorf("the PDF is found %+v, %v", r, err)
	}
	file[len(file)/2] ^= 1
	if r, err := certificate.VerifyFile(bytes.NewReader(file), keys); err != nil || r.Finding == certificate.Good {
		volunteer.t.Errorf("with one byte changed it is found %+v, %v", r, err)
	}
}

// confirmHours: the approver confirms in one go; nobody confirms his own.
func confirmHours(s *stage, boss, approver, volunteer *caller, shift string) {
	volunteer.t.Helper()
	s.pass(20 * time.Hour)
	allAgain(boss, approver, volunteer)
	sheet := approver.call(200, "GET", "/shifts/"+shift+"/hours", nil)
	if sheet.num("normal") != 1 || len(sheet.items()) != 1 {
		volunteer.t.Fatalf("the sheet shows %s", sheet.raw)
	}
	rec, _ := sheet.items()[0]["record"].(map[string]any)
	body := map[string]any{"records": []map[string]any{{"id": rec["id"], "version": rec["version"]}}}
	volunteer.refused(403, "account.not_allowed", "", "POST", "/shifts/"+shift+"/hours/confirmations", body)
	done := approver.call(200, "POST", "/shifts/"+shift+"/hours/confirmations", body)
	if again := boss.call(200, "POST", "/shifts/"+shift+"/hours/confirmations", body); again.items()[0]["already"] != true {
		volunteer.t.Errorf("confirming again: %s after %s", again.raw, done.raw)
	}
	s.settle(volunteer.t)
	h := volunteer.call(200, "GET", "/me/hours", nil)
	if h.num("confirmed_minutes") != 120 || h.num("pending_minutes") != 0 {
		volunteer.t.Errorf("after the confirmation: %s", h.raw)
	}
}
