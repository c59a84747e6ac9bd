package activity

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// CauseMerged: two registrations of one person held places at the same time.
const CauseMerged SignupCause = "merged"

const signupTable = "activity.signup"

var ownedSignups = pg.Owned{Table: signupTable, Column: "person", Unless: `t.state <> 'cancelled' AND EXISTS (SELECT FROM activity.signup o
	WHERE o.shift = t.shift AND o.person = $2 AND o.state <> 'cancelled')`}

// MergePart is how sign-ups take part in the merge of two people: they move;
// where both hold a place at one time, one is given back.
func (s *Service) MergePart() person.MergePart {
	return person.MergePart{
		Owned: []pg.Owned{
			{Table: "activity.calendar", Column: "person", Key: "serial", Unless: `EXISTS (SELECT FROM activity.calendar o WHERE o.person = $2)`},
			{Table: "activity.project", Column: "created_by"},
			{Table: "activity.activity", Column: "created_by"},
		},
		Lock: lockSignupsOf, Merge: s.mergeTx, Unmerge: s.unmergeTx,
	}
}

// lockSignupsOf locks the shifts at which the people hold or await a place, in
// the order of all who lock shifts.
func lockSignupsOf(ctx context.Context, tx pgx.Tx, wait bool, people []uuid.UUID) error {
	lock := `SELECT FROM activity.shift WHERE id IN (SELECT shift FROM activity.signup WHERE person = ANY($1) AND state <> 'refused')
		ORDER BY id FOR NO KEY UPDATE`
	if !wait {
		lock += ` NOWAIT`
	}
	_, err := tx.Exec(ctx, lock, people)
	return err
}

// twice is two standing sign-ups of one human being that cannot both be.
type twice struct{ keep, drop Signup }

// mergeTx gives back what was signed up for twice, moves the sign-ups and lets
// the waiting lists move up.
func (s *Service) mergeTx(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	clashing, err := signupsTwice(ctx, tx, j)
	if err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, c := range clashing {
		ids = append(ids, c.drop.Shift)
	}
	posts, err := lockTx(ctx, tx, ids, true) // held already
	if err != nil {
		return err
	}
	for _, c := range clashing {
		if err := s.dropTx(ctx, tx, j, posts[c.drop.Shift], c.drop); err != nil {
			return err
		}
	}
	n, err := j.MoveTx(ctx, tx, ownedSignups)
	if err != nil {
		return err
	}
	j.Report.Count("signups", n)
	return s.fillTx(ctx, tx, posts)
}

