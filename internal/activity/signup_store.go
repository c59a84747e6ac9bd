package activity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// postRow is a shift with what sign-ups need of its activity.
type postRow struct {
	Shift
	ActState  State
	Dangerous bool
	WithAdult bool
	Field     string
	Title     string
	Org       uuid.UUID
	Division  string
}

func (r postRow) view() *ShiftView {
	return &ShiftView{Shift: r.Shift, Activity: Activity{ID: r.ActivityID, Org: r.Org, Division: r.Division,
		Title: r.Title, Dangerous: r.Dangerous, WithAdult: r.WithAdult, Field: r.Field, State: r.ActState}}
}

// The lock and the reading are two statements on purpose: a statement that
// waited for a lock sees the locked row as it is now, but what it joins as it
// was before, such as an activity cancelled meanwhile.
const (
	lockPosts     = `SELECT id FROM activity.shift WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`
	lockFreePosts = lockPosts + ` SKIP LOCKED`
	selectPosts   = `SELECT s.*, a.state AS act_state, a.dangerous, a.with_adult, a.field, a.title, a.org, a.division
		FROM activity.shift s JOIN activity.activity a ON a.id = s.activity WHERE s.id = ANY($1)`
)

const signupColumns = `g.id, g.shift, g.person, g.signed_by, g.party, g.state, g.queue, g.created_at, g.changed_at, g.changed_by,
	g.notice_min, g.reason, CASE WHEN g.state = 'waiting' THEN (SELECT count(*) FROM activity.signup w
		WHERE w.shift = g.shift AND w.state = 'waiting' AND w.queue <= g.queue) ELSE 0 END AS position`

// selectHere finds the sign-ups that already answer a request.
const selectHere = `SELECT ` + signupColumns + `
	FROM unnest($1::uuid[], $2::uuid[]) AS q (shift, person)
	JOIN activity.signup g ON g.shift = q.shift AND g.person = q.person AND g.state <> 'cancelled'`

// selectClashes finds a place that each person holds at the time of the shift.
// Asking for one of each keeps the database at one look into the index for each
// request, even with a plan it made while the table was empty.
const selectClashes = `SELECT q.shift AS wanted, q.person, c.shift, c.title, c.starts_at
	FROM unnest($1::uuid[], $2::uuid[]) AS q (shift, person)
	JOIN activity.shift s ON s.id = q.shift
	CROSS JOIN LATERAL (SELECT o.id AS shift, a.title, o.starts_at
		FROM activity.signup g JOIN activity.shift o ON o.id = g.shift JOIN activity.activity a ON a.id = o.activity
		WHERE g.person = q.person AND g.during && tstzrange(s.starts_at, s.ends_at)
			AND g.state IN ('pending', 'confirmed') AND g.shift <> q.shift LIMIT 1) c`

// lockTx locks the shifts and reads them. With wait, it waits for others who
// hold a lock; without, those shifts are left out.
func lockTx(ctx context.Context, tx pgx.Tx, shifts []uuid.UUID, wait bool) (map[uuid.UUID]*ShiftView, error) {
	s := sheet{}
	err := s.readTx(ctx, tx, shifts, nil, wait)
	return s.posts, err
}

// readTx locks the shifts and fills the sheet for the requests, in one round trip.
func (s *sheet) readTx(ctx context.Context, tx pgx.Tx, shifts []uuid.UUID, reqs []SignUpRequest, wait bool) error {
	lock := lockFreePosts
	if wait {
		lock = lockPosts
	}
	var b pgx.Batch
	b.Queue(lock, shifts)
	b.Queue(selectPosts, shifts)
	if len(reqs) > 0 {
		s.queueStanding(&b, reqs)
	}
	results := tx.SendBatch(ctx, &b)
	defer results.Close()
	rows, err := results.Query()
	if err != nil {
		return err
	}
	locked, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	rows, err = results.Query()
	if err := s.readPosts(rows, err, locked); err != nil {
		return err
	}
	if len(reqs) > 0 {
		return s.readStanding(results)
	}
	return nil
}

func (s *sheet) readPosts(rows pgx.Rows, err error, locked []uuid.UUID) error {
	found, err := pg.All[postRow](rows, err)
	s.posts = make(map[uuid.UUID]*ShiftView, len(found))
	for _, r := range found {
		if slices.Contains(locked, r.ID) {
			s.posts[r.ID] = r.view()
		}
	}
	return err
}

func (s *sheet) queueStanding(b *pgx.Batch, reqs []SignUpRequest) {
	shifts, persons := columns(reqs)
	b.Queue(selectHere, shifts, persons)
	b.Queue(selectClashes, shifts, persons)
}

func (s *sheet) readStanding(results pgx.BatchResults) error {
	rows, err := results.Query()
	here, err := pg.All[Signup](rows, err)
	if err != nil {
		return err
	}
	s.here, s.placed = make(map[pair]Signup, len(here)), map[uuid.UUID][]*ShiftView{}
	for _, g := range here {
		s.here[pair{g.Shift, g.Person}] = g
	}
	rows, err = results.Query()
	s.clashes, err = collectClashes(rows, err)
	return err
}

