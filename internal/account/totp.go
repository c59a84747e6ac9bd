package account

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"kapok/internal/kit/crypt"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// Authenticator is an authenticator app in use.
type Authenticator struct {
	Since  time.Time
	UsedAt *time.Time
}

// Enrolment is what an app needs to show codes for an account.
type Enrolment struct {
	Secret string // base32, for typing
	URI    string // otpauth://…, for a QR code
}

const (
	totpIssuer = "Kapok"
	totpStep   = 30 * time.Second
	totpSecret = 20        // bytes, as long as the HMAC's hash (RFC 4226 §4 R6)
	startLife  = time.Hour // an enrolment begun and shown again keeps its secret
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

func secretPlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "account.authenticator", Column: "secret", Row: id}
}

// StartTOTP begins to set up an authenticator app. It counts once ConfirmTOTP
// saw a code of it; the one before stays in use until then. Shown again within
// the hour it is the same. Errors: ErrSecondFactor.
func (s *Service) StartTOTP(ctx context.Context, p *Principal) (e Enrolment, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if err := s.mayChange(ctx, tx, p); err != nil {
			return err
		}
		_, secret, err := s.startedTx(ctx, tx, p.Account)
		if errors.Is(err, ErrNoEnrolment) {
			raw := make([]byte, totpSecret)
			if _, err := rand.Read(raw); err != nil {
				return err
			}
			secret = base32Plain.EncodeToString(raw)
			err = s.beginTOTPTx(ctx, tx, p.Account, secret)
		}
		if err != nil {
			return err
		}
		e, err = s.enrolment(ctx, p, secret)
		return err
	})
	return e, err
}

func (s *Service) beginTOTPTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, secret string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM account.authenticator WHERE account = $1 AND confirmed_at IS NULL`, account); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO account.authenticator (id, account, secret, created_at) VALUES ($1, $2, $3, $4)`,
		id, account, s.Keys.Seal(secretPlace(id), secret), s.Clock.Now())
	return err
}

// startedTx reads the enrolment that is under way.
func (s *Service) startedTx(ctx context.Context, tx pgx.Tx, account uuid.UUID) (id uuid.UUID, secret string, err error) {
	var sealed []byte
	err = tx.QueryRow(ctx, `SELECT id, secret FROM account.authenticator WHERE account = $1 AND confirmed_at IS NULL AND created_at > $2`,
		account, s.Clock.Now().Add(-startLife)).Scan(&id, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return id, "", ErrNoEnrolment
	}
	if err != nil {
		return id, "", err
	}
	secret, err = s.Keys.Open(secretPlace(id), sealed)
	return id, secret, err
}

// enrolment names the account in the app by its phone, masked.
func (s *Service) enrolment(ctx context.Context, p *Principal, secret string) (Enrolment, error) {
	phone, err := s.PhoneOf(ctx, p.Person)
	if err != nil {
		return Enrolment{}, err
	}
	raw, err := base32Plain.DecodeString(secret)
	if err != nil {
		return Enrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: totpIssuer, AccountName: person.MaskPhone(phone), Secret: raw})
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: secret, URI: key.URL()}, nil
}

// ConfirmTOTP ends the setting up with a code of the app. It gives the device
// a session that has the new factor, and new recovery codes, which are shown
// once. Errors: ErrTOTP, ErrNoEnrolment, ErrSecondFactor, ErrTooOften.
func (s *Service) ConfirmTOTP(ctx context.Context, p *Principal, code string, d Device) (in SignIn, recovery []string, err error) {
	if _, err := s.tryFactor(ctx, p.Account, d.Address); err != nil {
		return in, nil, err
	}
	err = s.changing(ctx, p, "add_authenticator", func(tx pgx.Tx) error {
		if err := s.confirmTOTPTx(ctx, tx, p.Account, code); err != nil {
			return err
		}
		if recovery, err = s.recoveryTx(ctx, tx, p.Account); err != nil {
			return err
		}
		in, err = s.rotateTx(ctx, tx, p, d, ByTOTP)
		return err
	})
	s.Forget()
	return in, recovery, err
}

func (s *Service) confirmTOTPTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, code string) error {
	id, secret, err := s.startedTx(ctx, tx, account)
	if err != nil {
		return err
	}
	step, ok := stepOf(secret, code, s.Clock.Now())
	if !ok {
		return ErrTOTP
	}
	if _, err := tx.Exec(ctx, `DELETE FROM account.authenticator WHERE account = $1 AND confirmed_at IS NOT NULL`, account); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE account.authenticator SET confirmed_at = $2, used_at = $2, last_step = $3 WHERE id = $1`, id, s.Clock.Now(), step)
	return err
}

// stepOf finds the time step whose code it is: this one, the one before or the
// one after, for clocks that differ (RFC 6238 §5.2).
func stepOf(secret, code string, now time.Time) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	here := now.Unix() / int64(totpStep/time.Second)
	for _, step := range []int64{here, here - 1, here + 1} {
		good, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && good {
			return step, true
		}
	}
	return 0, false
}

// TOTPCode is the code that an app with a secret (base32) shows at a time, and
// how long it shows it.
func TOTPCode(secret string, at time.Time) (code string, left time.Duration, err error) {
	code, err = totp.GenerateCode(secret, at)
	return code, totpStep - at.Sub(at.Truncate(totpStep)), err
}

// useTOTP spends a code of an account's app: neither it nor an earlier one
// works again. Errors: ErrTOTP, ErrTooOften.
func (s *Service) useTOTP(ctx context.Context, account uuid.UUID, code, address string) error {
	a, err := s.tryFactor(ctx, account, address)
	if err != nil {
		return err
	}
	var id uuid.UUID
	var sealed []byte
	err = s.Pool.QueryRow(ctx, `SELECT id, secret FROM account.authenticator WHERE account = $1 AND confirmed_at IS NOT NULL`, account).Scan(&id, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrTOTP
	}
	if err != nil {
		return err
	}
	secret, err := s.Keys.Open(secretPlace(id), sealed)
	if err != nil {
		return err
	}
	step, ok := stepOf(secret, code, s.Clock.Now())
	if !ok {
		return ErrTOTP
	}
	tag, err := s.Pool.Exec(ctx, `UPDATE account.authenticator SET last_step = $2, used_at = $3 WHERE id = $1 AND last_step < $2`, id, step, s.Clock.Now())
	if err == nil && tag.RowsAffected() == 0 {
		return ErrTOTP
	}
	if err != nil {
		return err
	}
	return s.right(ctx, a)
}

// RemoveTOTP takes the app away. Errors: ErrSecondFactor.
func (s *Service) RemoveTOTP(ctx context.Context, p *Principal) error {
	return s.changing(ctx, p, "remove_authenticator", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM account.authenticator WHERE account = $1`, p.Account)
		return err
	})
}

// AdoptTOTPTx gives an account an app whose secret (base32) is known already.
// It is for generated life, whose staff could not sign in otherwise.
func (s *Service) AdoptTOTPTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, secret string) error {
	if err := s.beginTOTPTx(ctx, tx, account, secret); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE account.authenticator SET confirmed_at = $2 WHERE account = $1 AND confirmed_at IS NULL`, account, s.Clock.Now())
	return err
}
