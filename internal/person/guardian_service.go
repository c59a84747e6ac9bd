package person

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// Ward is a minor with what a guardian may want to know at a glance.
type Ward struct {
	Person
	Relation  string
	Consented bool // this guardian's consent to service with every organisation is in force
	Single    int  // organisations this guardian has agreed to one by one
}

// Wards lists, for several guardians, the minors they may act for. One query.
func (s *Service) Wards(ctx context.Context, db pg.DB, guardians []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	rows, err := db.Query(ctx, `SELECT g.guardian, g.ward FROM person.guardianship g JOIN person.person p ON p.id = g.ward
		WHERE g.guardian = ANY($1) AND g.ended_at IS NULL AND p.birth_date > $2 ORDER BY g.since, g.id`, guardians, s.adultsBorn())
	list, err := pg.All[struct{ Guardian, Ward uuid.UUID }](rows, err)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]uuid.UUID{}
	for _, g := range list {
		out[g.Guardian] = append(out[g.Guardian], g.Ward)
	}
	return out, nil
}

// WardsOf lists a guardian's wards with their facts, in the order added.
func (s *Service) WardsOf(ctx context.Context, guardian uuid.UUID) ([]Ward, error) {
	rows, err := s.pool.Query(ctx, `SELECT g.ward, g.relation, EXISTS (SELECT FROM person.consent c WHERE c.person = g.ward
			AND c.given_by = g.guardian AND c.purpose = $3 AND c.org IS NULL AND c.withdrawn_at IS NULL) AS consented,
			(SELECT count(DISTINCT c.org) FROM person.consent c WHERE c.person = g.ward
				AND c.given_by = g.guardian AND c.purpose = $3 AND c.withdrawn_at IS NULL) AS single
		FROM person.guardianship g JOIN person.person p ON p.id = g.ward
		WHERE g.guardian = $1 AND g.ended_at IS NULL AND p.birth_date > $2 ORDER BY g.since, g.id`, guardian, s.adultsBorn(), ConsentGuardian)
	list, err := pg.All[struct {
		Ward      uuid.UUID
		Relation  string
		Consented bool
		Single    int
	}](rows, err)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for i, w := range list {
		ids[i] = w.Ward
	}
	people, err := s.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Ward, len(list))
	for i, w := range list {
		out[i] = Ward{Person: people[w.Ward], Relation: w.Relation, Consented: w.Consented, Single: w.Single}
	}
	return out, nil
}

// Guardians lists the guardians of a minor, in the order they came.
func (s *Service) Guardians(ctx context.Context, db pg.DB, ward uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `SELECT guardian FROM person.guardianship WHERE ward = $1 AND ended_at IS NULL ORDER BY since, id`, ward)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

func (s *Service) insertGuardianship(ctx context.Context, tx pgx.Tx, guardian, ward uuid.UUID, relation string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO person.guardianship (id, guardian, ward, relation, since) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (guardian, ward) WHERE ended_at IS NULL DO NOTHING`, id, guardian, ward, relation, s.clk.Now())
	if err == nil && tag.RowsAffected() == 0 {
		return ErrAlreadyGuardian
	}
	return err
}

// codeLife is how long a family code can be used.
const codeLife = 48 * time.Hour

// FamilyCode makes a code by which one more guardian links to a minor. The
// minor may make it, or a guardian. It is shown once and works once.
func (s *Service) FamilyCode(ctx context.Context, by, ward uuid.UUID) (string, error) {
	code := randomText(8)
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if by == ward {
			p, err := s.get(ctx, tx, ward)
			switch {
			case err != nil:
				return err
			case p.Age(s.Today()) >= AdultFrom:
				return ErrNotMinor
			}
		} else if _, err := s.ward(ctx, tx, by, ward); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO person.guardian_code (code_hash, ward, made_by, expires_at) VALUES ($1, $2, $3, $4)`,
			s.keys.Lookup(lookupCode, code), ward, by, s.clk.Now().Add(codeLife))
		if err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: "person.family_code", Object: audit.Object("person", ward)})
	})
	return code[:4] + "-" + code[4:], err
}

