package federation

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// compare holds a statement against what a person registered. It returns the
// document that the provider named, if it did. A provider that keeps the
// identity to itself, or only signs people in, is compared with nothing.
// Errors: ErrDiffers with a field for each difference, ErrIncomplete.
func (s *Service) compare(ctx context.Context, db pg.DB, p person.Person, st Statement) (document *uuid.UUID, err error) {
	provider, err := s.Provider(st.Provider)
	if err != nil {
		return nil, err
	}
	if provider.SubjectOnly || provider.Level == 0 {
		return nil, nil
	}
	named := st.Name != "" || st.NameLatin != ""
	if !named || st.BirthDate.IsZero() && st.Document.Number == "" {
		return nil, ErrIncomplete
	}
	var c fault.Check
	if !sameName(p, st) {
		c.Add("name", ErrName)
	}
	if !st.BirthDate.IsZero() && !st.BirthDate.Equal(p.BirthDate) {
		c.Add("birth_date", ErrBirthDate)
	}
	if st.Document.Number != "" {
		document, err = s.findDocument(ctx, db, p, st.Document)
		if errors.Is(err, ErrDocument) {
			c.Add("document", ErrDocument)
		} else if err != nil {
			return nil, err
		}
	}
	if bad := c.Err(); bad != nil {
		out := *ErrDiffers
		out.Fields = fault.As(bad).Fields
		return nil, &out
	}
	return document, nil
}

// sameName: any name the provider gives is one the person registered. The
// provider's script may be one that the person did not register, as long as
// another fits.
func sameName(p person.Person, st Statement) bool {
	for _, theirs := range []string{st.Name, st.NameLatin} {
		for _, ours := range []string{p.NameHans, p.NameHant, p.NameLatin} {
			if theirs != "" && ours != "" && person.SameName(theirs, ours) {
				return true
			}
		}
	}
	return false
}

// findDocument finds which of the person's documents the provider named.
// Nobody's and somebody else's are one answer: ErrDocument.
func (s *Service) findDocument(ctx context.Context, db pg.DB, p person.Person, in person.DocumentInput) (*uuid.UUID, error) {
	d, bad := person.ParseDocument(in, s.People.Today())
	if bad != nil {
		return nil, ErrDocument
	}
	id, owner, err := s.People.FindDocument(ctx, db, d)
	switch {
	case errors.Is(err, person.ErrNotFound), err == nil && owner != p.ID:
		return nil, ErrDocument
	case err != nil:
		return nil, err
	}
	return &id, nil
}
