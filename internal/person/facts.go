package person

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
)

// Facts are what decides whether somebody may serve in a shift.
type Facts struct {
	ID              uuid.UUID
	BirthDate       time.Time
	Skills          []string
	Languages       []string
	Qualifications  []string    // in force today
	GuardianConsent bool        // a guardian's consent for every organisation is in force; means nothing for adults
	ConsentOrgs     []uuid.UUID // single organisations that a guardian's consent is for
	Suspended       bool
}

// Consented reports whether a guardian's consent covers service with an
// organisation; it means nothing for adults.
func (f Facts) Consented(org uuid.UUID) bool {
	return f.GuardianConsent || slices.Contains(f.ConsentOrgs, org)
}

// inForce are the guardians' consents to service of p that count: of those who
// still are guardians.
const inForce = `FROM person.consent c JOIN person.guardianship g ON g.guardian = c.given_by AND g.ward = c.person AND g.ended_at IS NULL
	WHERE p.birth_date > $3 AND c.person = p.id AND c.purpose = 'guardian' AND c.withdrawn_at IS NULL`

const selectFacts = `SELECT p.id, p.birth_date, p.skills, p.languages, p.suspended_at IS NOT NULL AS suspended,
		ARRAY(SELECT q.code FROM person.qualification q
			WHERE q.person = p.id AND q.revoked_at IS NULL AND (q.valid_to IS NULL OR q.valid_to >= $2) ORDER BY q.code) AS qualifications,
		EXISTS (SELECT ` + inForce + ` AND c.org IS NULL) AS guardian_consent,
		ARRAY(SELECT DISTINCT c.org ` + inForce + ` AND c.org IS NOT NULL ORDER BY c.org) AS consent_orgs
	FROM person.person p WHERE p.id = ANY($1)`

// Facts finds the facts of several people in one query, without decrypting
// anything; unknown ids are left out.
func (s *Service) Facts(ctx context.Context, db pg.DB, ids []uuid.UUID) (map[uuid.UUID]Facts, error) {
	rows, err := db.Query(ctx, selectFacts, ids, s.Today(), s.adultsBorn())
	return collectFacts(rows, err)
}

// FactsToDecide is Facts for who decides by them in this transaction: what is
// decided for somebody and a change of what it is decided by, a minor's consents
// or a birth date, wait for each other (Change): an adult may turn out to be
// none. It is one round trip.
func (s *Service) FactsToDecide(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) (map[uuid.UUID]Facts, error) {
	var b pgx.Batch
	b.Queue(`SELECT pg_advisory_xact_lock_shared(hashtextextended('person ' || id, 0)) FROM person.person WHERE id = ANY($1)`, ids)
	b.Queue(selectFacts, ids, s.Today(), s.adultsBorn())
	results := tx.SendBatch(ctx, &b)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, err
	}
	rows, err := results.Query()
	return collectFacts(rows, err)
}

func collectFacts(rows pgx.Rows, err error) (map[uuid.UUID]Facts, error) {
	list, err := pg.All[Facts](rows, err)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]Facts, len(list))
	for _, f := range list {
		out[f.ID] = f
	}
	return out, nil
}

// Contact is how messages reach a person.
type Contact struct {
	Phone string // E.164
	Email string
	Lang  i18n.Lang
}

// Contacts finds how to reach several people. A ward without a phone or e-mail
// address of their own is reached through the first guardian.
func (s *Service) Contacts(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Contact, error) {
	people, err := s.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]Contact, len(people))
	for id, p := range people {
		out[id] = Contact{Phone: p.Phone, Email: p.Email, Lang: p.Lang}
		if p.Phone == "" && p.Email == "" {
			if out[id], err = s.guardianContact(ctx, id); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (s *Service) guardianContact(ctx context.Context, ward uuid.UUID) (Contact, error) {
	guardians, err := s.Guardians(ctx, s.pool, ward)
	if err != nil || len(guardians) == 0 {
		return Contact{}, err
	}
	g, err := s.Get(ctx, guardians[0])
	return Contact{Phone: g.Phone, Email: g.Email, Lang: g.Lang}, err
}
