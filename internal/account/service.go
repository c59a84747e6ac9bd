package account

import (
	"context"
	"log/slog"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/batch"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
)

// CodeSender sends a one-time code to a phone (E.164). notify has the one that
// uses the operator's SMS gateway.
type CodeSender interface {
	SendCode(ctx context.Context, phone, code string, lang i18n.Lang) error
}

// RolesFunc gives the organisation roles of many people at once.
type RolesFunc func(ctx context.Context, db pg.DB, people []uuid.UUID) (map[uuid.UUID][]Grant, error)

// WardsFunc gives the wards of many people at once.
type WardsFunc func(ctx context.Context, db pg.DB, people []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error)

// Deps is what the service needs from others.
type Deps struct {
	Pool   *pgxpool.Pool
	Clock  clock.Clock
	Keys   *crypt.Keys
	Log    *slog.Logger
	Sender CodeSender
	Roles  RolesFunc
	Wards  WardsFunc
	Secure bool // cookies only over TLS: the public address is https
	// Origin is the public address, for passkeys; one that can have none has none.
	Origin string
	// OneFactor lets staff work with one factor: an operator's choice for a small trial.
	OneFactor bool
	// Tell sends messages (notify.Service.SendTx); nil tells nobody.
	Tell func(ctx context.Context, tx pgx.Tx, messages ...notify.Message) error
	// PhoneMoved tells others that keep a person's phone (person.SetPhoneTx); may be nil.
	PhoneMoved func(ctx context.Context, tx pgx.Tx, by, person uuid.UUID, phone string) error
}

// Service is what can be done with accounts.
type Service struct {
	Deps
	sessions *batch.Group[struct{}, uuid.UUID, found]
	cache    *cache
	passkeys *webauthn.WebAuthn // nil: the public address can have none
}

// New makes the service.
func New(d Deps) *Service {
	s := &Service{Deps: d, cache: newCache(), passkeys: relyingParty(d.Origin)}
	s.sessions = batch.New[struct{}](lookupMax, s.lookUp, func(error) bool { return false })
	return s
}

// OpenTx makes the account of a person. The caller has proved the phone (E.164)
// by a code. Errors: ErrPhoneTaken.
func (s *Service) OpenTx(ctx context.Context, tx pgx.Tx, person uuid.UUID, phone string) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO account.account (id, person, phone_hash, phone, created_at) VALUES ($1, $2, $3, $4, $5)`,
		id, person, s.phoneHash(phone), s.Keys.Seal(phonePlace(id), phone), s.Clock.Now())
	if pg.Constraint(err) == "account_phone" {
		return uuid.Nil, ErrPhoneTaken
	}
	return id, err
}

func (s *Service) phoneHash(phone string) []byte { return s.Keys.Lookup("account/phone", phone) }

func phonePlace(account uuid.UUID) crypt.Place {
	return crypt.Place{Table: "account.account", Column: "phone", Row: account}
}

// PhoneOf is the phone (E.164) of a person's account, "" when there is none;
// for messages. It is decrypted here and never logged.
func (s *Service) PhoneOf(ctx context.Context, person uuid.UUID) (string, error) {
	var id uuid.UUID
	var sealed []byte
	err := s.Pool.QueryRow(ctx, `SELECT id, phone FROM account.account WHERE person = $1 AND state = 'active'
		ORDER BY joined, created_at LIMIT 1`, person).Scan(&id, &sealed)
	if err == pgx.ErrNoRows {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.Keys.Open(phonePlace(id), sealed)
}

// sessionLife is how long a session lasts by kind.
var sessionLife = map[Kind]time.Duration{Web: 30 * 24 * time.Hour, API: 24 * time.Hour}
