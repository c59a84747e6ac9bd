package person

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// Profile is what a person, or a guardian for a ward, may change without
// showing anything. Names on documents, birth date and documents are corrected
// by a case, the phone by proving the new one.
type Profile struct {
	Division      string
	Email         string
	Skills        []string
	Languages     []string
	ServiceFields []string
	Lang          i18n.Lang
	Version       int // of the person when the form was opened
}

// ProfileOf is the profile of a person as it stands.
func ProfileOf(p Person) Profile {
	return Profile{Division: p.Division, Email: p.Email, Skills: p.Skills, Languages: p.Languages, ServiceFields: p.ServiceFields,
		Lang: p.Lang, Version: p.Version}
}

// UpdateProfile changes a profile (67号令 art. 6, PIPL art. 46). The caller has
// checked that by may act for the person. Errors: fields at fault;
// fault.ErrVersionConflict when it was changed meanwhile.
func (s *Service) UpdateProfile(ctx context.Context, by, id uuid.UUID, in Profile) error {
	var c fault.Check
	s.checkPlace(&c, in.Division)
	in.Email = checkEmail(&c, in.Email)
	in.Skills = text.Subset(&c, "skills", in.Skills, Skills.Codes, len(Skills.Codes))
	in.Languages = text.Subset(&c, "languages", in.Languages, Languages.Codes, len(Languages.Codes))
	in.ServiceFields = checkFields(&c, in.ServiceFields)
	c.Must(slices.Contains(i18n.Langs, in.Lang), "lang", fault.ErrBadValue)
	if err := c.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		old, err := s.get(ctx, tx, id)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE person.person SET division = $3, email_enc = $4, skills = $5, languages = $6,
				service_fields = $7, lang = $8, version = version + 1 WHERE id = $1 AND version = $2`,
			id, in.Version, in.Division, s.keys.Seal(emailPlace(id), in.Email), in.Skills, in.Languages, in.ServiceFields, in.Lang)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.ErrVersionConflict
		}
		return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: "person.update", Object: audit.Object("person", id),
			Region: &in.Division, Detail: map[string]any{"fields": changed(ProfileOf(old), in)}})
	})
}

// changed names the fields that differ, for the audit: names only, no values.
func changed(a, b Profile) []string {
	out := []string{}
	for name, differs := range map[string]bool{
		"division": a.Division != b.Division, "email": a.Email != b.Email, "skills": !slices.Equal(a.Skills, b.Skills),
		"languages": !slices.Equal(a.Languages, b.Languages), "service_fields": !slices.Equal(a.ServiceFields, b.ServiceFields),
		"lang": a.Lang != b.Lang,
	} {
		if differs {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// SetPhoneTx gives a person a phone that was proven (E.164).
func (s *Service) SetPhoneTx(ctx context.Context, tx pgx.Tx, by, id uuid.UUID, phone string) error {
	tag, err := tx.Exec(ctx, `UPDATE person.person SET phone_enc = $2, phone_hash = $3, phone_proven_at = $4, version = version + 1 WHERE id = $1`,
		id, s.keys.Seal(phonePlace(id), phone), s.keys.Lookup(lookupPhone, phone), s.clk.Now())
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: "person.phone", Object: audit.Object("person", id)})
}

// ProvePhoneTx notes that a code sent to the person's phone was typed.
func (s *Service) ProvePhoneTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE person.person SET phone_proven_at = $2 WHERE id = $1 AND phone_proven_at IS NULL AND phone_hash IS NOT NULL`,
		id, s.clk.Now())
	return err
}

// AddQualificationTx notes a qualification that by has seen (志愿服务条例 art. 16).
// code is one of Qualifications; validTo nil means for good.
func (s *Service) AddQualificationTx(ctx context.Context, tx pgx.Tx, by, id uuid.UUID, q Qualification) error {
	if !Qualifications.Has(q.Code) {
		return fault.ErrBadValue
	}
	row, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO person.qualification (id, person, code, valid_to, verified_by, verified_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (person, code) WHERE revoked_at IS NULL DO UPDATE SET valid_to = EXCLUDED.valid_to,
			verified_by = EXCLUDED.verified_by, verified_at = EXCLUDED.verified_at`,
		row, id, q.Code, q.ValidTo, by, s.clk.Now())
	if err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: "person.qualification", Object: audit.Object("person", id),
		Detail: map[string]any{"code": q.Code}})
}
