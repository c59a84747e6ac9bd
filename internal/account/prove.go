package account

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
)

// Secret is what somebody signed in shows to prove that it is still them, or to
// show a second factor: one of these.
type Secret struct {
	Password string
	Code     string // sent to their phone
	TOTP     string // of their authenticator app
	Recovery string
	Passkey  *PasskeyAnswer
}

func (x Secret) factor() Factor {
	switch {
	case x.Passkey != nil:
		return ByPasskey
	case x.TOTP != "":
		return ByTOTP
	case x.Recovery != "":
		return ByRecovery
	case x.Code != "":
		return ByCode
	}
	return ByPassword
}

// Prove checks a secret of p's account and gives the device a new session in
// place of its old one, which ends: whoever copied the old token gains nothing
// from the proof. The new one has the old one's factors and this. A session of
// two factors proves itself by a cryptographic one. Errors: ErrWrong, ErrCode,
// ErrTOTP, ErrRecovery, ErrProveStrong, those of SignInByPasskey, ErrTooOften.
func (s *Service) Prove(ctx context.Context, p *Principal, secret Secret, d Device) (SignIn, error) {
	by := secret.factor()
	if p.TwoFactors() && !by.Cryptographic() {
		if yes, err := strong(ctx, s.Pool, p.Account); err != nil || yes {
			return SignIn{}, firstOf(err, ErrProveStrong)
		}
	}
	if err := s.show(ctx, p, secret, d); err != nil {
		return SignIn{}, err
	}
	return s.rotate(ctx, p, d, by)
}

// show checks a secret of p's account.
func (s *Service) show(ctx context.Context, p *Principal, secret Secret, d Device) error {
	switch secret.factor() {
	case ByPasskey:
		whose, err := s.usePasskey(ctx, *secret.Passkey, d.Address)
		if err == nil && whose != p.Account {
			return ErrPasskeyOther
		}
		return err
	case ByTOTP:
		return s.useTOTP(ctx, p.Account, secret.TOTP, d.Address)
	case ByRecovery:
		return s.useRecovery(ctx, p.Account, secret.Recovery, d.Address)
	}
	phone, err := s.PhoneOf(ctx, p.Person)
	if err != nil {
		return err
	}
	d.session = p.Session
	if secret.Code != "" {
		return s.ProvePhone(ctx, phone, ForLogin, secret.Code, d)
	}
	_, _, err = s.provePassword(ctx, phone, secret.Password, d)
	return err
}

// rotate puts a new session in the place of p's.
func (s *Service) rotate(ctx context.Context, p *Principal, d Device, by Factor) (in SignIn, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if by == ByRecovery {
			if err := s.changed(ctx, tx, p, "use_recovery"); err != nil {
				return err
			}
		}
		in, err = s.rotateTx(ctx, tx, p, d, by)
		return err
	})
	s.cache.drop([]uuid.UUID{p.Session})
	return in, err
}

func (s *Service) rotateTx(ctx context.Context, tx pgx.Tx, p *Principal, d Device, by Factor) (SignIn, error) {
	tag, err := tx.Exec(ctx, `UPDATE account.session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`, p.Session, s.Clock.Now())
	if err != nil {
		return SignIn{}, err
	}
	if tag.RowsAffected() == 0 {
		return SignIn{}, ErrSignIn // ended while its owner was typing
	}
	shown := slices.Clone(p.Factors)
	if !slices.Contains(shown, by) {
		shown = append(shown, by)
	}
	d.session = p.Session
	return s.Begin(ctx, tx, p.Account, p.Person, d, shown...)
}

// SendOwnCode sends a code for Prove to p's phone. Errors: ErrTooOften.
func (s *Service) SendOwnCode(ctx context.Context, p *Principal, d Device, lang i18n.Lang) (phone string, err error) {
	if phone, err = s.PhoneOf(ctx, p.Person); err != nil {
		return "", err
	}
	d.session = p.Session
	return phone, s.SendCode(ctx, phone, ForLogin, d, lang)
}
