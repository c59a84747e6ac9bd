package accountweb

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
)

const rightPassword = "correct horse 木棉"

// official is an administrator of a county, with a password, whose session is
// older than account.FreshFor.
func official(t *testing.T, b *accounttest.Bed) (*accounttest.Browser, person.Person) {
	t.Helper()
	p := b.Account(t, "1980-02-03")
	if err := b.Accounts.GrantRole(t.Context(), p.ID, account.RegionAdmin, p.Division, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	w := b.SignedIn(t, i18n.En, p)
	acc, _, err := b.Accounts.WithPhone(t.Context(), p.Phone)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Accounts.SetPassword(t.Context(), acc, sessionOf(t, b, w), rightPassword); err != nil {
		t.Fatal(err)
	}
	b.Clock.Advance(account.FreshFor + time.Second)
	return w, p
}

func sessionOf(t *testing.T, b *accounttest.Bed, w *accounttest.Browser) uuid.UUID {
	t.Helper()
	who, err := b.Accounts.Who(t.Context(), w.Cookies("/")["session"])
	if err != nil || who == nil {
		t.Fatalf("no session: %v", err)
	}
	return who.Session
}

// waitingRequest is a request for a new phone in the official's county.
func waitingRequest(t *testing.T, b *accounttest.Bed, division string) uuid.UUID {
	t.Helper()
	asking := b.Account(t, "1990-01-02")
	if err := b.Accounts.AskNewPhone(t.Context(), asking.ID, division, "+8613800000001"); err != nil {
		t.Fatal(err)
	}
	list, err := b.Accounts.NewPhones(t.Context(), func(string) bool { return true })
	if err != nil || len(list) != 1 {
		t.Fatalf("%d requests: %v", len(list), err)
	}
	return list[0].ID
}

// hidden are the hidden fields of the form with an action.
func hidden(p accounttest.Page, action string) url.Values {
	v := url.Values{}
	p.Find(`form[action="` + action + `"]`).First().Find("input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		v.Add(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	return v
}

func TestDecisionAsksOnceMoreAndKeepsWhatWasTyped(t *testing.T) {
	b := setup(t)
	w, p := official(t, b)
	id := waitingRequest(t, b, p.Division)
	path := "/admin/phones/" + id.String()
	stolen := w.Cookies("/")["session"]

	page := w.Post(path, url.Values{"do": {"refuse"}, "reason": {"the photo is of somebody else"}, "password": {"must not be written"}})
	if page.Status != 403 || strings.Contains(page.Body, "must not be written") {
		t.Fatalf("a decision by an old session: %d\n%s", page.Status, page.Body)
	}
	if n, err := b.Accounts.NewPhones(t.Context(), func(string) bool { return true }); err != nil || len(n) != 1 {
		t.Fatal("it was decided all the same")
	}
	wrong := w.Post("/login/again", with(hidden(page, "/login/again"), "do", "password", "password", "not the password"))
	if wrong.Status != 422 {
		t.Fatalf("a wrong password: %d", wrong.Status)
	}
	page = w.Post("/login/again", with(hidden(wrong, "/login/again"), "do", "password", "password", rightPassword))
	kept := hidden(page, path)
	if kept.Get("reason") != "the photo is of somebody else" || kept.Get("do") != "refuse" {
		t.Fatalf("what was typed is lost: %v\n%s", kept, page.Body)
	}
	if w.Cookies("/")["session"] == stolen {
		t.Error("the session is the same after the proof")
	}
	if who, err := b.Accounts.Who(t.Context(), stolen); err != nil || who != nil {
		t.Errorf("the token of before the proof still works: %v %v", who, err)
	}
	if done := w.Post(path, kept); done.Status != 200 {
		t.Errorf("the carried form: %d", done.Status)
	}
	if n, err := b.Accounts.NewPhones(t.Context(), func(string) bool { return true }); err != nil || len(n) != 0 {
		t.Errorf("it is not decided: %v %v", n, err)
	}
}

func TestProvingOnceMoreByCode(t *testing.T) {
	b := setup(t)
	w, p := official(t, b)
	page := w.Post("/login/again", url.Values{"do": {"send"}, "next": {"/me/profile"}})
	if page.Status != 200 || strings.Contains(page.Body, p.Phone) || page.Find("[autocomplete=one-time-code]").Length() != 1 {
		t.Fatalf("no field for the code, or a whole phone: %d\n%s", page.Status, page.Body)
	}
	in := with(hidden(page, "/login/again"), "do", "code", "code", b.Phone.Code(p.Phone))
	if page = w.Post("/login/again", in); page.Path != "/me/profile" {
		t.Fatalf("led to %s (%d)", page.Path, page.Status)
	}
	if page = w.Post("/login/again", in); page.Status != 422 {
		t.Errorf("the code works a second time: %d", page.Status)
	}
}

// What somebody else may put into the fields leads nowhere else.
func TestProvingOnceMoreLeadsToOwnPagesOnly(t *testing.T) {
	b := setup(t)
	w, _ := official(t, b)
	for _, away := range []string{"https://evil.example/", "//evil.example/", `/\evil.example/`, "javascript:alert(1)"} {
		page := w.Post("/login/again", url.Values{"do": {"password"}, "password": {rightPassword}, "to": {away}})
		if page.Status != 200 {
			t.Fatalf("%q: %d", away, page.Status)
		}
		page.Find("form").Each(func(_ int, s *goquery.Selection) {
			if a := s.AttrOr("action", ""); strings.Contains(a, "evil") || strings.Contains(a, "javascript") {
				t.Errorf("%q: a form goes to %q", away, a)
			}
		})
		if page = w.Post("/login/again", url.Values{"do": {"password"}, "password": {rightPassword}, "next": {away}}); page.Path != "/" {
			t.Errorf("%q: led to %s", away, page.Path)
		}
	}
}
