package organisation

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/person/persontest"
	"kapok/internal/region"
)

func day(s string) *time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return &t
}

func TestApplicationsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	offshore := func(p *Profile) {
		p.Kind, p.FilingKind, p.FilingNo, p.Partner = Offshore, Temporary, "粤备2026-17", "广州市慈善会"
		p.FilingFrom, p.FilingTo = day("2026-10-01"), day("2027-03-31")
	}
	for _, x := range []struct {
		name   string
		change func(*Profile)
		want   *fault.Error
		field  string
	}{
		{"no name", func(p *Profile) { p.Name = "  " }, fault.ErrRequired, "name"},
		{"long name", func(p *Profile) { p.Name = strings.Repeat("长", 61) }, fault.ErrTooLong, "name"},
		{"control character", func(p *Profile) { p.Intro = "a\x07b" }, fault.ErrBadText, "intro"},
		{"no such kind", func(p *Profile) { p.Kind = "club" }, fault.ErrBadValue, "kind"},
		{"unguided group", func(p *Profile) { p.GuidingUnit = "" }, ErrGuidingUnit, "guiding_unit"},
		{"no such division", func(p *Profile) { p.Division = "440199" }, region.ErrUnknown, "division"},
		{"the whole city", func(p *Profile) { p.Division = persontest.Guangzhou }, region.ErrTooCoarse, "division"},
		{"no code", func(p *Profile) { p.Kind = VolunteerOrg }, fault.ErrRequired, "credit_code"},
		{"wrong code", func(p *Profile) { p.Kind, p.CreditCode = LegalPerson, "91350100M000100Y44" }, ErrBadCode, "credit_code"},
		{"Hong Kong without a number", func(p *Profile) { p.Kind, p.Division = LegalPerson, persontest.CentralHK }, fault.ErrRequired, "registry_no"},
		{"no contact", func(p *Profile) { p.Phone = "" }, ErrNoContact, "phone"},
		{"wrong phone", func(p *Profile) { p.Phone = "打给我" }, ErrBadPhone, "phone"},
		{"wrong mail", func(p *Profile) { p.Email = "a@b <c>" }, ErrBadEmail, "email"},
		{"five fields", func(p *Profile) { p.Fields = []string{"0001", "0002", "0003", "0004", "0005"} }, fault.ErrTooLong, "fields"},
		{"no such field", func(p *Profile) { p.Fields = []string{"1234"} }, fault.ErrBadValue, "fields"},
		{"offshore without filing", func(p *Profile) { offshore(p); p.FilingNo = "" }, fault.ErrRequired, "filing_no"},
		{"temporary without partner", func(p *Profile) { offshore(p); p.Partner = "" }, fault.ErrRequired, "partner"},
		{"temporary over a year", func(p *Profile) { offshore(p); p.FilingTo = day("2027-10-01") }, ErrFilingTooLong, "filing_to"},
		{"filing over", func(p *Profile) { offshore(p); p.FilingFrom, p.FilingTo = day("2026-01-01"), day("2026-10-09") }, ErrFilingOver, "filing_to"},
		{"filing turned round", func(p *Profile) { offshore(p); p.FilingTo = day("2026-09-01") }, ErrFilingOrder, "filing_to"},
		{"no dates", func(p *Profile) { offshore(p); p.FilingFrom, p.FilingTo = nil, nil }, fault.ErrRequired, "filing_from"},
		{"offshore in Hong Kong", func(p *Profile) { offshore(p); p.Division = persontest.CentralHK }, ErrNotOffshore, "kind"},
	} {
		p := group("越秀街坊队")
		x.change(&p)
		_, err := w.Apply(context.Background(), p, uuid.New())
		if err == nil {
			t.Errorf("%s: accepted", x.name)
			continue
		}
		w.refused(err, x.want, x.field)
	}
}

// All errors come at once, so that nobody mends a form field by field.
func TestAllErrorsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Apply(context.Background(), Profile{Kind: Offshore, Email: "x"}, uuid.New())
	if n := len(fault.As(err).Fields); n < 7 {
		t.Errorf("only %d errors: %v", n, err)
	}
}

func TestGoodApplications(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, change := range []func(*Profile){
		func(p *Profile) { p.Name = "街坊队" },
		func(p *Profile) { p.Name, p.Kind, p.CreditCode = "义工联", VolunteerOrg, " 91350100m000100y43" },
		func(p *Profile) { p.Name, p.Kind, p.CreditCode = "中学", LegalPerson, "9144030071526726XG" },
		func(p *Profile) {
			p.Name, p.Kind, p.Division, p.RegistryNo = "長者中心", LegalPerson, persontest.CentralHK, "CR 1234567"
		},
		func(p *Profile) { p.Name, p.Division = "东城队", persontest.Dongcheng }, // a town straight below a city
		func(p *Profile) {
			p.Name, p.Kind, p.FilingKind, p.FilingNo = "Relief", Offshore, Office, "G 2026"
			p.FilingFrom, p.FilingTo = day("2025-01-01"), day("2029-12-31")
		},
	} {
		p := group("")
		change(&p)
		o, err := w.Apply(context.Background(), p, uuid.New())
		w.must(err)
		if got, err := w.Get(context.Background(), o.ID); err != nil || got.State != Applied || got.Name != p.Name {
			t.Errorf("%s: %+v %v", p.Name, got, err)
		}
		w.audited(o.ID, "organisation.apply")
	}
}

// Fields of another kind are dropped, so a form may send them all.
func TestFieldsOfOtherKindsAreDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := group("街坊队")
	p.FilingNo, p.Partner, p.FilingFrom = "1", "2", day("2026-01-01")
	o, err := w.Apply(context.Background(), p, uuid.New())
	w.must(err)
	if o.FilingNo != "" || o.Partner != "" || o.FilingFrom != nil {
		t.Errorf("kept %+v", o)
	}
}

func TestSameNameInOneCounty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _ = w.approved("木棉义工队")
	same := group("木棉 义工队") // spaces make no other name
	same.Division = "440104003001"
	_, err := w.Apply(context.Background(), same, uuid.New())
	w.refused(err, ErrNameTaken, "name")
	elsewhere := group("木棉义工队")
	elsewhere.Division = persontest.Tianhe
	o, err := w.Apply(context.Background(), elsewhere, uuid.New())
	w.must(err)
	_, err = w.Decide(context.Background(), Decision{Org: o.ID, Verdict: Refuse, Reason: "材料不实", By: w.desk})
	w.must(err)
	_, err = w.Apply(context.Background(), elsewhere, uuid.New()) // a refused name is free again
	w.must(err)
}

func TestSameCreditCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _ = w.approved("甲", func(p *Profile) { p.Kind, p.CreditCode = LegalPerson, "9144030071526726XG" })
	p := group("乙")
	p.Kind, p.CreditCode = LegalPerson, "9144030071526726XG"
	_, err := w.Apply(context.Background(), p, uuid.New())
	w.refused(err, ErrCodeTaken, "credit_code")
}

func TestFiledOn(t *testing.T) {
	t.Parallel()
	o := Organisation{Profile: Profile{Kind: Offshore, FilingFrom: day("2026-10-01"), FilingTo: day("2026-10-31")}}
	for at, want := range map[string]bool{"2026-09-30": false, "2026-10-01": true, "2026-10-31": true, "2026-11-01": false} {
		if got := o.FiledOn(*day(at)); got != want {
			t.Errorf("%s: %v", at, got)
		}
	}
	if o.Kind = Group; !o.FiledOn(time.Now()) {
		t.Error("a group needs no filing")
	}
}
