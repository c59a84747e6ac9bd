package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

func init() { benchmarks["signup"] = signup }

// clients is how many people press at the same time.
const clients = 64

// signup measures sign-ups through the HTTP API, every request by another
// volunteer with a session of their own:
//
//   - signup.hot: one shift with places for all, against SELECT … FOR UPDATE,
//     insert and count in a transaction each, in SQL, on 64 connections;
//   - signup.refuse: being turned away from a full shift, against the same
//     transaction (a shift under siege sees both);
//   - signup.refuse_alike: the same against that transaction's own refusals,
//     which read a locked row and write nothing;
//   - signup.spread: over 10,000 shifts, against count and insert as one
//     statement, in SQL, on 64 connections;
//   - signup.race: places given beyond capacity in races of up to 1,000 clients.
func signup(ctx context.Context, o Options) (results []Result, err error) {
	e, err := Start(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if stop := e.Close(); err == nil {
			err = stop
		}
	}()
	b := &signupBench{Env: e, rng: rand.New(rand.NewPCG(o.Seed, 1)), limit: pick(o.Size, 2*time.Second, 5*time.Second, 10*time.Second)}
	if b.people, err = e.volunteers(ctx, pick(o.Size, 30_000, 100_000, 200_000)); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) (Result, error){b.hot, b.refuse, b.refuseAlike, b.spread, b.race} {
		r, err := step(ctx)
		if err != nil {
			return results, err
		}
		results = append(results, r)
	}
	return results, nil
}

type signupBench struct {
	*Env
	rng    *rand.Rand
	limit  time.Duration // of one run
	people []volunteer
	hour   int // of the next set of shifts
}

func (b *signupBench) runs() int { return pick(b.Size, 3, 5, 9) }

// set makes shifts in an hour of their own.
func (b *signupBench) set(ctx context.Context, n, capacity int) ([]uuid.UUID, error) {
	b.hour++
	return b.shifts(ctx, b.hour, n, capacity)
}

func path(shift uuid.UUID) string { return "/api/v1/shifts/" + shift.String() + "/signups" }

// press lets the clients sign everybody up, person i for shift i modulo their
// number, until the time is over.
func (b *signupBench) press(ctx context.Context, shifts []uuid.UUID, n int) (outcome, error) {
	requests := make([][]byte, n)
	for i, k := range b.rng.Perm(len(b.people))[:n] {
		requests[i] = post(path(shifts[i%len(shifts)]), b.people[k].token)
	}
	var next atomic.Int64
	l := load{addr: b.Addr, clients: clients, until: time.Now().Add(b.limit), next: func(int, int) []byte {
		if i := int(next.Add(1)) - 1; i < n {
			return requests[i]
		}
		return nil
	}}
	return l.run(ctx)
}

// trial is a comparison: each run of each side gets shifts of its own.
type trial struct {
	name string
	goal float64
	make func(ctx context.Context) ([]uuid.UUID, error) // shifts for one run
	want int                                            // status of every answer
	sign plainSignUp                                    // baseline
	base func(ctx context.Context) ([]uuid.UUID, error) // its shifts
}

// measure runs both sides in turn and compares their rates.
func (b *signupBench) measure(ctx context.Context, t trial) (Result, error) {
	var us, them []float64
	n := 0
	for run := range b.runs() {
		o, err := b.ours(ctx, t, run)
		if err != nil {
			return Result{}, fmt.Errorf("%s: %w", t.name, err)
		}
		rate, err := b.theirs(ctx, t)
		if err != nil {
			return Result{}, fmt.Errorf("%s: baseline: %w", t.name, err)
		}
		b.logf("%s: ours %.0f/s (p50 %v, p99 %v), baseline %.0f/s", t.name, o.rate(), o.quantile(.5).Round(time.Microsecond), o.quantile(.99).Round(time.Microsecond), rate)
		us, them, n = append(us, o.rate()), append(them, rate), n+o.total()
	}
	return compare(t.name, "1/s", us, them, t.goal, Higher, n), nil
}

