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

// The levels of assurance: how well it is known who somebody is.
const (
	SelfDeclared    = 0 // 自行申报
	DocumentChecked = 1 // 核验证件
	AuthorityCheck  = 2 // 权威核验
	InPerson        = 3 // 当面核验
)

// Levels lists them, for texts.
var Levels = CodeList{Name: "assurance", Codes: []string{"0", "1", "2", "3"}}

// SourceDesk is a check by somebody of staff, with the card in hand.
const SourceDesk = "desk"

// Assurance is one check of somebody's identity.
type Assurance struct {
	Person   uuid.UUID
	Document *uuid.UUID // nil: of the person, without a document of ours
	Level    int        // 1 to 3
	By       *uuid.UUID // nil: an authority's system (level 2 only)
	Source   string     // desk, or the authority's service: letters, digits, _
	Name     string     // as the source has it; "" is not compared
	ValidTo  *time.Time // last day; nil: as long as the document
}

// AssureTx notes a check. The document's level is the highest of its checks in
// force. Errors: ErrOwnAssurance; ErrNameDiffers when the source knows another
// name; ErrNotFound when the document is not the person's.
func (s *Service) AssureTx(ctx context.Context, tx pgx.Tx, a Assurance) error {
	if a.Level < DocumentChecked || a.Level > InPerson || a.By == nil && a.Level != AuthorityCheck {
		return fault.ErrBadValue
	}
	if a.By != nil && *a.By == a.Person {
		return ErrOwnAssurance
	}
	p, err := s.get(ctx, tx, a.Person)
	if err != nil {
		return err
	}
	if a.Name != "" && !cardFits(p, a.Name) {
		return ErrNameDiffers
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	now := s.clk.Now()
	if a.Document != nil {
		if err := raise(ctx, tx, a, s.Today(), now); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO person.verification (id, person, document, level, source, verified_by, verified_at, valid_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, a.Person, a.Document, a.Level, a.Source, a.By, now, a.ValidTo)
	if err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: now, Actor: a.By, Action: "person.assure", Object: audit.Object("person", a.Person), Region: &p.Division,
		Detail: map[string]any{"level": a.Level, "source": a.Source, "document": a.Document}})
}

// raise writes the level onto the document, unless a higher one stands.
func raise(ctx context.Context, tx pgx.Tx, a Assurance, today, now time.Time) error {
	tag, err := tx.Exec(ctx, `UPDATE person.identity_document SET
			verified_by = CASE WHEN lower THEN $4 ELSE verified_by END, verified_at = CASE WHEN lower THEN $5 ELSE verified_at END,
			assurance = CASE WHEN lower THEN $3 ELSE assurance END, valid_to = coalesce($6, valid_to)
		FROM (SELECT id AS doc, assurance <= $3 OR valid_to < $7 AS lower FROM person.identity_document WHERE id = $1) d
		WHERE id = $1 AND person = $2`, a.Document, a.Person, a.Level, a.By, now, a.ValidTo, today)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return err
}

// AssuranceOf is the best level of several people that is in force today; who
// has none, or is unknown, is left out. It falls back when the document or the
// check expires.
func (s *Service) AssuranceOf(ctx context.Context, db pg.DB, people []uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := db.Query(ctx, `SELECT person, max(level)::integer FROM (
			SELECT person, assurance AS level FROM person.identity_document
				WHERE person = ANY($1) AND assurance > 0 AND (valid_to IS NULL OR valid_to >= $2)
			UNION ALL SELECT person, level FROM person.verification
				WHERE person = ANY($1) AND document IS NULL AND (valid_to IS NULL OR valid_to >= $2)) a GROUP BY person`, people, s.Today())
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]int{}
	var who uuid.UUID
	var level int
	_, err = pgx.ForEachRow(rows, []any{&who, &level}, func() error { out[who] = level; return nil })
	return out, err
}

// Verification is one check, for the person to see.
type Verification struct {
	ID         uuid.UUID
	Document   *uuid.UUID
	Level      int
	Source     string
	VerifiedAt time.Time
	ValidTo    *time.Time
}

// Verifications lists the checks of a person, newest first.
func (s *Service) Verifications(ctx context.Context, person uuid.UUID) ([]Verification, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, document, level, source, verified_at, valid_to FROM person.verification
		WHERE person = $1 ORDER BY id DESC LIMIT 100`, person)
	return pg.All[Verification](rows, err)
}

// DeskCheck is what somebody at a desk reads off a card in their hand. The desk
// types all of it, so that it learns nothing it does not see.
type DeskCheck struct {
	VolunteerNo string
	NewDocument
	Level int // DocumentChecked or InPerson
	By    uuid.UUID
}

// CheckAtDesk compares a card with the registration whose number was told and
// notes the check; a document that nobody has yet is added. Errors: fields;
// ErrDocumentHeld when it is registered otherwise, which opens a case;
// ErrOwnAssurance. allowed says whether the desk may do this for the person.
func (s *Service) CheckAtDesk(ctx context.Context, c DeskCheck, allowed func(p Person) error) (Person, error) {
	p, doc, err := s.checkDesk(ctx, c)
	if err != nil {
		return Person{}, err
	}
	switch {
	case p.ID == c.By:
		return Person{}, ErrOwnAssurance
	default:
		if err := allowed(p); err != nil {
			return Person{}, err
		}
	}
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, err := s.addDocumentTx(ctx, tx, p, doc, c.NewDocument, c.By)
		if err != nil && !sameCard(err) {
			return err
		}
		return s.AssureTx(ctx, tx, Assurance{Person: p.ID, Document: &id, Level: c.Level, By: &c.By, Source: SourceDesk, Name: c.Name, ValidTo: orNever(c.ValidTo)})
	})
	if fault.As(err).Code == ErrDocumentHeld.Code {
		if _, failed := s.ClaimDocument(ctx, c.By, p.ID, doc, ""); failed != nil {
			return Person{}, failed
		}
	}
	return p, err
}

// sameCard reports that the card is on the registration as it is.
func sameCard(err error) bool { return fault.As(err).Code == ErrOwnDocument.Code }

func (s *Service) checkDesk(ctx context.Context, c DeskCheck) (Person, Document, error) {
	var f fault.Check
	p, err := s.ByVolunteerNo(ctx, c.VolunteerNo)
	if err != nil {
		if fault.As(err).Kind == fault.Internal {
			return p, Document{}, err
		}
		f.Add("volunteer_no", ErrNoSuchNumber)
	}
	doc, bad := s.checkNew(c.NewDocument)
	if c.Name == "" {
		f.Add("name", fault.ErrRequired)
	}
	f.Must(c.Level == DocumentChecked || c.Level == InPerson, "level", fault.ErrBadValue)
	if err := f.Merge(bad); err != nil {
		return p, doc, err
	}
	return p, doc, f.Err()
}
