package privacy

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/region"
)

// Deletion is a person's wish to be erased.
type Deletion struct {
	Person           uuid.UUID
	At               time.Time
	KeepCertificates bool
}

// Holding is what one area holds about people.
type Holding struct {
	Area string
	// Held lists it; open shows phone and e-mail in full, for their owner.
	Held func(ctx context.Context, db pg.DB, person uuid.UUID, open bool) (held.Things, error)
	// Erase takes away what identifies; nil where nothing does.
	Erase func(ctx context.Context, tx pgx.Tx, d Deletion) error
}

// Block counts what must be settled before a person can be erased.
type Block struct {
	Code  string // texts privacy.block.<code> and its remedy
	Count func(ctx context.Context, db pg.DB, person uuid.UUID) (int, error)
}

// Purge deletes what is older than a keeping time of the register, at most
// limit rows at once, and says how many went.
type Purge struct {
	Item   string
	Delete func(ctx context.Context, before time.Time, limit int) (int64, error)
}

// Deps is what the service needs; the areas below contribute what they hold.
type Deps struct {
	Pool     *pgxpool.Pool
	Clock    clock.Clock
	Log      *slog.Logger
	Keys     *crypt.Keys
	People   *person.Service
	Regions  *region.Tree
	Holdings []Holding // erased in this order
	Blocks   []Block
	Purges   []Purge
	Tell     func(ctx context.Context, tx pgx.Tx, messages ...notify.Message) error
	// Leave gives back what is ahead before a person is erased (sign-ups); may be nil.
	Leave func(ctx context.Context, person uuid.UUID) error
	// Forget drops remembered sessions.
	Forget func()
}

// Service does what this area does.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{d} }

// Held is everything held about a person, by item of the register (PIPL art. 45).
func (s *Service) Held(ctx context.Context, person uuid.UUID, open bool) (held.Things, error) {
	out := held.Things{}
	for _, h := range s.Holdings {
		things, err := h.Held(ctx, s.Pool, person, open)
		if err != nil {
			return nil, err
		}
		out.Merge(things)
	}
	return out, nil
}

// Choices are a person's switches.
type Choices struct {
	Suggestions bool // activities suggested by skills, place and age (PIPL art. 24)
	Credit      bool // hours may go into credit records, if there is also a consent (慈善法 art. 101)
}

// Choices are the switches as they stand; on unless somebody turned them off.
func (s *Service) Choices(ctx context.Context, db pg.DB, person uuid.UUID) (Choices, error) {
	joined, err := s.People.Joined(ctx, db, person)
	if err != nil {
		return Choices{}, err
	}
	// The person's own word first; else a "no" said under any registration
	// that was merged into this one.
	rows, err := db.Query(ctx, `SELECT bool_and(suggestions) AS suggestions, bool_and(credit) AS credit FROM privacy.choice
		WHERE person = $1 OR person = ANY($2) GROUP BY person <> $1 ORDER BY person <> $1 LIMIT 1`, person, joined)
	list, err := pg.All[Choices](rows, err)
	if err != nil || len(list) == 0 {
		return Choices{true, true}, err
	}
	return list[0], nil
}

// Choose sets the switches. The caller has checked that by may act for the person.
func (s *Service) Choose(ctx context.Context, by, person uuid.UUID, c Choices) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO privacy.choice (person, suggestions, credit, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (person) DO UPDATE SET suggestions = $2, credit = $3, changed_at = $4, changed_by = $5`, person, c.Suggestions, c.Credit, s.Clock.Now(), by)
		if err != nil {
			return err
		}
		return s.note(ctx, tx, "privacy.choose", &by, person, map[string]any{"suggestions": c.Suggestions, "credit": c.Credit})
	})
}

// purgeBatch is how many rows one statement of a purge deletes.
const purgeBatch = 1000

// Tidy applies the keeping times of the register: what is older goes, in small
// batches. It returns how many rows went.
func (s *Service) Tidy(ctx context.Context) (total int64, err error) {
	for _, p := range s.Purges {
		i, _ := ItemOf(p.Item)
		for {
			n, err := p.Delete(ctx, s.Clock.Now().Add(-i.Keep.After), purgeBatch)
			total += n
			if err != nil {
				return total, err
			}
			if n < purgeBatch {
				break
			}
		}
	}
	return total, nil
}

// PurgeRequests deletes requests that were decided before a time, at most limit.
func (s *Service) PurgeRequests(ctx context.Context, before time.Time, limit int) (int64, error) {
	tag, err := s.Pool.Exec(ctx, `DELETE FROM privacy.request WHERE id IN (SELECT id FROM privacy.request WHERE decided_at < $1 LIMIT $2)`, before, limit)
	return tag.RowsAffected(), err
}
