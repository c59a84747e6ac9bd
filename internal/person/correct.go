package person

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
)

// Correction is what a document proves of somebody, as it should read (PIPL art.
// 46). What is "" or zero stays as it is.
type Correction struct {
	NameHans  string    `json:"name_hans,omitzero"`
	NameHant  string    `json:"name_hant,omitzero"`
	NameLatin string    `json:"name_latin,omitzero"`
	BirthDate time.Time `json:"birth_date,omitzero"`
	Gender    string    `json:"gender,omitzero"`
}

// Names reports whether a name is corrected.
func (c Correction) Names() bool { return c.NameHans+c.NameHant+c.NameLatin != "" }

// Change is one field before and after a correction, as text.
type Change struct{ Name, Was, Is string }

// Changes lists the fields that a correction changes, in the order of the form.
func (c Correction) Changes(p Person) []Change {
	born := ""
	if !c.BirthDate.IsZero() {
		born = c.BirthDate.Format(time.DateOnly)
	}
	all := []Change{{"name_hans", p.NameHans, c.NameHans}, {"name_hant", p.NameHant, c.NameHant}, {"name_latin", p.NameLatin, c.NameLatin},
		{"birth_date", p.BirthDate.Format(time.DateOnly), born}, {"gender", p.Gender, c.Gender}}
	return slices.DeleteFunc(all, func(x Change) bool { return x.Is == "" })
}

// CheckCorrection cleans what somebody asks for and drops what reads so already.
// Errors: fields at fault; ErrNothingDiffers.
func (s *Service) CheckCorrection(p Person, c Correction) (Correction, error) {
	var f fault.Check
	for _, n := range []struct {
		field string
		name  *string
		was   string
		check func(string) *fault.Error
	}{{"name_hans", &c.NameHans, p.NameHans, checkHanName}, {"name_hant", &c.NameHant, p.NameHant, checkHanName}, {"name_latin", &c.NameLatin, p.NameLatin, checkLatinName}} {
		if *n.name = CleanName(*n.name); *n.name == n.was {
			*n.name = ""
		} else if *n.name != "" {
			f.Add(n.field, n.check(*n.name))
		}
	}
	if c.BirthDate.Equal(p.BirthDate) {
		c.BirthDate = time.Time{}
	}
	f.Must(c.BirthDate.IsZero() || plausibleBirth(c.BirthDate, s.Today()), "birth_date", ErrBirthDate)
	if c.Gender == p.Gender {
		c.Gender = ""
	}
	f.Must(c.Gender == "" || Genders.Has(c.Gender), "gender", fault.ErrBadValue)
	if err := f.Err(); err != nil {
		return c, err
	}
	if c == (Correction{}) {
		return c, ErrNothingDiffers
	}
	return c, nil
}

// apply is the person as the correction leaves them.
func (c Correction) apply(p Person) Person {
	for _, n := range []struct {
		to *string
		is string
	}{{&p.NameHans, c.NameHans}, {&p.NameHant, c.NameHant}, {&p.NameLatin, c.NameLatin}, {&p.Gender, c.Gender}} {
		if n.is != "" {
			*n.to = n.is
		}
	}
	if !c.BirthDate.IsZero() {
		p.BirthDate = c.BirthDate
	}
	return p
}

// CorrectTx changes what a document proves, after by has seen the document and
// typed it anew. A document of the same kind that says otherwise makes way for
// it. A new birth date goes through Change. Errors: ErrOwnAssurance; fields of
// the document at fault, among them ErrDocumentHeld (ClaimSeen leads on) and
// ErrDocumentsDiffer; ErrNeedsGuardian, ErrGuardianMinor.
func (s *Service) CorrectTx(ctx context.Context, tx pgx.Tx, by, who uuid.UUID, c Correction, seen NewDocument) error {
	if by == who {
		return ErrOwnAssurance
	}
	p, err := s.get(ctx, tx, who)
	if err != nil {
		return err
	}
	doc, err := s.checkSeen(seen)
	if err != nil {
		return err
	}
	now := c.apply(p)
	if err := fits(now, c, doc, seen.Name); err != nil {
		return err
	}
	if err := s.ageAllows(ctx, tx, now); err != nil {
		return err
	}
	if err := s.storeCorrection(ctx, tx, now, c); err != nil {
		return err
	}
	if err := s.endRoles(ctx, tx, p, now, by); err != nil {
		return err
	}
	card, err := s.correctDocuments(ctx, tx, now, doc, seen, by)
	if err != nil {
		return err
	}
	err = s.AssureTx(ctx, tx, Assurance{Person: who, Document: &card, Level: DocumentChecked, By: &by, Source: SourceDesk, ValidTo: orNever(seen.ValidTo)})
	if err != nil {
		return err
	}
	return s.noteCorrection(ctx, tx, by, p, c)
}

// endRoles: a minor holds no role of staff.
func (s *Service) endRoles(ctx context.Context, tx pgx.Tx, was, now Person, by uuid.UUID) error {
	day := s.Today()
	if s.places.EndRoles == nil || was.Age(day) < AdultFrom || now.Age(day) >= AdultFrom {
		return nil
	}
	return s.places.EndRoles(ctx, tx, now, by)
}

// checkSeen checks a document in the hand of who types it: all of it is needed.
func (s *Service) checkSeen(in NewDocument) (Document, error) {
	var f fault.Check
	doc, bad := s.checkNew(in)
	if in.Name == "" {
		f.Add("name", fault.ErrRequired)
	}
	if err := f.Merge(bad); err != nil {
		return doc, err
	}
	return doc, f.Err()
}

