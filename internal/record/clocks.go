package record

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/region"
)

// Clock is the reader that keeps record.shift_clock: the shifts of which hours
// are still to be confirmed, or check-outs missing, and their last day.
func (s *Service) Clock() Reader {
	return Reader{Name: "clock", Handle: s.addClocks, Reset: func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM record.shift_clock`)
		return err
	}}
}

type clockSum struct{ pending, missing int }

func (s *Service) addClocks(ctx context.Context, tx pgx.Tx, events []Event) error {
	sums := map[uuid.UUID]clockSum{}
	for _, e := range events {
		c := sums[e.Payload.Shift]
		c.pending += isPending(e.Payload.After) - isPending(e.Payload.Before)
		c.missing += e.Payload.Missing
		sums[e.Payload.Shift] = c
	}
	maps.DeleteFunc(sums, func(shift uuid.UUID, c clockSum) bool { return shift == uuid.Nil || c == clockSum{} })
	ids := slices.SortedFunc(maps.Keys(sums), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if err := s.ensureClocks(ctx, tx, ids); err != nil {
		return err
	}
	var b pgx.Batch
	for _, id := range ids {
		c := sums[id]
		b.Queue(`UPDATE record.shift_clock SET pending = pending + $2, missing = missing + $3 WHERE shift = $1`, id, c.pending, c.missing)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// isPending reports whether a record holds its shift's clock open. A disputed
// one does not: it was recorded, and the objection is another matter.
func isPending(f *Figures) int {
	if f != nil && f.State == StatePending {
		return 1
	}
	return 0
}

// ensureClocks makes the lines of shifts that have none yet.
func (s *Service) ensureClocks(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) error {
	rows, err := tx.Query(ctx, `SELECT q.id FROM unnest($1::uuid[]) AS q (id)
		WHERE NOT EXISTS (SELECT FROM record.shift_clock c WHERE c.shift = q.id)`, ids)
	if err != nil {
		return err
	}
	fresh, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(fresh) == 0 {
		return err
	}
	views, err := s.shifts.Shifts(ctx, tx, fresh)
	if err != nil {
		return err
	}
	var b pgx.Batch
	for _, v := range views {
		due, estimated := s.due(v.EndsAt)
		b.Queue(`INSERT INTO record.shift_clock (shift, org, division, title, ends_at, due_on, due_estimated)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			v.ID, v.Activity.Org, v.Activity.Division, v.Activity.Title, v.EndsAt, due, estimated)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// ShiftClock is a shift of which something is still to be settled.
type ShiftClock struct {
	Shift        uuid.UUID
	Org          uuid.UUID
	Division     string
	Title        string
	EndsAt       time.Time
	DueOn        time.Time
	DueEstimated bool
	Pending      int // hours to confirm
	Missing      int // check-outs missing
	WorkdaysLeft int `db:"-"` // negative: late
}

// Cursor is the line's place in OpenOfOrgs and OpenOfDivision.
func (c ShiftClock) Cursor() string { return pg.Cursor(c.DueOn, c.Shift) }

const clockColumns = `shift, org, division, title, ends_at, due_on, due_estimated, pending, missing`

// OpenOfOrgs lists the shifts of organisations of which something is still to
// be settled, the most urgent first.
func (s *Service) OpenOfOrgs(ctx context.Context, orgs []uuid.UUID, after string, n int) ([]ShiftClock, error) {
	return s.open(ctx, `org = ANY($1)`, orgs, after, n)
}

// OpenOfDivision lists such shifts of a division and everything below it.
func (s *Service) OpenOfDivision(ctx context.Context, division string, after string, n int) ([]ShiftClock, error) {
	return s.open(ctx, `division LIKE $1 || '%'`, region.Prefix(division), after, n)
}

func (s *Service) open(ctx context.Context, scope string, arg any, after string, n int) ([]ShiftClock, error) {
	day, id, err := pg.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT `+clockColumns+` FROM record.shift_clock WHERE `+scope+` AND pending + missing > 0
		AND ($2::date IS NULL OR (due_on, shift) > ($2, $3)) ORDER BY due_on, shift LIMIT $4`, arg, optional(day), id, n)
	list, err := pg.All[ShiftClock](rows, err)
	for i := range list {
		list[i].WorkdaysLeft = s.WorkdaysLeft(list[i].DueOn)
	}
	return list, err
}
