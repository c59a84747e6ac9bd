package personweb

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/kit/i18n"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
)

func setup(t *testing.T) *accounttest.Bed {
	t.Helper()
	t.Parallel()
	return accounttest.New(t, func(b *accounttest.Bed) {
		d := Deps{People: b.People, Accounts: b.Accounts, Regions: persontest.Regions(), Orgs: organisation.New(b.Pool, b.Clock, persontest.Regions(), b.People),
			Lists: []person.CodeList{{Name: "gender2", Codes: []string{"male"}}},
			Hub:   func(context.Context) []ui.Link { return []ui.Link{{Href: "/me/hours", Text: "hours"}} }}
		b.Site.Use(ConsentFirst(d))
		Register(b.Site, b.API, d)
	})
}

const proofCookie = "proof-register"

// prove goes through the first step of registering and returns the phone.
func prove(t *testing.T, b *accounttest.Bed, w *accounttest.Browser, next string) string {
	t.Helper()
	phone := persontest.Phone()
	_, national := person.SplitPhone(phone)
	p := w.Post("/register", url.Values{"phone": {national}, "phone_region": {"CN"}, "do": {"send"}, "next": {next}})
	if p.Status != 200 || p.Find("[autocomplete=one-time-code]").Length() != 1 {
		t.Fatalf("no field for the code: %d", p.Status)
	}
	p = w.Post("/register", url.Values{"phone": {p.Value("phone")}, "phone_region": {p.Value("phone_region")}, "next": {p.Value("next")},
		"code": {b.Phone.Code(phone)}, "do": {"check"}})
	if p.Status != 200 || !strings.HasPrefix(p.Path, "/register/details") {
		t.Fatalf("the right code leads to %d %s", p.Status, p.Path)
	}
	return phone
}

func factsForm() url.Values {
	return url.Values{"document_kind": {"mainland_id"}, "document_number": {persontest.MainlandID("1990-05-01")}, "name_hans": {"李小文"},
		"division": {"440000", persontest.Guangzhou, persontest.Yuexiu, persontest.Beijing}, "service_fields": {"0001", "0006"}, "skills": {"01"},
		"consent_privacy": {"privacy-1"}, "consent_document": {"document-1"}}
}

func TestRegisteringWithoutJavaScript(t *testing.T) {
	b := setup(t)
	for _, l := range i18n.Langs {
		w := b.Browser(t, l)
		p := w.Get("/register?next=%2Fme%2Fprofile")
		if got := p.Find("html").AttrOr("lang", ""); got != string(l) {
			t.Errorf("%s page in %s", got, l)
		}
		prove(t, b, w, p.Value("next"))
		p = w.Get("/register/details?next=%2Fme%2Fprofile")
		if n := p.Find("article a").Length(); n != len(person.DocumentKinds.Codes) {
			t.Errorf("%s: %d kinds of document offered", l, n)
		}
		p = w.Get("/register/details?document=mainland_id&next=%2Fme%2Fprofile")
		f := factsForm()
		f.Set("next", p.Value("next"))
		p = w.Post("/register/details", f)
		if p.Status != 200 || p.Path != "/me/profile" {
			t.Fatalf("%s: registered to %d %s %v", l, p.Status, p.Path, p.Wrong())
		}
		if text := p.Find("main").Text(); !strings.Contains(text, "李小文") || strings.Contains(text, f.Get("document_number")) {
			t.Errorf("%s: the profile shows %s", l, text)
		}
		if w.Get("/register").Path != "/me" {
			t.Errorf("%s: who is signed in may register again", l)
		}
		checkTexts(t, l, p)
	}
}

var untranslated = regexp.MustCompile(`\b(person|account|ui|code|fault)\.[a-z_0-9.]+`)

