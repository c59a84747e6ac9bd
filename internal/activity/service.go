package activity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/region"
)

// Service is what can be done with projects, activities, shifts and sign-ups.
type Service struct {
	pool    *pgxpool.Pool
	clk     clock.Clock
	regions *region.Tree
	orgs    *organisation.Service
	people  *person.Service

	signups signups // signup*.go
	hooks   hooks
}

// hooks let areas above take part in a change, in its transaction; an error
// undoes the change.
type hooks struct {
	decided   func(ctx context.Context, tx pgx.Tx, a Activity) error
	cancelled func(ctx context.Context, tx pgx.Tx, a Activity, shifts []Shift) error
	moved     func(ctx context.Context, tx pgx.Tx, before, after ShiftView) error
}

// New makes the service.
func New(pool *pgxpool.Pool, clk clock.Clock, regions *region.Tree, orgs *organisation.Service, people *person.Service) *Service {
	s := &Service{pool: pool, clk: clk, regions: regions, orgs: orgs, people: people}
	s.gatherSignups()
	return s
}

// OnDecided is told when an activity was published or returned by the
// administrator. Set it before use.
func (s *Service) OnDecided(f func(ctx context.Context, tx pgx.Tx, a Activity) error) {
	s.hooks.decided = f
}

// OnCancelled is told when an activity, or some of its shifts, is cancelled,
// so that those who signed up learn of it. Set it before use.
func (s *Service) OnCancelled(f func(ctx context.Context, tx pgx.Tx, a Activity, shifts []Shift) error) {
	s.hooks.cancelled = f
}

// OnMoved is told when the time or the place of a published shift changes, so
// that those who signed up learn of it. Set it before use.
func (s *Service) OnMoved(f func(ctx context.Context, tx pgx.Tx, before, after ShiftView) error) {
	s.hooks.moved = f
}

func (s *Service) record(ctx context.Context, tx pgx.Tx, action string, a Activity, by uuid.UUID, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{
		At: s.clk.Now(), Actor: &by, Action: action, Object: audit.Object("activity", a.ID), Org: &a.Org, Region: &a.Division, Detail: detail,
	})
}
