package account

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// RecoveryCodes is how many recovery codes are made at a time.
const RecoveryCodes = 10

// recoveryLetters is how long one is: 50 random bits, in letters that nobody
// mistakes for one another.
const recoveryLetters = 10

// RenewRecovery makes new recovery codes, which are shown once; those before
// work no more. Errors: ErrSecondFactor, ErrNothingLost.
func (s *Service) RenewRecovery(ctx context.Context, p *Principal) (codes []string, err error) {
	err = s.changing(ctx, p, "renew_recovery", func(tx pgx.Tx) error {
		if yes, err := strong(ctx, tx, p.Account); err != nil || !yes {
			return firstOf(err, ErrNothingLost)
		}
		codes, err = s.recoveryTx(ctx, tx, p.Account)
		return err
	})
	return codes, err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) recoveryTx(ctx context.Context, tx pgx.Tx, account uuid.UUID) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM account.recovery_code WHERE account = $1`, account); err != nil {
		return nil, err
	}
	out := make([]string, RecoveryCodes)
	for i := range out {
		code := rand.Text()[:recoveryLetters]
		out[i] = code[:recoveryLetters/2] + "-" + code[recoveryLetters/2:]
		_, err := tx.Exec(ctx, `INSERT INTO account.recovery_code (hash, account, made_at) VALUES ($1, $2, $3)`,
			s.recoveryHash(account, code), account, s.Clock.Now())
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) recoveryHash(account uuid.UUID, code string) []byte {
	return s.Keys.Lookup("account/recovery", account.String()+code)
}

// useRecovery spends a recovery code. Errors: ErrRecovery, ErrTooOften.
func (s *Service) useRecovery(ctx context.Context, account uuid.UUID, code, address string) error {
	if _, err := s.tryFactor(ctx, account, address); err != nil {
		return err
	}
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	tag, err := s.Pool.Exec(ctx, `UPDATE account.recovery_code SET used_at = $3 WHERE hash = $1 AND account = $2 AND used_at IS NULL`,
		s.recoveryHash(account, code), account, s.Clock.Now())
	if err == nil && tag.RowsAffected() == 0 {
		return ErrRecovery
	}
	return err
}
