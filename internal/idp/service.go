package idp

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/zitadel/oidc/v3/pkg/op"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/sign"
	"kapok/internal/person"
)

// How long things last.
const (
	requestLife = 30 * time.Minute     // from the partner's question to the person's answer
	codeLife    = time.Minute          // from the answer to the exchange
	requestKept = 24 * time.Hour       // a replayed code is noticed that long
	idLife      = 10 * time.Minute     // of an ID token
	accessLife  = 15 * time.Minute     // of an access token
	refreshLife = 30 * 24 * time.Hour  // of a refresh token that is not used
	grantLife   = 180 * 24 * time.Hour // of all tokens that came of one sign-in
)

// Deps is what the service needs from others.
type Deps struct {
	Pool   *pgxpool.Pool
	Clock  clock.Clock
	Keys   *crypt.Keys
	People *person.Service
	Signer sign.Signer                 // of ID tokens
	Public func() (sign.KeySet, error) // its key and those it followed
	Issuer string                      // address of this site, without a trailing slash
	// Minutes is the confirmed service time of a person, in minutes.
	Minutes func(ctx context.Context, db pg.DB, who uuid.UUID) (int, error)
}

// Service is what can be done with partner platforms.
type Service struct {
	Deps
	provider *op.Provider
}

// New makes the service.
func New(d Deps) (*Service, error) {
	s := &Service{Deps: d}
	var err error
	s.provider, err = s.newProvider()
	return s, err
}

const secretBytes = 32

// newSecret makes a secret; its hash is what is stored.
func newSecret() (text string, hash []byte) {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails
	text = encode(b)
	return text, hashOf(text)
}

func hashOf(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (s *Service) audit(ctx context.Context, tx pgx.Tx, by uuid.UUID, action, object string, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.Clock.Now(), Actor: &by, Action: action, Object: object, Detail: detail})
}

// Tidy deletes what has ended: old requests, tokens, grants.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.Clock.Now()
	for sql, before := range map[string]time.Time{
		`DELETE FROM idp.request WHERE created_at < $1`: now.Add(-requestKept),
		`DELETE FROM idp.grant WHERE expires_at < $1`:   now,
		`DELETE FROM idp.token WHERE expires_at < $1`:   now.Add(-refreshLife), // a replay is noticed that long
	} {
		if _, err := s.Pool.Exec(ctx, sql, before); err != nil {
			return err
		}
	}
	return nil
}

// KeyName is the name of the signing key's file in the folder of keys.
const KeyName = "idp"

// PublicKeys reads the public halves of the keys that signed ID tokens, the
// present one and those before it, from the folder of keys. To end a key's
// overlap, take its file away.
func PublicKeys(folder string) (sign.KeySet, error) {
	paths, err := filepath.Glob(filepath.Join(folder, KeyName+"-*.pub.json"))
	if err != nil {
		return nil, err
	}
	set := sign.KeySet{}
	for _, path := range paths {
		more, err := sign.LoadKeyFile(path)
		if err != nil {
			return nil, err
		}
		set.Add(more)
	}
	return set, nil
}
