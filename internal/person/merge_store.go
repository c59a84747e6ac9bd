package person

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

const mergeColumns = `id, kept, absorbed, division, state, asked_by, asked_at, said, conflicts, proposed_by, proposed_at, evidence,
	decided_by, decided_at, reason, merged_at, undo_by, undo_asked_at, undo_reason, undone_by, undone_at`

// MergeOf finds a merge, or ErrNoMerge.
func (s *Service) MergeOf(ctx context.Context, id uuid.UUID) (Merge, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+mergeColumns+` FROM person.merge WHERE id = $1`, id)
	return pg.One[Merge](rows, err, ErrNoMerge)
}

func lockMerge(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Merge, error) {
	rows, err := tx.Query(ctx, `SELECT `+mergeColumns+` FROM person.merge WHERE id = $1 FOR UPDATE`, id)
	return pg.One[Merge](rows, err, ErrNoMerge)
}

// openMerge finds what is open about two people, in either order, or ErrNoMerge.
func openMerge(ctx context.Context, db pg.DB, a, b uuid.UUID) (Merge, error) {
	rows, err := db.Query(ctx, `SELECT `+mergeColumns+` FROM person.merge
		WHERE least(kept, absorbed) = least($1::uuid, $2::uuid) AND greatest(kept, absorbed) = greatest($1::uuid, $2::uuid)
			AND state IN ('case', 'proposed')`, a, b)
	return pg.One[Merge](rows, err, ErrNoMerge)
}

// MergesOf lists what concerns a person: what they asked for, and what was
// merged into them; newest first. What others only claim is not shown.
func (s *Service) MergesOf(ctx context.Context, person uuid.UUID) ([]Merge, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+mergeColumns+` FROM person.merge
		WHERE kept = $1 AND (asked_by = $1 OR state IN ('merged', 'undone')) ORDER BY id DESC LIMIT 50`, person)
	return pg.All[Merge](rows, err)
}

// MergesWaiting lists what waits for an administrator in the divisions that
// within accepts, oldest first.
func (s *Service) MergesWaiting(ctx context.Context, within func(division string) bool) ([]Merge, error) {
	return s.mergesWithin(ctx, `state IN ('case', 'proposed') OR undo_by IS NOT NULL AND state = 'merged' ORDER BY id LIMIT 1000`, within)
}

// MergesMade lists the newest merges in the divisions that within accepts.
func (s *Service) MergesMade(ctx context.Context, within func(division string) bool) ([]Merge, error) {
	return s.mergesWithin(ctx, `state IN ('merged', 'undone', 'refused') ORDER BY id DESC LIMIT 200`, within)
}

func (s *Service) mergesWithin(ctx context.Context, which string, within func(division string) bool) ([]Merge, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+mergeColumns+` FROM person.merge WHERE `+which)
	all, err := pg.All[Merge](rows, err)
	out := all[:0]
	for _, m := range all {
		if within(m.Division) {
			out = append(out, m)
		}
	}
	return out, err
}

// saveMerge inserts a merge, or writes what may change of it.
func saveMerge(ctx context.Context, tx pgx.Tx, m Merge) error {
	if m.Conflicts == nil {
		m.Conflicts = []string{}
	}
	_, err := tx.Exec(ctx, `INSERT INTO person.merge (`+mergeColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
		ON CONFLICT (id) DO UPDATE SET kept = $2, absorbed = $3, state = $5, conflicts = $9, proposed_by = $10, proposed_at = $11, evidence = $12,
			decided_by = $13, decided_at = $14, reason = $15, merged_at = $16, undo_by = $17, undo_asked_at = $18, undo_reason = $19,
			undone_by = $20, undone_at = $21`,
		m.ID, m.Kept, m.Absorbed, m.Division, m.State, m.AskedBy, m.AskedAt, m.Said, m.Conflicts, m.ProposedBy, m.ProposedAt, m.Evidence,
		m.DecidedBy, m.DecidedAt, m.Reason, m.MergedAt, m.UndoBy, m.UndoAskedAt, m.UndoReason, m.UndoneBy, m.UndoneAt)
	return err
}

// later reports whether one of the two was merged again after m.
func later(ctx context.Context, tx pgx.Tx, m Merge) (is bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM person.merge WHERE state = 'merged' AND id <> $1 AND merged_at >= $2
		AND (kept IN ($3, $4) OR absorbed IN ($3, $4)))`, m.ID, m.MergedAt, m.Kept, m.Absorbed).Scan(&is)
	return is, err
}
