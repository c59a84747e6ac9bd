package signupweb_test

import (
	"testing"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
)

type signup struct {
	ID       uuid.UUID
	Person   uuid.UUID
	State    string
	Position int
	Notice   *int `json:"notice_minutes"`
	Activity *struct{ Title string }
}

type standing struct {
	Signup *signup
	Next   string
	Why    []struct{ Code, Title, Remedy string }
}

type signups struct {
	Items []struct {
		signup
		Name string
	}
	Next string
}

func TestSigningUpThroughTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Capacity, s.WaitingMax = 1, 1 })
	at := "/api/v1/shifts/" + v.ID.String()
	a, b, c := w.Account(t, "1995-01-01"), w.Account(t, "1995-01-01"), w.Account(t, "1995-01-01")
	first, second, third := w.SignedIn(t, i18n.En, a), w.SignedIn(t, i18n.En, b), w.SignedIn(t, i18n.En, c)

	var st standing
	if code, _ := first.API("GET", at+"/standing", nil, &st); code != 200 || st.Next != "confirmed" || len(st.Why) != 0 {
		t.Errorf("%d %+v", code, st)
	}
	var g, again signup
	if code, _ := first.API("POST", at+"/signups", nil, &g); code != 201 || g.State != "confirmed" || g.Person != a.ID {
		t.Errorf("%d %+v", code, g)
	}
	if code, _ := first.API("POST", at+"/signups", nil, &again); code != 201 || again.ID != g.ID {
		t.Errorf("asking again: %d %+v", code, again)
	}
	if code, _ := second.API("POST", at+"/signups", nil, &g); code != 201 || g.State != "waiting" || g.Position != 1 {
		t.Errorf("%d %+v", code, g)
	}
	code, problem := third.API("POST", at+"/signups", nil, nil)
	if code != 409 || problem.Code != "activity.waiting_full" || problem.Title == "" || problem.Remedy == "" || problem.Params["capacity"] != 1.0 {
		t.Errorf("%d %+v", code, problem)
	}
	st = standing{}
	if code, _ := third.API("GET", at+"/standing", nil, &st); code != 200 || st.Next != "" || len(st.Why) != 1 || st.Why[0].Remedy == "" {
		t.Errorf("%d %+v", code, st)
	}
	if code, _ := first.API("DELETE", at+"/signups", nil, &g); code != 200 || g.State != "cancelled" || g.Notice == nil {
		t.Errorf("%d %+v", code, g)
	}
	var mine signups
	if code, _ := second.API("GET", "/api/v1/me/signups", nil, &mine); code != 200 || len(mine.Items) != 1 || mine.Items[0].State != "confirmed" || mine.Items[0].Activity.Title == "" {
		t.Errorf("%d %+v", code, mine)
	}
	mine = signups{}
	if code, _ := first.API("GET", "/api/v1/me/signups?when=past", nil, &mine); code != 200 || len(mine.Items) != 1 {
		t.Errorf("%d %+v", code, mine)
	}
}

func TestTheAPIRefusesNonsense(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	at := "/api/v1/shifts/" + v.ID.String()
	b, nobody := w.SignedIn(t, i18n.En, w.Account(t, "1995-01-01")), w.Browser(t, i18n.En)
	for _, c := range []struct {
		method, path string
		body         any
		want         int
	}{
		{"POST", "/api/v1/shifts/x/signups", nil, 422},
		{"POST", "/api/v1/shifts/" + uuid.NewString() + "/signups", nil, 404},
		{"DELETE", at + "/signups", nil, 404},
		{"POST", at + "/signups?for=" + uuid.NewString(), nil, 403},
		{"GET", at + "/signups", nil, 403},
		{"POST", at + "/decisions", map[string]any{"signups": []string{uuid.NewString()}, "approve": true}, 403},
		{"GET", "/api/v1/me/signups?when=past&before=x", nil, 422},
		{"GET", "/api/v1/me/signups?when=never", nil, 422},
	} {
		if code, p := b.API(c.method, c.path, c.body, nil); code != c.want || p.Code == "" {
			t.Errorf("%s %s: got %d %s, want %d", c.method, c.path, code, p.Code, c.want)
		}
	}
	if code, _ := nobody.API("POST", at+"/signups", nil, nil); code != 401 {
		t.Errorf("nobody signed up: %d", code)
	}
}

func TestDecidingThroughTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post(func(s *activity.ShiftPlan) { s.Approval = true })
	mother := w.Account(t, "1985-01-01")
	child := persontest.Ward(t, w.People, mother.ID, "2015-03-01")
	at := "/api/v1/shifts/" + v.ID.String()
	var g signup
	if code, _ := w.SignedIn(t, i18n.En, mother).API("POST", at+"/signups?for="+child.ID.String(), nil, &g); code != 201 || g.Person != child.ID || g.State != "pending" {
		t.Fatalf("%d %+v", code, g)
	}
	leader := w.SignedIn(t, i18n.En, w.leader)
	code, p := leader.API("POST", at+"/decisions", map[string]any{"signups": []uuid.UUID{g.ID}, "approve": false}, nil)
	if code != 422 || p.Code != "activity.reason_needed" {
		t.Errorf("%d %s", code, p.Code)
	}
	if code, _ := leader.API("POST", at+"/decisions", map[string]any{"signups": []uuid.UUID{g.ID}, "approve": true}, nil); code != 204 {
		t.Errorf("got %d", code)
	}
	var list signups
	if code, _ := leader.API("GET", at+"/signups", nil, &list); code != 200 || list.Items[0].State != "confirmed" || list.Items[0].Name != "李*文" {
		t.Errorf("%d %+v", code, list)
	}
	if code, _ := leader.API("GET", at+"/signups?names=full", nil, &list); code != 200 || list.Items[0].Name != "李*文" { // a minor
		t.Errorf("%d %+v", code, list)
	}
}
