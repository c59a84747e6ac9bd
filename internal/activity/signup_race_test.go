package activity

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
)

// twoNodes are two app processes, as far as sign-ups can tell: two services
// with pools of their own on one database.
func twoNodes(t *testing.T) (a, b *signupWorld) {
	a = newSignupWorld(t)
	pool, err := pg.Open(t.Context(), a.pool.Config().ConnString(), 0)
	a.must(err)
	t.Cleanup(pool.Close)
	return a, signupWorldOn(t, pool)
}

// tally counts answers by state or code.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *tally) add(g Signup, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	if err != nil {
		c.n[fault.As(err).Code]++
		return
	}
	c.n[string(g.State)]++
}

func TestNeverMoreThanCapacity(t *testing.T) {
	t.Parallel()
	a, b := twoNodes(t)
	people := a.volunteers(600)
	for _, size := range []struct{ places, waiting int }{{100, 0}, {1, 3}, {50, 500}} {
		v := a.post(places(size.places, size.waiting), hours(1+size.places%20, 2+size.places%20))
		var answers tally
		var all sync.WaitGroup
		for i, p := range people {
			w := []*signupWorld{a, b}[i%2]
			for range 1 + i%2 { // every other one double-clicks
				all.Go(func() { answers.add(w.join(v, p)) })
			}
		}
		all.Wait()
		a.sound()
		list, err := a.Roster(t.Context(), a.pool, v.ID)
		a.must(err)
		holding := 0
		for _, g := range list {
			holding += one(g.State == SignupConfirmed)
		}
		if holding != size.places || len(list) != min(600, size.places+size.waiting) {
			t.Errorf("%d places: %d hold one, %d rows; answers %v", size.places, holding, len(list), answers.n)
		}
		for code := range answers.n {
			if code != "confirmed" && code != "waiting" && code != ErrShiftFull.Code && code != ErrWaitingFull.Code {
				t.Errorf("somebody was told %s: %v", code, answers.n)
			}
		}
	}
}

// TestOnePersonManyShiftsAtOnce presses many overlapping shifts at the same
// moment on two nodes: one place is given, all other answers name it.
func TestOnePersonManyShiftsAtOnce(t *testing.T) {
	t.Parallel()
	a, b := twoNodes(t)
	for range 5 {
		people := a.volunteers(8)
		var posts []ShiftView
		for range 12 {
			posts = append(posts, a.post(places(100, 0)))
		}
		var answers tally
		var all sync.WaitGroup
		for i, v := range posts {
			for _, p := range people {
				all.Go(func() { answers.add([]*signupWorld{a, b}[i%2].join(v, p)) })
			}
		}
		all.Wait()
		if answers.n["confirmed"] != len(people) || answers.n[ErrOverlap.Code] != len(people)*(len(posts)-1) {
			t.Errorf("got %v", answers.n)
		}
		a.sound()
	}
}

// TestEverythingAtOnce lets sign-ups, cancellations, decisions and edits race
// on two nodes and asks whether the counters still agree and nobody is in two
// places.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	a, b := twoNodes(t)
	people := a.volunteers(40)
	var posts []ShiftView
	for i := range 6 {
		posts = append(posts, a.post(places(3+i, 4), hours(8+i, 10+i), func(s *Shift, _ *Activity) { s.Approval = i%2 == 0 }))
	}
	var answers tally
	var all sync.WaitGroup
	for n := range 24 {
		rng := rand.New(rand.NewPCG(7, uint64(n)))
		w := []*signupWorld{a, b}[n%2]
		all.Go(func() {
			for range 40 {
				answers.add(Signup{}, w.actAtRandom(rng, posts, people))
			}
		})
	}
	all.Wait()
	a.sound()
	for _, code := range []string{fault.ErrInternal.Code, ErrSignupBusy.Code} {
		if answers.n[code] > 0 {
			t.Errorf("%d answers were %s: %v", answers.n[code], code, answers.n)
		}
	}
	a.nobodyTwice()
}

