package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/privacy"
)

// minorSince is a birth date that makes a minor in October 2026.
const minorSince = "2010-03-01"

// asks lets somebody, registered as an adult by a passport that tells no birth
// date, ask for another one, and returns how an administrator decides it.
func (s *city) asks(t *testing.T) (person.Person, func() error) {
	t.Helper()
	card := person.DocumentInput{Kind: person.Passport, Issuer: "SG", Number: "K" + persontest.Registration("1990-01-01").Document.Number[10:17]}
	in := persontest.Registration("1990-01-01")
	in.Document, in.BirthDate, in.Gender, in.NameHans, in.NameLatin, in.Division = card, time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), "female", "", "Lin Mei", "440104"
	p, err := s.App.People.Register(t.Context(), in)
	s.must(t, err)
	born, err := time.Parse(time.DateOnly, minorSince)
	s.must(t, err)
	r, err := s.Privacy.AskCorrection(t.Context(), privacy.Asking{By: p.ID, Person: p.ID, Item: "birth", Wish: person.Correction{BirthDate: born}, Words: "照证件"})
	s.must(t, err)
	return p, func() error {
		return s.Privacy.Decide(context.Background(), privacy.Decision{Request: r.ID, Grant: true, By: s.first, Answer: "已核对",
			Seen: person.NewDocument{DocumentInput: card, Name: "Lin Mei"}})
	}
}

// holds reports how many coming places a person has.
func (s *city) holds(t *testing.T, who uuid.UUID) int {
	t.Helper()
	list, err := s.App.Activities.Upcoming(t.Context(), []uuid.UUID{who})
	s.must(t, err)
	return len(list)
}

func (s *city) told(t *testing.T, who uuid.UUID, kind string) (n int) {
	t.Helper()
	s.must(t, s.pool().QueryRow(t.Context(), `SELECT count(*) FROM notify.message WHERE person = $1 AND kind = $2`, who, kind).Scan(&n))
	return n
}

// A person corrected to be a minor loses the places in danger and those that no
// guardian agreed to, and every role of staff; the only administrator of an
// organisation is replaced first.
func TestABirthDateCorrectedToAMinors(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	ctx := t.Context()
	p, correct := s.asks(t)
	s.SignUp(s.Shift(attendancetest.Dangerous, attendancetest.Between(attendancetest.At(18, 0), attendancetest.At(19, 0))), p)
	s.SignUp(s.shifts[0], p)
	name := func(org uuid.UUID, who person.Person, role organisation.Role, by uuid.UUID) {
		t.Helper()
		_, err := s.App.Orgs.AddMember(ctx, organisation.Naming{Org: org, VolunteerNo: who.VolunteerNo, Role: role, By: by})
		s.must(t, err)
	}
	name(s.Org.ID, p, organisation.Admin, s.Admin.ID)
	s.must(t, s.App.Orgs.RemoveMember(ctx, s.Org.ID, s.Admin.ID, s.Admin.ID))
	s.must(t, s.Accounts.Grant(ctx, account.Granting{Person: p.ID, Role: account.Inspector, Region: "440104", Reason: "抽查", By: s.first}))
	if err := correct(); fault.As(err).Code != organisation.ErrLastAdmin.Code {
		t.Fatalf("the only administrator: %v", err)
	}
	if s.holds(t, p.ID) != 2 {
		t.Error("a refused correction took places")
	}
	name(s.Org.ID, s.Admin, organisation.Admin, p.ID)
	s.must(t, correct())
	if n := s.holds(t, p.ID); n != 0 {
		t.Errorf("%d places are left", n)
	}
	roles, err := s.App.Orgs.Memberships(ctx, p.ID)
	s.must(t, err)
	if len(roles) != 1 || roles[0].Role != string(organisation.Plain) {
		t.Errorf("in organisations %+v", roles)
	}
	if n, err := account.CountRoles(ctx, s.pool(), p.ID); n != 0 || err != nil {
		t.Errorf("%d roles elsewhere, %v", n, err)
	}
	for _, kind := range []string{"organisation.role_taken", "account.role_taken", "privacy.correction_granted"} {
		if n := s.told(t, p.ID, kind); n != 1 {
			t.Errorf("told %s %d times", kind, n)
		}
	}
	if _, err := s.App.Orgs.AddMember(ctx, organisation.Naming{Org: s.Org.ID, VolunteerNo: p.VolunteerNo, Role: organisation.Leader, By: s.Admin.ID}); !errors.Is(err, organisation.ErrMinorRole) {
		t.Errorf("named again: %v", err)
	}
}

