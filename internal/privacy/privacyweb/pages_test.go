package privacyweb

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/account/accounttest"
	"kapok/internal/audit"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/notify"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/privacy"
	"kapok/internal/ui"
)

func setup(t *testing.T) *accounttest.Bed {
	t.Helper()
	t.Parallel()
	fonts, err := pdf.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	return accounttest.New(t, func(b *accounttest.Bed) {
		log, regions := slog.New(slog.NewTextHandler(io.Discard, nil)), persontest.Regions()
		notes, err := notify.New(notify.Options{Pool: b.Pool, Clock: b.Clock, Log: log, Silent: true})
		if err != nil {
			t.Fatal(err)
		}
		s := privacy.New(privacy.Deps{Pool: b.Pool, Clock: b.Clock, Log: log, Keys: crypt.Ephemeral(), People: b.People, Regions: regions, Tell: notes.SendTx,
			Holdings: []privacy.Holding{{Area: "person", Held: b.People.Held}}, Blocks: []privacy.Block{{Code: "wards", Count: b.People.CountWards}}})
		services.Store(b, s)
		Register(b.Site, b.API, Deps{Pool: b.Pool, Clock: b.Clock, Privacy: s, People: b.People, Orgs: organisation.New(b.Pool, b.Clock, regions, b.People),
			Partners: func(context.Context, []uuid.UUID) (map[uuid.UUID]string, error) {
				return map[uuid.UUID]string{partner: "伙伴"}, nil
			},
			Regions: regions, Access: b.Access, Fonts: fonts, RegionDesk: func(_ context.Context, division string) ui.DeskInfo { return ui.DeskInfo{Unit: division} }})
	})
}

// partner is a partner platform.
var partner = uuid.New()

// services are the services of the beds, for what no page does.
var services sync.Map

func serviceOf(b *accounttest.Bed) *privacy.Service {
	s, _ := services.Load(b)
	return s.(*privacy.Service)
}

func want(t *testing.T, p accounttest.Page, status int, texts ...string) {
	t.Helper()
	if p.Status != status {
		t.Errorf("status %d, want %d", p.Status, status)
	}
	for _, x := range texts {
		if !strings.Contains(p.Body, x) {
			t.Errorf("%q is not on the page", x)
		}
	}
}

func TestMyDataIsMaskedUntilAskedFor(t *testing.T) {
	b := setup(t)
	ann := b.Account(t, "1990-02-03")
	for _, l := range i18n.Langs {
		w := b.SignedIn(t, l, ann)
		page := w.Get("/me/data")
		want(t, page, 200, ann.VolunteerNo, "1990-02-03")
		if strings.Contains(page.Body, ann.Phone) || strings.Contains(page.Body, "privacyweb.") || strings.Contains(page.Body, "privacy.fact") {
			t.Errorf("%s: the phone stands open, or a key", l)
		}
		want(t, w.Post("/me/data/show", url.Values{}), 200, ann.Phone)
		want(t, w.Get("/privacy/register"), 200)
	}
}

