package person

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/region"
)

// pair reads both people as they stand. Errors: ErrNotFound, ErrMergeGone when
// one of them is merged already, ErrMergeSame, ErrMergeFamily.
func (s *Service) pair(ctx context.Context, db pg.DB, kept, absorbed uuid.UUID) (a, b Person, err error) {
	if kept == absorbed {
		return a, b, ErrMergeSame
	}
	if a, err = s.get(ctx, db, kept); err != nil {
		return a, b, err
	}
	if b, err = s.get(ctx, db, absorbed); err != nil {
		return a, b, err
	}
	if a.MergedInto != nil || b.MergedInto != nil {
		return a, b, ErrMergeGone
	}
	if err = erased(ctx, db, kept, absorbed); err != nil {
		return a, b, err
	}
	var family bool
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM person.guardianship
		WHERE guardian = ANY($1) AND ward = ANY($1) AND ended_at IS NULL)`, []uuid.UUID{kept, absorbed}).Scan(&family)
	if err == nil && family {
		err = ErrMergeFamily
	}
	return a, b, err
}

// erased is ErrMergeErased where one of the two was erased: nothing is joined to
// them or taken from them any more.
func erased(ctx context.Context, db pg.DB, people ...uuid.UUID) error {
	var yes bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM person.person WHERE id = ANY($1) AND erased_at IS NOT NULL)`, people).Scan(&yes)
	if err == nil && yes {
		err = ErrMergeErased
	}
	return err
}

// conflicts says what of two people does not fit together.
func (s *Service) conflicts(ctx context.Context, db pg.DB, a, b Person) ([]string, error) {
	var r Report
	if !a.BirthDate.Equal(b.BirthDate) {
		r.Conflict(ConflictBirth)
	}
	if a.Gender != b.Gender {
		r.Conflict(ConflictGender)
	}
	if !namesFit(a, b) {
		r.Conflict(ConflictName)
	}
	if a.SuspendedAt != nil || b.SuspendedAt != nil {
		r.Conflict(ConflictSuspended)
	}
	if a.Age(s.Today()) < AdultFrom || b.Age(s.Today()) < AdultFrom {
		r.Conflict(ConflictWard)
	}
	var other bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM person.identity_document x JOIN person.identity_document y
		ON y.kind = x.kind AND y.issuer = x.issuer AND y.key_hash <> x.key_hash WHERE x.person = $1 AND y.person = $2)`, a.ID, b.ID).Scan(&other)
	if other {
		r.Conflict(ConflictDocument)
	}
	return r.Conflicts, err
}

// namesFit compares names in the scripts that both have, after folding. Who
// share no script cannot be compared, and that is no conflict.
func namesFit(a, b Person) bool {
	compared := false
	for _, n := range [][2]string{{a.NameHans, b.NameHans}, {a.NameHant, b.NameHant}, {a.NameLatin, b.NameLatin},
		{a.NameHans, b.NameHant}, {a.NameHant, b.NameHans}} {
		if n[0] == "" || n[1] == "" {
			continue
		}
		if SameName(n[0], n[1]) {
			return true
		}
		compared = true
	}
	return !compared
}

// NameFits reports whether the name on a card is one of the person's.
func NameFits(p Person, card string) bool {
	return slices.ContainsFunc([]string{p.NameHans, p.NameHant, p.NameLatin}, func(n string) bool { return n != "" && SameName(n, card) })
}

// divisionOf is the lowest division that holds both; where none does (Guangdong
// and Hong Kong), it is the province or region of the person kept.
func divisionOf(t *region.Tree, kept, absorbed string) string {
	a, b := t.Path(kept), t.Path(absorbed)
	if len(a) == 0 {
		return kept
	}
	lowest := a[0].Code
	for i := 0; i < min(len(a), len(b)) && a[i].Code == b[i].Code; i++ {
		lowest = a[i].Code
	}
	return lowest
}

// Standing is who somebody is now: the person whom a merged registration went
// into, or the same person.
func (s *Service) Standing(ctx context.Context, db pg.DB, id uuid.UUID) (uuid.UUID, error) {
	var now uuid.UUID
	err := db.QueryRow(ctx, `WITH RECURSIVE chain (id, next) AS (
			SELECT id, merged_into FROM person.person WHERE id = $1
			UNION ALL SELECT p.id, p.merged_into FROM chain c JOIN person.person p ON p.id = c.next)
		SELECT id FROM chain WHERE next IS NULL`, id).Scan(&now)
	if err == pgx.ErrNoRows {
		return id, ErrNotFound
	}
	return now, err
}

// Joined lists the registrations that were merged into a person's, at any
// remove; without the person's own.
func (s *Service) Joined(ctx context.Context, db pg.DB, id uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `WITH RECURSIVE joined AS (
			SELECT id FROM person.person WHERE merged_into = $1
			UNION SELECT p.id FROM joined j JOIN person.person p ON p.merged_into = j.id)
		SELECT id FROM joined`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}