// fits: the card says what the person is to be from now on, and a corrected
// name stands on it.
func fits(now Person, c Correction, doc Document, card string) error {
	switch {
	case !doc.Born.IsZero() && !doc.Born.Equal(now.BirthDate):
		return at("document_number", ErrBirthDiffers)
	case doc.Gender != "" && doc.Gender != now.Gender:
		return at("document_number", ErrGenderDiffers)
	case c.Names() && !NameFits(Person{NameHans: c.NameHans, NameHant: c.NameHant, NameLatin: c.NameLatin}, card), !NameFits(now, card):
		return at("name", ErrNameDiffers)
	}
	return nil
}

// ageAllows: a child under 14 has a guardian, and no minor is one.
func (s *Service) ageAllows(ctx context.Context, tx pgx.Tx, now Person) error {
	age := now.Age(s.Today())
	if age >= AdultFrom {
		return nil
	}
	wards, err := s.Wards(ctx, tx, []uuid.UUID{now.ID})
	if err != nil {
		return err
	}
	if len(wards[now.ID]) > 0 {
		return ErrGuardianMinor
	}
	guardians, err := s.Guardians(ctx, tx, now.ID)
	if err == nil && age < ChildUnder && len(guardians) == 0 {
		err = ErrNeedsGuardian
	}
	return err
}

func (s *Service) storeCorrection(ctx context.Context, tx pgx.Tx, now Person, c Correction) error {
	tag, err := tx.Exec(ctx, `UPDATE person.person SET name_hans = $3, name_hant = $4, name_latin = $5, birth_date = $6, gender = $7,
			name_corrected_at = CASE WHEN $8 THEN $9 ELSE name_corrected_at END, version = version + 1
		WHERE id = $1 AND version = $2 AND merged_into IS NULL`,
		now.ID, now.Version, now.NameHans, now.NameHant, now.NameLatin, now.BirthDate, now.Gender, c.Names(), s.clk.Now())
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.ErrVersionConflict
	}
	return err
}

// correctDocuments makes the documents say what the person is now, and returns
// the one that was seen.
func (s *Service) correctDocuments(ctx context.Context, tx pgx.Tx, now Person, doc Document, seen NewDocument, by uuid.UUID) (uuid.UUID, error) {
	if err := s.dropContradicting(ctx, tx, now, doc); err != nil {
		return uuid.Nil, err
	}
	card, err := s.addDocumentTx(ctx, tx, now, doc, seen, by)
	if err != nil && !sameCard(err) {
		return uuid.Nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE person.identity_document SET name = $2 WHERE id = $1`, card, CleanName(seen.Name))
	return card, err
}

// dropContradicting takes away a document of the kind of doc whose number tells
// another birth date or sex: it was typed wrongly. Of another kind it must be
// looked at first. Errors: ErrDocumentsDiffer.
func (s *Service) dropContradicting(ctx context.Context, tx pgx.Tx, now Person, doc Document) error {
	rows, err := tx.Query(ctx, `SELECT id, kind, issuer, number_enc FROM person.identity_document WHERE person = $1`, now.ID)
	list, err := pg.All[struct {
		ID        uuid.UUID
		Kind      DocumentKind
		Issuer    string
		NumberEnc []byte
	}](rows, err)
	if err != nil {
		return err
	}
	for _, d := range list {
		number, err := s.keys.Open(numberPlace(d.ID), d.NumberEnc)
		if err != nil {
			return err
		}
		old, bad := ParseDocument(DocumentInput{Kind: d.Kind, Issuer: d.Issuer, Number: number}, s.Today())
		switch {
		case bad != nil:
			return bad
		case (old.Born.IsZero() || old.Born.Equal(now.BirthDate)) && (old.Gender == "" || old.Gender == now.Gender):
			continue
		case old.Kind != doc.Kind:
			return at("document_number", ErrDocumentsDiffer)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM person.identity_document WHERE id = $1`, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// noteCorrection writes which fields changed, each with a keyed digest of the
// old and the new value: the audit can confirm a value that somebody names, and
// tells none.
func (s *Service) noteCorrection(ctx context.Context, tx pgx.Tx, by uuid.UUID, p Person, c Correction) error {
	changed := map[string]any{}
	for _, v := range c.Changes(p) {
		changed[v.Name] = map[string]string{"was": s.auditDigest(p.ID, v.Name, v.Was), "is": s.auditDigest(p.ID, v.Name, v.Is)}
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: "person.correct", Object: audit.Object("person", p.ID), Region: &p.Division,
		Detail: map[string]any{"changed": changed}})
}

// auditDigest is keyed, and other for each person, so that equal values of two
// people do not look equal.
func (s *Service) auditDigest(who uuid.UUID, field, text string) string {
	return hex.EncodeToString(s.keys.Lookup("person/audit", who.String()+"/"+field+"/"+text))
}

// ClaimSeen opens the case of a document that by has seen in somebody's hand and
// that is registered otherwise.
func (s *Service) ClaimSeen(ctx context.Context, by, who uuid.UUID, seen NewDocument) error {
	doc, err := s.checkSeen(seen)
	if err != nil {
		return err
	}
	_, err = s.ClaimDocument(ctx, by, who, doc, "")
	return err
}