// checkTexts finds keys that stand where a text should.
func checkTexts(t *testing.T, l i18n.Lang, p accounttest.Page) {
	t.Helper()
	p.Find("script").Remove()
	if key := untranslated.FindString(p.Find("body").Text()); key != "" {
		t.Errorf("%s %s shows the key %s", l, p.Path, key)
	}
	if hole := regexp.MustCompile(`\{[a-z]+[|}]`).FindString(p.Find("body").Text()); hole != "" {
		t.Errorf("%s %s has an unfilled %s", l, p.Path, hole)
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	b := setup(t)
	adult := b.Account(t, "1990-05-01")
	child := persontest.Ward(t, b.People, adult.ID, "2015-03-01")
	teen := b.Account(t, "2010-01-01")
	for _, l := range i18n.Langs {
		w, minor, guest := b.SignedIn(t, l, adult), b.SignedIn(t, l, teen), b.Browser(t, l)
		var pages []accounttest.Page
		for _, path := range []string{"/me", "/me/profile", "/me/wards", "/me/wards/add", "/me/wards/add?document=hkid", "/me/wards/link",
			"/me/wards/" + child.ID.String(), "/me/consents", "/consent/privacy-1", "/children-rules"} {
			pages = append(pages, w.Get(path))
		}
		pages = append(pages, minor.Get("/me"), minor.Post("/me/family-code", nil), guest.Get("/register"))
		prove(t, b, guest, "")
		pages = append(pages, guest.Get("/register/details"))
		for _, kind := range person.DocumentKinds.Codes {
			pages = append(pages, guest.Get("/register/details?document="+kind))
		}
		for _, p := range pages {
			if p.Status != 200 || p.Find("h1").Length() != 1 || p.Find("[style]").Length() > 0 {
				t.Errorf("%s %s: status %d, %d headings", l, p.Path, p.Status, p.Find("h1").Length())
			}
			checkTexts(t, l, p)
		}
	}
}

func TestWrongFactsAreAllShownAndKept(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.ZhHans)
	prove(t, b, w, "")
	p := w.Post("/register/details", url.Values{"document_kind": {"mainland_id"}, "document_number": {"110105194912310021"}, "name_hans": {"李1"},
		"division": {"440000"}, "skills": {"02"}, "email": {"nobody"}})
	want := []string{"document_number", "name_hans", "division", "service_fields", "email", "consent_privacy", "consent_document"}
	if d := cmp.Diff(want, p.Wrong()); d != "" || p.Status != 422 {
		t.Errorf("%d %s", p.Status, d)
	}
	for name, value := range map[string]string{"document_number": "110105194912310021", "name_hans": "李1", "division": "440000", "skills": "02", "email": "nobody"} {
		if got := p.Value(name); got != value {
			t.Errorf("%s: kept %q", name, got)
		}
	}
	if p.Find("#f-document_number[aria-invalid=true]").Length() != 1 || p.Find("#f-document_number-wrong").Length() != 1 {
		t.Error("the field does not carry its error")
	}
	if strings.Contains(b.Log.String(), "110105") {
		t.Error("the number was logged")
	}
}

func TestTheDivisionIsChosenStepByStep(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.En)
	prove(t, b, w, "")
	f := factsForm()
	f["division"] = []string{"440000"}
	f.Set("_choose", "division")
	p := w.Post("/register/details", f)
	if p.Status != 200 || len(p.Wrong()) > 0 || p.Find(`select[name=division]`).Length() != 2 || p.Value("name_hans") != "李小文" {
		t.Errorf("%d: %d selects, errors %v", p.Status, p.Find(`select[name=division]`).Length(), p.Wrong())
	}
}

func TestASecondRegistrationLeadsToTheAccount(t *testing.T) {
	b := setup(t)
	first, second := b.Browser(t, i18n.En), b.Browser(t, i18n.En)
	f := factsForm()
	prove(t, b, first, "")
	if p := first.Post("/register/details", f); p.Path != "/me" {
		t.Fatal(p.Path)
	}
	prove(t, b, second, "")
	f.Set("name_hans", "王大明")
	p := second.Post("/register/details", f)
	if p.Status != 422 || !slices.Contains(p.Wrong(), "document_number") || p.Find(`a[href="/recover"]`).Length() != 1 || p.Find(`.why a[href="/login"]`).Length() != 1 {
		t.Errorf("no way on: %d %v", p.Status, p.Wrong())
	}
	if strings.Contains(p.Body, "李小文") || strings.Contains(p.Body, "****") && strings.Count(p.Body, "****") > 1 {
		t.Error("the page says whose account it is")
	}
}

