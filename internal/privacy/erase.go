package privacy

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// Blocked is something to settle before a deletion.
type Blocked struct {
	Code string
	N    int
}

// BlocksOf lists what must be settled before a person can be erased; none: nothing.
func (s *Service) BlocksOf(ctx context.Context, person uuid.UUID) ([]Blocked, error) {
	var out []Blocked
	for _, b := range s.Blocks {
		n, err := b.Count(ctx, s.Pool, person)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, Blocked{b.Code, n})
		}
	}
	return out, nil
}

// dueBatch is how many deletions one look carries out.
const dueBatch = 50

// EraseDue carries out the deletions whose cooling-off time is over, and
// returns how many. One that came to be blocked meanwhile waits, and is looked
// at again.
func (s *Service) EraseDue(ctx context.Context) (done int, err error) {
	list, err := s.read(s.Pool.Query(ctx, `SELECT `+requestColumns+` FROM privacy.request
		WHERE kind = 'deletion' AND state = 'open' AND due_at <= $1 ORDER BY due_at, id LIMIT $2`, s.Clock.Now(), dueBatch))
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		one := s.carryOut(ctx, r)
		switch {
		case one == nil:
			done++
		case errors.Is(one, ErrBlocked), errors.Is(one, ErrDecided):
			s.Log.WarnContext(ctx, "a deletion waits", "request", r.ID)
		default:
			err = errors.Join(err, one)
		}
	}
	return done, err
}

// carryOut erases a person: first what is ahead is given back, then all areas
// erase in one transaction.
func (s *Service) carryOut(ctx context.Context, r Request) error {
	blocks, err := s.BlocksOf(ctx, r.Person)
	if err != nil {
		return err
	}
	if len(blocks) > 0 {
		return ErrBlocked
	}
	if s.Leave != nil {
		if err := s.Leave(ctx, r.Person); err != nil {
			return err
		}
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		r.State = Done
		if err := s.endTx(ctx, tx, r, nil, ""); err != nil {
			return err
		}
		if err := declare(ctx, tx, r.Person); err != nil {
			return err
		}
		d := Deletion{Person: r.Person, At: s.Clock.Now(), KeepCertificates: r.KeepCertificates}
		for _, h := range s.Holdings {
			if h.Erase == nil {
				continue
			}
			if err := h.Erase(ctx, tx, d); err != nil {
				return err
			}
		}
		return s.eraseTx(ctx, tx, r.Person)
	})
	if err == nil && s.Forget != nil {
		s.Forget()
	}
	return err
}

// declare tells the database who is erased, which lets words about them be
// struck where nothing changes otherwise, and nothing further.
func declare(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `SELECT set_config('kit.erase', $1, true)`, person.String())
	return err
}

// eraseTx takes away what this area holds: the switches, and the words of requests.
func (s *Service) eraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM privacy.choice WHERE person = $1`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE privacy.request SET words = NULL, wish = NULL, answer = NULL WHERE person = $1`, person)
	return err
}
