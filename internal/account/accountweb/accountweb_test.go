package accountweb

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
)

func setup(t *testing.T) *accounttest.Bed {
	t.Helper()
	t.Parallel()
	return accounttest.New(t, func(b *accounttest.Bed) {
		Register(b.Site, b.API, Deps{Accounts: b.Accounts, People: b.People, Access: b.Access, Regions: persontest.Regions(), Clock: b.Clock,
			RegionDesk: func(_ context.Context, division string) ui.DeskInfo { return ui.DeskInfo{Unit: division} }})
		// Stands for the pages that signing in leads to.
		b.Site.Handle("GET", "/me", account.SignedIn, (&handlers{}).recoverPage)
		b.Site.Handle("GET", "/me/profile", account.SignedIn, (&handlers{}).recoverPage)
	})
}

func national(p person.Person) url.Values {
	region, n := person.SplitPhone(p.Phone)
	return url.Values{"phone": {n}, "phone_region": {region}}
}

// with adds values to a form.
func with(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// signIn signs in by code as a browser does.
func signIn(t *testing.T, b *accounttest.Bed, w *accounttest.Browser, p person.Person, next string) accounttest.Page {
	t.Helper()
	page := w.Post("/login", with(national(p), "do", "send", "next", next))
	if page.Status != 200 || page.Find("[autocomplete=one-time-code]").Length() != 1 {
		t.Fatalf("no field for the code: %d", page.Status)
	}
	return w.Post("/login", url.Values{"phone": {page.Value("phone")}, "phone_region": {page.Value("phone_region")}, "next": {page.Value("next")},
		"code": {b.Phone.Code(p.Phone)}, "do": {"code"}})
}

func TestSignInByCodeAndOut(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	for _, l := range i18n.Langs {
		w := b.Browser(t, l)
		if page := signIn(t, b, w, p, "/me/profile?x=1"); page.Path != "/me/profile?x=1" {
			t.Errorf("%s: led to %s %v", l, page.Path, page.Wrong())
		}
		if page := w.Post("/logout", nil); page.Path != "/" {
			t.Errorf("%s: signed out to %s", l, page.Path)
		}
		if page := w.Get("/me"); page.Path != "/login?next=%2Fme" {
			t.Errorf("%s: still signed in at %s", l, page.Path)
		}
		b.Clock.Advance(10 * time.Minute)
	}
}

func TestSignInNeverLeadsOffTheSite(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	for _, evil := range []string{"https://evil.example/", "//evil.example/", "javascript:alert(1)"} {
		w := b.Browser(t, i18n.En)
		if page := signIn(t, b, w, p, evil); page.Path != "/" {
			t.Errorf("%s led to %s", evil, page.Path)
		}
		b.Clock.Advance(10 * time.Minute)
	}
}

func TestSigningInEndsTheSessionBefore(t *testing.T) {
	b := setup(t)
	p, q := b.Account(t, "1990-05-01"), b.Account(t, "1991-05-01")
	w := b.SignedIn(t, i18n.En, p) // as if somebody had planted this cookie
	planted := w.Token
	if page := signIn(t, b, w, q, ""); page.Path != "/me" {
		t.Fatal(page.Path)
	}
	if w.Cookies("/")["session"] == planted {
		t.Error("the session was not renewed")
	}
	if who, err := b.Accounts.Who(context.Background(), planted); who != nil || err != nil {
		t.Errorf("the session before lives on: %v %v", who, err)
	}
}

func TestPasswordSignIn(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w := b.Browser(t, i18n.En)
	signIn(t, b, w, p, "")
	page := w.Post("/me/password", url.Values{"password": {"short"}, "repeat": {"shirt"}})
	if d := cmp.Diff([]string{"repeat"}, page.Wrong()); d != "" {
		t.Error(d)
	}
	if page = w.Post("/me/password", url.Values{"password": {"short"}, "repeat": {"short"}}); !cmp.Equal(page.Wrong(), []string{"password"}) {
		t.Errorf("a weak password: %v", page.Wrong())
	}
	secret := "correct horse 木棉 "
	if page = w.Post("/me/password", url.Values{"password": {secret}, "repeat": {secret}}); page.Path != "/me/devices" || page.Status != 200 {
		t.Fatalf("%d %s %v", page.Status, page.Path, page.Wrong())
	}
	guest := b.Browser(t, i18n.En)
	page = guest.Post("/login", with(national(p), "do", "password", "password", "wrong horse 木棉"))
	if !cmp.Equal(page.Wrong(), []string{"password"}) || page.Value("phone") == "" || strings.Contains(page.Body, "wrong horse") {
		t.Errorf("wrong password: %v", page.Wrong())
	}
	stranger := guest.Post("/login", with(url.Values{"phone": {"13700000000"}, "phone_region": {"CN"}}, "do", "password", "password", "wrong horse 木棉"))
	if a, c := page.Find("#errors").Text(), stranger.Find("#errors").Text(); a != c || page.Status != stranger.Status {
		t.Errorf("an unknown phone looks different: %q %q", a, c)
	}
	if page = guest.Post("/login", with(national(p), "do", "password", "password", secret)); page.Path != "/me" {
		t.Errorf("right password: %s %v", page.Path, page.Wrong())
	}
	if strings.Contains(b.Log.String(), "horse") {
		t.Error("a password was logged")
	}
}

func TestUnknownPhonesLookTheSameUntilProved(t *testing.T) {
	b := setup(t)
	known := b.Account(t, "1990-05-01")
	w := b.Browser(t, i18n.En)
	phone := persontest.Phone()
	unknown := person.Person{Phone: phone}
	strip := regexp.MustCompile(`\d`)
	a := w.Post("/login", with(national(known), "do", "send"))
	c := w.Post("/login", with(national(unknown), "do", "send"))
	if strip.ReplaceAllString(a.Body, "") != strip.ReplaceAllString(c.Body, "") || b.Phone.Code(phone) == "" {
		t.Error("an unknown phone gets another page, or no code")
	}
	page := w.Post("/login", with(national(unknown), "do", "code", "code", b.Phone.Code(phone)))
	if page.Find(`a[href="/register/details"]`).Length() != 1 || page.Find(`a[href="/recover"]`).Length() != 1 {
		t.Errorf("a proved phone without account leads nowhere: %d", page.Status)
	}
	if got, ok := b.Accounts.Proved(w.Cookies("/")["proof-register"], account.ForRegister); !ok || got != phone {
		t.Error("registering would ask for another code")
	}
}

func TestDevices(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w, other, third := b.SignedIn(t, i18n.En, p), b.SignedIn(t, i18n.En, p), b.SignedIn(t, i18n.En, p)
	page := w.Get("/me/devices")
	ends := page.Find(`form[action$="/end"]`)
	if page.Find("main li").Length() != 3 || ends.Length() != 2 {
		t.Fatalf("%d devices, %d to end", page.Find("main li").Length(), ends.Length())
	}
	action, _ := ends.Last().Attr("action")
	if page = w.Post(action, nil); page.Find("main li").Length() != 2 {
		t.Errorf("%d devices left", page.Find("main li").Length())
	}
	if page = w.Post("/me/devices", nil); page.Find("main li").Length() != 1 {
		t.Errorf("%d devices left", page.Find("main li").Length())
	}
	for _, gone := range []*accounttest.Browser{other, third} {
		if page := gone.Get("/me"); page.Path == "/me" {
			t.Error("a device signed out is still in")
		}
	}
	stranger := b.SignedIn(t, i18n.En, b.Account(t, "1991-01-01"))
	mine, _ := b.Accounts.Sessions(context.Background(), accountOf(t, b, p))
	stranger.Post("/me/devices/"+mine[0].ID.String()+"/end", nil)
	if page := w.Get("/me"); page.Path != "/me" {
		t.Error("somebody else signed a device out")
	}
}

func accountOf(t *testing.T, b *accounttest.Bed, p person.Person) uuid.UUID {
	t.Helper()
	id, _, err := b.Accounts.WithPhone(context.Background(), p.Phone)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A session that is older than FreshFor proves itself before the account is
// handed over; passwords do not ride along into the page that asks.
func TestOldSessionsProveThemselvesFirst(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w := b.SignedIn(t, i18n.ZhHans, p)
	b.Clock.Advance(account.FreshFor + time.Second)
	if page := w.Get("/me/phone"); !strings.HasPrefix(page.Path, "/login/again?next=%2Fme%2Fphone") {
		t.Errorf("%d at %s", page.Status, page.Path)
	}
	for path, form := range map[string]url.Values{"/me/phone": {"phone": {"13900001234"}}, "/me/password": {"password": {"a long password"}, "repeat": {"a long password"}}} {
		page := w.Post(path, form)
		if page.Status != 403 || page.Find(`form[action="/login/again"]`).Length() == 0 || strings.Contains(page.Body, "a long password") {
			t.Errorf("%s: %d without a way on", path, page.Status)
		}
	}
}

func TestChangingThePhone(t *testing.T) {
	b := setup(t)
	p, other := b.Account(t, "1990-05-01"), b.Account(t, "1991-05-01")
	w := b.SignedIn(t, i18n.En, p)
	fresh := person.Person{Phone: persontest.Phone()}
	w.Post("/me/phone", with(national(other), "do", "send"))
	if page := w.Post("/me/phone", with(national(other), "do", "check", "code", b.Phone.Code(other.Phone))); !cmp.Equal(page.Wrong(), []string{"phone"}) {
		t.Errorf("another's phone: %d %v", page.Status, page.Wrong())
	}
	w.Post("/me/phone", with(national(fresh), "do", "send"))
	if page := w.Post("/me/phone", with(national(fresh), "do", "check", "code", "000x")); !cmp.Equal(page.Wrong(), []string{"code"}) {
		t.Errorf("a wrong code: %v", page.Wrong())
	}
	if page := w.Post("/me/phone", with(national(fresh), "do", "check", "code", b.Phone.Code(fresh.Phone))); page.Path != "/me/profile" {
		t.Fatalf("%s %v", page.Path, page.Wrong())
	}
	got, err := b.People.Get(context.Background(), p.ID)
	if err != nil || got.Phone != fresh.Phone {
		t.Errorf("the person's phone was not changed: %v", err)
	}
}

// ask goes through the request for a new phone and returns the last page.
func ask(t *testing.T, b *accounttest.Bed, w *accounttest.Browser, phone, number string) accounttest.Page {
	t.Helper()
	step := national(person.Person{Phone: phone})
	w.Post("/recover/phone", with(step, "do", "send"))
	if page := w.Post("/recover/phone", with(step, "do", "check", "code", b.Phone.Code(phone))); page.Path != "/recover/request" {
		t.Fatalf("led to %s %v", page.Path, page.Wrong())
	}
	return w.Post("/recover/request", url.Values{"document_kind": {"mainland_id"}, "document_number": {number}})
}

func TestALostPhoneIsReplacedByTheDesk(t *testing.T) {
	b := setup(t)
	r := persontest.Registration("1990-05-01")
	p := b.Enrol(t, r)
	admin, elsewhere := b.Account(t, "1980-01-01"), b.Account(t, "1981-01-01")
	for who, region := range map[uuid.UUID]string{admin.ID: persontest.Yuexiu, elsewhere.ID: persontest.Tianhe} {
		if err := b.Accounts.GrantRole(context.Background(), who, account.RegionAdmin, region, uuid.Nil); err != nil {
			t.Fatal(err)
		}
	}
	w, desk, other := b.Browser(t, i18n.En), b.SignedIn(t, i18n.ZhHans, admin), b.SignedIn(t, i18n.ZhHans, elsewhere)
	phone := persontest.Phone()
	known := ask(t, b, w, phone, r.Document.Number)
	unknown := ask(t, b, b.Browser(t, i18n.En), persontest.Phone(), persontest.MainlandID("1970-01-01"))
	digits := regexp.MustCompile(`\d`)
	if digits.ReplaceAllString(known.Body, "") != digits.ReplaceAllString(unknown.Body, "") {
		t.Error("the answer tells whether the document is registered")
	}
	if w.Get("/recover/request").Find("form.form").Length() != 0 {
		t.Error("an open request is asked for again")
	}
	if page := other.Get("/admin/phones"); page.Status != 200 || page.Find("form.form").Length() != 0 {
		t.Error("another division's desk sees the request")
	}
	page := desk.Get("/admin/phones")
	action, _ := page.Find("form.form").Attr("action")
	if page.Find("form.form").Length() != 1 || strings.Contains(page.Body, r.Document.Number) || !strings.Contains(page.Body, p.VolunteerNo) {
		t.Fatalf("the desk shows %d requests", page.Find("form.form").Length())
	}
	if page := other.Post(action, url.Values{"do": {"approve"}}); page.Status != 403 {
		t.Errorf("another division decides: %d", page.Status)
	}
	if page := desk.Post(action, url.Values{"do": {"refuse"}}); !cmp.Equal(page.Wrong(), []string{"reason"}) {
		t.Errorf("refused without a reason: %v", page.Wrong())
	}
	if page := desk.Post(action, url.Values{"do": {"refuse"}, "reason": {"照片看不清"}}); page.Path != "/admin/phones" {
		t.Errorf("refused: %s %v", page.Path, page.Wrong())
	}
	if page := w.Get("/recover/request"); !strings.Contains(page.Body, "照片看不清") || page.Find("form.form").Length() != 1 {
		t.Error("the applicant learns no reason, or cannot ask again")
	}
	ask(t, b, w, phone, r.Document.Number)
	action, _ = desk.Get("/admin/phones").Find("form.form").Attr("action")
	desk.Post(action, url.Values{"do": {"approve"}})
	if page := w.Get("/recover/request"); page.Find(`main a[href="/login"]`).Length() != 1 {
		t.Error("the applicant is not led to the sign-in")
	}
	if page := signIn(t, b, w, person.Person{Phone: phone}, ""); page.Path != "/me" {
		t.Errorf("the new phone opens %s", page.Path)
	}
}

func TestAskingRefusesBadNumbersAndKnownPhones(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w := b.Browser(t, i18n.En)
	if page := w.Get("/recover/request"); page.Path != "/recover/phone" {
		t.Errorf("asked without a phone: %s", page.Path)
	}
	if page := w.Post("/recover/request", nil); page.Path != "/recover/phone" {
		t.Errorf("asked without a phone: %s", page.Path)
	}
	page := ask(t, b, w, persontest.Phone(), "110105194912310021")
	if !cmp.Equal(page.Wrong(), []string{"document_number"}) || page.Value("document_number") != "110105194912310021" {
		t.Errorf("a wrong number: %v", page.Wrong())
	}
	w.Post("/recover/phone", with(national(p), "do", "send"))
	page = w.Post("/recover/phone", with(national(p), "do", "check", "code", b.Phone.Code(p.Phone)))
	if page.Find(`.why a[href="/login"]`).Length() != 1 {
		t.Errorf("a phone with an account: %s", page.Path)
	}
}

func TestAChildGetsNoAccountByAsking(t *testing.T) {
	b := setup(t)
	mother := b.Account(t, "1985-01-01")
	r := persontest.Registration("2015-01-01")
	r.Phone, r.PhoneProven, r.Guardian, r.Relation = "", false, mother.ID, "mother"
	persontest.Register(t, b.People, r)
	ask(t, b, b.Browser(t, i18n.En), persontest.Phone(), r.Document.Number)
	if list, err := b.Accounts.NewPhones(context.Background(), func(string) bool { return true }); err != nil || len(list) != 0 {
		t.Errorf("a child's request is open: %v %v", list, err)
	}
}

func TestPagesInEveryLanguage(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	if err := b.Accounts.GrantRole(context.Background(), p.ID, account.RegionAdmin, "440000", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`\b(person|account|ui|code|fault)\.[a-z_0-9.]+|\{[a-z]+[|}]`)
	for _, l := range i18n.Langs {
		w, guest := b.SignedIn(t, l, p), b.Browser(t, l)
		for _, page := range []accounttest.Page{guest.Get("/login"), guest.Get("/login?by=password&next=/me"), guest.Get("/recover"), guest.Get("/recover/phone"),
			w.Get("/me/devices"), w.Get("/me/phone"), w.Get("/admin/phones")} {
			page.Find("script").Remove()
			if page.Status != 200 || page.Find("h1").Length() != 1 || page.Find("[style]").Length() > 0 {
				t.Errorf("%s %s: %d, %d headings", l, page.Path, page.Status, page.Find("h1").Length())
			}
			if found := key.FindString(page.Find("body").Text()); found != "" {
				t.Errorf("%s %s shows %s", l, page.Path, found)
			}
		}
	}
}

func TestAPISessions(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w := b.Browser(t, i18n.En)
	if status, problem := w.API("POST", "/api/v1/phone-codes", map[string]any{"phone": "12", "purpose": "login"}, nil); status != 422 || problem.Errors[0].Field != "phone" {
		t.Errorf("a wrong phone: %d %+v", status, problem)
	}
	if status, _ := w.API("POST", "/api/v1/phone-codes", map[string]any{"phone": p.Phone, "purpose": "login"}, nil); status != 204 {
		t.Fatalf("code: %d", status)
	}
	if status, problem := w.API("POST", "/api/v1/sessions", map[string]any{"phone": p.Phone}, nil); status != 422 || problem.Errors[0].Field != "code" {
		t.Errorf("neither code nor password: %d %+v", status, problem)
	}
	if status, problem := w.API("POST", "/api/v1/sessions", map[string]any{"phone": p.Phone, "password": "no such"}, nil); status != 422 || problem.Code != "account.wrong" {
		t.Errorf("a wrong password: %d %+v", status, problem)
	}
	var in struct {
		Token  string
		Person uuid.UUID
	}
	if status, problem := w.API("POST", "/api/v1/sessions", map[string]any{"phone": p.Phone, "code": b.Phone.Code(p.Phone)}, &in); status != 201 || in.Person != p.ID {
		t.Fatalf("%d %+v", status, problem)
	}
	w.Token = in.Token
	var list struct{ Items []sessionBody }
	if status, _ := w.API("GET", "/api/v1/sessions", nil, &list); status != 200 || len(list.Items) != 1 || !list.Items[0].Current || list.Items[0].Kind != "api" {
		t.Errorf("%d %+v", status, list)
	}
	if status, _ := w.API("DELETE", "/api/v1/sessions/nonsense", nil, nil); status != 404 {
		t.Errorf("nonsense: %d", status)
	}
	if status, _ := w.API("DELETE", "/api/v1/sessions/current", nil, nil); status != 204 {
		t.Errorf("end: %d", status)
	}
	if status, problem := w.API("GET", "/api/v1/sessions", nil, nil); status != 401 || problem.Code != "account.sign_in" {
		t.Errorf("after the end: %d %+v", status, problem)
	}
}

func TestAPITellsWhenTriesWereTooMany(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.En)
	var status int
	var problem web.Problem
	for range 6 {
		status, problem = w.API("POST", "/api/v1/phone-codes", map[string]any{"phone": "13800138000", "purpose": "login"}, nil)
	}
	if status != 429 || problem.Code != "account.too_often" || problem.Remedy == "" {
		t.Errorf("%d %+v", status, problem)
	}
}

func TestSigningOutEverywhereEndsThisDeviceToo(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w, other := b.Browser(t, i18n.En), b.SignedIn(t, i18n.En, p)
	signIn(t, b, w, p, "")
	here := w.Cookies("/")
	if here["device"] == "" || here["device"] == here["session"] {
		t.Fatal("the browser was given nothing to be known by")
	}
	if page := w.Post("/me/devices", url.Values{"do": {"all"}}); page.Path != "/" || w.Cookies("/")["session"] != "" {
		t.Errorf("led to %s", page.Path)
	}
	for who, cookie := range map[string]string{"here": here["session"], "elsewhere": other.Cookies("/")["session"]} {
		if p, err := b.Accounts.Who(t.Context(), cookie); err != nil || p != nil {
			t.Errorf("signed in %s still: %v", who, err)
		}
	}
	signIn(t, b, w, p, "")
	if now := w.Cookies("/")["device"]; now != here["device"] {
		t.Error("the device at hand is a stranger now")
	}
	var in struct{ Token, Device string }
	b.Clock.Advance(time.Hour)
	w.API("POST", "/api/v1/phone-codes", map[string]any{"phone": p.Phone, "purpose": "login", "device": here["device"]}, nil)
	if status, problem := w.API("POST", "/api/v1/sessions", map[string]any{"phone": p.Phone, "code": b.Phone.Code(p.Phone), "device": here["device"]}, &in); status != 201 || in.Device != here["device"] {
		t.Fatalf("%d %+v", status, problem)
	}
	w.Token = in.Token
	if status, _ := w.API("DELETE", "/api/v1/sessions", nil, nil); status != 204 {
		t.Errorf("DELETE: %d", status)
	}
	if status, _ := w.API("GET", "/api/v1/sessions", nil, nil); status != 401 {
		t.Errorf("after it: %d", status)
	}
}
