package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// volunteer is somebody who is signed in on a phone.
type volunteer struct {
	id    uuid.UUID
	token string
}

// volunteers makes n adults with an account and a session each.
func (e *Env) volunteers(ctx context.Context, n int) ([]volunteer, error) {
	e.logf("making %d volunteers", n)
	list := make([]volunteer, n)
	numbers := map[string]bool{}
	rows := make([][]any, n)
	for i := range list {
		list[i].id = uuid.Must(uuid.NewV7())
		no := person.NewVolunteerNo()
		for ; numbers[no]; no = person.NewVolunteerNo() {
		}
		numbers[no] = true
		rows[i] = []any{list[i].id, no, "李文", "female", time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), "440104", time.Now()}
	}
	_, err := e.Pool.CopyFrom(ctx, pgx.Identifier{"person", "person"},
		[]string{"id", "volunteer_no", "name_hans", "gender", "birth_date", "division", "registered_at"}, pgx.CopyFromRows(rows))
	if err != nil {
		return nil, err
	}
	return list, pg.InTx(ctx, e.Pool, func(tx pgx.Tx) error {
		for i := range list {
			if err := e.signIn(ctx, tx, i, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *Env) signIn(ctx context.Context, tx pgx.Tx, i int, v *volunteer) error {
	acc, err := e.App.Accounts.OpenTx(ctx, tx, v.id, fmt.Sprintf("+86139%08d", i))
	if err != nil {
		return err
	}
	in, err := e.App.Accounts.Begin(ctx, tx, acc, v.id, account.Device{Kind: account.API, Name: "bench"}, account.ByPasskey)
	v.token = in.Token
	return err
}

// firstDay is when the shifts of a benchmark begin; each set has an hour of
// its own, so that the same volunteers can sign up in every run.
var firstDay = time.Now().AddDate(0, 0, 7).UTC().Truncate(24 * time.Hour)

// shifts makes n shifts of a published activity, all in the hour-th hour.
func (e *Env) shifts(ctx context.Context, hour, n, capacity int) ([]uuid.UUID, error) {
	org, by := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	project, activity := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	_, err := e.Pool.Exec(ctx, `INSERT INTO activity.project (id, org, name, created_at, created_by) VALUES ($1, $2, 'bench', now(), $3)`, project, org, by)
	if err != nil {
		return nil, err
	}
	_, err = e.Pool.Exec(ctx, `INSERT INTO activity.activity (id, project, org, recording_unit, division, title, content, responsible, field, risks,
			state, created_at, created_by)
		VALUES ($1, $2, $3, $3, '440104', '河涌清洁', '沿东濠涌清捡垃圾', '李文', '0006', '雨后路滑', 'published', now(), $4)`, activity, project, org, by)
	if err != nil {
		return nil, err
	}
	ids, rows := make([]uuid.UUID, n), make([][]any, n)
	start := firstDay.Add(time.Duration(hour) * time.Hour)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
		rows[i] = []any{ids[i], activity, start, start.Add(time.Hour), "东濠涌", capacity, time.Now().Add(-time.Hour), start}
	}
	_, err = e.Pool.CopyFrom(ctx, pgx.Identifier{"activity", "shift"},
		[]string{"id", "activity", "starts_at", "ends_at", "place", "capacity", "signup_from", "signup_until"}, pgx.CopyFromRows(rows))
	return ids, err
}

// holding counts the places that sign-ups of the shifts hold and what the
// shifts' counters say.
func (e *Env) holding(ctx context.Context, shifts []uuid.UUID) (held, counted, capacity int, err error) {
	err = e.Pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM activity.signup WHERE shift = ANY($1) AND state IN ('pending', 'confirmed')),
		(SELECT sum(taken) FROM activity.shift WHERE id = ANY($1)), (SELECT sum(capacity) FROM activity.shift WHERE id = ANY($1))`, shifts).
		Scan(&held, &counted, &capacity)
	return held, counted, capacity, err
}

// settle brings the planner's statistics to where a running platform has them.
func (e *Env) settle(ctx context.Context) error {
	_, err := e.Pool.Exec(ctx, `VACUUM ANALYZE activity.shift, activity.signup, person.person, account.session, account.account`)
	return err
}
