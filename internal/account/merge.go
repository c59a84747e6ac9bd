package account

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// MergePart is how accounts take part in the merge of two people: both phones
// open the person kept, and every session sees that person from the next
// request on. Roles follow, unless one hand would hold two of the three
// administrators' roles then.
func (s *Service) MergePart() person.MergePart {
	return person.MergePart{
		Owned: []pg.Owned{
			{Table: "account.role_grant", Column: "person", Unless: `t.revoked_at IS NULL AND EXISTS (SELECT FROM account.role_grant o
				WHERE o.person = $2 AND o.role = t.role AND o.region IS NOT DISTINCT FROM t.region AND o.revoked_at IS NULL)`},
			{Table: "account.new_phone", Column: "person", Unless: `t.state = 'open' AND EXISTS (SELECT FROM account.new_phone o
				WHERE o.person = $2 AND o.state = 'open')`},
			{Table: "account.lost_factor", Column: "person"},
		},
		Lock: lockAccountsOf, Merge: joinAccounts, Unmerge: partAccounts,
	}
}

func lockAccountsOf(ctx context.Context, tx pgx.Tx, wait bool, people []uuid.UUID) error {
	if wait {
		return nil
	}
	_, err := tx.Exec(ctx, `SELECT FROM account.account WHERE person = ANY($1) FOR NO KEY UPDATE NOWAIT`, people)
	return err
}

type joined struct{ Joined bool }

func joinAccounts(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	if err := staysApart(ctx, tx, j); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `UPDATE account.account a SET person = $2, joined = true
		FROM (SELECT id, joined FROM account.account WHERE person = $1) o WHERE o.id = a.id RETURNING a.id, o.joined`, j.From, j.Into)
	list, err := pg.All[struct {
		ID     uuid.UUID
		Joined bool
	}](rows, err)
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := j.NoteTx(ctx, tx, "account.account", "person", a.ID, joined{a.Joined}); err != nil {
			return err
		}
	}
	j.Report.Count("accounts", int64(len(list)))
	return nil
}

// staysApart refuses where the merge would put two of the three administrators'
// roles into one hand (三员分立).
func staysApart(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT count(DISTINCT role) FROM account.role_grant WHERE person IN ($1, $2) AND revoked_at IS NULL AND role = ANY($3)`,
		j.From, j.Into, Apart).Scan(&n)
	if err == nil && n > 1 {
		return ErrRolesApart
	}
	return err
}

func partAccounts(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	notes, err := j.NotesTx(ctx, tx, "account.account", "person")
	if err != nil {
		return err
	}
	for _, n := range notes {
		var was joined
		if err := json.Unmarshal(n.Was, &was); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE account.account SET person = $2, joined = $4 WHERE id = $1 AND person = $3`, n.Row, j.From, j.Into, was.Joined); err != nil {
			return err
		}
	}
	return nil
}

// ProveOther finds whose registration somebody proved who is signed in with
// another one: by the code sent to its phone (E.164, purpose ForLogin), or by
// its password. It opens no session. Errors: ErrCode, ErrWrong, ErrTooOften,
// and ErrNoAccount once the phone was proved.
func (s *Service) ProveOther(ctx context.Context, phone, code, password string, d Device) (who uuid.UUID, err error) {
	if password != "" {
		_, who, err = s.provePassword(ctx, phone, password, d)
		return who, err
	}
	if err := s.ProvePhone(ctx, phone, ForLogin, code, d); err != nil {
		return uuid.Nil, err
	}
	_, who, err = s.WithPhone(ctx, phone)
	return who, err
}
