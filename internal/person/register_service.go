package person

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
)

// Register makes a person in a transaction of its own.
func (s *Service) Register(ctx context.Context, r Registration) (Person, error) {
	var p Person
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		p, err = s.RegisterTx(ctx, tx, r)
		return err
	})
	return p, err
}

// Check says what is wrong with a registration, all fields at once, without
// looking whether the document is registered.
func (s *Service) Check(r Registration) error {
	_, err := s.check(r, s.Today())
	return err
}

// RegisterTx makes a person with document, consents and, for a ward, the
// guardianship. Errors: all fields at fault at once; ErrAlreadyRegistered at
// document_number when somebody holds the document; ErrGuardianMinor.
func (s *Service) RegisterTx(ctx context.Context, tx pgx.Tx, r Registration) (Person, error) {
	d, err := s.check(r, s.Today())
	if err != nil {
		return Person{}, err
	}
	if d.ID, err = uuid.NewV7(); err != nil {
		return Person{}, err
	}
	d.RegisteredAt, d.Version = s.clk.Now(), 1
	by := d.ID
	if r.Guardian != uuid.Nil {
		if by, err = s.requireAdult(ctx, tx, r.Guardian); err != nil {
			return Person{}, err
		}
		d.RegisteredBy = &by
	}
	if err := s.insertPerson(ctx, tx, &d.Person); err != nil {
		return Person{}, err
	}
	if _, err := s.insertDocument(ctx, tx, d, time.Time{}); err != nil {
		return Person{}, err
	}
	for _, p := range d.consents {
		if err := s.insertConsent(ctx, tx, d.ID, by, p, newest[p]); err != nil {
			return Person{}, err
		}
	}
	if r.Guardian != uuid.Nil {
		if err := s.insertGuardianship(ctx, tx, by, d.ID, d.relation); err != nil {
			return Person{}, err
		}
	}
	return d.Person, audit.RecordTx(ctx, tx, audit.Entry{At: d.RegisteredAt, Actor: &by, Action: "person.register",
		Object: audit.Object("person", d.ID), Region: &d.Division,
		Detail: map[string]any{"document": d.document.Kind, "unusual": d.document.Unusual}})
}

// requireAdult checks that a guardian exists and is of age.
func (s *Service) requireAdult(ctx context.Context, tx pgx.Tx, guardian uuid.UUID) (uuid.UUID, error) {
	rows, err := tx.Query(ctx, `SELECT birth_date FROM person.person WHERE id = $1`, guardian)
	g, err := pg.One[struct{ BirthDate time.Time }](rows, err, ErrNotFound)
	if err != nil {
		return uuid.Nil, err
	}
	if AgeOn(g.BirthDate, s.Today()) < AdultFrom {
		return uuid.Nil, ErrGuardianMinor
	}
	return guardian, nil
}

// insertPerson draws volunteer numbers until one is free; with 29⁶ of them the
// first nearly always is.
func (s *Service) insertPerson(ctx context.Context, tx pgx.Tx, p *Person) error {
	var phoneHash []byte
	var proven *time.Time
	if p.Phone != "" {
		phoneHash = s.keys.Lookup(lookupPhone, p.Phone)
	}
	if p.PhoneProven {
		proven = &p.RegisteredAt
	}
	for {
		p.VolunteerNo = NewVolunteerNo()
		tag, err := tx.Exec(ctx, `INSERT INTO person.person (id, volunteer_no, name_hans, name_hant, name_latin, gender, birth_date, division,
				phone_enc, phone_hash, phone_proven_at, email_enc, skills, languages, service_fields, lang, registered_at, registered_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
			ON CONFLICT (volunteer_no) DO NOTHING`,
			p.ID, p.VolunteerNo, p.NameHans, p.NameHant, p.NameLatin, p.Gender, p.BirthDate, p.Division,
			s.keys.Seal(phonePlace(p.ID), p.Phone), phoneHash, proven, s.keys.Seal(emailPlace(p.ID), p.Email),
			p.Skills, p.Languages, p.ServiceFields, p.Lang, p.RegisteredAt, p.RegisteredBy)
		if err != nil || tag.RowsAffected() == 1 {
			return err
		}
	}
}

func (s *Service) insertDocument(ctx context.Context, tx pgx.Tx, d draft, validTo time.Time) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return id, err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO person.identity_document (id, person, kind, issuer, class, number_enc, key_hash, name, unusual, added_at, valid_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT ON CONSTRAINT identity_document_once DO NOTHING`,
		id, d.ID, d.document.Kind, d.document.Issuer, d.document.Class, s.keys.Seal(numberPlace(id), d.document.Number),
		s.documentHash(d.document), d.cardName(), d.document.Unusual, d.RegisteredAt, orNever(validTo))
	if err != nil {
		return id, err
	}
	if tag.RowsAffected() == 0 {
		return id, alreadyRegistered()
	}
	return id, nil
}

// alreadyRegistered puts the refusal at its field, so that the form is shown
// again as it was typed, with the ways to the account beside it.
func alreadyRegistered() error { return at("document_number", ErrAlreadyRegistered) }

// cardName is the name that a document of its kind carries first.
func (d draft) cardName() string {
	if d.cardText != "" {
		return d.cardText
	}
	byField := map[string]string{"name_hans": d.NameHans, "name_hant": d.NameHant, "name_latin": d.NameLatin}
	if n := byField[nameField(d.document.Kind)]; n != "" {
		return n
	}
	return Name(d.Person)
}
