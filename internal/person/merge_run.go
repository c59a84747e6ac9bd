package person

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kapok/internal/kit/pg"
)

// errBusy: somebody is writing for one of the two right now.
var errBusy = errors.New("person: one of the two is being written for")

const (
	mergeTries = 100
	mergePause = 60 * time.Millisecond // the longest between tries
)

// inMerge runs fn in a transaction, anew while others hold what it needs.
func (s *Service) inMerge(ctx context.Context, fn func(tx pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := pg.InTx(ctx, s.pool, fn)
		if !busy(err) {
			return err
		}
		if try == mergeTries {
			return ErrMergeBusy.Because(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(mergePause)):
		}
	}
}

func busy(err error) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	return errors.Is(err, errBusy) || ok && pe.Code == "55P03" // lock_not_available
}

func (s *Service) parts() []MergePart {
	return append(slices.Clone(s.merging.Parts), MergePart{Owned: owned})
}

// lockPair makes the transaction the only one that writes for the two. First it
// waits, holding nothing, for what others lock before they write for somebody
// (a shift); then it takes the two people and all that is theirs, without
// waiting: who holds one of them may want what we hold. So nobody ever waits in
// a circle. The database takes the lock of a person, shared, whenever something
// is written for one (person.standing).
func (s *Service) lockPair(ctx context.Context, tx pgx.Tx, people ...uuid.UUID) error {
	if err := s.lockParts(ctx, tx, true, people); err != nil {
		return err
	}
	var free bool
	err := tx.QueryRow(ctx, `SELECT bool_and(pg_try_advisory_xact_lock(hashtextextended('person ' || p, 0))) FROM unnest($1::uuid[]) AS t (p)`, people).Scan(&free)
	if err != nil {
		return err
	}
	if !free {
		return errBusy
	}
	if _, err := tx.Exec(ctx, `SELECT FROM person.person WHERE id = ANY($1) FOR NO KEY UPDATE NOWAIT`, people); err != nil {
		return err
	}
	if err := s.lockParts(ctx, tx, false, people); err != nil {
		return err
	}
	for _, p := range s.parts() {
		for _, o := range p.Owned {
			if _, err := tx.Exec(ctx, `SELECT FROM `+o.Table+` WHERE `+o.Column+` = ANY($1) FOR NO KEY UPDATE NOWAIT`, people); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) lockParts(ctx context.Context, tx pgx.Tx, wait bool, people []uuid.UUID) error {
	for _, p := range s.merging.Parts {
		if p.Lock == nil {
			continue
		}
		if err := p.Lock(ctx, tx, wait, people); err != nil {
			return err
		}
	}
	return nil
}

// declare tells the database of the merge, which lets rows go from the one to
// the other and no further.
func (j *Joining) declare(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT set_config('kit.merge', $1, true)`, j.From.String()+","+j.Into.String())
	return err
}

// joinTx moves everything. The two are locked, and the merge is stored.
func (s *Service) joinTx(ctx context.Context, tx pgx.Tx, j *Joining) error {
	if err := j.declare(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE person.person SET merged_into = $2, version = version + 1 WHERE id = $1`, j.From, j.Into); err != nil {
		return err
	}
	for _, p := range s.parts() {
		if p.Merge != nil {
			if err := p.Merge(ctx, tx, j); err != nil {
				return err
			}
		}
		for _, o := range p.Owned {
			n, err := j.MoveTx(ctx, tx, o)
			if err != nil {
				return err
			}
			if kind, ok := counted[o.Table]; ok {
				j.Report.Count(kind, n)
			}
		}
	}
	return nil
}

// partTx is joinTx backwards.
func (s *Service) partTx(ctx context.Context, tx pgx.Tx, j *Joining) error {
	if err := j.declare(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE person.person SET merged_into = NULL, version = version + 1 WHERE id = $1`, j.From); err != nil {
		return err
	}
	parts := s.parts()
	for _, p := range slices.Backward(parts) {
		for _, o := range slices.Backward(p.Owned) {
			if err := j.ReturnTx(ctx, tx, o); err != nil {
				return err
			}
		}
		if p.Unmerge != nil {
			if err := p.Unmerge(ctx, tx, j); err != nil {
				return err
			}
		}
	}
	return nil
}
