package person

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
)

// What look-up hashes are for; each purpose has a key of its own.
const (
	lookupDocument = "person/document"
	lookupPhone    = "person/phone"
	lookupCode     = "person/guardian_code"
)

func phonePlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "person.person", Column: "phone_enc", Row: id}
}

func emailPlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "person.person", Column: "email_enc", Row: id}
}

func numberPlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "person.identity_document", Column: "number_enc", Row: id}
}

const personColumns = `id, volunteer_no, name_hans, name_hant, name_latin, gender, birth_date, division, phone_enc, phone_proven_at,
	email_enc, skills, languages, service_fields, lang, registered_at, registered_by, suspended_at, merged_into, name_corrected_at, version`

type personRow struct {
	ID              uuid.UUID
	VolunteerNo     string
	NameHans        string
	NameHant        string
	NameLatin       string
	Gender          string
	BirthDate       time.Time
	Division        string
	PhoneEnc        []byte
	PhoneProvenAt   *time.Time
	EmailEnc        []byte
	Skills          []string
	Languages       []string
	ServiceFields   []string
	Lang            i18n.Lang
	RegisteredAt    time.Time
	RegisteredBy    *uuid.UUID
	SuspendedAt     *time.Time
	MergedInto      *uuid.UUID
	NameCorrectedAt *time.Time
	Version         int
}

// read opens what is encrypted.
func (s *Service) read(r personRow) (Person, error) {
	phone, err := s.keys.Open(phonePlace(r.ID), r.PhoneEnc)
	if err != nil {
		return Person{}, err
	}
	email, err := s.keys.Open(emailPlace(r.ID), r.EmailEnc)
	if err != nil {
		return Person{}, err
	}
	return Person{ID: r.ID, VolunteerNo: r.VolunteerNo, NameHans: r.NameHans, NameHant: r.NameHant, NameLatin: r.NameLatin,
		Gender: r.Gender, BirthDate: r.BirthDate, Division: r.Division, Phone: phone, PhoneProven: r.PhoneProvenAt != nil, Email: email,
		Skills: r.Skills, Languages: r.Languages, ServiceFields: r.ServiceFields, Lang: r.Lang, RegisteredAt: r.RegisteredAt,
		RegisteredBy: r.RegisteredBy, SuspendedAt: r.SuspendedAt, MergedInto: r.MergedInto, NameCorrected: r.NameCorrectedAt, Version: r.Version}, nil
}

func (s *Service) one(ctx context.Context, db pg.DB, where string, arg any) (Person, error) {
	rows, err := db.Query(ctx, `SELECT `+personColumns+` FROM person.person WHERE `+where, arg)
	r, err := pg.One[personRow](rows, err, ErrNotFound)
	if err != nil {
		return Person{}, err
	}
	return s.read(r)
}

// Get finds a person.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Person, error) {
	return s.get(ctx, s.pool, id)
}

func (s *Service) get(ctx context.Context, db pg.DB, id uuid.UUID) (Person, error) {
	return s.one(ctx, db, `id = $1`, id)
}

// GetMany finds several people in one query; unknown ids are left out.
func (s *Service) GetMany(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+personColumns+` FROM person.person WHERE id = ANY($1)`, ids)
	list, err := pg.All[personRow](rows, err)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]Person, len(list))
	for _, r := range list {
		if out[r.ID], err = s.read(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ByVolunteerNo finds a person by the number as somebody typed it; the number of
// a registration that was merged finds the person it went into.
func (s *Service) ByVolunteerNo(ctx context.Context, no string) (Person, error) {
	n, bad := ParseVolunteerNo(no)
	if bad != nil {
		return Person{}, bad
	}
	p, err := s.one(ctx, s.pool, `volunteer_no = $1`, n)
	if err != nil || p.MergedInto == nil {
		return p, err
	}
	now, err := s.Standing(ctx, s.pool, p.ID)
	if err != nil {
		return Person{}, err
	}
	return s.Get(ctx, now)
}

// WithPhone lists the people reached at a phone (E.164), oldest first: a
// family may share one. It is for the sign-in, after the phone was proven.
func (s *Service) WithPhone(ctx context.Context, db pg.DB, phone string) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `SELECT id FROM person.person WHERE phone_hash = $1 ORDER BY registered_at, id`,
		s.keys.Lookup(lookupPhone, phone))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// ByDocument finds whose document this is; ErrNotFound when nobody's. What the
// answer is must never reach somebody who has not shown the document.
func (s *Service) ByDocument(ctx context.Context, db pg.DB, d Document) (uuid.UUID, error) {
	rows, err := db.Query(ctx, `SELECT person AS id FROM person.identity_document WHERE class = $1 AND key_hash = $2`,
		d.Class, s.documentHash(d))
	found, err := pg.One[struct{ ID uuid.UUID }](rows, err, ErrNotFound)
	return found.ID, err
}

func (s *Service) documentHash(d Document) []byte {
	return s.keys.Lookup(lookupDocument, d.Class+":"+d.Key)
}

// HeldDocument is a document of a person, its number masked.
type HeldDocument struct {
	ID        uuid.UUID
	Kind      DocumentKind
	Issuer    string
	Masked    string
	Name      string     // as on the card
	Assurance int        // in force today: SelfDeclared … InPerson; falls back when the document expires
	Checked   *time.Time // when it was verified; nil: never, or not this card
	ValidTo   *time.Time // last day; nil: none known
	Expired   bool
	AddedAt   time.Time
}

// Documents lists a person's documents, oldest first.
func (s *Service) Documents(ctx context.Context, person uuid.UUID) ([]HeldDocument, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, kind, issuer, number_enc, name, CASE WHEN valid_to < $2 THEN 0 ELSE assurance END AS assurance,
			verified_at, valid_to, coalesce(valid_to < $2, false) AS expired, added_at
		FROM person.identity_document WHERE person = $1 ORDER BY added_at, id`, person, s.Today())
	list, err := pg.All[struct {
		ID         uuid.UUID
		Kind       DocumentKind
		Issuer     string
		NumberEnc  []byte
		Name       string
		Assurance  int
		VerifiedAt *time.Time
		ValidTo    *time.Time
		Expired    bool
		AddedAt    time.Time
	}](rows, err)
	if err != nil {
		return nil, err
	}
	out := make([]HeldDocument, len(list))
	for i, d := range list {
		number, err := s.keys.Open(numberPlace(d.ID), d.NumberEnc)
		if err != nil {
			return nil, err
		}
		out[i] = HeldDocument{ID: d.ID, Kind: d.Kind, Issuer: d.Issuer, Masked: MaskDocument(number), Name: d.Name, Assurance: d.Assurance,
			Checked: d.VerifiedAt, ValidTo: d.ValidTo, Expired: d.Expired, AddedAt: d.AddedAt}
	}
	return out, nil
}

// CheckKeys stops a node whose keys are not those of this database, before it
// writes what nobody could read again. The first node binds keys and database.
func (s *Service) CheckKeys(ctx context.Context) error {
	var bound string
	err := s.pool.QueryRow(ctx, `INSERT INTO person.key_check (fingerprint) VALUES ($1)
		ON CONFLICT (only_row) DO UPDATE SET only_row = true RETURNING fingerprint`, s.keys.Fingerprint()).Scan(&bound)
	if err == nil && bound != s.keys.Fingerprint() {
		return ErrWrongKeys
	}
	return err
}
