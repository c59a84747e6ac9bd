package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// Kind says how a session is carried.
type Kind string

// The kinds.
const (
	Web Kind = "web" // a cookie
	API Kind = "api" // a bearer token
)

// Session is one signed-in device.
type Session struct {
	ID        uuid.UUID
	Kind      Kind
	Device    string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// SignIn is a fresh session with its token, which is shown once.
type SignIn struct {
	Token     string
	Device    string // what the device keeps, to be known next time
	Account   uuid.UUID
	Person    uuid.UUID
	ExpiresAt time.Time
}

const secretBytes = 32

// SignInByCode signs in with the phone (E.164) and a one-time code. Errors:
// ErrCode, ErrTooOften, and, as the phone is proved by then, ErrNoAccount.
func (s *Service) SignInByCode(ctx context.Context, phone, code string, d Device) (SignIn, error) {
	if err := s.ProvePhone(ctx, phone, ForLogin, code, d); err != nil {
		return SignIn{}, err
	}
	id, person, err := s.WithPhone(ctx, phone)
	if err != nil {
		return SignIn{}, err
	}
	return s.Begin(ctx, s.Pool, id, person, d, ByCode)
}

// SignInByPassword signs in with the phone (E.164) and the password. An unknown
// phone, an account without password and a wrong password are one error and
// take the same time. Errors: ErrWrong, ErrTooOften.
func (s *Service) SignInByPassword(ctx context.Context, phone, password string, d Device) (SignIn, error) {
	id, person, err := s.provePassword(ctx, phone, password, d)
	if err != nil {
		return SignIn{}, err
	}
	return s.Begin(ctx, s.Pool, id, person, d, ByPassword)
}

// provePassword finds whose phone and password these are.
func (s *Service) provePassword(ctx context.Context, phone, password string, d Device) (id, person uuid.UUID, err error) {
	a, err := s.tryPassword(ctx, phone, password, d)
	if err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	phc := nobody
	err = s.Pool.QueryRow(ctx, `SELECT id, person, coalesce(password, $2) FROM account.account WHERE phone_hash = $1 AND state = 'active'`,
		s.phoneHash(phone), nobody).Scan(&id, &person, &phc)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, uuid.Nil, err
	}
	if !matches(phc, password) || id == uuid.Nil {
		return uuid.Nil, uuid.Nil, ErrWrong
	}
	return id, person, s.right(ctx, a)
}

// Begin opens a session for an account whose owner was just proved by
// factors. The device is known from then on; the owner is told when
// it was not.
func (s *Service) Begin(ctx context.Context, db pg.DB, account, person uuid.UUID, d Device, by ...Factor) (in SignIn, err error) {
	if tx, ok := db.(pgx.Tx); ok {
		return s.beginTx(ctx, tx, account, person, d, by)
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		in, err = s.beginTx(ctx, tx, account, person, d, by)
		return err
	})
	return in, err
}

func (s *Service) beginTx(ctx context.Context, tx pgx.Tx, account, person uuid.UUID, d Device, by []Factor) (SignIn, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return SignIn{}, err
	}
	secret := make([]byte, secretBytes)
	if _, err := rand.Read(secret); err != nil {
		return SignIn{}, err
	}
	hash, now := sha256.Sum256(secret), s.Clock.Now()
	out := SignIn{Token: encode(append(id[:], secret...)), Account: account, Person: person, ExpiresAt: now.Add(sessionLife[d.Kind])}
	_, err = tx.Exec(ctx, `INSERT INTO account.session (id, account, secret, kind, device, created_at, seen_at, proved_at, expires_at, factors)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $7, $8)`,
		id, account, hash[:], d.Kind, shorten(d.Name, 80), now, out.ExpiresAt, append([]Factor{}, by...))
	if err != nil {
		return SignIn{}, err
	}
	out.Device, err = s.rememberTx(ctx, tx, id, account, person, d)
	return out, err
}

func shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// encode and decode are how secrets travel in cookies and headers.
func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }

// token is a parsed cookie or bearer token.
type token struct {
	id   uuid.UUID
	hash [sha256.Size]byte
}

func parseToken(s string) (token, bool) {
	raw, err := decode(s)
	if err != nil || len(raw) != len(uuid.UUID{})+secretBytes {
		return token{}, false
	}
	var t token
	copy(t.id[:], raw)
	t.hash = sha256.Sum256(raw[len(t.id):])
	return t, true
}

// Sessions lists the living sessions of an account, newest first.
func (s *Service) Sessions(ctx context.Context, account uuid.UUID) ([]Session, error) {
	rows, err := s.Pool.Query(ctx, `SELECT id, kind, device, created_at, seen_at, expires_at FROM account.session
		WHERE account = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id DESC LIMIT 100`, account, s.Clock.Now())
	return pg.All[Session](rows, err)
}

// Revoke ends one session of an account, as who signs out of a device in hand
// does; a session of somebody else is left alone.
func (s *Service) Revoke(ctx context.Context, account, session uuid.UUID) error {
	return s.revoke(ctx, `id = $2`, `false`, account, session)
}

// RevokeElsewhere ends one session of an account that is on another device, and
// forgets that device.
func (s *Service) RevokeElsewhere(ctx context.Context, account, session uuid.UUID) error {
	return s.revoke(ctx, `id = $2`, `session = $2`, account, session)
}

// RevokeOthers ends all sessions of an account but one, and forgets their devices.
func (s *Service) RevokeOthers(ctx context.Context, account, keep uuid.UUID) error {
	return s.revoke(ctx, `id <> $2`, `session <> $2`, account, keep)
}

// RevokeAll ends all sessions of an account, the one at hand as well; only its
// device stays known.
func (s *Service) RevokeAll(ctx context.Context, account, here uuid.UUID) error {
	return s.revoke(ctx, `true`, `session <> $2`, account, here)
}

// revoke ends the sessions of an account that a condition names and forgets the
// devices that another does.
func (s *Service) revoke(ctx context.Context, ended, forgotten string, account, session uuid.UUID) error {
	rows, err := s.Pool.Query(ctx, `WITH forgotten AS (DELETE FROM account.known_device WHERE account = $1 AND `+forgotten+`)
		UPDATE account.session SET revoked_at = $3 WHERE account = $1 AND revoked_at IS NULL AND `+ended+` RETURNING id`, account, session, s.Clock.Now())
	if err != nil {
		return err
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	s.cache.drop(gone)
	return err
}