// ours is one run through the HTTP API. Afterwards the database must hold
// exactly what was granted.
func (b *signupBench) ours(ctx context.Context, t trial, run int) (outcome, error) {
	set, err := t.make(ctx)
	if err != nil {
		return outcome{}, err
	}
	before, _, _, err := b.holding(ctx, set)
	if err != nil {
		return outcome{}, err
	}
	if err := b.settle(ctx); err != nil {
		return outcome{}, err
	}
	stop, err := b.profile(fmt.Sprintf("%s-%d", t.name, run))
	if err != nil {
		return outcome{}, err
	}
	o, err := b.press(ctx, set, len(b.people))
	stop()
	if err != nil {
		return o, err
	}
	if err := o.only(t.want); err != nil {
		return o, err
	}
	held, counted, _, err := b.holding(ctx, set)
	if granted := o.count[http.StatusCreated]; err == nil && (held != before+granted || counted != held) {
		err = fmt.Errorf("%d granted, %d in the database, %d counted", granted, held-before, counted-before)
	}
	return o, err
}

// theirs is one run of the baseline.
func (b *signupBench) theirs(ctx context.Context, t trial) (float64, error) {
	set, err := t.base(ctx)
	if err != nil {
		return 0, err
	}
	if err := b.settle(ctx); err != nil {
		return 0, err
	}
	order := b.rng.Perm(len(b.people))
	return plainLoad(ctx, b.Pool, t.sign, clients, len(order), b.limit, func(i int) (uuid.UUID, uuid.UUID) {
		return set[i%len(set)], b.people[order[i]].id
	})
}

func (b *signupBench) profile(name string) (stop func(), err error) {
	if b.Profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Join(b.Profile, name+".pprof"))
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}

// roomy makes shifts with places for all.
func (b *signupBench) roomy(n int) func(context.Context) ([]uuid.UUID, error) {
	return func(ctx context.Context) ([]uuid.UUID, error) { return b.set(ctx, n, 100_000) }
}

func (b *signupBench) hot(ctx context.Context) (Result, error) {
	return b.measure(ctx, trial{"signup.hot", 5, b.roomy(1), http.StatusCreated, plainLocked, b.roomy(1)})
}

func (b *signupBench) spread(ctx context.Context) (Result, error) {
	return b.measure(ctx, trial{"signup.spread", 0.5, b.roomy(10_000), http.StatusCreated, plainStatement, b.roomy(10_000)})
}

func (b *signupBench) refuse(ctx context.Context) (Result, error) {
	return b.measure(ctx, trial{"signup.refuse", 10, b.full, http.StatusConflict, plainLocked, b.roomy(1)})
}

func (b *signupBench) refuseAlike(ctx context.Context) (Result, error) {
	return b.measure(ctx, trial{"signup.refuse_alike", 1, b.full, http.StatusConflict, plainLocked, b.full})
}

// full makes a shift whose one place is taken.
func (b *signupBench) full(ctx context.Context) ([]uuid.UUID, error) {
	set, err := b.set(ctx, 1, 1)
	if err != nil {
		return nil, err
	}
	return set, b.Pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		return plainLocked(ctx, c.Conn(), set[0], uuid.Must(uuid.NewV7()), time.Now())
	})
}

// race lets many press for few places at the same moment, again and again.
func (b *signupBench) race(ctx context.Context) (Result, error) {
	races, over, attempts := pick(b.Size, 10, 50, 200), 0, 0
	for range races {
		many, places := 50+b.rng.IntN(951), 1+b.rng.IntN(120)
		set, err := b.set(ctx, 1, places)
		if err != nil {
			return Result{}, err
		}
		beyond, err := b.raceOnce(ctx, set[0], many)
		if err != nil {
			return Result{}, err
		}
		over, attempts = over+beyond, attempts+many
	}
	b.logf("signup.race: %d races, %d attempts, %d places beyond capacity", races, attempts, over)
	return Result{Name: "signup.race", Unit: "over", Ours: float64(over), Goal: 0, Better: Lower, N: attempts}, nil
}

func (b *signupBench) raceOnce(ctx context.Context, shift uuid.UUID, many int) (beyond int, err error) {
	order := b.rng.Perm(len(b.people))
	l := load{addr: b.Addr, clients: many, next: func(client, i int) []byte {
		if i > 0 {
			return nil
		}
		return post(path(shift), b.people[order[client]].token)
	}}
	o, err := l.run(ctx)
	if err != nil {
		return 0, err
	}
	if err := o.only(http.StatusCreated, http.StatusConflict); err != nil {
		return 0, err
	}
	held, counted, capacity, err := b.holding(ctx, []uuid.UUID{shift})
	if err == nil && (counted != held || o.count[http.StatusCreated] != held || held != min(many, capacity) && held <= capacity) {
		err = fmt.Errorf("%d clients for %d places: %d told yes, %d in the database, %d counted", many, capacity, o.count[http.StatusCreated], held, counted)
	}
	return max(0, held-capacity), err
}
