package e2e

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kapok/internal/account"
	"kapok/internal/certificate"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// TestLifeOfAnHourInBrowser: an organisation publishes, a region reviews, a
// volunteer finds, signs up, checks in and out, an approver confirms, a
// stranger checks the certificate; on a phone, with and without JavaScript.
func TestLifeOfAnHourInBrowser(t *testing.T) {
	t.Parallel()
	for name, noScript := range map[string]bool{"with JavaScript": false, "without JavaScript": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(t, manner{lang: i18n.ZhHans, width: 360, noScript: noScript})
		})
	}
}

// troupe is everybody in the journey.
type troupe struct {
	*stage
	official, boss, volunteer, approver, stranger *visitor
	org, activity, shift                          string // paths and ids seen on the way
}

func walk(t *testing.T, m manner) {
	s, b := newStage(t), browser(t)
	x := &troupe{stage: s, official: enter(t, b, s, "official", m), boss: enter(t, b, s, "organisation", m),
		volunteer: enter(t, b, s, "volunteer", m), approver: enter(t, b, s, "approver", m), stranger: enter(t, b, s, "stranger", m)}
	x.organisation()
	x.publication()
	x.signUp()
	x.presence()
	x.confirmation()
	x.proof()
	x.otherLanguages()
	total := 0
	for _, v := range []*visitor{x.official, x.boss, x.volunteer, x.approver, x.stranger} {
		total += v.pages
	}
	t.Logf("%d pages were inspected", total)
}

// join registers in three steps and tells the volunteer number.
func (v *visitor) join(name, born string) (no string) {
	v.t.Helper()
	phone := v.stage.use(persontest.Phone())
	v.phone = phone
	v.open("/register")
	v.fill("phone", strings.TrimPrefix(phone, "+86"))
	v.tap("person.code.send")
	v.fill("code", v.stage.codes.code(phone))
	v.tap("person.next")
	v.press(person.DocumentKinds.Text(v.lang, string(person.MainlandID)))
	v.fill("document_number", "123")
	v.pressRefused(v.say("person.register.submit"), http.StatusUnprocessableEntity)
	v.sees(v.say("fault.person.name_missing"))
	v.fill("document_number", v.stage.use(persontest.MainlandID(born)))
	v.fill("name_hans", name)
	v.place("440000", "440100", "440104")
	v.fill("service_fields", "0017")
	for _, p := range []person.Purpose{person.ConsentPrivacy, person.ConsentDocument} {
		v.fill("consent_"+string(p), person.CurrentConsent(p).Version)
	}
	v.tap("person.register.submit")
	v.open("/me")
	v.sees(name)
	return regexp.MustCompile(`[0-9A-Z]{3}-[0-9A-Z]{4}`).FindString(v.body())
}

func (x *troupe) organisation() {
	x.official.join("谭月明", "1980-02-03")
	x.makeRegionAdminByName(x.official, "谭月明")
	x.boss.join("麦海涛", "1985-05-06")
	number := x.approver.join("冼丽娟", "1979-09-10")

	x.boss.open("/console/apply")
	x.boss.fill("name", "越秀区木棉志愿服务队")
	x.boss.fill("kind", "group")
	x.boss.place("440000", "440100", "440104")
	x.boss.fill("phone", "020-00000000")
	x.boss.pressRefused(x.boss.say("organisationweb.apply.button"), http.StatusUnprocessableEntity)
	x.boss.sees(x.boss.say("fault.organisation.guiding_unit_required"))
	x.boss.fill("guiding_unit", "北京街道办事处")
	x.boss.tap("organisationweb.apply.button")

	x.official.equip("/admin/organisations")
	x.official.press("越秀区木棉志愿服务队")
	x.official.fill("verdict", "approve")
	x.official.tap("organisationweb.decide.button")

	x.boss.equip("/console")
	x.boss.open("/console") // the only organisation opens by itself
	x.org = strings.TrimPrefix(x.boss.where(), "/console/orgs/")
	x.boss.open("/console/orgs/" + x.org + "/members")
	x.boss.fill("volunteer_no", number)
	x.boss.fill("role", "org_approver")
	x.boss.tap("organisationweb.m.add.button")
	x.boss.sees(number)
}

