package idp

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
)

// Consent is what a person lets a partner know.
type Consent struct {
	ID     uuid.UUID
	Asked  []string // what the partner asked for
	Claims []string // what the person agreed to of it
}

var errNone = errors.New("idp: no consent")

// consentOf finds the living consent of a person to a partner; errNone.
func (s *Service) consentOf(ctx context.Context, db pg.DB, who, client uuid.UUID) (Consent, error) {
	rows, err := db.Query(ctx, `SELECT id, asked, claims FROM idp.consent WHERE person = $1 AND client = $2 AND withdrawn_at IS NULL`, who, client)
	return pg.One[Consent](rows, err, errNone)
}

// agreeTx notes what a person agreed to, in place of what was agreed before.
func (s *Service) agreeTx(ctx context.Context, tx pgx.Tx, who, client uuid.UUID, asked, agreed []string) error {
	now := s.Clock.Now()
	if _, err := tx.Exec(ctx, `UPDATE idp.consent SET withdrawn_at = $3 WHERE person = $1 AND client = $2 AND withdrawn_at IS NULL`, who, client, now); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO idp.consent (id, person, client, asked, claims, given_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, who, client, asked, agreed, now); err != nil {
		return err
	}
	return s.audit(ctx, tx, who, "idp.consent", audit.Object("client", client), map[string]any{"claims": agreed})
}

// App is a partner that a person signs in to, as the person sees it.
type App struct {
	Client   Client
	Claims   []string
	GivenAt  time.Time
	LastUsed *time.Time // of a token
}

// Apps lists the partners a person agreed to, newest first.
func (s *Service) Apps(ctx context.Context, who uuid.UUID) ([]App, error) {
	rows, err := s.Pool.Query(ctx, `SELECT c.client, c.claims, c.given_at,
			(SELECT max(t.created_at) FROM idp.grant g JOIN idp.token t ON t.of_grant = g.id WHERE g.person = c.person AND g.client = c.client) AS last_used
		FROM idp.consent c WHERE c.person = $1 AND c.withdrawn_at IS NULL ORDER BY c.id DESC`, who)
	list, err := pg.All[struct {
		Client   uuid.UUID
		Claims   []string
		GivenAt  time.Time
		LastUsed *time.Time
	}](rows, err)
	if err != nil {
		return nil, err
	}
	var out []App
	for _, x := range list {
		c, err := s.clientOf(ctx, s.Pool, x.Client)
		if errors.Is(err, ErrNoClient) {
			continue // ended: it learns nothing any more
		}
		if err != nil {
			return nil, err
		}
		out = append(out, App{Client: c, Claims: x.Claims, GivenAt: x.GivenAt, LastUsed: x.LastUsed})
	}
	return out, nil
}

// Withdraw takes back everything agreed to with a partner and ends its tokens
// (个人信息保护法 art. 15). Errors: ErrNoConsent.
func (s *Service) Withdraw(ctx context.Context, who, client uuid.UUID) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		now := s.Clock.Now()
		tag, err := tx.Exec(ctx, `UPDATE idp.consent SET withdrawn_at = $3 WHERE person = $1 AND client = $2 AND withdrawn_at IS NULL`, who, client, now)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNoConsent
		}
		if _, err := tx.Exec(ctx, `UPDATE idp.grant SET revoked_at = $3 WHERE person = $1 AND client = $2 AND revoked_at IS NULL`, who, client, now); err != nil {
			return err
		}
		return s.audit(ctx, tx, who, "idp.consent_withdraw", audit.Object("client", client), nil)
	})
}