func TestADoubleClickIsOneRegistration(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.En)
	prove(t, b, w, "")
	proof := w.Cookies("/")[proofCookie]
	f := factsForm()
	if p := w.Post("/register/details", f); p.Path != "/me" {
		t.Fatal(p.Path)
	}
	other := b.Browser(t, i18n.En) // the same form again, sent before the first answer came
	other.SetCookie("/", proofCookie, proof)
	if p := other.Post("/register/details", f); p.Status != 200 || p.Path != "/me" {
		t.Errorf("second click: %d %s %v", p.Status, p.Path, p.Wrong())
	}
	var people int
	if err := b.Pool.QueryRow(context.Background(), `SELECT count(*) FROM person.person`).Scan(&people); err != nil || people != 1 {
		t.Errorf("%d people, %v", people, err)
	}
}

func TestStepsCannotBeSkipped(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.En)
	if p := w.Get("/register/details?document=hkid"); p.Path != "/register" {
		t.Errorf("the facts without a phone: %s", p.Path)
	}
	if p := w.Post("/register/details", factsForm()); p.Path != "/register" {
		t.Errorf("registered without a phone: %s", p.Path)
	}
	w.SetCookie("/", proofCookie, "forged")
	if p := w.Post("/register/details", factsForm()); p.Path != "/register" {
		t.Errorf("registered with a forged proof: %s", p.Path)
	}
	phone := persontest.Phone()
	_, national := person.SplitPhone(phone)
	w.Post("/register", url.Values{"phone": {national}, "phone_region": {"CN"}, "do": {"send"}})
	p := w.Post("/register", url.Values{"phone": {national}, "phone_region": {"CN"}, "do": {"check"}, "code": {"000000x"}})
	if p.Status != 422 || !cmp.Equal(p.Wrong(), []string{"code"}) {
		t.Errorf("a wrong code: %d %v", p.Status, p.Wrong())
	}
	p = w.Post("/register", url.Values{"phone": {"123"}, "phone_region": {"CN"}, "do": {"send"}})
	if !cmp.Equal(p.Wrong(), []string{"phone"}) || p.Value("phone") != "123" {
		t.Errorf("a wrong phone: %v", p.Wrong())
	}
}

func TestAKnownPhoneSignsIn(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w := b.Browser(t, i18n.En)
	_, national := person.SplitPhone(p.Phone)
	w.Post("/register", url.Values{"phone": {national}, "phone_region": {"CN"}, "do": {"send"}})
	page := w.Post("/register", url.Values{"phone": {national}, "phone_region": {"CN"}, "do": {"check"}, "code": {b.Phone.Code(p.Phone)}})
	if page.Path != "/me" || !strings.Contains(page.Find("main").Text(), p.VolunteerNo) {
		t.Errorf("led to %s", page.Path)
	}
}