// clashesTx is selectClashes by request.
func clashesTx(ctx context.Context, tx pg.DB, reqs []SignUpRequest) (map[pair]Clash, error) {
	shifts, persons := columns(reqs)
	rows, err := tx.Query(ctx, selectClashes, shifts, persons)
	return collectClashes(rows, err)
}

func collectClashes(rows pgx.Rows, err error) (map[pair]Clash, error) {
	type clashRow struct {
		Wanted, Person uuid.UUID
		Clash
	}
	list, err := pg.All[clashRow](rows, err)
	out := make(map[pair]Clash, len(list))
	for _, c := range list {
		out[pair{c.Wanted, c.Person}] = c.Clash
	}
	return out, err
}

func columns(reqs []SignUpRequest) (shifts, persons []uuid.UUID) {
	for _, r := range reqs {
		shifts, persons = append(shifts, r.Shift), append(persons, r.Person)
	}
	return shifts, persons
}

// insertSignups adds sign-ups and counts them on their shifts, in one statement.
// One that another transaction made impossible meanwhile is left out; the
// database returns those it took. Persons are inserted in order, so that
// batches which wait for each other's persons never do so in a circle.
const insertSignups = `WITH turn AS (SELECT nextval('activity.signup_queue') AS base),
	taken AS (
		INSERT INTO activity.signup (id, shift, person, signed_by, party, state, during, queue, created_at, changed_at, changed_by)
		SELECT q.id, q.shift, q.person, q.signed_by, q.party, q.state, tstzrange(q.starts_at, q.ends_at), turn.base + q.n, $8, $8, q.signed_by
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[], $9::uuid[])
			WITH ORDINALITY AS q (id, shift, person, signed_by, state, starts_at, ends_at, party, n), turn
		ORDER BY q.person
		ON CONFLICT DO NOTHING
		RETURNING id, shift, state, queue),
	counted AS (
		UPDATE activity.shift s SET taken = s.taken + c.taken, waiting = s.waiting + c.waiting
		FROM (SELECT shift, count(*) FILTER (WHERE state <> 'waiting') AS taken,
				count(*) FILTER (WHERE state = 'waiting') AS waiting FROM taken GROUP BY shift) c
		WHERE s.id = c.shift)
	SELECT id, queue FROM taken`

// insertTx inserts the fresh sign-ups of a batch and returns their queue
// numbers by id; what is missing was not inserted.
func (s *sheet) insertTx(ctx context.Context, tx pgx.Tx, fresh []Signup) (map[uuid.UUID]int64, error) {
	n := len(fresh)
	ids, shifts, persons, by := make([]uuid.UUID, n), make([]uuid.UUID, n), make([]uuid.UUID, n), make([]uuid.UUID, n)
	states, starts, ends, parties := make([]string, n), make([]time.Time, n), make([]time.Time, n), make([]*uuid.UUID, n)
	for i, g := range fresh {
		v := s.posts[g.Shift]
		ids[i], shifts[i], persons[i], by[i] = g.ID, g.Shift, g.Person, g.By
		states[i], starts[i], ends[i] = string(g.State), v.StartsAt, v.EndsAt
		parties[i] = g.Party
	}
	rows, err := tx.Query(ctx, insertSignups, ids, shifts, persons, by, states, starts, ends, s.now, parties)
	if err != nil {
		return nil, err
	}
	queue := make(map[uuid.UUID]int64, n)
	var id uuid.UUID
	var q int64
	_, err = pgx.ForEachRow(rows, []any{&id, &q}, func() error { queue[id] = q; return nil })
	return queue, err
}

// change is a change of state of sign-ups of one shift.
type change struct {
	shift    uuid.UUID
	from, to SignupState
	ids      []uuid.UUID
	at       time.Time
	by       *uuid.UUID
	reason   string
	notice   *int
}

// applyTx makes the change and adjusts the counters of the shift, whose lock
// the transaction holds.
func (c change) applyTx(ctx context.Context, tx pgx.Tx) error {
	tag, err := tx.Exec(ctx, `WITH moved AS (
			UPDATE activity.signup SET state = $3, changed_at = $5, changed_by = $6, reason = $7, notice_min = $8
			WHERE shift = $1 AND id = ANY($2) AND state = $4 RETURNING 1)
		UPDATE activity.shift SET taken = taken + $9 * n, waiting = waiting + $10 * n
		FROM (SELECT count(*)::integer AS n FROM moved) m WHERE id = $1 AND n = cardinality($2)`,
		c.shift, c.ids, c.to, c.from, c.at, c.by, c.reason, c.notice,
		one(c.to.Holds())-one(c.from.Holds()), one(c.to == SignupWaiting)-one(c.from == SignupWaiting))
	if err == nil && tag.RowsAffected() != 1 {
		err = fmt.Errorf("activity: not all of %d sign-ups were %s", len(c.ids), c.from)
	}
	return err
}

// apply is what a sign-up looks like after the change.
func (c change) apply(g Signup) Signup {
	g.State, g.ChangedAt, g.ChangedBy, g.Reason, g.NoticeMin, g.Position = c.to, c.at, c.by, c.reason, c.notice, 0
	return g
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
