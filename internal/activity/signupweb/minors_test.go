package signupweb_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/audit"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// Names in full are for adults; a minor's stays masked without a second person's
// approval, and the audit says of whom which was shown.
func TestMinorsStayMaskedInTheRoster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.post()
	adult, mother := w.Account(t, "1990-01-01"), w.Account(t, "1985-05-01")
	reg := persontest.Registration("2010-01-01")
	reg.NameHans, reg.Guardian, reg.Relation = "欧阳小木棉", mother.ID, "mother"
	reg.Consents = persontest.Consents()
	teen, err := w.People.Register(t.Context(), reg)
	w.must(err)
	w.join(v, adult)
	w.join(v, teen)
	b := w.SignedIn(t, i18n.ZhHans, w.leader)
	at := "/console/shifts/" + v.ID.String() + "/signups"
	shows := func(path string, minor bool) {
		t.Helper()
		page := text(b.Get(path))
		if !strings.Contains(page, person.Name(adult)) || strings.Contains(page, "欧阳小木棉") != minor || !minor && !strings.Contains(page, "欧*棉") {
			t.Errorf("%s: %.600s", path, page)
		}
	}
	shows(at+"?names=full", false)
	var names signups
	if code, _ := b.API("GET", "/api/v1/shifts/"+v.ID.String()+"/signups?names=full", nil, &names); code != 200 || names.Items[1].Name != "欧*棉" {
		t.Errorf("%d %+v", code, names)
	}
	w.cleared = map[uuid.UUID]bool{teen.ID: true}
	shows(at+"?names=full", true)

	var full, masked int
	w.must(w.Pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE e.detail -> 'data' ? $2), count(*) FILTER (WHERE e.detail -> 'data' ? $3)
		FROM audit.entry e JOIN audit.subject s ON s.entry = e.id WHERE s.person = $1`, teen.ID, audit.Name, audit.MaskedName).Scan(&full, &masked))
	if full != 1 || masked != 2 {
		t.Errorf("the minor's name was read %d times in full and %d times masked", full, masked)
	}
}
