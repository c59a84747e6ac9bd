package privacyweb

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

type requestsRead struct {
	Items []requestJSON `json:"items"`
}

func TestTheAdministratorPutsANameRight(t *testing.T) {
	b := setup(t)
	ann, admin, far := b.Account(t, "1990-02-03"), b.Account(t, "1980-02-03"), b.Account(t, "1980-02-03")
	b.Roles[admin.ID] = []account.Grant{{Role: account.RegionAdmin, Region: ann.Division}}
	b.Roles[far.ID] = []account.Grant{{Role: account.RegionAdmin, Region: "820000"}}
	w, desk := b.SignedIn(t, i18n.ZhHans, ann), b.SignedIn(t, i18n.ZhHans, admin)
	want(t, w.Post("/me/data/corrections", url.Values{"item": {"birth"}, "birth_date": {"1990-02-04"}}), 422)
	want(t, w.Post("/me/data/corrections", url.Values{"item": {"name"}, "name_hans": {ann.NameHans}, "words": {"没有变"}}), 422, "本来就是这样")
	want(t, w.Post("/me/data/corrections", url.Values{"item": {"name"}, "name_hans": {"李晓雯"}, "words": {"照身份证"}}), 200, "照身份证")
	want(t, desk.Get("/admin/corrections"), 200, "李晓雯", "照身份证", ann.VolunteerNo)
	if looks := looksOf(t, b, ann.ID); len(looks) != 1 || looks[0].Purpose != "correction" || looks[0].Actor != admin.ID {
		t.Errorf("looks %+v", looks)
	}
	var list requestsRead
	if status, _ := w.API("GET", "/api/v1/me/data/requests", nil, &list); status != 200 || len(list.Items) != 1 || list.Items[0].Values.NameHans != "李晓雯" {
		t.Fatalf("status %d, %+v", status, list)
	}
	path := "/admin/corrections/" + list.Items[0].ID.String()
	card := url.Values{"do": {"grant"}, "answer": {"已核对身份证"}, "document_kind": {"mainland_id"}, "document_number": {persontest.MainlandID("1990-02-03")}, "name": {"李晓雯"}}
	want(t, b.SignedIn(t, i18n.ZhHans, far).Post(path, card), 403)
	want(t, desk.Post(path, url.Values{"do": {"grant"}, "answer": {"x"}}), 422)
	docs, err := b.People.Documents(t.Context(), ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	card.Set("document_number", persontest.MainlandID("1990-02-04"))
	if p := desk.Post(path, card); p.Status != 422 && p.Status != 409 || len(docs) != 1 {
		t.Errorf("a card of another birth date: %d", p.Status)
	}
	if p, _ := b.People.Get(t.Context(), ann.ID); p.NameHans != ann.NameHans {
		t.Errorf("changed to %s by a refusal", p.NameHans)
	}
}

// A refusal says why; the level above answers the one appeal.
func TestARefusalIsAppealedOnce(t *testing.T) {
	b := setup(t)
	ann, admin, over := b.Account(t, "1990-02-03"), b.Account(t, "1980-02-03"), b.Account(t, "1980-02-03")
	b.Roles[admin.ID] = []account.Grant{{Role: account.RegionAdmin, Region: ann.Division}}
	b.Roles[over.ID] = []account.Grant{{Role: account.RegionAdmin, Region: persontest.Guangzhou}}
	w, desk, above := b.SignedIn(t, i18n.En, ann), b.SignedIn(t, i18n.En, admin), b.SignedIn(t, i18n.En, over)
	other := map[string]string{"female": "male", "male": "female"}[ann.Gender]
	status, problem := w.API("POST", "/api/v1/me/data/corrections", map[string]any{"item": "birth", "values": map[string]any{"gender": other}, "words": "see my card"}, nil)
	if status != 201 {
		t.Fatalf("%d %+v", status, problem)
	}
	first := theOnly(t, w)
	want(t, desk.Post("/admin/corrections/"+first.String(), url.Values{"answer": {"no button was pressed"}}), 422)
	want(t, desk.Post("/admin/corrections/"+first.String(), url.Values{"do": {"refuse"}, "answer": {"The card was unreadable"}}), 200)
	want(t, w.Get("/me/data"), 200, "The card was unreadable", "Appeal to the level above")
	appeal := "/me/data/requests/" + first.String() + "/appeal"
	want(t, w.Post(appeal, url.Values{}), 422)
	want(t, w.Post(appeal, url.Values{"words": {"It is readable"}}), 200, "It is readable")
	if p := w.Get("/me/data"); strings.Contains(p.Body, appeal) {
		t.Error("a second appeal is offered")
	}
	if p := w.Post(appeal, url.Values{"words": {"again"}}); p.Status < 400 {
		t.Errorf("a second appeal: %d", p.Status)
	}
	if p := desk.Get("/admin/corrections"); strings.Contains(p.Body, "It is readable") {
		t.Error("the first level reads the appeal")
	}
	want(t, above.Get("/admin/corrections"), 200, "It is readable", "Appeal")
}

func theOnly(t *testing.T, w *accounttest.Browser) uuid.UUID {
	t.Helper()
	var list requestsRead
	if status, _ := w.API("GET", "/api/v1/me/data/requests", nil, &list); status != 200 || len(list.Items) != 1 {
		t.Fatalf("%d %+v", status, list)
	}
	return list.Items[0].ID
}

func TestTheSeenDocumentOfTheAPI(t *testing.T) {
	t.Parallel()
	if got := (*seenJSON)(nil).document(); got != (person.NewDocument{}) {
		t.Errorf("%+v", got)
	}
	got := (&seenJSON{Kind: "hkid", Number: "A1", Name: "陳", ValidTo: "2030-01-02"}).document()
	if got.Kind != person.HKID || got.Number != "A1" || got.ValidTo.Day() != 2 {
		t.Errorf("%+v", got)
	}
}
