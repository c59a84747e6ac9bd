package activity

import (
	"context"
	"slices"
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
// over and keeps waiting. A family moves up together or not at all: while fewer
// places are free than it needs it is passed over, so that no place stays empty,
// keeps its turn, and is looked at first when the next place gets free. The
// counters of v follow.
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
		moved, err := moveUpTx(ctx, tx, v, chosen(units(next), fit, v.Free()), now)
		if err != nil {
			return nil, err
		}
		events = append(events, moved...)
	}
	return events, nil
}

// units are those who move up together, in their order.
func units(list []Signup) [][]Signup {
	var out [][]Signup
	at := map[uuid.UUID]int{}
	for _, g := range list {
		if g.Party == nil {
			out = append(out, []Signup{g})
			continue
		}
		i, ok := at[*g.Party]
		if !ok {
			i = len(out)
			at[*g.Party], out = i, append(out, nil)
		}
		out[i] = append(out[i], g)
	}
	return out
}

// chosen are the units of whom all fit and for whom there is room together.
func chosen(all [][]Signup, fit map[uuid.UUID]bool, free int) [][]Signup {
	var out [][]Signup
	for _, unit := range all {
		ready := !slices.ContainsFunc(unit, func(g Signup) bool { return !fit[g.ID] })
		if ready && len(unit) <= free {
			out, free = append(out, unit), free-len(unit)
		}
	}
	return out
}

// waitingTx reads the next of the waiting list, no family cut in two.
func waitingTx(ctx context.Context, tx pgx.Tx, shift uuid.UUID, after int64, n int) ([]Signup, error) {
	rows, err := tx.Query(ctx, `WITH next AS (SELECT queue, party FROM activity.signup
			WHERE shift = $1 AND state = 'waiting' AND queue > $2 ORDER BY queue LIMIT $3)
		SELECT `+signupColumns+` FROM activity.signup g WHERE g.shift = $1 AND g.state = 'waiting' AND g.queue > $2
			AND (g.queue <= (SELECT max(queue) FROM next) OR g.party = (SELECT party FROM next ORDER BY queue DESC LIMIT 1))
		ORDER BY g.queue`, shift, after, n)
	return pg.All[Signup](rows, err)
}

// stillFitTx says who may serve in v as things are now, by sign-up.
func (s *Service) stillFitTx(ctx context.Context, tx pgx.Tx, v *ShiftView, list []Signup, now time.Time) (map[uuid.UUID]bool, error) {
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
	family, err := s.companyTx(ctx, tx, map[uuid.UUID]*ShiftView{v.ID: v}, facts, reqs)
	if err != nil {
		return nil, err
	}
	fit := map[uuid.UUID]bool{}
	for i, g := range list {
		f, known := facts[g.Person]
		_, clash := clashes[reqs[i].pair()]
		alone := needsAdult(*v, f) && !family[reqs[i].pair()].enough(SignupConfirmed, together(list, g))
		fit[g.ID] = known && !clash && !alone && len(Unsuited(*v, f, g.By, now)) == 0
	}
	return fit, nil
}

// together are the people who move up with g.
func together(list []Signup, g Signup) []uuid.UUID {
	var out []uuid.UUID
	for _, o := range list {
		if g.Party != nil && o.Party != nil && *o.Party == *g.Party {
			out = append(out, o.Person)
		}
	}
	return out
}

// moveUpTx gives places to waiting sign-ups. When one of them got a place
// elsewhere this very moment, each unit is tried alone.
func moveUpTx(ctx context.Context, tx pgx.Tx, v *ShiftView, list [][]Signup, now time.Time) ([]SignupEvent, error) {
	if len(list) == 0 {
		return nil, nil
	}
	c := change{shift: v.ID, from: SignupWaiting, to: placed(v.Shift), at: now}
	var events []SignupEvent
	for _, g := range slices.Concat(list...) {
		c.ids = append(c.ids, g.ID)
		events = append(events, SignupEvent{Signup: c.apply(g), From: SignupWaiting, Cause: CausePromoted})
	}
	err := pgx.BeginFunc(ctx, tx, func(point pgx.Tx) error { return c.applyTx(ctx, point) })
	switch {
	case err == nil:
		v.Taken, v.Waiting = v.Taken+len(c.ids), v.Waiting-len(c.ids)
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
