package account

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// Factor is a way in which somebody showed who they are. A session remembers
// its factors.
type Factor string

// The factors.
const (
	ByCode     Factor = "code"     // 短信验证码: has the phone
	ByPassword Factor = "password" // knows it
	ByOutside  Factor = "outside"  // an OpenID provider vouches
	ByTOTP     Factor = "totp"     // 身份验证器: has the app that holds the secret
	ByPasskey  Factor = "passkey"  // 通行密钥: has the device, which verified its owner
	ByRecovery Factor = "recovery" // 备用码: leads to setting up another second factor, and no further
)

// Cryptographic reports whether the factor proves a key without showing it
// (密码技术, GB/T 22239-2019 8.1.4.1 d).
func (f Factor) Cryptographic() bool { return f == ByPasskey || f == ByTOTP }

// staff are the roles that count only in a session of two factors, one of them
// cryptographic: who decides on other people's hours, members, data or roles.
var staff = []Role{OrgAdmin, OrgApprover, RegionAdmin, Inspector, CreditAuthority, SystemAdmin, SecurityAdmin, Auditor}

// NeedsTwo reports whether the role counts only in a session of two factors.
func (r Role) NeedsTwo() bool { return slices.Contains(staff, r) }

// twoFactors is the rule. A passkey counts as two: the device is had, and it
// asked its owner for a finger, a face or a PIN.
func twoFactors(shown []Factor) bool {
	first := slices.ContainsFunc(shown, func(f Factor) bool { return f == ByCode || f == ByPassword || f == ByOutside })
	return slices.Contains(shown, ByPasskey) || first && slices.Contains(shown, ByTOTP)
}

// TwoFactors reports whether p's session was opened by two factors, one of
// them cryptographic.
func (p *Principal) TwoFactors() bool { return p != nil && twoFactors(p.Factors) }

// withhold is the one place where a session of one factor loses its staff
// roles: they move from Grants, which all gates, pages and lists read, to
// Withheld.
func (p *Principal) withhold() {
	if twoFactors(p.Factors) {
		return
	}
	all := p.Grants
	p.Grants, p.Withheld = nil, nil
	for _, g := range all {
		if g.Role.NeedsTwo() {
			p.Withheld = append(p.Withheld, g)
		} else {
			p.Grants = append(p.Grants, g)
		}
	}
}

// Refuse says why p may not do an action to a target: nil when p may,
// ErrSecondFactor when a second factor would make it possible, else ErrNotAllowed.
func (a Access) Refuse(p *Principal, act Action, on Target) error {
	switch {
	case a.Can(p, act, on):
		return nil
	case p != nil && a.Can(&Principal{Grants: p.Withheld}, act, on):
		return ErrSecondFactor
	}
	return ErrNotAllowed
}

// lacks is Refuse for an action in any scope.
func (p *Principal) lacks(act Action) error {
	switch {
	case p.Holds(act):
		return nil
	case p != nil && (&Principal{Grants: p.Withheld}).Holds(act):
		return ErrSecondFactor
	}
	return ErrNotAllowed
}

// FactorState is what an account has for its second factor.
type FactorState struct {
	Passkeys      []Passkey
	Authenticator *Authenticator // nil: none in use
	Recovery      int            // recovery codes left
}

// Strong reports whether there is a cryptographic factor.
func (f FactorState) Strong() bool { return len(f.Passkeys) > 0 || f.Authenticator != nil }

// Ways lists how the second factor can be shown.
func (f FactorState) Ways() []Factor {
	out := []Factor{}
	if len(f.Passkeys) > 0 {
		out = append(out, ByPasskey)
	}
	if f.Authenticator != nil {
		out = append(out, ByTOTP)
	}
	if f.Recovery > 0 && f.Strong() {
		out = append(out, ByRecovery)
	}
	return out
}

// Factors reads what an account has for its second factor.
func (s *Service) Factors(ctx context.Context, account uuid.UUID) (out FactorState, err error) {
	rows, err := s.Pool.Query(ctx, `SELECT id, name, created_at, used_at FROM account.passkey WHERE account = $1 ORDER BY id`, account)
	if out.Passkeys, err = pg.All[Passkey](rows, err); err != nil {
		return out, err
	}
	rows, err = s.Pool.Query(ctx, `SELECT confirmed_at AS since, used_at FROM account.authenticator WHERE account = $1 AND confirmed_at IS NOT NULL`, account)
	apps, err := pg.All[Authenticator](rows, err)
	if err != nil {
		return out, err
	}
	if len(apps) > 0 {
		out.Authenticator = &apps[0]
	}
	err = s.Pool.QueryRow(ctx, `SELECT count(*) FROM account.recovery_code WHERE account = $1 AND used_at IS NULL`, account).Scan(&out.Recovery)
	return out, err
}

const strongSQL = `SELECT EXISTS (SELECT FROM account.passkey WHERE account = $1)
	OR EXISTS (SELECT FROM account.authenticator WHERE account = $1 AND confirmed_at IS NOT NULL)`

func strong(ctx context.Context, db pg.DB, account uuid.UUID) (yes bool, err error) {
	err = db.QueryRow(ctx, strongSQL, account).Scan(&yes)
	return yes, err
}

// MayChangeFactors reports why p may not change the factors of the account: nil,
// or ErrSecondFactor.
func (s *Service) MayChangeFactors(ctx context.Context, p *Principal) error {
	return s.mayChange(ctx, s.Pool, p)
}

// mayChange keeps a session of one factor from replacing the second one: who
// has only the password would add a key of their own. A recovery code opens
// this way; the first second factor of an account needs no other.
func (s *Service) mayChange(ctx context.Context, db pg.DB, p *Principal) error {
	if p.TwoFactors() || slices.Contains(p.Factors, ByRecovery) {
		return nil
	}
	if yes, err := strong(ctx, db, p.Account); err != nil || !yes {
		return err
	}
	return ErrSecondFactor
}

// changed writes down that an account's factors changed, and tells its holder.
func (s *Service) changed(ctx context.Context, tx pgx.Tx, p *Principal, what string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, p.Person, "account."+what, id); err != nil {
		return err
	}
	return s.note(ctx, tx, "account."+what, p.Account, "", p.Person, nil)
}

// changing does something to p's factors in one transaction.
func (s *Service) changing(ctx context.Context, p *Principal, what string, do func(tx pgx.Tx) error) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM account.account WHERE id = $1 FOR NO KEY UPDATE`, p.Account); err != nil {
			return err // two first factors at once: the second waits, and is asked for the first
		}
		if err := s.mayChange(ctx, tx, p); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return s.changed(ctx, tx, p, what)
	})
}

// dropFactorsTx takes an account's second factors and recovery codes away.
func dropFactorsTx(ctx context.Context, tx pgx.Tx, account uuid.UUID) error {
	for _, table := range []string{"passkey", "authenticator", "recovery_code", "challenge"} {
		if _, err := tx.Exec(ctx, `DELETE FROM account.`+table+` WHERE account = $1`, account); err != nil {
			return err
		}
	}
	return nil
}

// PurgeChallenges deletes challenges that ended before a time, at most limit.
func (s *Service) PurgeChallenges(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.purge(ctx, `DELETE FROM account.challenge WHERE id IN (SELECT id FROM account.challenge WHERE expires_at < $1 LIMIT $2)`, before, limit)
}