// A sign-up in danger, a role and the correction at the same moment: whichever
// comes first, a minor ends without place and role.
func TestABirthDateCorrectedDuringASignUp(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	for n := range 6 {
		p, correct := s.asks(t)
		v := s.Shift(attendancetest.Dangerous, attendancetest.Between(attendancetest.At(6+n, 0), attendancetest.At(7+n, 0)))
		var wg sync.WaitGroup
		var corrected error
		wg.Go(func() {
			_, _ = s.App.Activities.SignUp(context.Background(), activity.SignUpRequest{Shift: v.ID, Person: p.ID, By: p.ID})
		})
		wg.Go(func() {
			_, _ = s.App.Orgs.AddMember(context.Background(), organisation.Naming{Org: s.Org.ID, VolunteerNo: p.VolunteerNo, Role: organisation.Leader, By: s.Admin.ID})
		})
		wg.Go(func() { corrected = correct() })
		wg.Wait()
		s.must(t, corrected)
		roles, err := s.App.Orgs.Memberships(t.Context(), p.ID)
		s.must(t, err)
		if places := s.holds(t, p.ID); places != 0 || len(roles) > 0 && roles[0].Role != string(organisation.Plain) {
			t.Errorf("round %d: %d places, roles %+v", n, places, roles)
		}
	}
}

// A security administrator gives a role over HTTP, and it works at once.
func TestARoleIsGivenOverHTTP(t *testing.T) {
	t.Parallel()
	a := &attack{scene: newScene(t)}
	p, err := a.People.Get(t.Context(), a.people["volunteer"])
	if err != nil {
		t.Fatal(err)
	}
	before := bearer(a.signIn(t, p.ID, account.ByPasskey))
	if w := a.ask("GET", "/api/v1/admin/audit", nil, before...); w.Code != http.StatusForbidden {
		t.Fatalf("before: %d", w.Code)
	}
	security := a.signIn(t, a.people["security_admin inside"], account.ByPasskey)
	body := map[string]any{"volunteer_no": p.VolunteerNo, "role": "auditor", "reason": "代班"}
	if w := a.ask("POST", "/api/v1/admin/roles", body, bearer(security)...); w.Code != http.StatusNoContent {
		t.Fatalf("the grant: %d %s", w.Code, w.Body)
	}
	w := a.ask("GET", "/api/v1/admin/audit?action=account.grant_role", nil, before...)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"detail":{}`) {
		t.Errorf("at once: %d", w.Code)
	}
	form := url.Values{"volunteer_no": {p.VolunteerNo}, "role": {"merchant"}, "reason": {"联盟商家"}}
	if w := a.ask("POST", "/admin/roles", form, cookie(security)...); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin/roles" {
		t.Errorf("by the page: %d to %s", w.Code, w.Header().Get("Location"))
	}
	if n, err := account.CountRoles(t.Context(), a.Pool, p.ID); n != 2 || err != nil {
		t.Errorf("%d roles, %v", n, err)
	}
}

// A certificate issued before a name was corrected says so on its page and by
// the API, to whoever checks it.
func TestACertificateTellsOfACorrectedName(t *testing.T) {
	t.Parallel()
	a := &attack{scene: newScene(t)}
	who := somebody(t, a.App)
	list, err := a.Certificates.Mine(t.Context(), who, "", 5)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d certificates, %v", len(list), err)
	}
	number := string(list[0].Number)
	look := func() (page string, renamed bool) {
		t.Helper()
		w := a.ask("GET", "/verify/"+number, nil)
		var out struct {
			Renamed bool `json:"name_corrected"`
		}
		api := a.ask("GET", "/api/v1/certificates/"+number, nil)
		if err := json.Unmarshal(api.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK || api.Code != http.StatusOK {
			t.Fatalf("page %d, API %d, %v", w.Code, api.Code, err)
		}
		return w.Body.String(), out.Renamed
	}
	said := i18n.Text(i18n.ZhHans, "certificateweb.name_corrected")
	if page, renamed := look(); renamed || strings.Contains(page, said) {
		t.Error("said before")
	}
	if _, err := a.Pool.Exec(t.Context(), `UPDATE person.person SET name_hans = name_hans || '芳', name_corrected_at = now() + interval '1 minute' WHERE id = $1`, who); err != nil {
		t.Fatal(err)
	}
	if page, renamed := look(); !renamed || !strings.Contains(page, said) {
		t.Errorf("not said: by the API %v", renamed)
	}
}
