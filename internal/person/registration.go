package person

import (
	"log/slog"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/text"
)

// Registration is what somebody fills in to become a volunteer, or a guardian
// for a child: the eight basic facts of 67号令 art. 5 and the consents. Birth
// date and sex may be left out when the document number holds them.
type Registration struct {
	Document      DocumentInput
	NameHans      string
	NameHant      string
	NameLatin     string
	Gender        string
	BirthDate     time.Time
	Division      string
	Phone         string
	PhoneRegion   string // CN, HK, MO: for a phone without country code
	Email         string
	Skills        []string
	Languages     []string
	ServiceFields []string
	Consents      map[Purpose]string // version agreed to, by purpose
	Lang          i18n.Lang

	// Guardian who registers a ward; uuid.Nil for oneself.
	Guardian uuid.UUID
	Relation string
	// PhoneProven says that the caller saw a code typed that was sent there.
	PhoneProven bool
}

// LogValue keeps everything personal out of logs.
func (r Registration) LogValue() slog.Value { return slog.StringValue(string(r.Document.Kind)) }

// draft is a registration found good.
type draft struct {
	Person
	document Document
	consents []Purpose
	relation string
	cardText string // name as on the card, when it was typed
}

// check finds all faults of a registration at once; today is the day where
// people live.
func (s *Service) check(r Registration, today time.Time) (draft, error) {
	var c fault.Check
	d := draft{relation: r.Relation}
	d.NameHans, d.NameHant, d.NameLatin = checkNames(&c, r)
	doc, err := ParseDocument(r.Document, today)
	c.Add(DocumentField(err), err)
	d.document = doc
	d.BirthDate, d.Gender = checkBirth(&c, r, doc, today)
	s.checkPlace(&c, r.Division)
	d.Division = r.Division
	d.Phone, d.Email = s.checkContact(&c, r)
	d.PhoneProven = r.PhoneProven
	d.Skills = text.Subset(&c, "skills", r.Skills, Skills.Codes, len(Skills.Codes))
	d.Languages = text.Subset(&c, "languages", r.Languages, Languages.Codes, len(Languages.Codes))
	d.ServiceFields = checkFields(&c, r.ServiceFields)
	checkAge(&c, r, d.BirthDate, today)
	d.consents = checkConsents(&c, r, d.BirthDate, today)
	d.Lang = r.Lang
	if d.Lang == "" {
		d.Lang = i18n.ZhHans
	}
	return d, c.Err()
}

// DocumentField is the form field that a fault of the document belongs to.
func DocumentField(err *fault.Error) string {
	switch {
	case err == nil:
		return ""
	case err.Code == ErrDocumentKind.Code:
		return "document_kind"
	case err.Code == ErrDocumentIssuer.Code:
		return "document_issuer"
	}
	return "document_number"
}

// nameField is the field where a document of that kind has its name first.
func nameField(k DocumentKind) string {
	switch k {
	case MainlandID:
		return "name_hans"
	case Passport, ForeignerID:
		return "name_latin"
	}
	return "name_hant"
}

func checkNames(c *fault.Check, r Registration) (hans, hant, latin string) {
	hans, hant, latin = CleanName(r.NameHans), CleanName(r.NameHant), CleanName(r.NameLatin)
	if hans == "" && hant == "" && latin == "" {
		c.Add(nameField(r.Document.Kind), ErrNameMissing)
	}
	for _, n := range []struct {
		field, value string
		check        func(string) *fault.Error
	}{{"name_hans", hans, checkHanName}, {"name_hant", hant, checkHanName}, {"name_latin", latin, checkLatinName}} {
		if n.value != "" {
			c.Add(n.field, n.check(n.value))
		}
	}
	return hans, hant, latin
}

// checkBirth compares birth date and sex with the document, or takes them
// from it.
func checkBirth(c *fault.Check, r Registration, d Document, today time.Time) (time.Time, string) {
	born, gender := r.BirthDate, r.Gender
	if born.IsZero() {
		born = d.Born
	}
	if gender == "" {
		gender = d.Gender
	}
	inNumber := r.Document.Kind.GivesBirth() // then a missing one is the number's fault, told there
	switch {
	case born.IsZero() && !inNumber:
		c.Add("birth_date", fault.ErrRequired)
	case !born.IsZero() && !plausibleBirth(born, today):
		c.Add("birth_date", ErrBirthDate)
	case !d.Born.IsZero() && !born.Equal(d.Born):
		c.Add("birth_date", ErrBirthDiffers)
	}
	switch {
	case gender == "" && !inNumber:
		c.Add("gender", fault.ErrRequired)
	case gender != "" && !Genders.Has(gender):
		c.Add("gender", fault.ErrBadValue)
	case d.Gender != "" && gender != d.Gender:
		c.Add("gender", ErrGenderDiffers)
	}
	return born, gender
}

func (s *Service) checkPlace(c *fault.Check, division string) {
	if division == "" {
		c.Add("division", fault.ErrRequired)
		return
	}
	c.Add("division", s.regions.Require(division))
}

// checkContact: a ward needs no phone, the guardian is reached instead.
func (s *Service) checkContact(c *fault.Check, r Registration) (phone, email string) {
	if r.Phone != "" || r.Guardian == uuid.Nil {
		var err *fault.Error
		phone, err = ParsePhone(r.Phone, r.PhoneRegion)
		c.Add("phone", err)
	}
	email = checkEmail(c, r.Email)
	return phone, email
}

func checkEmail(c *fault.Check, s string) string {
	s = text.Clean(s)
	if s == "" {
		return ""
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > 254 || !strings.Contains(s, ".") {
		c.Add("email", ErrEmail)
	}
	return s
}

// checkFields: at least one field of service, at most four.
func checkFields(c *fault.Check, fields []string) []string {
	switch {
	case len(fields) == 0:
		c.Add("service_fields", fault.ErrRequired)
		return []string{}
	case len(fields) > MaxServiceFields:
		c.Add("service_fields", ErrTooManyFields.With("max", MaxServiceFields))
	}
	return text.Subset(c, "service_fields", fields, ServiceFields.Codes, len(ServiceFields.Codes))
}

// checkAge: a child under 14 is registered by a guardian only, an adult never
// (PIPL art. 31; 志愿服务 practice in the provinces).
func checkAge(c *fault.Check, r Registration, born, today time.Time) {
	if born.IsZero() {
		return
	}
	field := "birth_date"
	if r.Document.Kind.GivesBirth() {
		field = "document_number"
	}
	age := AgeOn(born, today)
	switch {
	case r.Guardian == uuid.Nil && age < ChildUnder:
		c.Add(field, ErrUnder14)
	case r.Guardian != uuid.Nil && age >= AdultFrom:
		c.Add(field, ErrWardAdult)
	}
	if r.Guardian != uuid.Nil {
		text.OneOf(c, "relation", r.Relation, true, Relations.Codes)
	}
}

// checkConsents asks for the version now in force of each text; an older one
// asks again.
func checkConsents(c *fault.Check, r Registration, born, today time.Time) []Purpose {
	need := []Purpose{ConsentPrivacy, ConsentDocument}
	if !born.IsZero() {
		need = requiredConsents(born, today)
	}
	if r.Guardian != uuid.Nil {
		need = append(slices.Clone(need), ConsentGuardian)
	}
	for _, p := range need {
		if r.Consents[p] != newest[p] {
			c.Add("consent_"+string(p), ErrConsentMissing)
		}
	}
	return need
}
