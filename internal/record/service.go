package record

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
	"kapok/internal/kit/workday"
	"kapok/internal/notify"
	"kapok/internal/person"
)

// Service is what can be done with records of service.
type Service struct {
	pool     *pgxpool.Pool
	clk      clock.Clock
	log      *slog.Logger
	calendar *workday.Calendar
	shifts   *activity.Service
	people   *person.Service
	messages *notify.Service
}

// New makes the service. calendar is the mainland's working days.
func New(pool *pgxpool.Pool, clk clock.Clock, log *slog.Logger, calendar *workday.Calendar,
	shifts *activity.Service, people *person.Service, messages *notify.Service) *Service {
	return &Service{pool: pool, clk: clk, log: log, calendar: calendar, shifts: shifts, people: people, messages: messages}
}

// Readers are this area's readers of the journal: totals, clock, notifications.
func (s *Service) Readers() []Reader { return []Reader{Totals(), s.Clock(), s.Notifications()} }

func (s *Service) audit(ctx context.Context, tx pgx.Tx, action, object string, org uuid.UUID, division string, by uuid.UUID, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: action, Object: object, Org: &org, Region: &division, Detail: detail})
}

// dueDays is the law's span: 记录 within ten working days after the end (67号令 art. 11).
const dueDays = 10

// due is the last day in time for a shift that ended, at midnight UTC, and
// whether it is an estimate because the holidays of that year are not known.
func (s *Service) due(ended time.Time) (on time.Time, estimated bool) {
	day, err := s.calendar.Add(ended.In(clock.Shanghai), dueDays)
	return dateOf(day), err != nil
}

// today is the present day as dates are kept.
func (s *Service) today() time.Time { return dateOf(s.clk.Now().In(clock.Shanghai)) }

// WorkdaysLeft counts the working days from today until the due day, included;
// 0 is today, negative ones are late.
func (s *Service) WorkdaysLeft(due time.Time) int {
	n, _ := s.calendar.Between(s.today(), due) // an unknown year: the due day says it is an estimate
	return n
}

// dateOf is the day of t in its zone, at midnight UTC, as PostgreSQL's date reads.
func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
