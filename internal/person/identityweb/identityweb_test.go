package identityweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
)

func setup(t *testing.T) *accounttest.Bed {
	t.Helper()
	t.Parallel()
	members := map[uuid.UUID]bool{}
	b := accounttest.New(t, func(b *accounttest.Bed) {
		frame := ui.DeskInfo{Unit: "desk"}
		Register(b.Site, b.API, Deps{People: b.People, Accounts: b.Accounts, Access: b.Access, Regions: persontest.Regions(), Clock: b.Clock,
			Target: func(r *http.Request) (account.Target, error) {
				id, err := uuid.Parse(r.PathValue("org"))
				return account.Target{Org: id}, err
			},
			Member:     func(_ context.Context, _, who uuid.UUID) (bool, error) { return members[who], nil },
			Desk:       func(context.Context, uuid.UUID) ui.DeskInfo { return frame },
			RegionDesk: func(context.Context, string) ui.DeskInfo { return frame }})
		b.Site.Handle("GET", "/me", account.SignedIn, (&handlers{}).mergePage)
	})
	b.People.ConnectMerge(person.MergeDeps{Parts: []person.MergePart{b.Accounts.MergePart()}, Done: b.Accounts.Forget})
	return b
}

// twin registers the same human being once more, by another document.
func twin(t *testing.T, b *accounttest.Bed, p person.Person) (person.Person, person.DocumentInput) {
	t.Helper()
	r := persontest.Registration("1990-05-01")
	r.Document = person.DocumentInput{Kind: person.HKID, Number: persontest.HKID()}
	r.BirthDate, r.Gender = p.BirthDate, p.Gender
	return b.Enrol(t, r), r.Document
}

func phoneOf(p person.Person) url.Values {
	region, n := person.SplitPhone(p.Phone)
	return url.Values{"phone": {n}, "phone_region": {region}}
}

