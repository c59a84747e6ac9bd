package activity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// PromoteDue looks at all coming shifts where people wait although a place is
// free, and gives the places to those who now fit: somebody who was passed over
// may have cancelled elsewhere, or have been reinstated. It returns how many
// moved up. Run it every minute or so.
func (s *Service) PromoteDue(ctx context.Context) (int, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT g.shift FROM activity.signup g JOIN activity.shift s ON s.id = g.shift
		WHERE g.state = 'waiting' AND lower(g.during) > $1 AND s.taken < s.capacity AND s.state = 'open'`, s.clk.Now())
	if err != nil {
		return 0, err
	}
	shifts, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range shifts {
		moved, err := s.promoteShift(ctx, id)
		if err != nil {
			return n, err
		}
		n += moved
	}
	return n, nil
}

func (s *Service) promoteShift(ctx context.Context, shift uuid.UUID) (n int, err error) {
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		posts, err := lockTx(ctx, tx, []uuid.UUID{shift}, true)
		if err != nil || posts[shift] == nil {
			return err
		}
		events, err := s.promoteTx(ctx, tx, posts[shift], s.clk.Now())
		n = len(events)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, events)
	})
	return n, err
}

// promoteTx gives the free places of a locked shift to those who wait, in
// their order. Who no longer fits, or serves elsewhere at that time, is passed
// over and keeps waiting. The counters of v follow.
func (s *Service) promoteTx(ctx context.Context, tx pgx.Tx, v *ShiftView, now time.Time) ([]SignupEvent, error) {
	if v.State != ShiftOpen || v.Activity.State != Published || !now.Before(v.StartsAt) {
		return nil, nil
	}
	var events []SignupEvent
	for after := int64(-1); v.Taken < v.Capacity && v.Waiting > 0; {
		next, err := waitingTx(ctx, tx, v.ID, after, max(v.Free(), 20))
		if err != nil || len(next) == 0 {
			return events, err
		}
		after = next[len(next)-1].Queue
		fit, err := s.stillFitTx(ctx, tx, v, next, now)
		if err != nil {
			return nil, err
		}
		moved, err := moveUpTx(ctx, tx, v, fit[:min(len(fit), v.Free())], now)
		if err != nil {
			return nil, err
		}
		events = append(events, moved...)
	}
	return events, nil
}

// waitingTx reads the next of the waiting list.
func waitingTx(ctx context.Context, tx pgx.Tx, shift uuid.UUID, after int64, n int) ([]Signup, error) {
	rows, err := tx.Query(ctx, `SELECT `+signupColumns+` FROM activity.signup g
		WHERE g.shift = $1 AND g.state = 'waiting' AND g.queue > $2 ORDER BY g.queue LIMIT $3`, shift, after, n)
	return pg.All[Signup](rows, err)
}

// stillFitTx keeps those who may serve in v as things are now.
func (s *Service) stillFitTx(ctx context.Context, tx pgx.Tx, v *ShiftView, list []Signup, now time.Time) ([]Signup, error) {
	reqs, persons := make([]SignUpRequest, len(list)), make([]uuid.UUID, len(list))
	for i, g := range list {
		reqs[i], persons[i] = SignUpRequest{g.Shift, g.Person, g.By}, g.Person
	}
	facts, err := s.people.Facts(ctx, tx, persons)
	if err != nil {
		return nil, err
	}
	clashes, err := clashesTx(ctx, tx, reqs)
	if err != nil {
		return nil, err
	}
	var fit []Signup
	for i, g := range list {
		f, known := facts[g.Person]
		_, clash := clashes[reqs[i].pair()]
		if known && !clash && len(Unsuited(*v, f, g.By, now)) == 0 {
			fit = append(fit, g)
		}
	}
	return fit, nil
}

// moveUpTx gives places to waiting sign-ups. When one of them got a place
// elsewhere this very moment, each is tried alone.
func moveUpTx(ctx context.Context, tx pgx.Tx, v *ShiftView, list []Signup, now time.Time) ([]SignupEvent, error) {
	if len(list) == 0 {
		return nil, nil
	}
	c := change{shift: v.ID, from: SignupWaiting, to: placed(v.Shift), at: now}
	var events []SignupEvent
	for _, g := range list {
		c.ids = append(c.ids, g.ID)
		events = append(events, SignupEvent{Signup: c.apply(g), From: SignupWaiting, Cause: CausePromoted})
	}
	err := pgx.BeginFunc(ctx, tx, func(point pgx.Tx) error { return c.applyTx(ctx, point) })
	switch {
	case err == nil:
		v.Taken, v.Waiting = v.Taken+len(list), v.Waiting-len(list)
		return events, nil
	case pg.Constraint(err) != "signup_no_overlap":
		return nil, err
	case len(list) == 1:
		return nil, nil // passed over
	}
	events = nil
	for i := range list {
		one, err := moveUpTx(ctx, tx, v, list[i:i+1], now)
		if err != nil {
			return nil, err
		}
		events = append(events, one...)
	}
	return events, nil
}
