package organisation

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
	"kapok/internal/person"
)

// Role is what a member does; account ties the roles to actions.
type Role string

// The roles of members.
const (
	Admin    Role = "org_admin"
	Approver Role = "org_approver"
	Recorder Role = "org_recorder"
	Leader   Role = "team_leader"
	Plain    Role = "member"
)

// Roles lists all roles of members.
var Roles = []string{string(Admin), string(Approver), string(Recorder), string(Leader), string(Plain)}

// AdultRoleAge is the age from which a member may hold a role other than plain
// member: roles bind the organisation.
const AdultRoleAge = 18

// Naming asks for a member to be added, or given another role.
type Naming struct {
	Org         uuid.UUID
	VolunteerNo string
	Role        Role
	By          uuid.UUID
}

// AddMember names a person by volunteer number; naming a member again changes
// the role. Errors: ErrNoSuchVolunteer, ErrLastAdmin, ErrMinorRole,
// ErrMainlander (an offshore body recruits no members in the mainland,
// 境外非政府组织境内活动管理法 art. 28), and the state when it is not approved.
func (s *Service) AddMember(ctx context.Context, n Naming) (Member, error) {
	var c fault.Check
	c.Must(validRole(n.Role), "role", fault.ErrBadValue)
	p, err := s.people.ByVolunteerNo(ctx, n.VolunteerNo)
	if err != nil {
		if fault.As(err).Kind == fault.Internal {
			return Member{}, err
		}
		c.Add("volunteer_no", ErrNoSuchVolunteer)
	}
	if err := c.Err(); err != nil {
		return Member{}, err
	}
	if n.Role != Plain && person.AgeOn(p.BirthDate, s.clk.Now()) < AdultRoleAge {
		return Member{}, ErrMinorRole.With("age", AdultRoleAge)
	}
	m := Member{Org: n.Org, Person: p.ID, Role: n.Role, AddedAt: s.clk.Now(), AddedBy: n.By}
	return m, pg.InTx(ctx, s.pool, func(tx pgx.Tx) error { return s.nameTx(ctx, tx, m, p) })
}

func (s *Service) nameTx(ctx context.Context, tx pgx.Tx, m Member, p person.Person) error {
	o, err := lock(ctx, tx, m.Org)
	switch {
	case err != nil:
		return err
	case !o.Working():
		return inState[o.State]
	case o.Kind == Offshore && !abroad(p.Division):
		return ErrMainlander
	}
	if m.Role != Admin {
		if err := s.keepAdmin(ctx, tx, m.Org, m.Person); err != nil {
			return err
		}
	}
	was, err := memberRole(ctx, tx, m.Org, m.Person)
	if err != nil && !errors.Is(err, ErrNotMember) {
		return err
	}
	if err := putMember(ctx, tx, m); err != nil {
		return err
	}
	if err := s.stillAdult(ctx, tx, m); err != nil {
		return err
	}
	if was != m.Role {
		if err := s.tellRole(ctx, tx, o, m.Person, m.AddedBy, "organisation.role_given"); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, "organisation.name_member", o, m.AddedBy, map[string]any{"person": m.Person, "role": m.Role})
}

// stillAdult looks at the age once more, now that writing the row waited for
// whoever corrects the birth date.
func (s *Service) stillAdult(ctx context.Context, tx pgx.Tx, m Member) error {
	if m.Role == Plain {
		return nil
	}
	facts, err := s.people.Facts(ctx, tx, []uuid.UUID{m.Person})
	if err == nil && person.AgeOn(facts[m.Person].BirthDate, s.clk.Now()) < AdultRoleAge {
		err = ErrMinorRole.With("age", AdultRoleAge)
	}
	return err
}

// tellRole tells the member; which role it is stands in their data. What they
// did themselves they know.
func (s *Service) tellRole(ctx context.Context, tx pgx.Tx, o Organisation, member, by uuid.UUID, kind string) error {
	if s.Tell == nil || member == by {
		return nil
	}
	return s.Tell(ctx, tx, notify.Message{Person: member, Kind: kind, Link: "/me/data", Args: map[string]any{"org": o.Name},
		Key: kind + "/" + o.ID.String() + "/" + s.clk.Now().Format(time.RFC3339Nano)})
}

// HoldStaffTx locks the organisations in which a person holds a role, for
// EndStaffTx: before the person, as whoever names members does.
func (s *Service) HoldStaffTx(ctx context.Context, tx pgx.Tx, member uuid.UUID) error {
	_, err := tx.Exec(ctx, `SELECT FROM organisation.organisation WHERE id IN (SELECT org FROM organisation.member WHERE person = $1 AND role <> $2)
		ORDER BY id FOR UPDATE`, member, Plain)
	return err
}

