package activity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
)

// SignupOf is the newest sign-up of a person in a shift, whatever its state,
// or ErrNotSignedUp.
func (s *Service) SignupOf(ctx context.Context, db pg.DB, shift, person uuid.UUID) (Signup, error) {
	rows, err := db.Query(ctx, `SELECT `+signupColumns+` FROM activity.signup g
		WHERE g.person = $2 AND g.shift = $1 ORDER BY g.queue DESC LIMIT 1`, shift, person)
	return pg.One[Signup](rows, err, ErrNotSignedUp)
}

// Roster lists the sign-ups of a shift in the order they came, those who
// cancelled or were refused included.
func (s *Service) Roster(ctx context.Context, db pg.DB, shift uuid.UUID) ([]Signup, error) {
	rows, err := db.Query(ctx, `SELECT `+signupColumns+` FROM activity.signup g WHERE g.shift = $1 ORDER BY g.queue`, shift)
	return pg.All[Signup](rows, err)
}

// MySignup is a sign-up with the shift it is for.
type MySignup struct {
	Signup
	Title      string // of the activity
	ActivityID uuid.UUID
	ShiftName  string
	Place      string
	StartsAt   time.Time
	EndsAt     time.Time
}

// Cancellable reports whether the sign-up can still be given back.
func (m MySignup) Cancellable(now time.Time) bool { return m.State.Active() && now.Before(m.StartsAt) }

const selectMine = `SELECT ` + signupColumns + `, a.title, a.id AS activity_id, s.name AS shift_name, s.place, s.starts_at, s.ends_at
	FROM activity.signup g JOIN activity.shift s ON s.id = g.shift JOIN activity.activity a ON a.id = s.activity`

// Upcoming lists what persons are signed up for and has not ended, soonest first.
func (s *Service) Upcoming(ctx context.Context, persons []uuid.UUID) ([]MySignup, error) {
	rows, err := s.pool.Query(ctx, selectMine+` WHERE g.person = ANY($1) AND g.state IN ('pending', 'confirmed', 'waiting')
		AND s.ends_at > $2 ORDER BY s.starts_at, g.queue`, persons, s.clk.Now())
	return pg.All[MySignup](rows, err)
}

// PastSignups lists all other sign-ups of persons, newest first: at most n
// whose queue number is below before (0: from the newest).
func (s *Service) PastSignups(ctx context.Context, persons []uuid.UUID, before int64, n int) ([]MySignup, error) {
	rows, err := s.pool.Query(ctx, selectMine+` WHERE g.person = ANY($1) AND (g.queue < $2 OR $2 = 0)
		AND (g.state IN ('cancelled', 'refused') OR s.ends_at <= $3) ORDER BY g.queue DESC LIMIT $4`, persons, before, s.clk.Now(), n)
	return pg.All[MySignup](rows, err)
}

// Standing is how a shift looks to one person.
type Standing struct {
	Shift, Person uuid.UUID
	Signup        *Signup        // what the person has there already: active or refused
	Next          SignupState    // what pressing the button now would give; "" if refused
	Why           []*fault.Error // all that stands against it
}

// Standings tells, before anything is pressed, what a sign-up of each person
// in each shift would give, or everything that stands against it; by is who
// would sign. The answers stand in the order of shifts, then persons.
func (s *Service) Standings(ctx context.Context, shifts []ShiftView, persons []uuid.UUID, by uuid.UUID) ([]Standing, error) {
	var reqs []SignUpRequest
	for _, v := range shifts {
		for _, p := range persons {
			reqs = append(reqs, SignUpRequest{v.ID, p, by})
		}
	}
	sh := sheet{now: s.clk.Now(), posts: make(map[uuid.UUID]*ShiftView, len(shifts))}
	for i := range shifts {
		sh.posts[shifts[i].ID] = &shifts[i]
	}
	var err error
	if sh.facts, err = s.people.Facts(ctx, s.pool, persons); err != nil {
		return nil, err
	}
	if sh.company, err = s.companyTx(ctx, s.pool, sh.posts, sh.facts, reqs); err != nil {
		return nil, err
	}
	var b pgx.Batch
	sh.queueStanding(&b, reqs)
	results := s.pool.SendBatch(ctx, &b)
	defer results.Close()
	if err := sh.readStanding(results); err != nil {
		return nil, err
	}
	out := make([]Standing, len(reqs))
	for i, r := range reqs {
		out[i] = sh.standing(r)
	}
	return out, nil
}

func (s *sheet) standing(r SignUpRequest) Standing {
	out := Standing{Shift: r.Shift, Person: r.Person}
	if g, ok := s.here[r.pair()]; ok {
		if out.Signup = &g; g.State == SignupRefused {
			out.Why = []*fault.Error{ErrSignupRefused}
		}
		return out
	}
	out.Next, out.Why = s.reasons(s.posts[r.Shift], r)
	if len(out.Why) > 0 {
		out.Next = ""
	}
	return out
}

// Standing is Standings of one person in one shift.
func (s *Service) Standing(ctx context.Context, v ShiftView, person, by uuid.UUID) (Standing, error) {
	all, err := s.Standings(ctx, []ShiftView{v}, []uuid.UUID{person}, by)
	if err != nil {
		return Standing{}, err
	}
	return all[0], nil
}

// Why lists all that stands against a sign-up of the person by their own hand:
// none when pressing the button now would do.
func (s *Service) Why(ctx context.Context, v ShiftView, person uuid.UUID) ([]*fault.Error, error) {
	st, err := s.Standing(ctx, v, person, person)
	return st.Why, err
}

// CounterFault is a shift whose counters do not agree with its sign-ups.
type CounterFault struct {
	Shift                    uuid.UUID
	Capacity, Taken, Holding int
	Waiting, InQueue         int
}

// CheckCounters compares the counters of all shifts with their sign-ups; the
// answer is empty as long as all is well (kapok doctor asks).
func CheckCounters(ctx context.Context, db pg.DB) ([]CounterFault, error) {
	rows, err := db.Query(ctx, `SELECT s.id AS shift, s.capacity, s.taken, s.waiting, coalesce(c.holding, 0) AS holding, coalesce(c.in_queue, 0) AS in_queue
		FROM activity.shift s LEFT JOIN (
			SELECT shift, count(*) FILTER (WHERE state IN ('pending', 'confirmed')) AS holding,
				count(*) FILTER (WHERE state = 'waiting') AS in_queue
			FROM activity.signup GROUP BY shift) c ON c.shift = s.id
		WHERE s.taken <> coalesce(c.holding, 0) OR s.waiting <> coalesce(c.in_queue, 0) OR s.taken > s.capacity`)
	return pg.All[CounterFault](rows, err)
}
