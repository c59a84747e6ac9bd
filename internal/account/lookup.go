package account

import (
	"context"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/batch"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/pg"
)

const (
	lookupMax = 256             // sessions read in one query
	cacheLife = 2 * time.Second // how long a revocation on another node may go unnoticed
	cacheMax  = 20_000          // entries before the cache starts anew
	seenEvery = 10 * time.Minute
)

// found is a session as read: its secret's hash and whose it is; the zero
// value is no living session.
type found struct {
	hash [32]byte
	who  *Principal
}

// Who finds the principal of a token, or nil. Look-ups that arrive together
// are read in one query.
func (s *Service) Who(ctx context.Context, tokenText string) (*Principal, error) {
	t, ok := parseToken(tokenText)
	if !ok {
		return nil, nil
	}
	f, ok := s.cache.get(t.id)
	if !ok {
		epoch := s.cache.epoch()
		var err error
		if f, err = s.sessions.Do(ctx, struct{}{}, t.id); err != nil {
			return nil, err
		}
		s.cache.put(epoch, t.id, f)
	}
	if f.who == nil || subtle.ConstantTimeCompare(f.hash[:], t.hash[:]) != 1 {
		return nil, nil
	}
	return f.who, nil
}

// lookUp reads many sessions with their roles and wards.
func (s *Service) lookUp(ids []uuid.UUID) ([]batch.Answer[found], error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	living, err := s.living(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := s.grants(ctx, living); err != nil {
		return nil, err
	}
	if !s.OneFactor {
		for _, f := range living {
			f.who.withhold()
		}
	}
	out := make([]batch.Answer[found], len(ids))
	for i, id := range ids {
		out[i].Value = living[id]
	}
	return out, nil
}

func (s *Service) living(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]found, error) {
	now := s.Clock.Now()
	rows, err := s.Pool.Query(ctx, `SELECT s.id, s.secret, a.id, a.person, s.seen_at, s.proved_at, s.factors FROM account.session s JOIN account.account a ON a.id = s.account
		WHERE s.id = ANY($1) AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.state = 'active'`, ids, now)
	if err != nil {
		return nil, err
	}
	out, stale := map[uuid.UUID]found{}, []uuid.UUID(nil)
	p, hash, seen := Principal{}, []byte(nil), time.Time{}
	_, err = pgx.ForEachRow(rows, []any{&p.Session, &hash, &p.Account, &p.Person, &seen, &p.ProvedAt, &p.Factors}, func() error {
		who := p
		p.Factors = nil // the next row gets a list of its own
		out[p.Session] = found{hash: [32]byte(hash), who: &who}
		if now.Sub(seen) > seenEvery {
			stale = append(stale, p.Session)
		}
		return nil
	})
	if err == nil && len(stale) > 0 {
		_, err = s.Pool.Exec(ctx, `UPDATE account.session SET seen_at = $2 WHERE id = ANY($1)`, stale, now)
	}
	return out, err
}

// grants adds roles and wards to the principals of living sessions.
func (s *Service) grants(ctx context.Context, living map[uuid.UUID]found) error {
	people := make([]uuid.UUID, 0, len(living))
	for _, f := range living {
		people = append(people, f.who.Person)
	}
	if len(people) == 0 {
		return nil
	}
	own, err := s.regionRoles(ctx, people)
	if err != nil {
		return err
	}
	orgs, err := s.Roles(ctx, s.Pool, people)
	if err != nil {
		return err
	}
	wards, err := s.Wards(ctx, s.Pool, people)
	if err != nil {
		return err
	}
	for _, f := range living {
		f.who.Grants = append(own[f.who.Person], orgs[f.who.Person]...)
		f.who.Wards = wards[f.who.Person]
	}
	return nil
}

func (s *Service) regionRoles(ctx context.Context, people []uuid.UUID) (map[uuid.UUID][]Grant, error) {
	rows, err := s.Pool.Query(ctx, `SELECT person, role, coalesce(region, '') FROM account.role_grant WHERE person = ANY($1) AND revoked_at IS NULL AND (until IS NULL OR until > $2)`, people, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]Grant{}
	var person uuid.UUID
	var g Grant
	_, err = pgx.ForEachRow(rows, []any{&person, &g.Role, &g.Region}, func() error {
		out[person] = append(out[person], g)
		return nil
	})
	return out, err
}

// PrincipalOf is who a person is, for jobs and tests that act without a request.
func (s *Service) PrincipalOf(ctx context.Context, db pg.DB, person uuid.UUID) (*Principal, error) {
	who := &Principal{Person: person}
	return who, s.grants(ctx, map[uuid.UUID]found{uuid.Nil: {who: who}})
}

// Forget drops what is remembered of all sessions; called when roles or wards
// change, so that the change holds at once on this node.
func (s *Service) Forget() { s.cache.clear() }

// cache remembers look-ups for a moment.
type cache struct {
	mu      sync.RWMutex
	entries map[uuid.UUID]entry
	times   uint64 // counts drops, so that a look-up begun before one is not kept
}

type entry struct {
	found
	until time.Duration // as clock.Running tells it
}

func newCache() *cache { return &cache{entries: map[uuid.UUID]entry{}} }

// get uses the time the process runs: this is about memory, not people's time.
func (c *cache) get(id uuid.UUID) (found, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.entries[id]
	return e.found, ok && clock.Running() < e.until
}

func (c *cache) epoch() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.times
}

func (c *cache) put(epoch uint64, id uuid.UUID, f found) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch != c.times {
		return
	}
	if len(c.entries) >= cacheMax {
		clear(c.entries)
	}
	c.entries[id] = entry{f, clock.Running() + cacheLife}
}

func (c *cache) drop(ids []uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times++
	for _, id := range ids {
		delete(c.entries, id)
	}
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times++
	clear(c.entries)
}
