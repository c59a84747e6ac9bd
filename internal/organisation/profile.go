package organisation

import (
	"net/mail"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/text"
	"kapok/internal/region"
)

// Lengths of texts, in characters.
const (
	maxName  = 60
	maxLine  = 120
	maxIntro = 2000
)

var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{4,30}$`)

// clean brings all texts to their normal form and empties what does not
// belong to the kind, so that a form may send everything.
func (p *Profile) clean() {
	for _, s := range []*string{&p.Name, &p.RegistryNo, &p.GuidingUnit, &p.FilingNo, &p.Partner, &p.Phone, &p.Email, &p.Address, &p.Intro} {
		*s = text.Clean(*s)
	}
	p.CreditCode = NormalCreditCode(p.CreditCode)
	p.Phone = norm.NFKC.String(p.Phone)
	if p.Kind != Group {
		p.GuidingUnit = ""
	}
	if p.Kind != Offshore {
		p.FilingKind, p.FilingNo, p.FilingFrom, p.FilingTo, p.Partner = "", "", nil, nil, ""
	}
	if p.abroad() {
		p.CreditCode = ""
	}
}

// abroad reports whether the body stands in Hong Kong or Macao, where
// mainland codes and filings have no place.
func (p Profile) abroad() bool {
	return strings.HasPrefix(p.Division, "81") || strings.HasPrefix(p.Division, "82")
}

// check finds everything wrong with a cleaned profile, all fields at once.
func (p *Profile) check(tree *region.Tree, now time.Time) error {
	var c fault.Check
	text.Line(&c, "name", p.Name, true, maxName)
	text.OneOf(&c, "kind", string(p.Kind), true, Kinds)
	c.Add("division", tree.Require(p.Division))
	p.checkRegister(&c)
	if p.Kind == Offshore {
		p.checkFiling(&c, now)
	}
	p.checkOpenPart(&c)
	return c.Err()
}

func (p *Profile) checkRegister(c *fault.Check) {
	text.Line(c, "guiding_unit", p.GuidingUnit, false, maxLine)
	if p.Kind == Group {
		c.Must(p.GuidingUnit != "", "guiding_unit", ErrGuidingUnit)
	}
	registered := p.Kind == VolunteerOrg || p.Kind == LegalPerson
	text.Line(c, "registry_no", p.RegistryNo, registered && p.abroad(), maxLine)
	if registered && !p.abroad() && p.CreditCode == "" {
		c.Add("credit_code", fault.ErrRequired)
	}
	if p.CreditCode != "" {
		c.Must(ValidCreditCode(p.CreditCode), "credit_code", ErrBadCode)
	}
}

// checkFiling holds the rules for offshore bodies (standards §0.6).
func (p *Profile) checkFiling(c *fault.Check, now time.Time) {
	c.Must(!p.abroad(), "kind", ErrNotOffshore)
	text.OneOf(c, "filing_kind", p.FilingKind, true, FilingKinds)
	text.Line(c, "filing_no", p.FilingNo, true, maxLine)
	text.Line(c, "partner", p.Partner, p.FilingKind == Temporary, maxLine)
	from := c.Must(p.FilingFrom != nil, "filing_from", fault.ErrRequired)
	to := c.Must(p.FilingTo != nil, "filing_to", fault.ErrRequired)
	if !from || !to {
		return
	}
	c.Must(!p.FilingTo.Before(*p.FilingFrom), "filing_to", ErrFilingOrder)
	c.Must(p.FilingTo.AddDate(0, 0, 1).After(now), "filing_to", ErrFilingOver)
	if p.FilingKind == Temporary {
		c.Must(p.FilingTo.Before(p.FilingFrom.AddDate(1, 0, 0)), "filing_to", ErrFilingTooLong)
	}
}

// checkOpenPart holds the part an approved organisation may change by itself.
func (p *Profile) checkOpenPart(c *fault.Check) {
	if p.Phone == "" && p.Email == "" {
		c.Add("phone", ErrNoContact)
	}
	if p.Phone != "" {
		c.Must(phoneForm.MatchString(p.Phone), "phone", ErrBadPhone)
	}
	if p.Email != "" {
		c.Must(goodEmail(p.Email), "email", ErrBadEmail)
	}
	text.Line(c, "address", p.Address, false, maxLine)
	text.Check(c, "intro", p.Intro, false, maxIntro)
	p.Fields = text.Subset(c, "fields", p.Fields, Fields.Codes, 4)
}

func goodEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

// nameKey folds a name for the rule "same name in one county": width, case and
// spaces do not make another name.
func nameKey(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(name)), ""))
}