// equip meets the refusal of one factor at a page, sets up an authenticator
// app by its typed secret, and comes back to the page.
func (v *visitor) equip(page string) {
	v.t.Helper()
	v.open(page)
	if !strings.HasPrefix(v.where(), "/login/second") { // a page that is everybody's
		v.open("/login/second?next=" + page)
	}
	v.press(v.say("account.totp.set"))
	if strings.HasPrefix(v.where(), "/login/again") { // signed in long ago
		v.tap("account.again.code")
		v.fill("code", v.stage.codes.code(v.phone))
		v.tap("account.again.submit")
	}
	v.secret = strings.ReplaceAll(js[string](v, `document.querySelector("main dd .num").textContent`), " ", "")
	v.fill("totp", "000000")
	v.pressRefused(v.say("account.totp.confirm"), http.StatusUnprocessableEntity)
	v.fill("totp", v.totp())
	v.tap("account.totp.confirm")
	v.sees(v.say("account.recovery.title"))
	v.tap("account.recovery.kept")
	if !strings.HasPrefix(v.where(), page) {
		v.t.Errorf("%s: after the second factor at %s, not %s", v.name, v.where(), page)
	}
}

func (v *visitor) totp() string {
	v.t.Helper()
	code, _, err := account.TOTPCode(v.secret, v.stage.clock.Now())
	if err != nil {
		v.t.Fatal(err)
	}
	return code
}

func (s *stage) makeRegionAdminByName(v *visitor, name string) {
	v.t.Helper()
	no := regexp.MustCompile(`[0-9A-Z]{3}-[0-9A-Z]{4}`).FindString(v.body())
	p, err := s.People.ByVolunteerNo(v.t.Context(), no)
	if err != nil || person.Name(p) != name {
		v.t.Fatalf("%s is not %s: %v", no, name, err)
	}
	s.makeRegionAdmin(v.t, p.ID, "440104")
}

const local = "2006-01-02T15:04"

func (x *troupe) publication() {
	v := x.boss
	v.open("/console/orgs/" + x.org + "/activities")
	v.tap("work.project.new")
	v.fill("name", "长者关怀")
	v.tap("work.save")
	v.tap("work.activity.new")
	v.fill("title", "探访养老院的老人")
	v.fill("content", "陪老人下棋、读报，两人一组。")
	v.fill("field", "0017")
	v.fill("responsible", "麦海涛")
	v.fill("contact", "020-00000000")
	v.fill("risks", "走廊湿滑，注意防跌倒。")
	for _, class := range []string{"job", "internal", "own_benefit", "no_aim", "pay", "time"} {
		v.fill("declare_"+class, "no")
	}
	v.tap("work.save")
	x.activity = strings.TrimPrefix(v.where(), "/console/activities/")

	v.tap("work.shift.new")
	starts := x.clock.Now().In(clock.Shanghai).Add(50 * time.Hour).Truncate(time.Hour)
	v.fill("starts_at", starts.Format(local))
	v.fill("ends_at", starts.Add(2*time.Hour).Format(local))
	v.fill("place", "北京街养老院")
	v.fill("capacity", "5")
	v.tap("work.save")
	v.tap("work.do.submit")

	o := x.official
	o.open("/admin/activities")
	o.press("探访养老院的老人")
	o.pressRefused(o.say("review.publish"), http.StatusUnprocessableEntity)
	for _, class := range []string{"job", "internal", "own_benefit", "no_aim", "pay", "time"} {
		o.fill("looked", class)
	}
	o.tap("review.publish")
}

func (x *troupe) signUp() {
	v := x.volunteer
	v.join("陈嘉敏", "2001-03-04")
	v.open("/activities")
	v.fill("q", "养老院探访")
	v.tap("find.button")
	v.press("探访养老院的老人")
	v.tabsTo(`form[action$="/signup"] button`)
	v.tap("signup.button.confirmed")
	v.open("/me/signups")
	v.sees("探访养老院的老人")
	shift := regexp.MustCompile(`/shifts/([0-9a-f-]{36})/`).FindStringSubmatch(js[string](v, `document.body.innerHTML`))
	if shift == nil {
		v.t.Fatalf("no shift on %s", v.where())
	}
	x.shift = shift[1]
}

