package attendance

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// SweepEvery is how often forgotten check-outs are looked for.
const SweepEvery = time.Minute

// Sweep opens the cases of all check-outs that were forgotten by now and
// returns how many. Several nodes may sweep at once.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	n := 0
	for {
		done, found, err := s.sweepSome(ctx)
		n += done
		if err != nil || !found {
			return n, err
		}
	}
}

const sweepSize = 100

func (s *Service) sweepSome(ctx context.Context) (done int, found bool, err error) {
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		done = 0
		now := s.clk.Now()
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM attendance.attendance
			WHERE state = 'open' AND closes_at <= $1 ORDER BY closes_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`, now, sweepSize)
		due, err := pg.All[Attendance](rows, err)
		if err != nil {
			return err
		}
		found = len(due) > 0
		for _, a := range due {
			missed, err := s.sweepOneTx(ctx, tx, a, now)
			if err != nil {
				return err
			}
			if missed {
				done++
			}
		}
		return nil
	})
	return done, found, err
}

// sweepOneTx opens one case, unless the shift was prolonged meanwhile.
func (s *Service) sweepOneTx(ctx context.Context, tx pgx.Tx, a Attendance, now time.Time) (bool, error) {
	v, err := s.shifts.Shift(ctx, tx, a.Shift)
	if err != nil {
		return false, err
	}
	if closes := s.rules.Closes(v.Shift); closes.After(now) {
		a.ClosesAt = closes
		return false, save(ctx, tx, a)
	}
	return true, s.missTx(ctx, tx, a, v, now)
}

// Run sweeps until the context ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(SweepEvery)
	defer tick.Stop()
	for {
		if _, err := s.Sweep(ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.log.ErrorContext(ctx, "sweep of forgotten check-outs failed", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
