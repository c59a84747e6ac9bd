package activity

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/person"
)

// signupWorld is a service on a database of its own, on a fixed day.
type signupWorld struct {
	*Service
	t   testing.TB
	clk *clock.Fixed
}

var signupDay = time.Date(2026, 10, 10, 12, 0, 0, 0, clock.Shanghai)

func newSignupWorld(t testing.TB) *signupWorld {
	return signupWorldOn(t, pgtest.New(t))
}

func signupWorldOn(t testing.TB, pool *pgxpool.Pool) *signupWorld {
	clk := clock.At(signupDay)
	people := person.New(pool, nil, nil, clk)
	return &signupWorld{Service: New(pool, clk, nil, nil, people), t: t, clk: clk}
}

// post makes a published activity with one shift on 18 October, 9:00 to 11:30,
// with 2 places and no waiting list, unless changed.
func (w *signupWorld) post(changes ...func(*Shift, *Activity)) ShiftView {
	w.t.Helper()
	at := func(d, h, m int) time.Time { return time.Date(2026, 10, d, h, m, 0, 0, clock.Shanghai).UTC() }
	a := Activity{ID: newID(), Project: newID(), Org: newID(), RecordingUnit: newID(), Division: "440104", Title: "陪长者过重阳", Content: "聊天、读报",
		Responsible: "李文", Field: "0017", Risks: "无", State: Published, CreatedAt: signupDay, CreatedBy: newID(),
		Objects: []string{}, Guarantees: []string{}, Declarations: Declarations{}}
	s := Shift{ID: newID(), ActivityID: a.ID, StartsAt: at(18, 9, 0), EndsAt: at(18, 11, 30), Place: "盐运西社区", Capacity: 2,
		SignupFrom: at(1, 0, 0), SignupUntil: at(17, 18, 0), State: ShiftOpen,
		Skills: []string{}, Languages: []string{}, Qualifications: []string{}}
	for _, c := range changes {
		c(&s, &a)
	}
	w.must(pg.InTx(w.t.Context(), w.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(w.t.Context(), `INSERT INTO activity.project (id, org, name, created_at, created_by) VALUES ($1, $2, '敬老', $3, $2)`, a.Project, a.Org, a.CreatedAt)
		return errors.Join(err, insertActivity(w.t.Context(), tx, a), saveActivity(w.t.Context(), tx, &a),
			insertShift(w.t.Context(), tx, s), saveShift(w.t.Context(), tx, s))
	}))
	return ShiftView{s, a}
}

func places(n, waiting int) func(*Shift, *Activity) {
	return func(s *Shift, _ *Activity) { s.Capacity, s.WaitingMax = n, waiting }
}

func hours(from, to int) func(*Shift, *Activity) {
	return func(s *Shift, _ *Activity) {
		day := s.StartsAt.In(clock.Shanghai).Truncate(time.Hour)
		midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, clock.Shanghai)
		s.StartsAt, s.EndsAt = midnight.Add(time.Duration(from)*time.Hour).UTC(), midnight.Add(time.Duration(to)*time.Hour).UTC()
	}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func (w *signupWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// join signs a person up by their own hand.
func (w *signupWorld) join(v ShiftView, person uuid.UUID) (Signup, error) {
	return w.SignUp(context.Background(), SignUpRequest{v.ID, person, person})
}

func (w *signupWorld) joined(v ShiftView, person uuid.UUID) Signup {
	w.t.Helper()
	g, err := w.join(v, person)
	w.must(err)
	return g
}

func (w *signupWorld) leave(v ShiftView, person uuid.UUID) (Signup, error) {
	return w.Cancel(context.Background(), CancelRequest{v.ID, person, person})
}

func (w *signupWorld) state(v ShiftView, person uuid.UUID) SignupState {
	w.t.Helper()
	g, err := w.SignupOf(context.Background(), w.pool, v.ID, person)
	w.must(err)
	return g.State
}

func (w *signupWorld) refused(err error, want *fault.Error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Errorf("got %v, want %s", err, want.Code)
	}
}

// sound fails unless all counters agree with the sign-ups.
func (w *signupWorld) sound() {
	w.t.Helper()
	wrong, err := CheckCounters(context.Background(), w.pool)
	w.must(err)
	if len(wrong) > 0 {
		w.t.Fatalf("counters do not agree: %+v", wrong)
	}
}

// volunteers puts adults into the database, with what a sign-up looks at.
func (w *signupWorld) volunteers(n int) []uuid.UUID {
	w.t.Helper()
	ids, numbers := make([]uuid.UUID, n), make([]string, n)
	for i := range ids {
		ids[i], numbers[i] = newID(), person.NewVolunteerNo()
	}
	tag, err := w.pool.Exec(context.Background(), `INSERT INTO person.person (id, volunteer_no, name_hans, gender, birth_date, division, registered_at)
		SELECT id, no, '李文', 'female', '1990-01-01', '440104', now() FROM unnest($1::uuid[], $2::text[]) AS q (id, no) ON CONFLICT DO NOTHING`, ids, numbers)
	w.must(err)
	if tag.RowsAffected() < int64(n) { // a number drawn twice
		return w.volunteers(n)
	}
	return ids
}

func (w *signupWorld) volunteer() uuid.UUID { w.t.Helper(); return w.volunteers(1)[0] }