// code reads the six digits that the organiser shows.
func (x *troupe) code() string {
	x.boss.open("/console/shifts/" + x.shift + "/code")
	m := regexp.MustCompile(`\b(\d{3}) ?(\d{3})\b`).FindStringSubmatch(x.boss.body())
	if m == nil {
		x.boss.t.Fatalf("no digits in:\n%s", x.boss.body())
	}
	return m[1] + m[2]
}

func (x *troupe) presence() {
	v := x.volunteer
	x.pass(49*time.Hour + 50*time.Minute)
	v.open("/checkin")
	v.fill("code", "000000")
	v.pressRefused(v.say("attendanceweb.go_on"), http.StatusUnprocessableEntity)
	v.fill("code", x.code())
	v.tap("attendanceweb.go_on")
	v.tabsTo(`button[name="go"]`)
	v.pressIn("main", v.say("attendanceweb.press.in"), http.StatusOK)
	v.sees("探访养老院的老人")

	x.pass(2*time.Hour + 12*time.Minute)
	v.open("/checkin")
	v.fill("code", x.code())
	v.tap("attendanceweb.go_on")
	v.pressIn("main", v.say("attendanceweb.press.out"), http.StatusOK)
	x.settle(v.t)
	v.open("/me/hours")
	v.sees("探访养老院的老人", v.say("recordweb.mine.state.pending"))
}

func (x *troupe) confirmation() {
	v := x.approver
	x.pass(20 * time.Hour)
	v.equip("/console/shifts/" + x.shift + "/hours")
	v.sees("陈*敏")
	v.press(v.say("recordweb.desk.at_once", "n", 1, "hours", "2.00"))
	x.settle(v.t)
	x.volunteer.open("/me/hours")
	x.volunteer.sees("2.00", x.volunteer.say("recordweb.mine.state.confirmed"))
}

func (x *troupe) proof() {
	v := x.volunteer
	v.open("/me/certificates/new")
	v.fill("name", "masked")
	v.tap("certificateweb.issue")
	number := regexp.MustCompile(`/me/certificates/([^/?]+)`).FindStringSubmatch(v.where())
	if number == nil {
		v.t.Fatalf("no certificate at %s:\n%s", v.where(), v.body())
	}
	x.stranger.open("/verify")
	x.stranger.fill("number", number[1])
	x.stranger.tap("certificateweb.verify.button")
	x.stranger.sees("2.00", "越秀区木棉志愿服务队", x.stranger.say("certificateweb.status.valid"))
	if strings.Contains(x.stranger.body(), "陈嘉敏") {
		v.t.Error("a stranger reads the whole name although the holder masked it")
	}
	file := v.fetch("/me/certificates/" + number[1] + "/pdf")
	keys, err := x.Certificates.Keys(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	if r, err := certificate.VerifyFile(bytes.NewReader(file), keys); err != nil || r.Finding != certificate.Good || r.Statement.Minutes != 120 {
		v.t.Errorf("the PDF is found %+v, %v", r, err)
	}
	file[len(file)/3] ^= 4
	if r, err := certificate.VerifyFile(bytes.NewReader(file), keys); err != nil || r.Finding == certificate.Good {
		v.t.Errorf("with one byte changed it is found %+v, %v", r, err)
	}
}

// otherLanguages: the same pages in 繁體 and English, by the switch that stays.
func (x *troupe) otherLanguages() {
	v := x.volunteer
	for _, l := range []i18n.Lang{i18n.ZhHant, i18n.En} {
		v.lang = l
		v.open("/me/hours?lang=" + string(l))
		v.sees(v.say("recordweb.mine.state.confirmed"), "2.00")
		v.open("/activities/" + x.activity)
		if got := js[string](v, `document.documentElement.lang`); !strings.HasPrefix(got, string(l)) {
			v.t.Errorf("%s: the page says it is in %q", l, got)
		}
		v.open("/me/signups")
		v.open("/me/certificates")
	}
}
