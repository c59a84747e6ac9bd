package person

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// UndoSelf takes a merge apart again by the wish of the person, within
// UndoDays. Errors: ErrUndoLate, ErrUndoLater, ErrMergeDecided.
func (s *Service) UndoSelf(ctx context.Context, id, who uuid.UUID) (Report, error) {
	return s.undo(ctx, id, func(m *Merge) error {
		switch {
		case m.Kept != who:
			return ErrNoMerge
		case m.State == Merged && s.clk.Now().After(m.MergedAt.AddDate(0, 0, UndoDays)):
			return ErrUndoLate.With("days", UndoDays)
		}
		m.UndoneBy = &who
		return nil
	})
}

// AskUndo is an administrator's wish to undo a merge; a second one decides.
func (s *Service) AskUndo(ctx context.Context, r Ruling) error {
	if err := r.check(true); err != nil {
		return err
	}
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		m, err := lockMerge(ctx, tx, r.Merge)
		switch {
		case err != nil:
			return err
		case m.Concerns(r.By):
			return ErrOwnMerge
		case m.State != Merged || m.UndoBy != nil:
			return ErrMergeDecided
		}
		now := s.clk.Now()
		m.UndoBy, m.UndoAskedAt, m.UndoReason = &r.By, &now, r.Reason
		if err := saveMerge(ctx, tx, m); err != nil {
			return err
		}
		return s.noteMerge(ctx, tx, m, "person.merge_ask_undo", r.By, "")
	})
}

// DecideUndo undoes the merge, by another administrator than the one who asked,
// or lets it stand.
func (s *Service) DecideUndo(ctx context.Context, r Ruling) (Report, error) {
	if err := r.check(false); err != nil {
		return Report{}, err
	}
	allowed := func(m *Merge) error {
		switch {
		case m.Concerns(r.By):
			return ErrOwnMerge
		case m.UndoBy == nil || m.State != Merged:
			return ErrMergeDecided
		case *m.UndoBy == r.By:
			return ErrMergeTwo
		}
		m.UndoneBy = &r.By
		return nil
	}
	if r.Approve {
		return s.undo(ctx, r.Merge, allowed)
	}
	return Report{}, pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		m, err := lockMerge(ctx, tx, r.Merge)
		if err != nil {
			return err
		}
		if err := allowed(&m); err != nil {
			return err
		}
		m.UndoBy, m.UndoAskedAt, m.UndoReason, m.UndoneBy = nil, nil, "", nil
		if err := saveMerge(ctx, tx, m); err != nil {
			return err
		}
		return s.noteMerge(ctx, tx, m, "person.merge_keep", r.By, "")
	})
}

// undo takes a merge apart: what it moved goes back, what it changed is put
// back where it still can be, what came after stays. The report says what could
// not be put back. The newest merge of a person is undone first.
func (s *Service) undo(ctx context.Context, id uuid.UUID, allowed func(m *Merge) error) (r Report, err error) {
	err = s.inMerge(ctx, func(tx pgx.Tx) error {
		m, err := lockMerge(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := allowed(&m); err != nil {
			return err
		}
		if m.State != Merged {
			return ErrMergeDecided
		}
		if err := s.lockPair(ctx, tx, m.Kept, m.Absorbed); err != nil {
			return err
		}
		if err := erased(ctx, tx, m.Kept, m.Absorbed); err != nil {
			return err
		}
		if again, err := later(ctx, tx, m); err != nil {
			return err
		} else if again {
			return ErrUndoLater
		}
		r, err = s.undoTx(ctx, tx, m)
		return err
	})
	return r, s.done(err)
}

func (s *Service) undoTx(ctx context.Context, tx pgx.Tx, m Merge) (Report, error) {
	now := s.clk.Now()
	m.State, m.UndoneAt = MergeUndone, &now
	if err := saveMerge(ctx, tx, m); err != nil {
		return Report{}, err
	}
	a, err := s.get(ctx, tx, m.Kept)
	if err != nil {
		return Report{}, err
	}
	j := &Joining{ID: m.ID, From: m.Absorbed, Into: m.Kept, By: *m.UndoneBy, At: now, Lang: a.Lang, Report: &Report{}}
	if err := s.partTx(ctx, tx, j); err != nil {
		return Report{}, err
	}
	return *j.Report, s.noteMerge(ctx, tx, m, "person.merge_undo", *m.UndoneBy, "person.merge_undone")
}

// MayUndo reports whether the person may still undo a merge alone.
func (s *Service) MayUndo(m Merge, now time.Time) bool {
	return m.State == Merged && !now.After(m.MergedAt.AddDate(0, 0, UndoDays))
}
