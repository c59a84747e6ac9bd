package organisation

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// MergePart is how memberships take part in the merge of two people. Who was in
// an organisation twice is in it once, with the weightier of the two roles.
func (s *Service) MergePart() person.MergePart {
	return person.MergePart{
		Owned: []pg.Owned{
			{Table: "organisation.member", Column: "person", Key: "org"},
			{Table: "organisation.organisation", Column: "applied_by"},
		},
		Merge: foldMembers, Unmerge: unfoldMembers,
	}
}

// second is a membership of an organisation of which the person kept is a
// member too, with that one's role.
type second struct {
	Org     uuid.UUID
	Role    string
	AddedAt time.Time
	AddedBy uuid.UUID
	Ours    string
}

// weightier is the one of two roles that may do more.
func weightier(a, b string) string {
	if slices.Index(Roles, a) < slices.Index(Roles, b) {
		return a
	}
	return b
}

// foldMembers takes second memberships away and notes them.
func foldMembers(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	rows, err := tx.Query(ctx, `DELETE FROM organisation.member a USING organisation.member b WHERE b.org = a.org AND b.person = $2 AND a.person = $1
		RETURNING a.org, a.role, a.added_at, a.added_by, b.role AS ours`, j.From, j.Into)
	list, err := pg.All[second](rows, err)
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := setRole(ctx, tx, m.Org, j.Into, m.Ours, weightier(m.Role, m.Ours)); err != nil {
			return err
		}
		if err := j.NoteTx(ctx, tx, "organisation.member", "second", m.Org, m); err != nil {
			return err
		}
	}
	j.Report.Count("members_twice", int64(len(list)))
	return nil
}

// unfoldMembers gives second memberships back, and the person kept the old
// role, unless somebody gave another one meanwhile.
func unfoldMembers(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	notes, err := j.NotesTx(ctx, tx, "organisation.member", "second")
	if err != nil {
		return err
	}
	for _, n := range notes {
		var m second
		if err := json.Unmarshal(n.Was, &m); err != nil {
			return err
		}
		if err := setRole(ctx, tx, m.Org, j.Into, weightier(m.Role, m.Ours), m.Ours); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO organisation.member (org, person, role, added_at, added_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (org, person) DO NOTHING`, m.Org, j.From, m.Role, m.AddedAt, m.AddedBy)
		if err != nil {
			return err
		}
	}
	return nil
}

func setRole(ctx context.Context, tx pgx.Tx, org, member uuid.UUID, from, to string) error {
	_, err := tx.Exec(ctx, `UPDATE organisation.member SET role = $4 WHERE org = $1 AND person = $2 AND role = $3`, org, member, from, to)
	return err
}
