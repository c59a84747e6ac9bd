package person

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
)

// Consent is one entry of the consent ledger.
type Consent struct {
	ID          uuid.UUID
	Person      uuid.UUID // whom it is about
	Purpose     Purpose
	TextVersion string
	Org         *uuid.UUID // of a guardian's consent: the only organisation it is for; nil for every one
	GivenBy     uuid.UUID  // the person or a guardian
	GivenAt     time.Time
	WithdrawnAt *time.Time
}

const consentColumns = `id, person, purpose, text_version, org, given_by, given_at, withdrawn_at`

// Consents lists what was agreed to for a person, newest first.
func (s *Service) Consents(ctx context.Context, person uuid.UUID) ([]Consent, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+consentColumns+`
		FROM person.consent WHERE person = $1 ORDER BY given_at DESC, id DESC`, person)
	return pg.All[Consent](rows, err)
}

// insertConsent notes a consent; giving the same one again changes nothing.
func (s *Service) insertConsent(ctx context.Context, tx pgx.Tx, person, by uuid.UUID, p Purpose, version string) error {
	_, err := s.insertConsentFor(ctx, tx, Consent{Person: person, GivenBy: by, Purpose: p, TextVersion: version})
	return err
}

// insertConsentFor reports whether the consent is new.
func (s *Service) insertConsentFor(ctx context.Context, tx pgx.Tx, c Consent) (bool, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO person.consent (id, person, purpose, text_version, org, given_by, given_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (person, purpose, text_version, given_by, org) WHERE withdrawn_at IS NULL DO NOTHING`,
		id, c.Person, c.Purpose, c.TextVersion, c.Org, c.GivenBy, s.clk.Now())
	return tag.RowsAffected() > 0, err
}

// Agree notes that by agrees, for a person, to texts in force (PIPL art. 14).
// A guardian agrees for a child under 14 to everything, and to the guardian's
// consent for any minor; everything else each person agrees to in person.
// Errors: ErrConsentUnknown for a text not in force, ErrNotGuardian.
func (s *Service) Agree(ctx context.Context, by, person uuid.UUID, versions ...string) error {
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		for _, v := range versions {
			t, ok := consentTexts[v]
			if !ok || newest[t.Purpose] != v {
				return ErrConsentUnknown
			}
			if err := s.mayAgree(ctx, tx, by, person, t.Purpose); err != nil {
				return err
			}
			if err := s.insertConsent(ctx, tx, person, by, t.Purpose, v); err != nil {
				return err
			}
			if err := s.auditConsent(ctx, tx, by, person, "person.consent", v); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) auditConsent(ctx context.Context, tx pgx.Tx, by, person uuid.UUID, action, version string) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: action, Object: audit.Object("person", person),
		Detail: map[string]any{"text": version}})
}

func (s *Service) mayAgree(ctx context.Context, tx pgx.Tx, by, person uuid.UUID, p Purpose) error {
	byGuardian := p == ConsentGuardian || p == ConsentChild
	if by == person && !byGuardian {
		return nil
	}
	minor, err := s.ward(ctx, tx, by, person)
	if err != nil {
		return err
	}
	if !byGuardian && AgeOn(minor, s.Today()) >= ChildUnder {
		return ErrNotGuardian
	}
	return nil
}

// ward checks that by is a guardian of person now, and gives the birth date.
func (s *Service) ward(ctx context.Context, tx pgx.Tx, by, person uuid.UUID) (time.Time, error) {
	rows, err := tx.Query(ctx, `SELECT p.birth_date FROM person.guardianship g JOIN person.person p ON p.id = g.ward
		WHERE g.guardian = $1 AND g.ward = $2 AND g.ended_at IS NULL AND p.birth_date > $3`, by, person, s.adultsBorn())
	w, err := pg.One[struct{ BirthDate time.Time }](rows, err, ErrNotGuardian)
	return w.BirthDate, err
}

// Withdraw takes back the consents of a purpose that by gave for a person
// (PIPL art. 15). Those without which there can be no account are not taken
// back one by one: ErrConsentNeeded says what to do instead.
func (s *Service) Withdraw(ctx context.Context, by, person uuid.UUID, p Purpose) error {
	if p != ConsentGuardian && !slices.Contains(Optional, p) {
		return ErrConsentNeeded
	}
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE person.consent SET withdrawn_at = $4, withdrawn_by = $2
			WHERE person = $1 AND given_by = $2 AND purpose = $3 AND withdrawn_at IS NULL`, person, by, p, s.clk.Now())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return s.auditConsent(ctx, tx, by, person, "person.consent_withdraw", newest[p])
	})
}

// ConsentsDue lists, for people who sign in, the texts in force that they have
// not agreed to yet. One query for all.
func (s *Service) ConsentsDue(ctx context.Context, db pg.DB, people []uuid.UUID) (map[uuid.UUID][]Purpose, error) {
	rows, err := db.Query(ctx, `SELECT p.id, p.birth_date,
			ARRAY(SELECT c.text_version FROM person.consent c WHERE c.person = p.id AND c.withdrawn_at IS NULL) AS given
		FROM person.person p WHERE p.id = ANY($1)`, people)
	list, err := pg.All[struct {
		ID        uuid.UUID
		BirthDate time.Time
		Given     []string
	}](rows, err)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]Purpose{}
	for _, p := range list {
		for _, need := range requiredConsents(p.BirthDate, s.Today()) {
			if !slices.Contains(p.Given, newest[need]) {
				out[p.ID] = append(out[p.ID], need)
			}
		}
	}
	return out, nil
}
