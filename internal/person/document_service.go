package person

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
)

// maxDocuments is how many documents one person has at most.
const maxDocuments = 20

// NewDocument is a further document of somebody, as typed.
type NewDocument struct {
	DocumentInput
	Name    string    // as on the card; "" takes the person's
	ValidTo time.Time // last day; zero when the card has none
}

// AddDocument adds a document to a person. A renewed card, whose number begins
// as before, takes the place of the old one: neither a second document nor a
// second person. Errors: fields at fault; at document_number ErrOwnDocument,
// ErrDocumentHeld (never by whom: ClaimDocument leads on), ErrDocumentSecond,
// ErrBirthDiffers, ErrGenderDiffers; at name ErrNameDiffers.
func (s *Service) AddDocument(ctx context.Context, who uuid.UUID, in NewDocument) error {
	doc, err := s.checkNew(in)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		p, err := s.get(ctx, tx, who)
		if err != nil {
			return err
		}
		_, err = s.addDocumentTx(ctx, tx, p, doc, in, who)
		return err
	})
}

func (s *Service) checkNew(in NewDocument) (Document, error) {
	var c fault.Check
	doc, bad := ParseDocument(in.DocumentInput, s.Today())
	c.Add(DocumentField(bad), bad)
	if !in.ValidTo.IsZero() && in.ValidTo.Before(s.Today()) {
		c.Add("valid_to", ErrDocumentExpired)
	}
	if in.Name != "" {
		c.Add("name", checkCardName(in.Name))
	}
	return doc, c.Err()
}

func checkCardName(name string) *fault.Error {
	if n := CleanName(name); hasHan(n) {
		return checkHanName(n)
	} else {
		return checkLatinName(n)
	}
}

// addDocumentTx adds or renews and returns the document's id.
func (s *Service) addDocumentTx(ctx context.Context, tx pgx.Tx, p Person, doc Document, in NewDocument, by uuid.UUID) (uuid.UUID, error) {
	held, err := s.heldTx(ctx, tx, doc)
	switch {
	case err == nil && held.Person != p.ID:
		return uuid.Nil, at("document_number", ErrDocumentHeld)
	case err == nil:
		return held.ID, s.renewTx(ctx, tx, p, held, doc, in, by)
	case err != ErrNotFound:
		return uuid.Nil, err
	}
	if err := s.suits(ctx, tx, p, doc, in.Name); err != nil {
		return uuid.Nil, err
	}
	if err := learnName(ctx, tx, p, in.Name, doc.Kind); err != nil {
		return uuid.Nil, err
	}
	d := draft{Person: p, document: doc, cardText: CleanName(in.Name)}
	d.RegisteredAt = s.clk.Now()
	id, err := s.insertDocument(ctx, tx, d, in.ValidTo)
	if err != nil {
		return uuid.Nil, err
	}
	return id, s.auditDocument(ctx, tx, "person.document_add", p, by, doc)
}

func (s *Service) auditDocument(ctx context.Context, tx pgx.Tx, action string, p Person, by uuid.UUID, doc Document) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: action, Object: audit.Object("person", p.ID), Region: &p.Division,
		Detail: map[string]any{"document": doc.Kind, "unusual": doc.Unusual}})
}

// storedDocument is a document as its row has it.
type storedDocument struct {
	ID        uuid.UUID
	Person    uuid.UUID
	NumberEnc []byte
	ValidTo   *time.Time
}

func (s *Service) heldTx(ctx context.Context, tx pgx.Tx, doc Document) (storedDocument, error) {
	rows, err := tx.Query(ctx, `SELECT id, person, number_enc, valid_to FROM person.identity_document WHERE class = $1 AND key_hash = $2 FOR NO KEY UPDATE`,
		doc.Class, s.documentHash(doc))
	return pg.One[storedDocument](rows, err, ErrNotFound)
}