func TestFamily(t *testing.T) {
	b := setup(t)
	mother, father, teen := b.Account(t, "1985-01-01"), b.Account(t, "1984-01-01"), b.Account(t, "2010-01-01")
	m, f, k := b.SignedIn(t, i18n.En, mother), b.SignedIn(t, i18n.En, father), b.SignedIn(t, i18n.En, teen)

	child := factsForm()
	child.Set("document_number", persontest.MainlandID("2015-06-01"))
	child.Del("consent_privacy")
	p := m.Post("/me/wards/add", child)
	if d := cmp.Diff([]string{"relation", "consent_child", "consent_privacy", "consent_guardian"}, p.Wrong()); d != "" {
		t.Error(d)
	}
	child.Set("relation", "mother")
	for _, c := range []string{"child", "privacy", "document", "guardian"} {
		child.Set("consent_"+c, person.CurrentConsent(person.Purpose(c)).Version)
	}
	if p = m.Post("/me/wards/add", child); p.Path != "/me/wards" || p.Find("article").Length() != 1 {
		t.Fatalf("added: %s, %d children, %v", p.Path, p.Find("article").Length(), p.Wrong())
	}
	if p = f.Post("/me/wards/add", child); p.Status != 422 || p.Find(`.why a[href="/me/wards/link"]`).Length() != 1 {
		t.Errorf("the other parent has no way on: %d", p.Status)
	}
	ward, _ := m.Get("/me/wards").Find("article a").Attr("href")
	if p := f.Get(ward); p.Status != 404 {
		t.Errorf("somebody else's child: %d", p.Status)
	}
	if p := f.Post(ward+"/consents", url.Values{"do": {"agree"}}); p.Status != 404 {
		t.Errorf("consent for somebody else's child: %d", p.Status)
	}
	code := strings.TrimSpace(m.Post("/me/family-code", url.Values{"ward": {strings.TrimPrefix(ward, "/me/wards/")}}).Find("p.big").Text())
	if p := f.Post("/me/wards/link", url.Values{"family_code": {code}, "relation": {"father"}, "consent_guardian": {"guardian-2"}}); p.Path != "/me/wards" {
		t.Errorf("linked: %s %v", p.Path, p.Wrong())
	}
	if p := f.Post("/me/wards/link", url.Values{"family_code": {"AAAA-BBBB"}, "relation": {"father"}, "consent_guardian": {"guardian-2"}}); !cmp.Equal(p.Wrong(), []string{"family_code"}) || p.Value("family_code") != "AAAA-BBBB" {
		t.Errorf("wrong code: %v", p.Wrong())
	}

	if p := k.Get("/me"); p.Find(`form[action="/me/family-code"]`).Length() != 1 {
		t.Error("a minor is not told that a guardian's consent is missing")
	}
	code = strings.TrimSpace(k.Post("/me/family-code", nil).Find("p.big").Text())
	m.Post("/me/wards/link", url.Values{"family_code": {code}, "relation": {"mother"}, "consent_guardian": {"guardian-2"}})
	if p := k.Get("/me"); p.Find(`form[action="/me/family-code"]`).Length() != 0 {
		t.Error("a minor with consent is still told")
	}
	own := "/me/wards/" + teen.ID.String()
	if p := m.Post(own+"/consents", url.Values{"do": {"withdraw"}}); p.Path != own+"/consents" || p.Find(`button[value=agree]`).Length() != 1 {
		t.Errorf("withdrawn: %s", p.Path)
	}
	if p := f.Get(own + "/consents"); p.Status != 404 {
		t.Errorf("consents for somebody else's ward: %d", p.Status)
	}
	if p := m.Post(own+"/consents", url.Values{"do": {"agree"}, "org": {uuid.NewString()}}); p.Status != 404 {
		t.Errorf("an organisation that is not there: %d", p.Status)
	}
	if p := m.Get(own + "/consents?q=%E4%B8%8D%E5%AD%98%E5%9C%A8"); p.Status != 200 || !strings.Contains(p.Find("main").Text(), "No organisation of that name") {
		t.Errorf("searching for nothing: %d", p.Status)
	}
	if p := m.Post(own+"/end", nil); p.Path != "/me/wards" || p.Find("article").Length() != 1 {
		t.Errorf("ended: %s", p.Path)
	}
	if p := m.Post(ward+"/end", nil); p.Path != "/me/wards" { // the father remains
		t.Errorf("ended: %s", p.Path)
	}
}

