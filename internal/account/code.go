package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
)

// CodePurpose is what a one-time code proves a phone for; a code for one
// purpose is worth nothing for another.
type CodePurpose string

// The purposes.
const (
	ForRegister CodePurpose = "register"
	ForLogin    CodePurpose = "login"
	ForPhone    CodePurpose = "phone" // a new phone
)

// CodeMinutes is how long a code works, in minutes.
const CodeMinutes = 5

const (
	codeDigits = 6
	codeLife   = CodeMinutes * time.Minute
	maxTries   = 30 // of one code, by all who did not ask for it; tryPerCode says how many by one
)

// SendCode sends a one-time code to a phone (E.164). The answer is the same
// whether or not the phone has an account. Errors: ErrTooOften.
func (s *Service) SendCode(ctx context.Context, phone string, purpose CodePurpose, d Device, lang i18n.Lang) error {
	if err := s.takeCode(ctx, phone, purpose, d); err != nil {
		return err
	}
	code, err := newCode()
	if err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	_, err = s.Pool.Exec(ctx, `INSERT INTO account.code (id, phone_hash, purpose, hash, asker, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, s.phoneHash(phone), purpose, s.codeHash(id, code), s.asker(d), now, now.Add(codeLife))
	if err != nil {
		return err
	}
	return s.Sender.SendCode(ctx, phone, code, lang)
}

func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", codeDigits, n), nil
}

// codeHash is keyed: six digits alone could be found by trying all.
func (s *Service) codeHash(id uuid.UUID, code string) []byte {
	return s.Keys.Lookup("account/code", id.String()+code)
}

// asker hashes who asks for a code.
func (s *Service) asker(d Device) []byte { return s.Keys.Lookup("account/asker", d.mark()) }

// useCode spends the code of a phone and purpose: the newest that this device
// asked for, else the newest of all. A few tries from one address wear it out for
// that address only: a stranger who asks or guesses cannot spoil the code that
// its owner is typing. Tries are counted in statements of their own, so that a
// failed one is remembered whatever becomes of the caller's transaction. A code
// that was right ends those beside it. Errors: ErrCode.
func (s *Service) useCode(ctx context.Context, phone string, purpose CodePurpose, code string, d Device) error {
	var id uuid.UUID
	var hash []byte
	now := s.Clock.Now()
	err := s.Pool.QueryRow(ctx, `UPDATE account.code SET tries = tries + (asker <> $5)::int WHERE id = (
			SELECT id FROM account.code WHERE phone_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
			ORDER BY asker = $5 DESC, created_at DESC, id DESC LIMIT 1)
		AND (asker = $5 OR tries < $4) RETURNING id, hash`,
		s.phoneHash(phone), purpose, now, maxTries, s.asker(d)).Scan(&id, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrCode
	}
	if err != nil {
		return err
	}
	if err := s.take(ctx, slot{tryPerCode, id.String() + "|" + d.Address}); errors.Is(err, ErrTooOften) {
		return ErrCode
	} else if err != nil {
		return err
	}
	if !hmac.Equal(hash, s.codeHash(id, code)) {
		return ErrCode
	}
	tag, err := s.Pool.Exec(ctx, `UPDATE account.code SET used_at = $2 WHERE id = $1 AND used_at IS NULL`, id, now)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrCode // another request spent it this moment
	}
	if err == nil {
		_, err = s.Pool.Exec(ctx, `UPDATE account.code SET used_at = $3 WHERE phone_hash = $1 AND purpose = $2 AND used_at IS NULL`, s.phoneHash(phone), purpose, now)
	}
	return err
}

// ProvePhone spends a code that was sent to a phone, for those who register or
// change their phone. Errors: ErrCode, ErrTooOften.
func (s *Service) ProvePhone(ctx context.Context, phone string, purpose CodePurpose, code string, d Device) error {
	a, err := s.try(ctx, phone, d)
	if err != nil {
		return err
	}
	if err := s.useCode(ctx, phone, purpose, strings.TrimSpace(code), d); err != nil {
		return err
	}
	return s.right(ctx, a)
}
