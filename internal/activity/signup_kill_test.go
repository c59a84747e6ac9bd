package activity

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

// answered remembers which sign-ups the service answered, across crashes.
type answered struct {
	mu  sync.Mutex
	ids map[pair]uuid.UUID
}

func (a *answered) add(t *testing.T, g Signup) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := pair{g.Shift, g.Person}
	if before, ok := a.ids[p]; ok && before != g.ID {
		t.Errorf("one request was answered with two sign-ups: %s, %s", before, g.ID)
	}
	a.ids[p] = g.ID
}

// wait until n requests were answered: then the rest is under way.
func (a *answered) wait(n int) {
	for {
		a.mu.Lock()
		have := len(a.ids)
		a.mu.Unlock()
		if have >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestAnsweredSignupsSurviveKill9 kills the database under load, again and
// again. People press until they get an answer. Afterwards every answered
// sign-up is there, exactly once.
func TestAnsweredSignupsSurviveKill9(t *testing.T) {
	t.Parallel()
	server := pgtest.Durable(t)
	pool, err := pg.Open(t.Context(), server.URL(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w := signupWorldOn(t, pool)
	people := w.volunteers(300)
	got := &answered{ids: map[pair]uuid.UUID{}}
	rng := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for round := range 5 {
		hot := w.post(places(200, 100), hours(2*round, 2*round+1))
		cold := w.post(places(1000, 0), hours(2*round+1, 2*round+2))
		pressed := w.pressUntilAnswered(t, got, people, hot, cold)
		got.wait(round*2*len(people) + rng.IntN(2*len(people)))
		server.Kill()
		server.Restart()
		pressed.Wait()
		w.sound()
		w.thereOnce(got)
	}
	if len(got.ids) != 5*2*len(people) {
		t.Errorf("%d of %d were answered", len(got.ids), 5*2*len(people))
	}
}

// pressUntilAnswered lets everybody press both buttons until each has answered.
func (w *signupWorld) pressUntilAnswered(t *testing.T, got *answered, people []uuid.UUID, posts ...ShiftView) *sync.WaitGroup {
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			for _, v := range posts {
				for g, err := w.join(v, p); ; g, err = w.join(v, p) {
					if err == nil {
						got.add(t, g)
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	return &all
}

// thereOnce fails unless every answered sign-up is in the database, and no
// second one beside it.
func (w *signupWorld) thereOnce(got *answered) {
	w.t.Helper()
	rows, err := w.pool.Query(context.Background(), `SELECT `+signupColumns+` FROM activity.signup g`)
	w.must(err)
	defer rows.Close()
	stored := map[pair]uuid.UUID{}
	for rows.Next() {
		var g Signup
		w.must(rows.Scan(&g.ID, &g.Shift, &g.Person, &g.By, &g.Party, &g.State, &g.Queue, &g.At, &g.ChangedAt, &g.ChangedBy, &g.NoticeMin, &g.Reason, &g.Position))
		p := pair{g.Shift, g.Person}
		if _, twice := stored[p]; twice {
			w.t.Errorf("a sign-up is there twice")
		}
		stored[p] = g.ID
	}
	w.must(rows.Err())
	for p, id := range got.ids {
		if stored[p] != id {
			w.t.Errorf("an answered sign-up is lost: %s, stored %s", id, stored[p])
		}
	}
}
