package attendance

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/activity"
	"kapok/internal/audit"
	"kapok/internal/kit/clock"
)

// Rules are what an operator may set; the zero value of a field takes its default.
type Rules struct {
	OpensBefore time.Duration // check-in opens so long before the start; default 2 hours
	ClosesAfter time.Duration // check-out closes so long after the end; default 4 hours
}

func (r Rules) orDefault() Rules {
	if r.OpensBefore <= 0 {
		r.OpensBefore = 2 * time.Hour
	}
	if r.ClosesAfter <= 0 {
		r.ClosesAfter = 4 * time.Hour
	}
	return r
}

// Opens is when check-in opens; it closes at the end of the shift.
func (r Rules) Opens(s activity.Shift) time.Time { return s.StartsAt.Add(-r.OpensBefore) }

// Closes is when check-out by the volunteer closes.
func (r Rules) Closes(s activity.Shift) time.Time { return s.EndsAt.Add(r.ClosesAfter) }

// Service is what can be done with attendance.
type Service struct {
	pool     *pgxpool.Pool
	clk      clock.Clock
	log      *slog.Logger
	codes    Codes
	rules    Rules
	shifts   *activity.Service
	complete OnComplete
	cased    OnCase
}

// New makes the service. secret keys the codes and is the same on all nodes.
func New(pool *pgxpool.Pool, clk clock.Clock, log *slog.Logger, secret []byte, rules Rules, shifts *activity.Service) *Service {
	return &Service{pool: pool, clk: clk, log: log, codes: NewCodes(secret), rules: rules.orDefault(), shifts: shifts,
		complete: func(context.Context, pgx.Tx, Attendance, activity.ShiftView) error { return nil },
		cased:    func(context.Context, pgx.Tx, Happening) error { return nil }}
}

// OnComplete sets the hook for complete attendances. Set it before use.
func (s *Service) OnComplete(f OnComplete) { s.complete = f }

// OnCase sets the hook for cases. Set it before use.
func (s *Service) OnCase(f OnCase) { s.cased = f }

// Rules are the rules in force.
func (s *Service) Rules() Rules { return s.rules }

// Shift finds a shift, for pages.
func (s *Service) Shift(ctx context.Context, id uuid.UUID) (activity.ShiftView, error) {
	return s.shifts.Shift(ctx, s.pool, id)
}

func (s *Service) record(ctx context.Context, tx pgx.Tx, action string, a Attendance, v activity.ShiftView, by uuid.UUID, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: action,
		Object: audit.Object("attendance", a.ID), Org: &a.Org, Region: &v.Activity.Division, Detail: detail})
}

// takesPlace refuses shifts that are cancelled or were never published.
func takesPlace(v activity.ShiftView) error {
	published := v.Activity.State == activity.Published || v.Activity.State == activity.Closed
	if !published || v.State != activity.ShiftOpen {
		return ErrShiftOff
	}
	return nil
}