func TestEditingFacts(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w := b.SignedIn(t, i18n.En, p)
	page := w.Get("/me/profile")
	form := url.Values{"version": {page.Value("version")}, "division": {"440000", persontest.Dongguan, persontest.Dongcheng}, "service_fields": {"0003"},
		"email": {"x@example.org"}, "lang": {"en"}}
	if got := w.Post("/me/profile", form); got.Path != "/me/profile" || got.Value("division") != persontest.Dongcheng || got.Value("email") != "x@example.org" {
		t.Errorf("saved: %s %v", got.Path, got.Wrong())
	}
	if got := w.Post("/me/profile", form); got.Status != 409 {
		t.Errorf("an old page saved over a newer one: %d", got.Status)
	}
	form.Set("version", "2")
	form.Set("email", "x")
	form.Del("service_fields")
	if got := w.Post("/me/profile", form); !cmp.Equal(got.Wrong(), []string{"service_fields", "email"}) {
		t.Errorf("wrong at %v", got.Wrong())
	}
}

func TestANewTextAsksAgain(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	if _, err := b.Pool.Exec(context.Background(), `UPDATE person.consent SET withdrawn_at = given_at, withdrawn_by = person WHERE purpose = 'privacy'`); err != nil {
		t.Fatal(err)
	}
	w := b.SignedIn(t, i18n.ZhHant, p)
	page := w.Get("/me/profile")
	if !strings.HasPrefix(page.Path, "/me/consents?next=") || page.Find("input[type=checkbox]").Length() != 1 {
		t.Fatalf("led to %s", page.Path)
	}
	if got := w.Post("/me/consents", url.Values{"next": {page.Value("next")}}); got.Status != 422 || !cmp.Equal(got.Wrong(), []string{"consent_privacy"}) {
		t.Errorf("without a tick: %d %v", got.Status, got.Wrong())
	}
	if got := w.Post("/me/consents", url.Values{"next": {page.Value("next")}, "consent_privacy": {"privacy-1"}}); got.Path != "/me/profile" {
		t.Errorf("agreed, led to %s", got.Path)
	}
}

func TestAPIRegister(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.En)
	status, problem := w.API("POST", "/api/v1/volunteers", map[string]any{"document_kind": "hkid", "document_number": "A123456(4)", "birth_date": "tomorrow"}, nil)
	got := map[string]string{}
	for _, e := range problem.Errors {
		got[e.Field] = e.Code
	}
	want := map[string]string{"document_number": "person.document_check", "name_hant": "person.name_missing", "birth_date": "person.birth_date", "gender": "kit.required",
		"division": "kit.required", "phone": "kit.required", "service_fields": "kit.required", "consent_privacy": "person.consent_missing",
		"consent_document": "person.consent_missing", "code": "kit.required"}
	if d := cmp.Diff(want, got); d != "" || status != 422 {
		t.Errorf("%d %s", status, d)
	}
	phone := persontest.Phone()
	if err := b.Accounts.SendCode(context.Background(), phone, account.ForRegister, account.Device{}, i18n.En); err != nil {
		t.Fatal(err)
	}
	body := map[string]any{"document_kind": "hkid", "document_number": persontest.HKID(), "name_hant": "陳大文", "name_latin": "Chan Tai Man",
		"birth_date": "1990-05-01", "gender": "male", "division": persontest.CentralHK, "phone": phone, "service_fields": []string{"0001"},
		"consent_privacy": "privacy-1", "consent_document": "document-1", "code": b.Phone.Code(phone)}
	var made struct {
		VolunteerNo string `json:"volunteer_no"`
		Token       string `json:"token"`
	}
	if status, problem := w.API("POST", "/api/v1/volunteers", body, &made); status != 201 || made.Token == "" {
		t.Fatalf("%d %+v", status, problem)
	}
	w.Token = made.Token
	var me personBody
	if status, _ := w.API("GET", "/api/v1/me", nil, &me); status != 200 || me.VolunteerNo != made.VolunteerNo || me.NameHant != "陳大文" ||
		len(me.Documents) != 1 || !strings.Contains(me.Documents[0].Number, "***") || me.Phone == phone {
		t.Errorf("%d %+v", status, me)
	}
	for _, secret := range []string{body["document_number"].(string), phone} {
		if strings.Contains(b.Log.String(), secret) {
			t.Error("a secret was logged")
		}
	}
	delete(body, "code")
	body["admin"] = true
	if status, _ := w.API("POST", "/api/v1/volunteers", body, nil); status != 422 {
		t.Errorf("an unknown property: %d", status)
	}
}

