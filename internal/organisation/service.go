package organisation

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/region"
)

// OnDecided is told of a decision in its transaction, such as to notify the applicant.
type OnDecided func(ctx context.Context, tx pgx.Tx, o Organisation) error

// Service is what can be done with organisations.
type Service struct {
	pool    *pgxpool.Pool
	clk     clock.Clock
	regions *region.Tree
	people  *person.Service

	// Decided and Tell may be set once, before use.
	Decided OnDecided
	Tell    func(ctx context.Context, tx pgx.Tx, messages ...notify.Message) error
}

// New makes the service.
func New(pool *pgxpool.Pool, clk clock.Clock, regions *region.Tree, people *person.Service) *Service {
	return &Service{pool: pool, clk: clk, regions: regions, people: people}
}

// Apply hands in an application; the applicant becomes its first
// administrator when it is approved. Errors: fields, ErrNameTaken, ErrCodeTaken.
func (s *Service) Apply(ctx context.Context, p Profile, by uuid.UUID) (Organisation, error) {
	p.clean()
	if err := p.check(s.regions, s.clk.Now()); err != nil {
		return Organisation{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Organisation{}, err
	}
	o := Organisation{ID: id, Profile: p, County: s.regions.County(p.Division), State: Applied, Version: 1, AppliedAt: s.clk.Now(), AppliedBy: by}
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := insert(ctx, tx, o); err != nil {
			return err
		}
		return s.record(ctx, tx, "organisation.apply", o, by, map[string]any{"kind": o.Kind})
	})
	return o, atField(err)
}

// Reapply hands in a returned application again. version is the one the form
// was opened with.
func (s *Service) Reapply(ctx context.Context, id uuid.UUID, version int, p Profile, by uuid.UUID) (Organisation, error) {
	p.clean()
	if err := p.check(s.regions, s.clk.Now()); err != nil {
		return Organisation{}, err
	}
	return s.change(ctx, id, version, "organisation.reapply", by, func(o *Organisation) error {
		next, fail := o.State.Next(Reapply)
		if fail != nil {
			return fail
		}
		o.Profile, o.County, o.State, o.Reason = p, s.regions.County(p.Division), next, ""
		return nil
	})
}

// UpdateProfile changes what an approved organisation may change by itself:
// contact, fields and introduction. Name, kind and numbers were decided on.
func (s *Service) UpdateProfile(ctx context.Context, id uuid.UUID, version int, p Profile, by uuid.UUID) (Organisation, error) {
	p.clean()
	var c fault.Check
	p.checkOpenPart(&c)
	if err := c.Err(); err != nil {
		return Organisation{}, err
	}
	return s.change(ctx, id, version, "organisation.update", by, func(o *Organisation) error {
		if o.State != Approved {
			return inState[o.State]
		}
		o.Phone, o.Email, o.Address, o.Fields, o.Intro = p.Phone, p.Email, p.Address, p.Fields, p.Intro
		return nil
	})
}

// Decision is an administrator's verdict.
type Decision struct {
	Org     uuid.UUID
	Verdict Verdict
	Reason  string // required by NeedsReason
	Version int    // the version that was looked at; 0 leaves the check out
	By      uuid.UUID
}

// Decide carries out a verdict. Errors: the state's (organisation.is_…) when it
// does not take the verdict, fault.ErrVersionConflict, a missing reason.
func (s *Service) Decide(ctx context.Context, d Decision) (Organisation, error) {
	d.Reason = text.Clean(d.Reason)
	var c fault.Check
	text.OneOf(&c, "verdict", string(d.Verdict), true, Verdicts)
	text.Check(&c, "reason", d.Reason, d.Verdict.NeedsReason(), 500)
	if err := c.Err(); err != nil {
		return Organisation{}, err
	}
	var first bool
	apply := func(o *Organisation) error {
		next, fail := o.State.Next(d.Verdict)
		if fail != nil {
			return fail
		}
		first = d.Verdict == Approve
		now := s.clk.Now()
		o.State, o.Reason, o.DecidedAt = next, d.Reason, &now
		return nil
	}
	return s.changeThen(ctx, d.Org, d.Version, "organisation."+string(d.Verdict), d.By, apply, func(tx pgx.Tx, o Organisation) error {
		if first {
			if err := putMember(ctx, tx, Member{Org: o.ID, Person: o.AppliedBy, Role: Admin, AddedAt: s.clk.Now(), AddedBy: d.By}); err != nil {
				return err
			}
		}
		if s.Decided != nil {
			return s.Decided(ctx, tx, o)
		}
		return nil
	})
}

// Get finds an organisation or returns ErrNotFound.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Organisation, error) {
	return get(ctx, s.pool, id)
}

// GetIn is Get for callers within a transaction.
func (s *Service) GetIn(ctx context.Context, db pg.DB, id uuid.UUID) (Organisation, error) {
	return get(ctx, db, id)
}

// GetMany finds several at once; unknown ids are missing from the map.
func (s *Service) GetMany(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Organisation, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+columns+` FROM organisation.organisation WHERE id = ANY($1)`, ids)
	all, err := pg.All[Organisation](rows, err)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]Organisation, len(all))
	for _, o := range all {
		out[o.ID] = o
	}
	return out, nil
}

// List gives organisations of a subtree, oldest application first.
func (s *Service) List(ctx context.Context, f Filter) ([]Organisation, error) {
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 20
	}
	return list(ctx, s.pool, f)
}

// Find lists approved organisations whose name has the words, at most n, the
// shortest names first.
func (s *Service) Find(ctx context.Context, words string, n int) ([]Organisation, error) {
	key := nameKey(words)
	if key == "" {
		return nil, nil
	}
	return find(ctx, s.pool, key, n)
}

// OfApplicant lists what a person has applied for, newest first.
func (s *Service) OfApplicant(ctx context.Context, person uuid.UUID) ([]Organisation, error) {
	return listByApplicant(ctx, s.pool, person)
}

func (s *Service) change(ctx context.Context, id uuid.UUID, version int, action string, by uuid.UUID, edit func(*Organisation) error) (Organisation, error) {
	return s.changeThen(ctx, id, version, action, by, edit, func(pgx.Tx, Organisation) error { return nil })
}

// changeThen locks, checks the version, edits, saves, audits and calls then.
func (s *Service) changeThen(ctx context.Context, id uuid.UUID, version int, action string, by uuid.UUID,
	edit func(*Organisation) error, then func(pgx.Tx, Organisation) error) (Organisation, error) {
	var o Organisation
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if o, err = lock(ctx, tx, id); err != nil {
			return err
		}
		if version != 0 && version != o.Version {
			return fault.ErrVersionConflict
		}
		before := o.State
		if err := edit(&o); err != nil {
			return err
		}
		if err := save(ctx, tx, o); err != nil {
			return err
		}
		o.Version++
		if err := s.record(ctx, tx, action, o, by, map[string]any{"from": before, "to": o.State}); err != nil {
			return err
		}
		return then(tx, o)
	})
	return o, atField(err)
}

// atField shows a clash of names or codes at its field.
func atField(err error) error {
	var c fault.Check
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNameTaken):
		c.Add("name", ErrNameTaken)
	case errors.Is(err, ErrCodeTaken):
		c.Add("credit_code", ErrCodeTaken)
	default:
		return err
	}
	return c.Err()
}
