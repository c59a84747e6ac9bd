package person

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45). Phone and
// e-mail are masked unless open says that their owner asks to see them; the
// number of a document always is, as the text agreed to promises.
func (s *Service) Held(ctx context.Context, db pg.DB, id uuid.UUID, open bool) (held.Things, error) {
	p, err := s.get(ctx, db, id)
	if err != nil {
		return nil, err
	}
	phone, email := p.Phone, p.Email
	if !open {
		phone, email = MaskPhone(phone), maskEmail(email)
	}
	out := held.Things{}
	out.Add("name", held.Of("name_hans", p.NameHans, "name_hant", p.NameHant, "name_latin", p.NameLatin))
	out.Add("number", held.Of("volunteer_no", p.VolunteerNo, "registered_at", p.RegisteredAt))
	out.Add("birth", held.Of("birth_date", p.BirthDate, "gender", p.Gender))
	out.Add("place", held.Of("division", p.Division))
	if phone != "" {
		out.Add("phone", held.Of("phone", phone, "proven", p.PhoneProven))
	}
	if email != "" {
		out.Add("email", held.Of("email", email))
	}
	out.Add("skills", held.Of("skills", p.Skills, "languages", p.Languages, "service_fields", p.ServiceFields, "lang", string(p.Lang)))
	return out, s.heldRows(ctx, db, id, out)
}

func (s *Service) heldRows(ctx context.Context, db pg.DB, id uuid.UUID, out held.Things) error {
	docs, err := s.heldDocuments(ctx, db, id)
	if err != nil {
		return err
	}
	out.Add("document", docs...)
	for name, sql := range map[string]string{
		"skills":   `SELECT code AS qualification, valid_to, verified_at FROM person.qualification WHERE person = $1 AND revoked_at IS NULL ORDER BY verified_at`,
		"guardian": `SELECT CASE WHEN ward = $1 THEN 'ward' ELSE 'guardian' END AS side, relation, since, ended_at FROM person.guardianship WHERE $1 IN (guardian, ward) ORDER BY since`,
		"consent":  `SELECT purpose, text_version, org, given_at, withdrawn_at FROM person.consent WHERE person = $1 ORDER BY given_at`,
	} {
		rows, err := held.Collect(db.Query(ctx, sql, id))
		if err != nil {
			return err
		}
		out.Add(name, rows...)
	}
	return nil
}

func (s *Service) heldDocuments(ctx context.Context, db pg.DB, id uuid.UUID) ([]held.Row, error) {
	rows, err := db.Query(ctx, `SELECT id, kind, issuer, name, number_enc, assurance, added_at FROM person.identity_document WHERE person = $1 ORDER BY added_at, id`, id)
	list, err := pg.All[struct {
		ID           uuid.UUID
		Kind, Issuer string
		Name         string
		NumberEnc    []byte
		Assurance    int
		AddedAt      time.Time
	}](rows, err)
	var out []held.Row
	for _, d := range list {
		number, err := s.keys.Open(numberPlace(d.ID), d.NumberEnc)
		if err != nil {
			return nil, err
		}
		out = append(out, held.Of("document", d.Kind, "issuer", d.Issuer, "document_number", MaskDocument(number), "document_name", d.Name, "assurance", d.Assurance, "added_at", d.AddedAt))
	}
	return out, err
}

// maskEmail keeps the first letter and what follows the @.
func maskEmail(s string) string {
	for i, r := range s {
		if r == '@' && i > 0 {
			return string([]rune(s)[:1]) + "***" + s[i:]
		}
	}
	return s
}

// CountWards is how many minors a person is guardian of.
func (s *Service) CountWards(ctx context.Context, db pg.DB, id uuid.UUID) (int, error) {
	wards, err := s.Wards(ctx, db, []uuid.UUID{id})
	return len(wards[id]), err
}

// EraseTx takes away all that says who a person is (PIPL art. 47): names,
// documents, phone, e-mail, look-up hashes, skills, and a new number in place
// of the old one; likewise of the registrations that were joined to this one.
// What stays is an id and a province. Consents and guardianship end; that they
// were given stays, under the ids. Words about merges are struck.
func (s *Service) EraseTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	now := s.clk.Now()
	for _, sql := range []string{
		`DELETE FROM person.identity_document WHERE person = $1`,
		`DELETE FROM person.qualification WHERE person = $1`,
		`DELETE FROM person.guardian_code WHERE $1 IN (ward, made_by)`,
	} {
		if _, err := tx.Exec(ctx, sql, id); err != nil {
			return err
		}
	}
	for _, sql := range []string{
		`UPDATE person.consent SET withdrawn_at = $2, withdrawn_by = $1 WHERE person = $1 AND withdrawn_at IS NULL`,
		`UPDATE person.guardianship SET ended_at = $2, ended_by = $1 WHERE $1 IN (guardian, ward) AND ended_at IS NULL`,
	} {
		if _, err := tx.Exec(ctx, sql, id, now); err != nil {
			return err
		}
	}
	all, err := eraseMergesTx(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := blankTx(ctx, tx, one, now); err != nil {
			return err
		}
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: now, Action: "person.erase", Object: audit.Object("person", id)})
}

// eraseMergesTx strikes what was said about merges of a person, and lists all
// registrations that are theirs.
func eraseMergesTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `WITH RECURSIVE r (id) AS (SELECT $1::uuid UNION SELECT p.id FROM person.person p JOIN r ON p.merged_into = r.id) SELECT id FROM r`, id)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, err
	}
	for _, sql := range []string{
		`UPDATE person.merge SET said = kit.struck(said), evidence = kit.struck(evidence), reason = kit.struck(reason), undo_reason = kit.struck(undo_reason)
			WHERE kept = ANY($1) OR absorbed = ANY($1)`,
		`UPDATE person.merge_row SET was = '{}' WHERE was <> '{}' AND merge IN (SELECT id FROM person.merge WHERE kept = ANY($1) OR absorbed = ANY($1))`,
	} {
		if _, err := tx.Exec(ctx, sql, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// blankTx takes away what a registration says of its person.
func blankTx(ctx context.Context, tx pgx.Tx, id uuid.UUID, now time.Time) error {
	tag, err := tx.Exec(ctx, `UPDATE person.person SET volunteer_no = $2, national_no = NULL, name_hans = '', name_hant = '', name_latin = '', gender = '',
			birth_date = '1900-01-01', division = left(division, 2) || '0000', phone_enc = NULL, phone_hash = NULL, phone_proven_at = NULL, email_enc = NULL,
			skills = '{}', languages = '{}', service_fields = '{}', lang = 'zh-Hans', name_corrected_at = NULL, erased_at = $3, version = version + 1
		WHERE id = $1 AND erased_at IS NULL`, id, NewVolunteerNo(), now)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	return err
}

// PurgeCodes deletes family codes that ended before a time, at most limit.
func (s *Service) PurgeCodes(ctx context.Context, before time.Time, limit int) (int64, error) {
	tag, err := s.pool.Exec(ctx, `DELETE FROM person.guardian_code WHERE code_hash IN
		(SELECT code_hash FROM person.guardian_code WHERE expires_at < $1 LIMIT $2)`, before, limit)
	return tag.RowsAffected(), err
}
