package organisation

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/region"
)

const columns = `id, name, kind, division, county, credit_code, registry_no, guiding_unit, filing_kind, filing_no,
	filing_from, filing_to, partner, phone, email, address, fields, intro, state, reason, version, applied_at, applied_by, decided_at`

func get(ctx context.Context, db pg.DB, id uuid.UUID) (Organisation, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM organisation.organisation WHERE id = $1`, id)
	return pg.One[Organisation](rows, err, ErrNotFound)
}

func lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Organisation, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM organisation.organisation WHERE id = $1 FOR UPDATE`, id)
	return pg.One[Organisation](rows, err, ErrNotFound)
}

func insert(ctx context.Context, tx pgx.Tx, o Organisation) error {
	_, err := tx.Exec(ctx, `INSERT INTO organisation.organisation (id, name, name_key, kind, division, county, credit_code,
			registry_no, guiding_unit, filing_kind, filing_no, filing_from, filing_to, partner, phone, email, address, fields,
			intro, state, applied_at, applied_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		o.ID, o.Name, nameKey(o.Name), o.Kind, o.Division, o.County, o.CreditCode, o.RegistryNo, o.GuidingUnit, o.FilingKind,
		o.FilingNo, o.FilingFrom, o.FilingTo, o.Partner, o.Phone, o.Email, o.Address, o.Fields, o.Intro, o.State, o.AppliedAt, o.AppliedBy)
	return refused(err)
}

// save writes everything that may change and counts the version up.
func save(ctx context.Context, tx pgx.Tx, o Organisation) error {
	_, err := tx.Exec(ctx, `UPDATE organisation.organisation SET name = $2, name_key = $3, kind = $4, division = $5, county = $6,
			credit_code = $7, registry_no = $8, guiding_unit = $9, filing_kind = $10, filing_no = $11, filing_from = $12,
			filing_to = $13, partner = $14, phone = $15, email = $16, address = $17, fields = $18, intro = $19, state = $20,
			reason = $21, decided_at = $22, version = version + 1
		WHERE id = $1`,
		o.ID, o.Name, nameKey(o.Name), o.Kind, o.Division, o.County, o.CreditCode, o.RegistryNo, o.GuidingUnit, o.FilingKind,
		o.FilingNo, o.FilingFrom, o.FilingTo, o.Partner, o.Phone, o.Email, o.Address, o.Fields, o.Intro, o.State, o.Reason, o.DecidedAt)
	return refused(err)
}

// refused names the rule behind a constraint.
func refused(err error) error {
	switch pg.Constraint(err) {
	case "organisation_name":
		return ErrNameTaken
	case "organisation_code":
		return ErrCodeTaken
	}
	return err
}

// Filter chooses organisations for a list.
type Filter struct {
	Division string // everything below it
	States   []State
	After    string // cursor of the page before
	Limit    int
}

// Cursor marks the place of an organisation in lists.
func (o Organisation) Cursor() string { return pg.Cursor(o.AppliedAt, o.ID) }

func list(ctx context.Context, db pg.DB, f Filter) ([]Organisation, error) {
	at, id, err := pg.ParseCursor(f.After)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM organisation.organisation
		WHERE division LIKE $1 || '%' AND state = ANY($2) AND (applied_at, id) > ($3, $4)
		ORDER BY applied_at, id LIMIT $5`, region.Prefix(f.Division), f.States, at, id, f.Limit)
	return pg.All[Organisation](rows, err)
}

func find(ctx context.Context, db pg.DB, key string, n int) ([]Organisation, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM organisation.organisation
		WHERE state = 'approved' AND position($1 IN name_key) > 0 ORDER BY char_length(name_key), id LIMIT $2`, key, n)
	return pg.All[Organisation](rows, err)
}

func listByApplicant(ctx context.Context, db pg.DB, person uuid.UUID) ([]Organisation, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM organisation.organisation WHERE applied_by = $1 ORDER BY id DESC LIMIT 100`, person)
	return pg.All[Organisation](rows, err)
}

// Member is one person's place in an organisation.
type Member struct {
	Org     uuid.UUID
	Person  uuid.UUID
	Role    Role
	AddedAt time.Time
	AddedBy uuid.UUID
}

func members(ctx context.Context, db pg.DB, org uuid.UUID) ([]Member, error) {
	rows, err := db.Query(ctx, `SELECT org, person, role, added_at, added_by FROM organisation.member
		WHERE org = $1 ORDER BY added_at, person LIMIT 1000`, org)
	return pg.All[Member](rows, err)
}

func putMember(ctx context.Context, tx pgx.Tx, m Member) error {
	_, err := tx.Exec(ctx, `INSERT INTO organisation.member (org, person, role, added_at, added_by) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (org, person) DO UPDATE SET role = excluded.role`, m.Org, m.Person, m.Role, m.AddedAt, m.AddedBy)
	return err
}

func memberRole(ctx context.Context, db pg.DB, org, person uuid.UUID) (Role, error) {
	rows, err := db.Query(ctx, `SELECT role FROM organisation.member WHERE org = $1 AND person = $2`, org, person)
	v, err := pg.One[struct{ Role Role }](rows, err, ErrNotMember)
	return v.Role, err
}

func otherAdmins(ctx context.Context, tx pgx.Tx, org, person uuid.UUID) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM organisation.member WHERE org = $1 AND role = 'org_admin' AND person <> $2`, org, person).Scan(&n)
	return n, err
}