// LinkWard makes a guardian of the holder of a family code, who agrees in the
// same act to the texts a guardian agrees to. consents are the versions ticked.
func (s *Service) LinkWard(ctx context.Context, guardian uuid.UUID, code, relation string, consents map[Purpose]string) (Person, error) {
	var c fault.Check
	text.OneOf(&c, "relation", relation, true, Relations.Codes)
	if consents[ConsentGuardian] != newest[ConsentGuardian] {
		c.Add("consent_guardian", ErrConsentMissing)
	}
	if code == "" {
		c.Add("family_code", fault.ErrRequired)
	}
	if err := c.Err(); err != nil {
		return Person{}, err
	}
	var ward Person
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if ward, err = s.takeCode(ctx, tx, unlook(code)); err != nil {
			return err
		}
		return s.link(ctx, tx, guardian, ward, relation)
	})
	return ward, err
}

// takeCode uses a family code up and gives the minor it is for.
func (s *Service) takeCode(ctx context.Context, tx pgx.Tx, code string) (Person, error) {
	rows, err := tx.Query(ctx, `UPDATE person.guardian_code SET used_at = $2
		WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING ward`, s.keys.Lookup(lookupCode, code), s.clk.Now())
	wrong := &fault.Error{Kind: fault.Invalid, Code: fault.ErrInvalid.Code, Fields: []fault.Field{{Name: "family_code", Err: ErrGuardianCode}}}
	found, err := pg.One[struct{ Ward uuid.UUID }](rows, err, wrong)
	if err != nil {
		return Person{}, err
	}
	now, err := s.Standing(ctx, tx, found.Ward)
	if err != nil {
		return Person{}, err
	}
	return s.get(ctx, tx, now)
}

func (s *Service) link(ctx context.Context, tx pgx.Tx, guardian uuid.UUID, ward Person, relation string) error {
	if guardian == ward.ID {
		return ErrGuardianSelf
	}
	if ward.Age(s.Today()) >= AdultFrom {
		return ErrNotMinor
	}
	if _, err := s.requireAdult(ctx, tx, guardian); err != nil {
		return err
	}
	if err := s.insertGuardianship(ctx, tx, guardian, ward.ID, relation); err != nil {
		return err
	}
	if err := s.insertConsent(ctx, tx, ward.ID, guardian, ConsentGuardian, newest[ConsentGuardian]); err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &guardian, Action: "person.guardian_link",
		Object: audit.Object("person", ward.ID), Detail: map[string]any{"relation": relation}})
}

// EndGuardianship ends it by the guardian's own wish. A child under 14 keeps
// at least one (ErrLastGuardian). The guardian's consent ends with it.
func (s *Service) EndGuardianship(ctx context.Context, guardian, ward uuid.UUID) error {
	// The lock of Change keeps two guardians from leaving at the same moment.
	return s.Change(ctx, ward, func(tx pgx.Tx) error {
		born, err := s.ward(ctx, tx, guardian, ward)
		if err != nil {
			return err
		}
		all, err := s.Guardians(ctx, tx, ward)
		if err != nil {
			return err
		}
		if len(all) == 1 && AgeOn(born, s.Today()) < ChildUnder {
			return ErrLastGuardian
		}
		return s.unlink(ctx, tx, guardian, ward)
	})
}

func (s *Service) unlink(ctx context.Context, tx pgx.Tx, guardian, ward uuid.UUID) error {
	now := s.clk.Now()
	if _, err := tx.Exec(ctx, `UPDATE person.guardianship SET ended_at = $3, ended_by = $1
		WHERE guardian = $1 AND ward = $2 AND ended_at IS NULL`, guardian, ward, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE person.consent SET withdrawn_at = $3, withdrawn_by = $1
		WHERE given_by = $1 AND person = $2 AND purpose = $4 AND withdrawn_at IS NULL`, guardian, ward, now, ConsentGuardian); err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: now, Actor: &guardian, Action: "person.guardian_end", Object: audit.Object("person", ward)})
}
