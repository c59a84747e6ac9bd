package record

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// Redate makes the due days of pending records exact that were estimates, once
// the calendar knows their year. It returns how many; call it at start, when an
// operator may have loaded a newer calendar.
func (s *Service) Redate(ctx context.Context) (n int, err error) {
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if n, err = s.redateRecords(ctx, tx); err != nil {
			return err
		}
		return s.redateClocks(ctx, tx)
	})
	return n, err
}

func (s *Service) redateRecords(ctx context.Context, tx pgx.Tx) (n int, err error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM record.service_record
		WHERE due_estimated AND state = 'pending' ORDER BY id FOR NO KEY UPDATE`)
	list, err := pg.All[ServiceRecord](rows, err)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		due, estimated := s.due(r.ActivityEndAt)
		if estimated {
			continue
		}
		r.DueOn, r.DueEstimated, r.Change, r.ChangedAt, r.ChangedBy, r.Reason = due, false, Redated, s.clk.Now(), nil, ""
		if err := save(ctx, tx, &r); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// redateClocks does the same for the clocks of the shifts. A rebuild of the
// reader reckons them anew by itself.
func (s *Service) redateClocks(ctx context.Context, tx pgx.Tx) error {
	type line struct {
		Shift  uuid.UUID
		EndsAt time.Time
	}
	rows, err := tx.Query(ctx, `SELECT shift, ends_at FROM record.shift_clock WHERE due_estimated ORDER BY shift FOR NO KEY UPDATE`)
	list, err := pg.All[line](rows, err)
	if err != nil {
		return err
	}
	var b pgx.Batch
	for _, l := range list {
		if due, estimated := s.due(l.EndsAt); !estimated {
			b.Queue(`UPDATE record.shift_clock SET due_on = $2, due_estimated = false WHERE shift = $1`, l.Shift, due)
		}
	}
	return tx.SendBatch(ctx, &b).Close()
}
