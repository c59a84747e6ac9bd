package account

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
)

// GrantRole gives a person a role outside organisations, with a division where
// the role has one. by is who gives it; uuid.Nil is the command line.
// Errors: ErrRoleKind, ErrRoleTwice, ErrRolesApart, ErrOwnRole.
func (s *Service) GrantRole(ctx context.Context, person uuid.UUID, role Role, region string, by uuid.UUID) error {
	scope, known := scopes[role]
	if !known || scope == WithinOrg || (scope == WithinRegion) != (region != "") {
		return ErrRoleKind
	}
	if person == by {
		return ErrOwnRole
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO account.role_grant (id, person, role, region, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, person, role, orNull(region), orNoone(by), s.Clock.Now())
		switch pg.Constraint(err) {
		case "role_grant_active":
			return ErrRoleTwice
		case "role_grant_apart":
			return ErrRolesApart
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, "account.grant_role", id, region, by, map[string]any{"role": role})
	})
	s.Forget()
	return err
}

// RevokeRole takes such a role away again.
func (s *Service) RevokeRole(ctx context.Context, person uuid.UUID, role Role, region string, by uuid.UUID) error {
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var id uuid.UUID
		err := tx.QueryRow(ctx, `UPDATE account.role_grant SET revoked_by = $4, revoked_at = $5
			WHERE person = $1 AND role = $2 AND coalesce(region, '') = $3 AND revoked_at IS NULL RETURNING id`,
			person, role, region, by, s.Clock.Now()).Scan(&id)
		if err == pgx.ErrNoRows {
			return nil // taken away before: what was asked for holds
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, "account.revoke_role", id, region, by, map[string]any{"role": role})
	})
	s.Forget()
	return err
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
