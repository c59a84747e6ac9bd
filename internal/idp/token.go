package idp

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// grant is what one exchanged code gave.
type grant struct {
	ID       uuid.UUID
	Client   uuid.UUID
	Person   uuid.UUID
	Subject  string
	Scopes   []string
	AuthTime time.Time
}

const grantColumns = `g.id, g.client, g.person, g.subject, g.scopes, g.auth_time`

// errSpent says that a code or token is no good: unknown, used, expired or
// revoked. Partners are not told which.
var errSpent = errors.New("idp: spent")

// requestByCode finds the request of a code. A code that was exchanged before
// ends everything that came of it (RFC 6749, 4.1.2).
func (s *Service) requestByCode(ctx context.Context, code string) (request, error) {
	rows, err := s.Pool.Query(ctx, `SELECT `+requestColumns+` FROM idp.request WHERE code = $1`, hashOf(code))
	r, err := pg.One[request](rows, err, errSpent)
	switch {
	case err != nil:
		return r, err
	case r.UsedAt != nil:
		return r, errors.Join(errSpent, s.revokeRequest(ctx, r.ID))
	case !s.Clock.Now().Before(*r.CodeUntil):
		return r, errSpent
	}
	return r, nil
}

func (s *Service) revokeRequest(ctx context.Context, id uuid.UUID) error {
	_, err := s.Pool.Exec(ctx, `UPDATE idp.grant SET revoked_at = $2 WHERE request = $1 AND revoked_at IS NULL`, id, s.Clock.Now())
	return err
}

func (s *Service) revokeGrant(ctx context.Context, id uuid.UUID) error {
	_, err := s.Pool.Exec(ctx, `UPDATE idp.grant SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`, id, s.Clock.Now())
	return err
}

// tokens are a fresh pair; refresh is "" when none was asked for.
type tokens struct {
	access, refresh string
	until           time.Time // of the access token
}

// exchange turns a code into a grant with tokens, once: of two exchanges at
// the same time one fails and ends what the other got.
func (s *Service) exchange(ctx context.Context, r request, subject string) (t tokens, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		now := s.Clock.Now()
		tag, err := tx.Exec(ctx, `UPDATE idp.request SET used_at = $2 WHERE id = $1 AND used_at IS NULL`, r.ID, now)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errSpent
		}
		if _, err := s.consentOf(ctx, tx, *r.Person, r.Client); err != nil {
			return errors.Join(errSpent, err) // withdrawn in the meantime
		}
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO idp.grant (id, request, client, person, subject, scopes, auth_time, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, r.ID, r.Client, *r.Person, subject, r.Scopes, *r.AuthTime, now, now.Add(grantLife)); err != nil {
			return err
		}
		t, err = s.issueTx(ctx, tx, id, slices.Contains(r.Scopes, scopeOffline))
		return err
	})
	if errors.Is(err, errSpent) {
		err = errors.Join(err, s.revokeRequest(ctx, r.ID))
	}
	return t, err
}

// issueTx makes an access token, and a refresh token if asked.
func (s *Service) issueTx(ctx context.Context, tx pgx.Tx, of uuid.UUID, refresh bool) (tokens, error) {
	now := s.Clock.Now()
	t := tokens{until: now.Add(accessLife)}
	var hash []byte
	put := func(kind string, until time.Time) error {
		_, err := tx.Exec(ctx, `INSERT INTO idp.token (hash, of_grant, kind, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`, hash, of, kind, now, until)
		return err
	}
	t.access, hash = newSecret()
	if err := put("access", t.until); err != nil || !refresh {
		return t, err
	}
	t.refresh, hash = newSecret()
	return t, put("refresh", now.Add(refreshLife))
}

// grantOf finds the living grant of a token of a kind. A refresh token that
// was used before ends its grant: somebody else has it too (RFC 9700, 4.14).
func (s *Service) grantOf(ctx context.Context, token, kind string) (grant, error) {
	rows, err := s.Pool.Query(ctx, `SELECT `+grantColumns+`, t.used_at IS NOT NULL AS used FROM idp.token t
		JOIN idp.grant g ON g.id = t.of_grant JOIN idp.client c ON c.id = g.client
		WHERE t.hash = $1 AND t.kind = $2 AND t.revoked_at IS NULL AND t.expires_at > $3
			AND g.revoked_at IS NULL AND g.expires_at > $3 AND c.ended_at IS NULL`, hashOf(token), kind, s.Clock.Now())
	found, err := pg.One[struct {
		grant
		Used bool
	}](rows, err, errSpent)
	if err == nil && found.Used {
		return grant{}, errors.Join(errSpent, s.revokeGrant(ctx, found.ID))
	}
	return found.grant, err
}

// rotate turns a refresh token into a new pair, once.
func (s *Service) rotate(ctx context.Context, g grant, token string) (t tokens, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE idp.token SET used_at = $2 WHERE hash = $1 AND kind = 'refresh' AND used_at IS NULL`, hashOf(token), s.Clock.Now())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errSpent
		}
		t, err = s.issueTx(ctx, tx, g.ID, true)
		return err
	})
	if errors.Is(err, errSpent) {
		err = errors.Join(err, s.revokeGrant(ctx, g.ID))
	}
	return t, err
}

// revoke ends a token of a client; a refresh token with its grant. Unknown
// ones are no error (RFC 7009, 2.2).
func (s *Service) revoke(ctx context.Context, token string, client uuid.UUID) (own bool, err error) {
	for _, kind := range []string{"refresh", "access"} {
		g, err := s.grantOf(ctx, token, kind)
		switch {
		case errors.Is(err, errSpent):
			continue
		case err != nil:
			return true, err
		case g.Client != client:
			return false, nil
		case kind == "refresh":
			return true, s.revokeGrant(ctx, g.ID)
		}
		_, err = s.Pool.Exec(ctx, `UPDATE idp.token SET revoked_at = $2 WHERE hash = $1`, hashOf(token), s.Clock.Now())
		return true, err
	}
	return true, nil
}

// endSubject ends what a client holds of a subject (end of its session).
func (s *Service) endSubject(ctx context.Context, client uuid.UUID, subject string) error {
	_, err := s.Pool.Exec(ctx, `UPDATE idp.grant SET revoked_at = $3 WHERE client = $1 AND subject = $2 AND revoked_at IS NULL`, client, subject, s.Clock.Now())
	return err
}
