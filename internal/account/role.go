package account

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
)

// Granting is a role to be given outside organisations.
type Granting struct {
	Person uuid.UUID
	Role   Role
	Region string    // division, where the role has one
	Until  time.Time // when it ends by itself; zero: when it is revoked
	Reason string
	By     uuid.UUID // who gives it; uuid.Nil is the command line, which gives no reason
}

// Grant gives a person a role outside organisations. Errors: ErrRoleKind,
// ErrRoleTwice, ErrRolesApart, ErrOwnRole, ErrRoleReason, ErrRoleUntil.
func (s *Service) Grant(ctx context.Context, g Granting) error {
	if err := g.check(s.Clock.Now()); err != nil {
		return err
	}
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.grantTx(ctx, tx, g) })
	s.Forget()
	return err
}

func (g Granting) check(now time.Time) error {
	scope, known := scopes[g.Role]
	switch {
	case !known || scope == WithinOrg || (scope == WithinRegion) != (g.Region != ""):
		return ErrRoleKind
	case g.Person == g.By:
		return ErrOwnRole
	case g.By != uuid.Nil && g.Reason == "":
		return ErrRoleReason
	case !g.Until.IsZero() && !g.Until.After(now):
		return ErrRoleUntil
	}
	return nil
}

func (s *Service) grantTx(ctx context.Context, tx pgx.Tx, g Granting) error {
	if _, err := s.endRolesTx(ctx, tx); err != nil { // one that ended by itself is in nobody's way
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	var until *time.Time
	if !g.Until.IsZero() {
		until = &g.Until
	}
	_, err = tx.Exec(ctx, `INSERT INTO account.role_grant (id, person, role, region, granted_by, granted_at, reason, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, g.Person, g.Role, orNull(g.Region), orNoone(g.By), s.Clock.Now(), g.Reason, until)
	switch pg.Constraint(err) {
	case "role_grant_active":
		return ErrRoleTwice
	case "role_grant_apart":
		return ErrRolesApart
	}
	if err != nil {
		return err
	}
	if err := s.tellRole(ctx, tx, g.Person, "account.role_given", id); err != nil {
		return err
	}
	return s.note(ctx, tx, "account.grant_role", id, g.Region, g.By, map[string]any{"role": g.Role, "person": g.Person})
}

// tellRole tells the holder; what role it is and why stands in their data.
func (s *Service) tellRole(ctx context.Context, tx pgx.Tx, person uuid.UUID, kind string, grant uuid.UUID) error {
	if s.Tell == nil {
		return nil
	}
	return s.Tell(ctx, tx, notify.Message{Person: person, Kind: kind, Link: "/me/data", Key: kind + "/" + grant.String()})
}

// GrantRole is Grant without an end or a reason: for the command line.
func (s *Service) GrantRole(ctx context.Context, person uuid.UUID, role Role, region string, by uuid.UUID) error {
	return s.Grant(ctx, Granting{Person: person, Role: role, Region: region, By: by})
}

// Given is a role as it was given.
type Given struct {
	ID           uuid.UUID
	Person       uuid.UUID
	Role         Role
	Region       string // "" where the role has none
	GrantedBy    *uuid.UUID
	GrantedAt    time.Time
	Reason       string
	Until        *time.Time
	RevokedBy    *uuid.UUID
	RevokedAt    *time.Time
	RevokeReason string
}

// Cursor is the grant's place in a list.
func (g Given) Cursor() string { return pg.Cursor(g.GrantedAt, g.ID) }

// GivenFilter is which grants to list; zero values do not narrow.
type GivenFilter struct {
	Role   Role
	Within func(region string) bool // which divisions; nil: all, and roles without one
	Ended  bool                     // those that ended, not those that hold
}

// givenBatch is how many grants are read at once while looking for those that fit.
const givenBatch = 200

const givenColumns = `id, person, role, coalesce(region, '') AS region, granted_by, granted_at, reason, until, revoked_by, revoked_at, revoke_reason`

// GivenRoles lists grants outside organisations, newest first, n at most; after
// is the Cursor of the last one seen, "" begins.
func (s *Service) GivenRoles(ctx context.Context, f GivenFilter, after string, n int) (out []Given, err error) {
	_, id, err := pg.ParseCursor(after)
	for err == nil && len(out) < n {
		var batch []Given
		rows, queryErr := s.Pool.Query(ctx, `SELECT `+givenColumns+` FROM account.role_grant
			WHERE ($1 = '' OR role = $1) AND (revoked_at IS NOT NULL OR coalesce(until <= $2, false)) = $3 AND ($4::uuid = $5::uuid OR id < $4)
			ORDER BY id DESC LIMIT $6`, f.Role, s.Clock.Now(), f.Ended, id, uuid.Nil, givenBatch)
		batch, err = pg.All[Given](rows, queryErr)
		for _, g := range batch {
			if id = g.ID; len(out) < n && (f.Within == nil || f.Within(g.Region)) {
				out = append(out, g)
			}
		}
		if len(batch) < givenBatch {
			break
		}
	}
	return out, err
}

// GivenRole finds a grant. Errors: ErrNoGrant.
func (s *Service) GivenRole(ctx context.Context, id uuid.UUID) (Given, error) {
	rows, err := s.Pool.Query(ctx, `SELECT `+givenColumns+` FROM account.role_grant WHERE id = $1`, id)
	return pg.One[Given](rows, err, ErrNoGrant)
}

// RevokeRole takes a role away; what its holder's sessions could do by it ends
// at once. One that ended before stays as it is. Errors: ErrNoGrant, ErrOwnRole,
// ErrRoleReason.
func (s *Service) RevokeRole(ctx context.Context, grant uuid.UUID, reason string, by uuid.UUID) error {
	if reason == "" {
		return ErrRoleReason
	}
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var g Given
		var ended bool
		err := tx.QueryRow(ctx, `SELECT person, role, coalesce(region, ''), revoked_at IS NOT NULL FROM account.role_grant WHERE id = $1 FOR UPDATE`, grant).
			Scan(&g.Person, &g.Role, &g.Region, &ended)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNoGrant
		case err != nil || ended:
			return err // what was asked for holds
		case g.Person == by:
			return ErrOwnRole
		}
		if _, err := tx.Exec(ctx, `UPDATE account.role_grant SET revoked_by = $2, revoked_at = $3, revoke_reason = $4 WHERE id = $1`, grant, by, s.Clock.Now(), reason); err != nil {
			return err
		}
		if err := s.tellRole(ctx, tx, g.Person, "account.role_taken", grant); err != nil {
			return err
		}
		return s.note(ctx, tx, "account.revoke_role", grant, g.Region, by, map[string]any{"role": g.Role, "person": g.Person})
	})
	s.Forget()
	return err
}

// EndRoles marks the roles as ended whose time is over, and tells their holders;
// they hold no longer since then anyway. It returns how many.
func (s *Service) EndRoles(ctx context.Context) (n int, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		n, err = s.endRolesTx(ctx, tx)
		return err
	})
	return n, err
}

func (s *Service) endRolesTx(ctx context.Context, tx pgx.Tx) (int, error) {
	rows, err := tx.Query(ctx, `UPDATE account.role_grant SET revoked_at = until WHERE revoked_at IS NULL AND until <= $1 RETURNING id, person`, s.Clock.Now())
	return s.tellEnded(ctx, tx, "account.role_ended", rows, err)
}

// EndAllTx takes all roles away from a person who turns out to be a minor, and
// tells them. The caller drops remembered sessions (Forget) afterwards.
func (s *Service) EndAllTx(ctx context.Context, tx pgx.Tx, person, by uuid.UUID, reason string) error {
	rows, err := tx.Query(ctx, `UPDATE account.role_grant SET revoked_by = $2, revoked_at = $3, revoke_reason = $4
		WHERE person = $1 AND revoked_at IS NULL RETURNING id, person`, person, by, s.Clock.Now(), reason)
	n, err := s.tellEnded(ctx, tx, "account.role_taken", rows, err)
	if err != nil || n == 0 {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.Clock.Now(), Actor: &by, Action: "account.revoke_role", Object: audit.Object("person", person), Detail: map[string]any{"roles": n}})
}

// tellEnded tells the holders of grants that ended.
func (s *Service) tellEnded(ctx context.Context, tx pgx.Tx, kind string, rows pgx.Rows, err error) (int, error) {
	list, err := pg.All[struct{ ID, Person uuid.UUID }](rows, err)
	if err != nil {
		return 0, err
	}
	for _, g := range list {
		if err := s.tellRole(ctx, tx, g.Person, kind, g.ID); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

func (s *Service) note(ctx context.Context, tx pgx.Tx, action string, id uuid.UUID, region string, by uuid.UUID, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.Clock.Now(), Actor: orNoone(by), Action: action, Object: audit.Object("account", id), Region: orNull(region), Detail: detail})
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orNoone(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
