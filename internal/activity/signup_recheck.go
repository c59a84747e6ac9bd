package activity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// Why coming places of a minor are given back by a change of the minor's facts.
const (
	CauseConsentEnded SignupCause = "consent_ended" // no guardian's consent covers the organisation any more
	CauseAdultsOnly   SignupCause = "adults_only"   // a birth date was put right
)

// recheckTries is how often Recheck begins anew because the person signed up
// for one more shift meanwhile.
const recheckTries = 20

// Recheck runs a change of what decides where a person may serve, and in the
// same transaction gives back the coming places that a minor may not hold any
// more. It first locks the shifts of the person, as all do who decide about
// places; the change then locks the person. A sign-up that is being decided
// meanwhile is either seen here, or sees the change.
func (s *Service) Recheck(ctx context.Context, who uuid.UUID, change func(pgx.Tx) error) error {
	var held []uuid.UUID
	run := func(tx pgx.Tx) (err error) {
		if held, err = comingOf(ctx, tx, who, s.clk.Now()); err != nil {
			return err
		}
		posts, err := lockTx(ctx, tx, held, true)
		if err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		return s.releaseTx(ctx, tx, who, posts)
	}
	for try := 1; ; try++ {
		err := pg.InTx(ctx, s.pool, run)
		if errors.Is(err, errElsewhere) && try < recheckTries {
			continue
		}
		if errors.Is(err, errElsewhere) {
			err = ErrSignupBusy.Because(err)
		}
		if err == nil {
			s.forgetHints(held...)
		}
		return err
	}
}

// comingOf are the shifts still to begin at which a person holds or awaits a place.
func comingOf(ctx context.Context, tx pgx.Tx, who uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `SELECT shift FROM activity.signup WHERE person = $1 AND state IN ('pending', 'confirmed', 'waiting') AND lower(during) > $2`, who, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// releaseTx gives back what the person may not hold; posts are the locked
// shifts. errElsewhere: there is one more by now.
func (s *Service) releaseTx(ctx context.Context, tx pgx.Tx, who uuid.UUID, posts map[uuid.UUID]*ShiftView) error {
	now := s.clk.Now()
	shifts, err := comingOf(ctx, tx, who, now)
	if err != nil {
		return err
	}
	facts, err := s.people.Facts(ctx, tx, []uuid.UUID{who})
	if err != nil {
		return err
	}
	for _, id := range shifts {
		v := posts[id]
		if v == nil {
			return errElsewhere
		}
		if err := s.releaseOneTx(ctx, tx, v, facts[who], now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) releaseOneTx(ctx context.Context, tx pgx.Tx, v *ShiftView, f person.Facts, now time.Time) error {
	why := minorRules(*v, f, now)
	if len(why) == 0 {
		return nil
	}
	g, err := s.SignupOf(ctx, tx, v.ID, f.ID)
	if err != nil {
		return err
	}
	cause := CauseConsentEnded
	if why[0].Is(ErrAdultsOnly) {
		cause = CauseAdultsOnly
	}
	c := change{shift: v.ID, from: g.State, to: SignupCancelled, ids: []uuid.UUID{g.ID}, at: now}
	if err := c.applyTx(ctx, tx); err != nil {
		return err
	}
	v.Taken, v.Waiting = v.Taken-one(g.State.Holds()), v.Waiting-one(g.State == SignupWaiting)
	events, err := s.promoteTx(ctx, tx, v, now)
	if err != nil {
		return err
	}
	err = audit.RecordTx(ctx, tx, audit.Entry{At: now, Action: "signup.release", Object: audit.Object("signup", g.ID), Org: &v.Activity.Org,
		Region: &v.Activity.Division, Detail: map[string]any{"from": g.State, "cause": cause}})
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, append([]SignupEvent{{Signup: c.apply(g), From: g.State, Cause: cause}}, events...))
}
