package account

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45); the phone is
// among what the person area holds.
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	out := held.Things{}
	for _, x := range []struct{ name, sql string }{
		{"account", `SELECT state, password IS NOT NULL AS has_password, created_at FROM account.account WHERE person = $1`},
		{"session", `SELECT s.device, s.created_at, s.seen_at, s.expires_at, s.revoked_at FROM account.session s
			JOIN account.account a ON a.id = s.account WHERE a.person = $1 ORDER BY s.created_at`},
		{"passkey", `SELECT k.name, k.created_at, k.used_at FROM account.passkey k JOIN account.account a ON a.id = k.account WHERE a.person = $1 ORDER BY k.created_at`},
		{"authenticator", `SELECT k.created_at, k.confirmed_at, k.used_at FROM account.authenticator k JOIN account.account a ON a.id = k.account WHERE a.person = $1`},
		{"recovery_code", `SELECT k.made_at, k.used_at FROM account.recovery_code k JOIN account.account a ON a.id = k.account WHERE a.person = $1 ORDER BY k.made_at`},
		{"lost_factor", `SELECT asked_at, state, decided_at, reason FROM account.lost_factor WHERE person = $1 ORDER BY asked_at`},
		{"device", `SELECT k.name AS device, k.since, k.seen_at FROM account.known_device k
			JOIN account.account a ON a.id = k.account WHERE a.person = $1 ORDER BY k.since`},
		{"new_phone", `SELECT asked_at, state, decided_at, reason FROM account.new_phone WHERE person = $1 ORDER BY asked_at`},
		{"role", `SELECT role, region AS division, granted_at AS since, coalesce(revoked_at, until) AS ended_at, reason, revoke_reason FROM account.role_grant WHERE person = $1 ORDER BY granted_at`},
	} {
		rows, err := held.Collect(db.Query(ctx, x.sql, person))
		if err != nil {
			return nil, err
		}
		out.Add(x.name, rows...)
	}
	return out, nil
}

// CountRoles is how many roles outside organisations a person holds.
func CountRoles(ctx context.Context, db pg.DB, person uuid.UUID) (n int, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FROM account.role_grant WHERE person = $1 AND revoked_at IS NULL`, person).Scan(&n)
	return n, err
}

// EraseTx closes a person's account for good and takes away what opened it:
// phone, password, devices, codes, second factors. That there was one stays, without a way back.
func (s *Service) EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	for _, sql := range []string{
		`DELETE FROM account.session WHERE account IN (SELECT id FROM account.account WHERE person = $1)`,
		`DELETE FROM account.passkey WHERE account IN (SELECT id FROM account.account WHERE person = $1)`,
		`DELETE FROM account.authenticator WHERE account IN (SELECT id FROM account.account WHERE person = $1)`,
		`DELETE FROM account.recovery_code WHERE account IN (SELECT id FROM account.account WHERE person = $1)`,
		`DELETE FROM account.challenge WHERE account IN (SELECT id FROM account.account WHERE person = $1)`,
		`DELETE FROM account.lost_factor WHERE person = $1`,
		`DELETE FROM account.known_device WHERE account IN (SELECT id FROM account.account WHERE person = $1)`,
		`DELETE FROM account.code WHERE phone_hash IN (SELECT phone_hash FROM account.account WHERE person = $1)`,
		`DELETE FROM account.new_phone WHERE person = $1`,
		`UPDATE account.role_grant SET reason = kit.struck(reason), revoke_reason = kit.struck(revoke_reason) WHERE person = $1`,
		`UPDATE account.account SET state = 'closed', password = NULL, phone = '', phone_hash = sha256(uuid_send(id)) WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, person); err != nil {
			return err
		}
	}
	return nil
}

// PurgeSessions deletes sessions that ended before a time, at most limit.
func (s *Service) PurgeSessions(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.purge(ctx, `DELETE FROM account.session WHERE id IN (SELECT id FROM account.session WHERE expires_at < $1 LIMIT $2)`, before, limit)
}

// PurgeCodes deletes codes and counts of attempts that ended before a time, at most limit of each.
func (s *Service) PurgeCodes(ctx context.Context, before time.Time, limit int) (int64, error) {
	codes, err := s.purge(ctx, `DELETE FROM account.code WHERE id IN (SELECT id FROM account.code WHERE expires_at < $1 LIMIT $2)`, before, limit)
	if err != nil {
		return codes, err
	}
	counts, err := s.purge(ctx, `DELETE FROM account.pace WHERE bucket IN (SELECT bucket FROM account.pace WHERE began_at < $1 LIMIT $2)`, before, limit)
	return max(codes, counts), err
}

// PurgeNewPhones deletes requests for a new phone that were decided before a time, at most limit.
func (s *Service) PurgeNewPhones(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.purge(ctx, `DELETE FROM account.new_phone WHERE id IN (SELECT id FROM account.new_phone
		WHERE decided_at < $1 OR person IS NULL AND asked_at < $1 LIMIT $2)`, before, limit)
}

func (s *Service) purge(ctx context.Context, sql string, before time.Time, limit int) (int64, error) {
	tag, err := s.Pool.Exec(ctx, sql, before, limit)
	return tag.RowsAffected(), err
}