// EndStaffTx leaves a person who turns out to be a minor a plain member
// everywhere, and tells them. Errors: ErrLastAdmin, where another administrator
// must be named first.
func (s *Service) EndStaffTx(ctx context.Context, tx pgx.Tx, member, by uuid.UUID) error {
	rows, err := tx.Query(ctx, `SELECT org FROM organisation.member WHERE person = $1 AND role <> $2 ORDER BY org`, member, Plain)
	if err != nil {
		return err
	}
	orgs, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	for _, org := range orgs {
		o, err := lock(ctx, tx, org)
		if err != nil {
			return err
		}
		if err := s.keepAdmin(ctx, tx, org, member); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE organisation.member SET role = $3 WHERE org = $1 AND person = $2`, org, member, Plain); err != nil {
			return err
		}
		if err := s.tellRole(ctx, tx, o, member, by, "organisation.role_taken"); err != nil {
			return err
		}
		if err := s.record(ctx, tx, "organisation.name_member", o, by, map[string]any{"person": member, "role": Plain}); err != nil {
			return err
		}
	}
	return nil
}

// RemoveMember ends a membership; the last administrator stays.
func (s *Service) RemoveMember(ctx context.Context, org, member, by uuid.UUID) error {
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		o, err := lock(ctx, tx, org)
		if err != nil {
			return err
		}
		role, err := memberRole(ctx, tx, org, member)
		if err != nil {
			return err
		}
		if err := s.keepAdmin(ctx, tx, org, member); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM organisation.member WHERE org = $1 AND person = $2`, org, member); err != nil {
			return err
		}
		if err := s.tellRole(ctx, tx, o, member, by, "organisation.role_taken"); err != nil {
			return err
		}
		return s.record(ctx, tx, "organisation.remove_member", o, by, map[string]any{"person": member, "role": role})
	})
}

// keepAdmin refuses when a person is the only administrator. The caller holds
// the lock on the organisation, so two cannot leave at once.
func (s *Service) keepAdmin(ctx context.Context, tx pgx.Tx, org, member uuid.UUID) error {
	role, err := memberRole(ctx, tx, org, member)
	switch {
	case errors.Is(err, ErrNotMember), err == nil && role != Admin:
		return nil
	case err != nil:
		return err
	}
	n, err := otherAdmins(ctx, tx, org, member)
	if err == nil && n == 0 {
		return ErrLastAdmin
	}
	return err
}

// Members lists the members of an organisation, oldest first.
func (s *Service) Members(ctx context.Context, org uuid.UUID) ([]Member, error) {
	return members(ctx, s.pool, org)
}

// Membership is an organisation seen from one of its members.
type Membership struct {
	Org      uuid.UUID
	Role     string // as account.Role names it, or "member"
	OrgName  string
	OrgState State
}

// Memberships lists where a person is a member, for the roles of a session.
// Suspended organisations are among them: they still finish their records.
func (s *Service) Memberships(ctx context.Context, person uuid.UUID) ([]Membership, error) {
	rows, err := s.pool.Query(ctx, `SELECT m.org, m.role, o.name AS org_name, o.state AS org_state
		FROM organisation.member m JOIN organisation.organisation o ON o.id = m.org
		WHERE m.person = $1 AND o.state IN ('approved', 'suspended') ORDER BY o.name, m.org`, person)
	return pg.All[Membership](rows, err)
}

// MembershipsOf is Memberships of several people in one query, for sessions
// that are looked up together.
func (s *Service) MembershipsOf(ctx context.Context, db pg.DB, people []uuid.UUID) (map[uuid.UUID][]Membership, error) {
	rows, err := db.Query(ctx, `SELECT m.person, m.org, m.role, o.name, o.state
		FROM organisation.member m JOIN organisation.organisation o ON o.id = m.org
		WHERE m.person = ANY($1) AND o.state IN ('approved', 'suspended')`, people)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]Membership{}
	var who uuid.UUID
	var m Membership
	_, err = pgx.ForEachRow(rows, []any{&who, &m.Org, &m.Role, &m.OrgName, &m.OrgState}, func() error {
		out[who] = append(out[who], m)
		return nil
	})
	return out, err
}

func validRole(r Role) bool { return slices.Contains(Roles, string(r)) }

func abroad(division string) bool { return Profile{Division: division}.abroad() }

func (s *Service) record(ctx context.Context, tx pgx.Tx, action string, o Organisation, by uuid.UUID, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{
		At: s.clk.Now(), Actor: &by, Action: action, Object: audit.Object("organisation", o.ID), Org: &o.ID, Region: &o.Division, Detail: detail,
	})
}
