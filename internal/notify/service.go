package notify

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Address is how a person is reached; empty ways do not exist.
type Address struct {
	Email string
	Phone string // E.164
	Lang  i18n.Lang
}

// LogValue keeps addresses out of logs.
func (Address) LogValue() slog.Value { return slog.StringValue("address") }

// AddressOf looks an address up; one who has none, or no longer exists, gives
// the zero value.
type AddressOf func(ctx context.Context, person uuid.UUID) (Address, error)

// Options are what the service stands on.
type Options struct {
	Pool    *pgxpool.Pool
	Clock   clock.Clock
	Log     *slog.Logger
	Address AddressOf
	Mail    Mailer
	SMS     Gateway
	Origin  string // https://host, before links in mails
	Silent  bool   // messages are shown inside Kapok only (a demo is being filled)
}

// Service sends messages.
type Service struct {
	pool    *pgxpool.Pool
	clk     clock.Clock
	log     *slog.Logger
	address AddressOf
	mail    Mailer
	sms     Gateway
	origin  string
	silent  bool
	queue   *river.Client[pgx.Tx] // inserts only
}

// New makes the service.
func New(o Options) (*Service, error) {
	queue, err := river.NewClient(riverpgxv5.New(o.Pool), &river.Config{Schema: pg.JobSchema, Logger: o.Log})
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return &Service{pool: o.Pool, clk: o.Clock, log: o.Log, address: o.Address, mail: o.Mail, sms: o.SMS, origin: o.Origin, silent: o.Silent, queue: queue}, nil
}

// Queue is the name of the queue that the jobs of this area wait in.
const Queue = "notify"

// QueueWorkers is how many deliveries a node works on at once.
const QueueWorkers = 8

// Register adds the workers of this area to those of a River client, whose
// Queues must hold Queue.
func (s *Service) Register(workers *river.Workers) { river.AddWorker(workers, &deliverer{service: s}) }