func TestWhoLookedStandsOnThePage(t *testing.T) {
	b := setup(t)
	ann, staff, division := b.Account(t, "1990-02-03"), uuid.New(), "440104"
	for range 7 {
		err := audit.Read(t.Context(), b.Pool, audit.Reading{At: b.Clock.Now(), Actor: staff, Subjects: []uuid.UUID{ann.ID}, Object: "new_phone/1",
			Data: []audit.Data{audit.Name, audit.Document}, Purpose: "new_phone", Region: &division, Export: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	w := b.SignedIn(t, i18n.En, ann)
	want(t, w.Get("/me/data"), 200, "Request for a new phone", "masked document number", "/me/data/looks")
	if n := w.Get("/me/data/looks").Find("main li .card").Length(); n != 7 {
		t.Errorf("%d looks", n)
	}
	var out struct {
		Items []lookJSON `json:"items"`
	}
	if status, _ := w.API("GET", "/api/v1/me/data/looks", nil, &out); status != 200 || len(out.Items) != 7 || !out.Items[0].Export {
		t.Errorf("status %d, %+v", status, out)
	}
}

func TestTheCopyIsWholeAndReadable(t *testing.T) {
	b := setup(t)
	ann := b.Account(t, "1990-02-03")
	w := b.SignedIn(t, i18n.ZhHans, ann)
	page := w.Get("/me/data/download.json")
	type loose struct {
		Items []struct {
			Item string           `json:"item"`
			Held []map[string]any `json:"held"`
		} `json:"items"`
	}
	var got loose
	if err := json.Unmarshal([]byte(page.Body), &got); err != nil || page.Status != 200 {
		t.Fatalf("%d %v", page.Status, err)
	}
	held := map[string]map[string]any{}
	for _, i := range got.Items {
		held[i.Item] = i.Held[0]
	}
	if held["phone"]["phone"] != ann.Phone || held["name"]["name_hans"] != ann.NameHans || !strings.Contains(held["document"]["document_number"].(string), "*") {
		t.Errorf("held %v", held)
	}
	file := w.Get("/me/data/download.pdf")
	if file.Status != 200 || !strings.HasPrefix(file.Body, "%PDF-1.7") {
		t.Errorf("status %d, %.20q", file.Status, file.Body)
	}
	if n := len(looksOf(t, b, ann.ID)); n != 0 {
		t.Errorf("one's own copy is noted as %d looks", n)
	}
}

func looksOf(t *testing.T, b *accounttest.Bed, who uuid.UUID) []audit.Look {
	t.Helper()
	list, err := audit.LooksAt(t.Context(), b.Pool, who, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The guardian sees, copies, corrects and deletes for the ward (未成年人网络保护条例 art. 34).
func TestAGuardianActsForTheWardAndNobodyElse(t *testing.T) {
	b := setup(t)
	mother, other := b.Account(t, "1985-02-03"), b.Account(t, "1985-02-03")
	child := persontest.Ward(t, b.People, mother.ID, "2016-05-01")
	q := "?for=" + child.ID.String()
	w, x := b.SignedIn(t, i18n.ZhHans, mother), b.SignedIn(t, i18n.ZhHans, other)
	want(t, w.Get("/me/data"+q), 200, child.VolunteerNo)
	want(t, w.Get("/me/data/download.json"+q), 200, child.VolunteerNo)
	if n := len(looksOf(t, b, child.ID)); n != 1 {
		t.Errorf("the copy left %d looks", n)
	}
	f := url.Values{"for": {child.ID.String()}, "item": {"name"}, "name_hans": {"李小"}, "words": {"应为李小"}, "purpose": {"school"}, "do": {"agree"}}
	for _, path := range []string{"corrections", "deletion", "choices", "consent"} {
		if p := x.Post("/me/data/"+path, f); p.Status != 403 {
			t.Errorf("a stranger at %s: %d", path, p.Status)
		}
		if p := w.Post("/me/data/"+path, f); p.Status != 200 && p.Status != 303 {
			t.Errorf("the guardian at %s: %d", path, p.Status)
		}
	}
	want(t, x.Get("/me/data"+q), 403)
	want(t, w.Get("/me/data"+q), 200, "应为李小", "已同意")
	// Above it stands what holds the mother's own deletion up.
	want(t, w.Get("/me/data"), 200, "监护人")
	if p := w.Post("/me/data/deletion", url.Values{}); p.Status < 400 {
		t.Errorf("a guardian was deleted: %d", p.Status)
	}
}

func TestConsentsAndSwitchesByTheAPI(t *testing.T) {
	b := setup(t)
	ann := b.Account(t, "1990-02-03")
	w := b.SignedIn(t, i18n.En, ann)
	given := func() (n int) {
		list, err := b.People.Consents(t.Context(), ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.Purpose == person.ConsentCredit && c.WithdrawnAt == nil {
				n++
			}
		}
		return n
	}
	for _, x := range []struct {
		method string
		want   int
	}{{"PUT", 1}, {"PUT", 1}, {"DELETE", 0}, {"DELETE", 0}} {
		if status, p := w.API(x.method, "/api/v1/me/data/consents/credit", nil, nil); status != 204 || given() != x.want {
			t.Errorf("%s: status %d %v, %d given", x.method, status, p, given())
		}
	}
	if status, _ := w.API("DELETE", "/api/v1/me/data/consents/privacy", nil, nil); status != 422 {
		t.Errorf("a consent of registration: %d", status)
	}
	if status, p := w.API("PUT", "/api/v1/me/data/choices", choicesJSON{Suggestions: false, Credit: true}, nil); status != 204 {
		t.Errorf("status %d %v", status, p)
	}
	var c choicesJSON
	if status, _ := w.API("GET", "/api/v1/me/data/choices", nil, &c); status != 200 || c != (choicesJSON{false, true}) {
		t.Errorf("status %d, %+v", status, c)
	}
}

// Who looked is named: a partner platform too.
func TestWhoLookedIsNamedPartnersToo(t *testing.T) {
	b := setup(t)
	ann := b.Account(t, "1990-02-03")
	for _, who := range []uuid.UUID{partner, uuid.New()} {
		err := audit.Read(t.Context(), b.Pool, audit.Reading{At: b.Clock.Now(), Actor: who, Subjects: []uuid.UUID{ann.ID}, Object: "idp_client", Data: []audit.Data{audit.Name}, Purpose: "partner"})
		if err != nil {
			t.Fatal(err)
		}
	}
	w := b.SignedIn(t, i18n.ZhHans, ann)
	want(t, w.Get("/me/data"), 200, "伙伴", "平台")
	var out struct{ Items []struct{ Where string } }
	if status, bad := w.API("GET", "/api/v1/me/data/looks", nil, &out); status != 200 || len(out.Items) != 2 || out.Items[0].Where != "" || out.Items[1].Where != "伙伴" {
		t.Errorf("%d %v %+v", status, bad, out)
	}
}