// signupsTwice finds them: at the same shift, or holding places at the same
// time. The better one stays (a place before a place in the queue); of equal
// ones that of the person kept. A refusal stands.
func signupsTwice(ctx context.Context, tx pgx.Tx, j *person.Joining) ([]twice, error) {
	rows, err := tx.Query(ctx, `SELECT `+signupColumns+` FROM activity.signup g WHERE g.person = ANY($1) AND g.state <> 'cancelled'
		ORDER BY array_position(ARRAY['refused', 'confirmed', 'pending', 'waiting'], g.state), g.person = $2 DESC, g.queue`,
		[]uuid.UUID{j.From, j.Into}, j.Into)
	list, err := pg.All[Signup](rows, err)
	if err != nil {
		return nil, err
	}
	during, err := timesOf(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	var stand []Signup
	var out []twice
	for _, g := range list {
		i := slices.IndexFunc(stand, func(o Signup) bool {
			return o.Person != g.Person && (o.Shift == g.Shift || o.State.Holds() && g.State.Holds() && during[o.Shift].overlaps(during[g.Shift]))
		})
		switch {
		case i < 0:
			stand = append(stand, g)
		case g.State.Active():
			out = append(out, twice{stand[i], g})
		}
	}
	return out, nil
}

type span struct{ from, to int64 }

func (a span) overlaps(b span) bool { return a.from < b.to && b.from < a.to }

func timesOf(ctx context.Context, tx pgx.Tx, list []Signup) (map[uuid.UUID]span, error) {
	ids := make([]uuid.UUID, len(list))
	for i, g := range list {
		ids[i] = g.Shift
	}
	rows, err := tx.Query(ctx, `SELECT id, extract(epoch FROM starts_at)::bigint AS starts, extract(epoch FROM ends_at)::bigint AS ends
		FROM activity.shift WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]span{}
	var id uuid.UUID
	var t span
	_, err = pgx.ForEachRow(rows, []any{&id, &t.from, &t.to}, func() error { out[id] = t; return nil })
	return out, err
}

// dropped is what is noted of a sign-up that a merge gave back.
type dropped struct {
	State     SignupState
	ChangedAt int64 // microseconds; the sign-up is as the merge left it
	Before    Signup
}

func (s *Service) dropTx(ctx context.Context, tx pgx.Tx, j *person.Joining, v *ShiftView, g Signup) error {
	c := change{shift: g.Shift, from: g.State, to: SignupCancelled, ids: []uuid.UUID{g.ID}, at: j.At, by: &j.By,
		reason: i18n.Text(j.Lang, "activity.merge.reason")}
	if err := c.applyTx(ctx, tx); err != nil {
		return err
	}
	v.Taken, v.Waiting = v.Taken-one(g.State.Holds()), v.Waiting-one(g.State == SignupWaiting)
	j.Report.Say("signup_dropped", map[string]any{"title": v.Activity.Title, "at": Moment{v.StartsAt}})
	if err := j.NoteTx(ctx, tx, signupTable, "state", g.ID, dropped{g.State, j.At.UnixMicro(), g}); err != nil {
		return err
	}
	return s.tell(ctx, tx, []SignupEvent{{Signup: c.apply(g), From: g.State, Cause: CauseMerged}})
}

// fillTx gives the places that got free to those who wait, shift by shift in
// one order.
func (s *Service) fillTx(ctx context.Context, tx pgx.Tx, posts map[uuid.UUID]*ShiftView) error {
	var ids []uuid.UUID
	for id := range posts {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range ids {
		events, err := s.promoteTx(ctx, tx, posts[id], s.clk.Now())
		if err == nil {
			err = s.tell(ctx, tx, events)
		}
		if err != nil {
			return err
		}
	}
	s.signups.full.drop(ids...)
	return nil
}

// unmergeTx gives the sign-ups back, and the places that the merge gave away
// where they can still be had.
func (s *Service) unmergeTx(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	if err := j.ReturnTx(ctx, tx, ownedSignups); err != nil {
		return err
	}
	notes, err := j.NotesTx(ctx, tx, signupTable, "state")
	if err != nil {
		return err
	}
	for _, n := range notes {
		var was dropped
		if err := json.Unmarshal(n.Was, &was); err != nil {
			return err
		}
		if err := s.restoreTx(ctx, tx, j, was); err != nil {
			return err
		}
	}
	return nil
}

// restoreTx puts a sign-up back as it was, in its old place of the queue, or
// reports that there is no room.
func (s *Service) restoreTx(ctx context.Context, tx pgx.Tx, j *person.Joining, was dropped) error {
	posts, err := lockTx(ctx, tx, []uuid.UUID{was.Before.Shift}, true) // held already
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT `+signupColumns+` FROM activity.signup g WHERE g.id = $1`, was.Before.ID)
	g, err := pg.One[Signup](rows, err, ErrNotSignedUp)
	v := posts[was.Before.Shift]
	if err != nil || g.State != SignupCancelled || g.ChangedAt.UnixMicro() != was.ChangedAt {
		return err // something happened to it since: that stands
	}
	room := v.State == ShiftOpen && (!was.State.Holds() || v.Taken < v.Capacity)
	if room {
		b := was.Before
		c := change{shift: g.Shift, from: SignupCancelled, to: was.State, ids: []uuid.UUID{g.ID}, at: b.ChangedAt, by: b.ChangedBy, reason: b.Reason}
		err = pgx.BeginFunc(ctx, tx, func(point pgx.Tx) error { return c.applyTx(ctx, point) })
		if err == nil {
			return nil
		}
		if name := pg.Constraint(err); name != "signup_no_overlap" && name != "signup_once" {
			return err
		}
	}
	j.Report.Say("signup_lost", map[string]any{"title": v.Activity.Title, "at": Moment{v.StartsAt}})
	return nil
}