func TestAPIMeAndWards(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	w, guest := b.SignedIn(t, i18n.En, p), b.Browser(t, i18n.En)
	if status, problem := guest.API("GET", "/api/v1/me", nil, nil); status != 401 || problem.Code != "account.sign_in" {
		t.Errorf("a guest: %d %s", status, problem.Code)
	}
	var me personBody
	update := map[string]any{"division": persontest.Tianhe, "service_fields": []string{"0006"}, "lang": "zh-Hant", "version": 1}
	if status, problem := w.API("PUT", "/api/v1/me", update, &me); status != 200 || me.Division != persontest.Tianhe || me.Version != 2 {
		t.Errorf("%d %+v %+v", status, problem, me)
	}
	if status, problem := w.API("PUT", "/api/v1/me", update, nil); status != 409 || problem.Code != "kit.version_conflict" {
		t.Errorf("an old version: %d %s", status, problem.Code)
	}
	ward := map[string]any{"document_kind": "mainland_id", "document_number": persontest.MainlandID("2016-01-01"), "name_hans": "李小宝", "relation": "father",
		"division": persontest.Tianhe, "service_fields": []string{"0006"}, "consent_privacy": "privacy-1", "consent_document": "document-1",
		"consent_child": "child-1", "consent_guardian": "guardian-2"}
	var kid personBody
	if status, problem := w.API("POST", "/api/v1/me/wards", ward, &kid); status != 201 || kid.BirthDate != "2016-01-01" {
		t.Fatalf("%d %+v", status, problem)
	}
	if status, problem := w.API("POST", "/api/v1/me/wards", ward, nil); status != 409 || problem.Code != "person.already_registered" || problem.Remedy == "" {
		t.Errorf("twice: %d %+v", status, problem)
	}
	var list struct{ Items []personBody }
	if status, _ := w.API("GET", "/api/v1/me/wards", nil, &list); status != 200 || len(list.Items) != 1 || list.Items[0].Person != kid.Person || !*list.Items[0].Consented {
		t.Errorf("%d %+v", status, list)
	}
}

func TestAPILists(t *testing.T) {
	b := setup(t)
	w := b.Browser(t, i18n.ZhHant)
	var d struct{ Items []divisionBody }
	if status, _ := w.API("GET", "/api/v1/regions/"+persontest.Guangzhou+"/children", nil, &d); status != 200 || len(d.Items) != 2 || d.Items[0].Name != "越秀區" || d.Items[0].Level != "county" {
		t.Errorf("%d %+v", status, d)
	}
	if status, _ := w.API("GET", "/api/v1/regions", nil, &d); status != 200 || len(d.Items) != 2 {
		t.Errorf("%d %+v", status, d)
	}
	if status, _ := w.API("GET", "/api/v1/regions/1/children", nil, nil); status != 404 {
		t.Errorf("an unknown division: %d", status)
	}
	var codes struct{ Lists map[string][]codeBody }
	if status, _ := w.API("GET", "/api/v1/codes", nil, &codes); status != 200 || codes.Lists["service_field"][5] != (codeBody{"0006", "環境保護"}) || len(codes.Lists["gender2"]) != 1 {
		t.Errorf("%d %+v", status, codes)
	}
}

func TestWhatIsNotSaidAboutPeople(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	if got := b.SignedIn(t, i18n.En, p).Get("/me/wards/" + uuid.NewString()); got.Status != 404 {
		t.Errorf("a ward that is none: %d", got.Status)
	}
	if got := b.Browser(t, i18n.En).Get("/me"); got.Path != "/login?next=%2Fme" {
		t.Errorf("a guest at /me: %s", got.Path)
	}
	if got := b.Browser(t, i18n.En).Get("/consent/privacy-99"); got.Status != 404 {
		t.Errorf("an unknown text: %d", got.Status)
	}
}