// renewTx puts the new card in the place of the old one. Nobody has seen the
// new card yet, so what was verified of the old one does not hold for it.
func (s *Service) renewTx(ctx context.Context, tx pgx.Tx, p Person, h storedDocument, doc Document, in NewDocument, by uuid.UUID) error {
	old, err := s.keys.Open(numberPlace(h.ID), h.NumberEnc)
	if err != nil {
		return err
	}
	if old == doc.Number && (in.ValidTo.IsZero() || h.ValidTo != nil && h.ValidTo.Equal(in.ValidTo)) {
		return at("document_number", ErrOwnDocument)
	}
	if in.Name != "" && !cardFits(p, in.Name) {
		return at("name", ErrNameDiffers)
	}
	_, err = tx.Exec(ctx, `UPDATE person.identity_document SET number_enc = $2, valid_to = $3, name = coalesce(nullif($4, ''), name),
			renewed_at = $5, assurance = 0, verified_by = NULL, verified_at = NULL WHERE id = $1`,
		h.ID, s.keys.Seal(numberPlace(h.ID), doc.Number), orNever(in.ValidTo), CleanName(in.Name), s.clk.Now())
	if err != nil {
		return err
	}
	return s.auditDocument(ctx, tx, "person.document_renew", p, by, doc)
}

func orNever(day time.Time) *time.Time {
	if day.IsZero() {
		return nil
	}
	return &day
}

// forLife are the kinds of which nobody has two with different numbers.
var forLife = map[DocumentKind]bool{MainlandID: true, ResidencePermit: true, ForeignerID: true, HKID: true, MacaoBIR: true}

// suits says what of a document does not fit the person.
func (s *Service) suits(ctx context.Context, tx pgx.Tx, p Person, doc Document, name string) error {
	switch {
	case !doc.Born.IsZero() && !doc.Born.Equal(p.BirthDate):
		return at("document_number", ErrBirthDiffers)
	case doc.Gender != "" && doc.Gender != p.Gender:
		return at("document_number", ErrGenderDiffers)
	case name != "" && !cardFits(p, name):
		return at("name", ErrNameDiffers)
	}
	var n int
	var another bool
	err := tx.QueryRow(ctx, `SELECT count(*), coalesce(bool_or(kind = $2 AND issuer = $3), false) FROM person.identity_document WHERE person = $1`,
		p.ID, doc.Kind, doc.Issuer).Scan(&n, &another)
	switch {
	case err != nil:
		return err
	case another && forLife[doc.Kind]:
		return at("document_number", ErrDocumentSecond)
	case n >= maxDocuments:
		return at("document_number", ErrTooManyDocuments.With("max", maxDocuments))
	}
	return nil
}

// cardFits reports whether the name on a card can be the person's: it is one of
// the names kept, or the person has none in that script yet.
func cardFits(p Person, card string) bool {
	if NameFits(p, card) {
		return true
	}
	if hasHan(card) {
		return p.NameHans == "" && p.NameHant == ""
	}
	return p.NameLatin == ""
}

// learnName keeps the name of a card as the person's, where there was none in
// its script: beside 張偉 the 张伟 of a mainland card.
func learnName(ctx context.Context, tx pgx.Tx, p Person, card string, kind DocumentKind) error {
	card = CleanName(card)
	if card == "" || card == p.NameHans || card == p.NameHant {
		return nil
	}
	column := "name_latin"
	if hasHan(card) {
		if column = "name_hant"; kind == MainlandID {
			column = "name_hans"
		}
	}
	_, err := tx.Exec(ctx, `UPDATE person.person SET `+column+` = $2, version = version + 1 WHERE id = $1 AND `+column+` = ''`, p.ID, card)
	return err
}

// at puts a refusal at its field, so that the form is shown again as typed.
func at(field string, e *fault.Error) error {
	out := *e
	out.Fields = []fault.Field{{Name: field, Err: e}}
	return &out
}