func with(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func card(d person.DocumentInput, pairs ...string) url.Values {
	return with(url.Values{"document_kind": {string(d.Kind)}, "document_number": {d.Number}}, pairs...)
}

// admins are two administrators of the division in which everybody lives.
func admins(t *testing.T, b *accounttest.Bed) (first, second *accounttest.Browser) {
	t.Helper()
	var out []*accounttest.Browser
	for range 2 {
		p := b.Account(t, "1980-01-01")
		if err := b.Accounts.GrantRole(context.Background(), p.ID, account.RegionAdmin, persontest.Guangzhou, uuid.Nil); err != nil {
			t.Fatal(err)
		}
		out = append(out, b.SignedIn(t, i18n.ZhHans, p))
	}
	return out[0], out[1]
}

func TestJoiningMyTwoRegistrations(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	q, doc := twin(t, b, p)
	w, other := b.SignedIn(t, i18n.En, p), b.SignedIn(t, i18n.En, q)
	w.Post("/me/merge", with(phoneOf(q), "do", "send"))
	if page := w.Post("/me/merge", with(phoneOf(q), "do", "check", "code", "000x")); !cmp.Equal(page.Wrong(), []string{"code"}) {
		t.Fatalf("a wrong code: %v", page.Wrong())
	}
	page := w.Post("/me/merge", with(phoneOf(q), "do", "check", "code", b.Phone.Code(q.Phone)))
	proof := page.Value("proof")
	if proof == "" {
		t.Fatalf("not proved: %v", page.Wrong())
	}
	if page := w.Post("/me/merge", url.Values{"do": {"merge"}, "proof": {proof}}); page.Path == "/me/merges" {
		t.Error("merged without a document")
	}
	if page := w.Post("/me/merge", card(person.DocumentInput{Kind: person.HKID, Number: persontest.HKID()}, "do", "document", "proof", proof)); !cmp.Equal(page.Wrong(), []string{"document_number"}) {
		t.Errorf("another's document: %v", page.Wrong())
	}
	thief := b.SignedIn(t, i18n.En, b.Account(t, "1991-05-01"))
	if page := thief.Post("/me/merge", card(doc, "do", "document", "proof", proof)); !cmp.Equal(page.Wrong(), []string{"phone"}) {
		t.Errorf("somebody else's proof works: %v", page.Wrong())
	}
	page = w.Post("/me/merge", card(doc, "do", "document", "proof", proof))
	if !strings.Contains(page.Body, "Documents that move: 1") || strings.Contains(page.Body, doc.Number) {
		t.Errorf("no report: %d %v", page.Status, page.Wrong())
	}
	if page = w.Post("/me/merge", url.Values{"do": {"merge"}, "proof": {page.Value("proof")}}); page.Path != "/me/merges" {
		t.Fatalf("led to %s", page.Path)
	}
	if got, err := b.Accounts.Who(context.Background(), other.Token); err != nil || got == nil || got.Person != p.ID {
		t.Errorf("the other phone opens %v, %v", got, err)
	}
	undo, _ := page.Find(`form[action$="/undo"]`).Attr("action")
	if thief.Post(undo, nil).Status != 404 {
		t.Error("a stranger undoes it")
	}
	if page = w.Post(undo, nil); page.Status != 200 {
		t.Fatalf("not undone: %d", page.Status)
	}
	if got, err := b.Accounts.Who(context.Background(), other.Token); err != nil || got == nil || got.Person != q.ID {
		t.Errorf("undone, but the other phone opens %v, %v", got, err)
	}
}

func TestADocumentHeldOtherwiseLeadsToTwoAdministrators(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	q, doc := twin(t, b, p)
	w := b.SignedIn(t, i18n.En, p)
	page := w.Post("/me/documents", card(doc))
	if !cmp.Equal(page.Wrong(), []string{"document_number"}) || page.Find(`.why a[href="/me/merge"]`).Length() != 1 ||
		page.Find(`button[value=claim]`).Length() != 1 || strings.Contains(page.Body, q.VolunteerNo) {
		t.Fatalf("a dead end: %d %v", page.Status, page.Wrong())
	}
	for range 2 { // a double click is one case
		if page = w.Post("/me/documents", card(doc, "do", "claim", "said", "旧手机没了")); page.Path != "/me/merges" {
			t.Fatalf("led to %s %v", page.Path, page.Wrong())
		}
	}
	first, second := admins(t, b)
	links := first.Get("/admin/merges").Find(`a[href^="/admin/merges/"]`)
	path, _ := links.Attr("href")
	if links.Length() != 1 {
		t.Fatalf("%d cases", links.Length())
	}
	page = first.Get(path)
	if strings.Contains(page.Body, doc.Number) || !strings.Contains(page.Body, p.VolunteerNo) || !strings.Contains(page.Body, "旧手机没了") {
		t.Error("the desk sees too much or too little")
	}
	if page = first.Post(path, url.Values{"do": {"propose"}}); !cmp.Equal(page.Wrong(), []string{"reason"}) {
		t.Errorf("proposed without evidence: %v", page.Wrong())
	}
	first.Post(path, url.Values{"do": {"propose"}, "reason": {"当面出示两证"}})
	if page = first.Post(path, url.Values{"do": {"approve"}}); page.Status == 200 {
		t.Error("one administrator alone merges")
	}
	if page = second.Post(path, url.Values{"do": {"approve"}}); page.Status != 200 {
		t.Fatalf("not approved: %d %v", page.Status, page.Wrong())
	}
	if got, err := b.People.ByVolunteerNo(context.Background(), q.VolunteerNo); err != nil || got.ID != p.ID {
		t.Errorf("the old number finds %v, %v", got, err)
	}
	if page = w.Get("/me/documents"); page.Find("main .card").Length() < 2 {
		t.Error("the document did not move")
	}
	second.Post(path, url.Values{"do": {"ask_undo"}, "reason": {"弄错了"}})
	if page = second.Post(path, url.Values{"do": {"undo"}}); page.Status == 200 {
		t.Error("one administrator alone undoes it")
	}
	if page = first.Post(path, url.Values{"do": {"undo"}}); page.Status != 200 {
		t.Errorf("not undone: %d %v", page.Status, page.Wrong())
	}
	if got, err := b.People.ByVolunteerNo(context.Background(), q.VolunteerNo); err != nil || got.ID != q.ID {
		t.Errorf("undone, but the number finds %v, %v", got, err)
	}
}

func TestADeskChecksACard(t *testing.T) {
	b := setup(t)
	r := persontest.Registration("1990-05-01")
	p := b.Enrol(t, r)
	first, _ := admins(t, b)
	form := func(number, name, level string) url.Values {
		return url.Values{"volunteer_no": {p.VolunteerNo}, "document_kind": {string(r.Document.Kind)}, "document_number": {number}, "name": {name}, "level": {level}}
	}
	for _, c := range []struct {
		form url.Values
		want []string
	}{
		{form(r.Document.Number, "王大锤", "3"), []string{"volunteer_no"}},
		{form(r.Document.Number, "李小文", "2"), []string{"level"}},
		{form("", "", "3"), []string{"document_number", "name"}},
	} {
		if page := first.Post("/admin/identity", c.form); page.Status != 422 || page.Path != "/admin/identity" {
			t.Errorf("%v: %d %v", c.want, page.Status, page.Wrong())
		}
	}
	if page := first.Post("/admin/identity", form(r.Document.Number, "李小文", "3")); page.Status != 200 || len(page.Wrong()) > 0 {
		t.Fatalf("%d %v", page.Status, page.Wrong())
	}
	w := b.SignedIn(t, i18n.En, p)
	if page := w.Get("/me/documents"); !strings.Contains(page.Body, "Checked in person") || strings.Contains(page.Body, r.Document.Number) {
		t.Error("the level is not shown, or the number is")
	}
	var out struct{ Assurance int }
	if status, problem := w.API("GET", "/api/v1/me/documents", nil, &out); status != 200 || out.Assurance != 3 {
		t.Errorf("%d %+v", status, problem)
	}
}

func TestMergingByTheAPI(t *testing.T) {
	b := setup(t)
	type object = map[string]any
	p := b.Account(t, "1990-05-01")
	q, doc := twin(t, b, p)
	w := b.SignedIn(t, i18n.En, p)
	first, second := admins(t, b)
	var m struct {
		Merge, State, Proof string
		Lines               []struct{ Text string }
	}
	ask := func(w *accounttest.Browser, path string, body object, want int) {
		t.Helper()
		if status, problem := w.API("POST", path, body, &m); status != want {
			t.Errorf("%s %v: %d %+v", path, body["do"], status, problem)
		}
	}
	ask(first, "/api/v1/merges", object{"kept": p.VolunteerNo, "absorbed": q.VolunteerNo, "preview": true}, 200)
	ask(first, "/api/v1/merges", object{"kept": p.VolunteerNo, "absorbed": q.VolunteerNo, "evidence": "seen"}, 200)
	rulings := "/api/v1/merges/" + m.Merge + "/rulings"
	ask(first, rulings, object{"do": "approve"}, 403)
	ask(second, rulings, object{"do": "approve"}, 200)
	ask(second, rulings, object{"do": "ask_undo", "reason": "wrong"}, 200)
	ask(second, rulings, object{"do": "undo"}, 403)
	if ask(first, rulings, object{"do": "undo"}, 200); m.State != "undone" {
		t.Errorf("state %s", m.State)
	}
	if err := b.Accounts.SendCode(context.Background(), q.Phone, account.ForLogin, account.Device{}, i18n.En); err != nil {
		t.Fatal(err)
	}
	join := object{"phone": q.Phone, "code": b.Phone.Code(q.Phone), "document_kind": doc.Kind, "document_number": doc.Number, "preview": true}
	ask(w, "/api/v1/me/merges", join, 200)
	delete(join, "code")
	delete(join, "preview")
	join["proof"] = m.Proof
	if ask(w, "/api/v1/me/merges", join, 200); m.State != "merged" || len(m.Lines) == 0 {
		t.Errorf("merged: %+v", m)
	}
	if ask(w, "/api/v1/me/merges/"+m.Merge+"/undo", nil, 200); m.State != "undone" {
		t.Errorf("undone: %+v", m)
	}
	ask(w, "/api/v1/me/documents", object{"document_kind": "passport", "document_issuer": "PT", "document_number": "N123456"}, 200)
	ask(w, "/api/v1/me/documents", object{"document_kind": doc.Kind, "document_number": doc.Number}, 409)
	if ask(w, "/api/v1/me/document-claims", object{"document_kind": doc.Kind, "document_number": doc.Number}, 200); m.State != "case" {
		t.Errorf("claimed: %+v", m)
	}
	ask(first, "/api/v1/identity-checks", object{"volunteer_no": q.VolunteerNo, "document_kind": doc.Kind, "document_number": doc.Number, "name": "李小文", "level": 1}, 204)
}

// TestRecoveryAlwaysLeadsOn walks every state of phone, document and account to
// a session: "registered already" and "unknown" are never both the answer.
func TestRecoveryAlwaysLeadsOn(t *testing.T) {
	b := setup(t)
	ctx := context.Background()
	by := b.Account(t, "1980-01-01").ID
	for _, phoneKnown := range []bool{true, false} {
		for _, documentKnown := range []bool{true, false} {
			for _, same := range []bool{true, false} {
				for _, closed := range []bool{true, false} {
					r := persontest.Registration("1990-05-01")
					mine := r
					if documentKnown || phoneKnown {
						p := b.Enrol(t, r)
						if !documentKnown {
							mine.Document.Number = persontest.MainlandID("1990-05-01")
						}
						if !phoneKnown {
							mine.Phone = persontest.Phone()
						}
						if !same && phoneKnown && documentKnown { // the document is of another registration
							other := persontest.Registration("1990-05-01")
							b.Enrol(t, other)
							mine.Document = other.Document
						}
						if closed {
							if _, err := b.Pool.Exec(ctx, `UPDATE account.account SET state = 'closed' WHERE person = $1`, p.ID); err != nil {
								t.Fatal(err)
							}
						}
					}
					if who, way := walk(t, b, mine, by); who == uuid.Nil {
						t.Errorf("phone known %v, document known %v, same %v, closed %v: stuck after %s", phoneKnown, documentKnown, same, closed, way)
					}
				}
			}
		}
	}
}

// walk does what the pages offer, one after another, until somebody is signed in.
func walk(t *testing.T, b *accounttest.Bed, r person.Registration, desk uuid.UUID) (uuid.UUID, string) {
	t.Helper()
	ctx := context.Background()
	if _, who, err := b.Accounts.WithPhone(ctx, r.Phone); err == nil {
		return who, "signing in"
	} else if !errors.Is(err, account.ErrNoAccount) {
		t.Fatal(err)
	}
	if _, who, err := b.Accounts.Enrol(ctx, b.People, r); err == nil {
		return who, "registering"
	} else if !errors.Is(err, person.ErrAlreadyRegistered) {
		t.Errorf("registering: %v", err)
		return uuid.Nil, "registering"
	}
	doc, _ := person.ParseDocument(r.Document, b.People.Today())
	holder, err := b.People.ByDocument(ctx, b.Pool, doc)
	if err == nil {
		err = b.Accounts.AskNewPhone(ctx, holder, r.Division, r.Phone)
	}
	open, failed := b.Accounts.NewPhones(ctx, func(string) bool { return true })
	if err != nil || failed != nil || len(open) != 1 {
		t.Fatalf("asking for a new phone: %v %v, %d open", err, failed, len(open))
	}
	if err := b.Accounts.DecideNewPhone(ctx, open[0].ID, true, "", desk); err != nil {
		t.Errorf("deciding: %v", err)
		return uuid.Nil, "deciding"
	}
	_, who, err := b.Accounts.WithPhone(ctx, r.Phone)
	if err != nil || who != holder {
		return uuid.Nil, "the new phone"
	}
	return who, "the new phone"
}

func TestPagesInEveryLanguage(t *testing.T) {
	b := setup(t)
	p := b.Account(t, "1990-05-01")
	if err := b.Accounts.GrantRole(context.Background(), p.ID, account.RegionAdmin, "440000", uuid.Nil); err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`\b(identity|person|account|ui|code|fault)\.[a-z_0-9.]+|\{[a-z]+[|}]`)
	for _, l := range i18n.Langs {
		w := b.SignedIn(t, l, p)
		for _, page := range []accounttest.Page{w.Get("/me/documents"), w.Get("/me/merge"), w.Get("/me/merge?by=password"), w.Get("/me/merges"),
			w.Get("/admin/merges"), w.Get("/admin/identity")} {
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
