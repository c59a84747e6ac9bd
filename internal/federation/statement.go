package federation

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/google/uuid"

	"kapok/internal/kit/crypt"
	"kapok/internal/person"
)

// Statement is what an authority says about whoever stood before it. However
// it was reached, it counts by Settle alone. It prints as the provider's id.
type Statement struct {
	Provider string
	Subject  []byte // keyed hash of issuer and subject
	Level    int

	// Facts, as far as the provider gives any.
	Name, NameLatin string
	BirthDate       time.Time
	Document        person.DocumentInput
}

// String keeps the facts out of logs.
func (s Statement) String() string { return s.Provider }

// LogValue keeps the facts out of logs.
func (s Statement) LogValue() slog.Value { return slog.StringValue(s.Provider) }

// claims are the members of an ID token and of the userinfo answer.
type claims map[string]any

func (c claims) text(name string) string {
	v, _ := c[name].(string)
	return strings.TrimSpace(v)
}

// lacks reports whether a claim that the configuration names is missing.
func (c claims) lacks(p *Provider) bool {
	for _, name := range []string{p.ClaimName, p.ClaimNameLatin, p.ClaimBirthDate, p.ClaimDocument, p.ClaimDocumentKind} {
		if name != "" && c.text(name) == "" {
			return true
		}
	}
	return false
}

// ask adds what the userinfo endpoint tells of the same subject. What the
// signed token says stays.
func (c claims) ask(ctx context.Context, src *source, token *oauth2.Token, subject string) error {
	info, err := src.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return ErrAnswer.Because(err)
	}
	more := claims{}
	if err := info.Claims(&more); err != nil || info.Subject != subject {
		return ErrAnswer
	}
	for name, v := range more {
		if _, signed := c[name]; !signed {
			c[name] = v
		}
	}
	return nil
}

// statement reads what the configuration says is worth reading.
func (s *Service) statement(p *Provider, subject string, c claims) (Statement, error) {
	st := Statement{Provider: p.ID, Subject: s.Keys.Lookup("federation/subject", p.Issuer+"\n"+subject), Level: p.Level}
	if p.SubjectOnly {
		return st, nil
	}
	st.Name, st.NameLatin = c.text(p.ClaimName), c.text(p.ClaimNameLatin)
	if day := c.text(p.ClaimBirthDate); day != "" {
		born, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return Statement{}, ErrAnswer // the cause would quote the date
		}
		st.BirthDate = born
	}
	if number := c.text(p.ClaimDocument); p.ClaimDocument != "" && number != "" {
		kind := p.DocumentKind
		if p.ClaimDocumentKind != "" {
			kind = c.text(p.ClaimDocumentKind)
		}
		st.Document = person.DocumentInput{Kind: person.DocumentKind(kind), Number: number}
	}
	return st, nil
}

// KeptLife is how long a statement waits while somebody signs in or registers.
const KeptLife = 30 * time.Minute

var pendingPlace = crypt.Place{Table: "federation.pending", Column: "cookie", Row: uuid.Nil}

type pending struct {
	Statement Statement
	Until     time.Time
}

// Keep seals a statement for the browser to carry until its owner has signed
// in or registered; nothing of it is stored here.
func (s *Service) Keep(st Statement) string {
	return s.seal(pendingPlace, pending{st, s.Clock.Now().Add(KeptLife)})
}

// Kept reads what Keep sealed; false when it is none or too old.
func (s *Service) Kept(carried string) (Statement, bool) {
	var p pending
	ok := s.open(pendingPlace, carried, &p) && s.Clock.Now().Before(p.Until)
	if !ok {
		return Statement{}, false
	}
	return p.Statement, true
}

// Fields are the facts as the form of registering names them; empty when the
// provider gives none.
func (s Statement) Fields() url.Values {
	v := url.Values{}
	put := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	script := "name_hant"
	if s.Document.Kind == person.MainlandID {
		script = "name_hans"
	}
	put(script, s.Name)
	put("name_latin", s.NameLatin)
	if !s.BirthDate.IsZero() {
		put("birth_date", s.BirthDate.Format(time.DateOnly))
	}
	put("document_kind", string(s.Document.Kind))
	put("document_number", s.Document.Number)
	return v
}
