package account

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
)

// Secret is what somebody signed in shows to prove that it is still them: the
// password, or else a code sent to their phone.
type Secret struct{ Password, Code string }

// Prove checks a secret of p's account and gives the device a new session in
// place of its old one, which ends: whoever copied the old token gains nothing
// from the proof. Errors: ErrWrong, ErrCode, ErrTooOften.
func (s *Service) Prove(ctx context.Context, p *Principal, secret Secret, d Device) (SignIn, error) {
	phone, err := s.PhoneOf(ctx, p.Person)
	if err != nil {
		return SignIn{}, err
	}
	d.session = p.Session
	if secret.Code != "" {
		err = s.ProvePhone(ctx, phone, ForLogin, secret.Code, d)
	} else {
		_, _, err = s.provePassword(ctx, phone, secret.Password, d)
	}
	if err != nil {
		return SignIn{}, err
	}
	return s.rotate(ctx, p, d)
}

// rotate puts a new session in the place of p's.
func (s *Service) rotate(ctx context.Context, p *Principal, d Device) (in SignIn, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE account.session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`, p.Session, s.Clock.Now())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrSignIn // ended while its owner was typing
		}
		in, err = s.Begin(ctx, tx, p.Account, p.Person, d)
		return err
	})
	s.cache.drop([]uuid.UUID{p.Session})
	return in, err
}

// SendOwnCode sends a code for Prove to p's phone. Errors: ErrTooOften.
func (s *Service) SendOwnCode(ctx context.Context, p *Principal, d Device, lang i18n.Lang) (phone string, err error) {
	if phone, err = s.PhoneOf(ctx, p.Person); err != nil {
		return "", err
	}
	d.session = p.Session
	return phone, s.SendCode(ctx, phone, ForLogin, d, lang)
}