func (w *signupWorld) actAtRandom(rng *rand.Rand, posts []ShiftView, people []uuid.UUID) error {
	v, p := posts[rng.IntN(len(posts))], people[rng.IntN(len(people))]
	switch rng.IntN(10) {
	case 0, 1:
		_, err := w.leave(v, p)
		return err
	case 2:
		g, err := w.SignupOf(context.Background(), w.pool, v.ID, p)
		if err != nil {
			return err
		}
		return w.Decide(context.Background(), Decision{Shift: v.ID, Signups: []uuid.UUID{g.ID}, Approve: rng.IntN(2) == 0, Reason: "理由", By: p})
	case 3:
		next := v.Shift
		next.Capacity = 1 + rng.IntN(12)
		return w.edit(next)
	case 4:
		_, err := w.PromoteDue(context.Background())
		return err
	}
	_, err := w.join(v, p)
	return err
}

// nobodyTwice fails when a person holds places at the same time.
func (w *signupWorld) nobodyTwice() {
	w.t.Helper()
	var n int
	w.must(w.pool.QueryRow(context.Background(), `SELECT count(*) FROM activity.signup g JOIN activity.signup o
		ON g.person = o.person AND g.id < o.id AND g.state IN ('pending', 'confirmed') AND o.state IN ('pending', 'confirmed') AND g.during && o.during`).Scan(&n))
	if n > 0 {
		w.t.Errorf("%d people are in two places at once", n)
	}
}

// TestOneBadRequestDoesNotFailItsNeighbours makes the transaction fail in the
// database for one person of many.
func TestOneBadRequestDoesNotFailItsNeighbours(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	people := w.volunteers(60)
	bad := people[33]
	w.OnSignupChanged(func(ctx context.Context, tx pgx.Tx, events []SignupEvent) error {
		for _, e := range events {
			if e.Signup.Person == bad {
				_, err := tx.Exec(ctx, `SELECT 1 / 0`)
				return err
			}
		}
		return nil
	})
	v := w.post(places(100, 0))
	var failed atomic.Int32
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			if _, err := w.join(v, p); err != nil {
				failed.Add(1)
				if p != bad {
					t.Errorf("a neighbour failed: %v", err)
				}
			}
		})
	}
	all.Wait()
	if failed.Load() != 1 {
		t.Errorf("%d failed, want the bad one", failed.Load())
	}
	w.sound()
}

func TestGivingUpDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	v := w.post(places(200, 0))
	people := w.volunteers(100)
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if i%3 == 0 {
				go cancel()
			}
			if _, err := w.SignUp(ctx, SignUpRequest{v.ID, p, p}); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	for i, p := range people {
		if i%3 == 0 {
			continue
		}
		if w.state(v, p) != SignupConfirmed {
			t.Error("somebody who waited has no place")
		}
	}
	w.sound()
}

// TestABusyShiftDoesNotHoldUpOthers keeps one shift locked, as a slow edit
// would, and signs up for others that share its lane.
func TestABusyShiftDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	w := newSignupWorld(t)
	busy := w.post(places(10, 0))
	people := w.volunteers(40)
	tx, err := w.pool.Begin(t.Context())
	w.must(err)
	_, err = lockTx(t.Context(), tx, []uuid.UUID{busy.ID}, true)
	w.must(err)
	late := make(chan error)
	go func() { _, err := w.join(busy, people[0]); late <- err }()
	for _, p := range people[1:] {
		w.joined(w.post(places(10, 0)), p) // would hang behind the lock
	}
	w.must(tx.Commit(t.Context()))
	w.must(<-late)
}

func BenchmarkSignUpHot(b *testing.B) {
	w := newSignupWorld(b)
	v := w.post(places(100000, 0))
	people := w.volunteers(b.N)
	var next atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := w.join(v, people[next.Add(1)-1]); err != nil {
				panic(fmt.Sprint(err))
			}
		}
	})
}
