package signupweb_test

import (
	"net/url"
	"testing"

	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// family makes a mother and a ward of hers with an account; she has agreed to nothing.
func (w *world) family(born string) (mother, child person.Person) {
	w.t.Helper()
	mother, child = w.Account(w.t, "1985-05-01"), w.Account(w.t, born)
	code, err := w.People.FamilyCode(w.t.Context(), child.ID, child.ID)
	w.must(err)
	_, err = w.People.LinkWard(w.t.Context(), mother.ID, code, "mother", persontest.Consents())
	w.must(err)
	w.must(w.People.WithdrawService(w.t.Context(), mother.ID, child.ID, nil))
	return mother, child
}

func TestAMinorAsksTheGuardian(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	mother, teen := w.family("2010-01-01")
	k := w.SignedIn(t, i18n.ZhHans, teen)
	ask := path(v, "ask-guardian")
	page := k.Get("/activities/" + v.ActivityID.String())
	sees(t, page, 200, "现在还不能报名", "需要监护人同意")
	if page.Find(`form[action="`+ask+`"]`).Length() != 1 {
		t.Error("the box does not lead to the guardian")
	}
	refused := k.Post(path(v, "signup"), forPerson(teen.ID))
	if refused.Status != 403 || refused.Find(`form[action="`+ask+`"]`).Length() != 1 {
		t.Errorf("refused with %d and no way on", refused.Status)
	}
	sees(t, k.Post(ask, url.Values{}), 200, "已请监护人同意")

	m := w.SignedIn(t, i18n.En, mother)
	href, _ := m.Get("/activities/" + v.ActivityID.String()).Find(`a[href^="/me/wards/"]`).Attr("href")
	if want := person.ServiceConsentPath(teen.ID, &v.Activity.Org); href != want {
		t.Errorf("the guardian is led to %q, want %q", href, want)
	}
	w.must(w.People.AgreeService(t.Context(), mother.ID, teen.ID, &v.Activity.Org))
	sees(t, k.Post(path(v, "signup"), forPerson(teen.ID)), 200, "报名成功")
}

func TestAskingGuardiansByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	_, teen := w.family("2010-01-01")
	call := "/api/v1/shifts/" + v.ID.String() + "/guardian-request"
	if code, _ := w.SignedIn(t, i18n.En, teen).API("POST", call, nil, nil); code != 204 {
		t.Errorf("asked: %d", code)
	}
	if code, problem := w.SignedIn(t, i18n.En, w.leader).API("POST", call, nil, nil); code < 400 || problem.Code != "person.not_minor" {
		t.Errorf("an adult asks: %d %s", code, problem.Code)
	}
}
