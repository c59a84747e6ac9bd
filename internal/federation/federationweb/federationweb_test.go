package federationweb_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"kapok/internal/account/accounttest"
	"kapok/internal/account/accountweb"
	"kapok/internal/federation"
	"kapok/internal/federation/federationweb"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/person/personweb"
)

// bed is a platform with a provider in a process of its own.
type bed struct {
	*accounttest.Bed
	reg     person.Registration // of the one person whom the provider knows rightly
	assured []federation.Assurance
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{reg: persontest.Registration("1990-05-01")}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Bed = accounttest.New(t, func(ab *accounttest.Bed) {
		users := map[string]user{
			"right": {storage.User{ID: "right", Username: "right", Password: "verysecure", FirstName: "李", LastName: "小文"}, "1990-05-01", b.reg.Document.Number},
			"wrong": {storage.User{ID: "wrong", Username: "wrong", Password: "verysecure", FirstName: "陈", LastName: "大文"}, "1991-05-01", b.reg.Document.Number},
		}
		issuer := startProvider(t, ab.Address()+federation.CallbackPath("z"), users)
		s, err := federation.New(federation.Deps{Pool: ab.Pool, Clock: ab.Clock, Keys: crypt.Ephemeral(), People: ab.People, Accounts: ab.Accounts, Base: ab.Address(),
			Providers: conf.IdentityProviders{{ID: "z", NameHans: "省统一认证", NameHant: "省統一認證", NameEn: "Provincial identity", Issuer: issuer, ClientID: "kapok",
				SecretFile: secret, Scopes: []string{"profile"}, Level: 2, ClaimDocument: "id_number", DocumentKind: "mainland_id"}},
			Assure: func(_ context.Context, _ pgx.Tx, a federation.Assurance) error {
				b.assured = append(b.assured, a)
				return nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		federationweb.Register(ab.Site, ab.API, federationweb.Deps{Providers: s, Accounts: ab.Accounts, People: ab.People})
		accountweb.Register(ab.Site, ab.API, accountweb.Deps{Accounts: ab.Accounts, People: ab.People, Access: ab.Access, Clock: ab.Clock, Regions: persontest.Regions()})
		personweb.Register(ab.Site, ab.API, personweb.Deps{People: ab.People, Accounts: ab.Accounts, Regions: persontest.Regions(), Prefill: federationweb.Prefill(s)})
	})
	b.Bed.Clock.Set(time.Now()) // the provider's clock is the machine's
	return b
}

// visit goes to the provider by a button of a page, logs in there and comes back.
func visit(t *testing.T, w *accounttest.Browser, start, name string) accounttest.Page {
	t.Helper()
	page := w.Post(start, url.Values{"next": {"/me/identity"}})
	to := page.Find(".actions a").AttrOr("href", "")
	if !strings.HasPrefix(to, "http://127.0.0.1:") {
		t.Fatalf("%s (%d) does not lead to the provider", page.Path, page.Status)
	}
	return w.Get(logIn(t, to, name).RequestURI())
}

func TestVerifyThenSignInWithAProvider(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.Enrol(t, b.reg)
	w := b.SignedIn(t, i18n.ZhHans, p)
	if page := w.Get("/me/identity"); !strings.Contains(page.Body, "省统一认证") || !strings.Contains(page.Body, person.Levels.Text(i18n.ZhHans, "0")) {
		t.Fatal("the page does not offer the provider")
	}
	page := visit(t, w, "/me/identity/verify/z", "right")
	if page.Path != "/me/identity" || page.Find(`form[action$="/end"]`).Length() != 1 {
		t.Fatalf("%d %s: %s", page.Status, page.Path, page.Find("h1, .why").Text())
	}
	docs, err := b.People.Documents(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]federation.Assurance{{Person: p.ID, Document: &docs[0].ID, Level: 2, Source: "z"}}, b.assured); d != "" {
		t.Error(d)
	}
	another := b.Browser(t, i18n.ZhHans)
	page = visit(t, another, "/login/with/z", "right")
	if page.Path != "/me/identity" || page.Status != http.StatusOK {
		t.Fatalf("signing in led to %d %s", page.Status, page.Path)
	}
	page = another.Post(page.Find(`form[action$="/end"]`).AttrOr("action", ""), nil)
	if page.Find(`form[action$="/end"]`).Length() != 0 {
		t.Error("the link is still there")
	}
	if page := visit(t, b.Browser(t, i18n.ZhHans), "/login/with/z", "right"); page.Path != "/login/link" {
		t.Errorf("after unlinking: %s", page.Path)
	}
}

func TestAnotherIdentityIsRefusedByWhatDiffers(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	w := b.SignedIn(t, i18n.ZhHans, b.Enrol(t, b.reg))
	page := visit(t, w, "/me/identity/verify/z", "wrong")
	if page.Status != http.StatusConflict || !strings.Contains(page.Body, "姓名不一致") || !strings.Contains(page.Body, "出生日期不一致") || strings.Contains(page.Body, "证件号码不是") {
		t.Errorf("%d %s", page.Status, page.Find("main").Text())
	}
	for _, theirs := range []string{"陈大文", "大文", "1991", b.reg.Document.Number} {
		if strings.Contains(page.Body, theirs) || strings.Contains(b.Log.String(), theirs) {
			t.Errorf("%s is shown or logged", theirs)
		}
	}
	if len(b.assured) > 0 {
		t.Error("assured")
	}
}

// Who is linked to nobody signs in the usual way and then confirms.
func TestLinkingAfterSigningInTheUsualWay(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.Enrol(t, b.reg)
	w := b.Browser(t, i18n.ZhHans)
	page := visit(t, w, "/login/with/z", "right")
	if page.Path != "/login/link" || page.Find(`a[href="/login?next=/me/identity"]`).Length() != 1 {
		t.Fatalf("%d %s", page.Status, page.Path)
	}
	w.SetCookie("/", "session", b.Token(t, p))
	if page = w.Get("/me/identity"); page.Find(`form[action="/me/identity"]`).Length() != 1 {
		t.Fatal("the link is not offered")
	}
	page = w.Post("/me/identity", nil)
	if page.Find(`form[action$="/end"]`).Length() != 1 || len(b.assured) != 1 {
		t.Errorf("%d %s", page.Status, page.Find("main").Text())
	}
	if page = w.Post("/me/identity", nil); page.Status != http.StatusConflict {
		t.Errorf("a statement was used twice: %d", page.Status)
	}
}

func TestRegisteringWithWhatTheProviderSaid(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	w := b.Browser(t, i18n.ZhHans)
	if page := visit(t, w, "/login/with/z", "right"); page.Path != "/login/link" {
		t.Fatalf("%d %s", page.Status, page.Path)
	}
	phone := persontest.Phone()
	_, national := person.SplitPhone(phone)
	next := url.Values{"phone": {national}, "phone_region": {"CN"}, "next": {"/me/identity"}, "do": {"send"}}
	w.Post("/register", next)
	next.Set("do", "check")
	next.Set("code", b.Phone.Code(phone))
	page := w.Post("/register", next)
	if page.Value("name_hans") != "李 小文" || page.Value("document_number") != b.reg.Document.Number {
		t.Fatalf("%s: name %q, number %q", page.Path, page.Value("name_hans"), page.Value("document_number"))
	}
}

func TestAVisitBegunBySomebodyElseDoesNotCount(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.Enrol(t, b.reg)
	w := b.SignedIn(t, i18n.ZhHans, p)
	page := w.Post("/me/identity/verify/z", nil)
	back := logIn(t, page.Find(".actions a").AttrOr("href", ""), "right").RequestURI()
	if page := b.SignedIn(t, i18n.ZhHans, p).Get(back); page.Status != http.StatusConflict {
		t.Errorf("another browser: %d", page.Status)
	}
	w.SetCookie("/", "session", b.Token(t, b.Account(t, "1985-01-01")))
	if page := w.Get(back); page.Status != http.StatusConflict {
		t.Errorf("another account: %d", page.Status)
	}
	if len(b.assured) > 0 {
		t.Error("assured")
	}
}

// Only our own page begins a visit: no other site may link its visitor's
// account to an identity of its choice.
func TestOtherSitesCannotBegin(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	token := b.Token(t, b.Enrol(t, b.reg))
	req, err := http.NewRequest("POST", b.Address()+"/me/identity/verify/z", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://evil.example.test")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	req.AddCookie(&http.Cookie{Name: "session", Value: token})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	w := b.SignedIn(t, i18n.En, b.Enrol(t, b.reg))
	visit(t, w, "/me/identity/verify/z", "right")
	var out struct {
		Items []struct {
			ID, Provider string
			Level        int
		}
	}
	if status, _ := w.API("GET", "/api/v1/me/identity-links", nil, &out); status != 200 || len(out.Items) != 1 || out.Items[0].Level != 2 {
		t.Fatalf("%d %+v", status, out)
	}
	path := "/api/v1/me/identity-links/" + out.Items[0].ID
	if status, _ := b.SignedIn(t, i18n.En, b.Account(t, "1985-01-01")).API("DELETE", path, nil, nil); status != 404 {
		t.Errorf("somebody else: %d", status)
	}
	if status, _ := w.API("DELETE", path, nil, nil); status != 204 {
		t.Errorf("status %d", status)
	}
}
