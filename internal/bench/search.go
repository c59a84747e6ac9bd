package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/region"
)

func init() { benchmarks["search"] = search }

// searchClients is how many people search at the same time.
const searchClients = 16

// search measures finding activities over HTTP, on a large and a small
// platform that stand side by side:
//
//   - search.throughput: words, division and dates at once through the API,
//     against a scan with LIKE and the same filters, in SQL, large size;
//   - search.growth: p99 of a mix of lists and searches, large against small;
//   - search.page_ms: p99 of the first page of the list, large size;
//   - search.page_kb: what a browser loads for it, with styles and script.
func search(ctx context.Context, o Options) (results []Result, err error) {
	b := &searchBench{Options: o, now: time.Now()}
	defer func() { err = errors.Join(err, b.close()) }()
	if b.small, err = b.platform(ctx, pick(o.Size, 2_000, 10_000, 10_000)); err != nil {
		return nil, err
	}
	if b.large, err = b.platform(ctx, pick(o.Size, 10_000, 100_000, 1_000_000)); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) (Result, error){b.throughput, b.growth, b.pageTime, b.pageSize} {
		r, err := step(ctx)
		if err != nil {
			return results, err
		}
		results = append(results, r)
	}
	return results, nil
}

type searchBench struct {
	Options
	now          time.Time
	small, large *Env
}

func (b *searchBench) platform(ctx context.Context, n int) (*Env, error) {
	e, err := StartFilled(ctx, b.Options, fmt.Sprintf("search-%d", n), func(ctx context.Context, e *Env) error {
		return fill(ctx, e, n, b.now)
	})
	if err != nil {
		return nil, err
	}
	return e, warm(ctx, e)
}

func (b *searchBench) close() error {
	var errs []error
	for _, e := range []*Env{b.small, b.large} {
		if e != nil {
			errs = append(errs, e.Close())
		}
	}
	return errors.Join(errs...)
}

// question is a search by words, division and dates.
type question struct {
	word, division string
	from, until    time.Time
}

var (
	searchWords     = []string{"养老院", "清洁", "河涌", "植树", "课堂", "献血", "交通", "粤剧", "马拉松", "台风", "机器人", "法律", "反诈", "八段锦", "古驿道", "红棉"}
	searchDivisions = []string{"440000", "440100", "440104", "440106", "440300", "440305", "440600", "441900", "810000"}
)

// ask draws a question: a week or a month, in the next half year.
func (b *searchBench) ask(r *rand.Rand) question {
	from := b.now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1+r.IntN(180))
	return question{searchWords[r.IntN(len(searchWords))], searchDivisions[r.IntN(len(searchDivisions))], from, from.AddDate(0, 0, []int{7, 30}[r.IntN(2)])}
}

func (q question) values() url.Values {
	last := q.until.AddDate(0, 0, -1)
	return url.Values{"q": {q.word}, "division": {q.division}, "from": {q.from.Format(time.DateOnly)}, "until": {last.Format(time.DateOnly)}}
}

// times are the question's days in the time zone of the province.
func (q question) times() (from, until time.Time) {
	return q.from.Add(-8 * time.Hour), q.until.Add(-8 * time.Hour)
}

const searchAPI = "/api/v1/activities"

// get makes a request as a browser that nobody is signed in to.
func get(path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: kapok\r\nAccept-Language: zh-CN\r\nAccept-Encoding: gzip, br\r\n\r\n", path)
}

// throughput asks both sides the same questions in turn.
func (b *searchBench) throughput(ctx context.Context) (Result, error) {
	r := rand.New(rand.NewPCG(b.Seed, 2))
	questions := make([]question, 5_000)
	for i := range questions {
		questions[i] = b.ask(r)
	}
	limit := pick(b.Size, time.Second, 4*time.Second, 10*time.Second)
	var us, them []float64
	n := 0
	for range 3 {
		o, err := b.searchLoad(ctx, questions, limit)
		if err != nil {
			return Result{}, fmt.Errorf("search.throughput: %w", err)
		}
		rate, err := plainSearches(ctx, b.large.Pool, questions, limit)
		if err != nil {
			return Result{}, fmt.Errorf("search.throughput: baseline: %w", err)
		}
		b.logf("search.throughput: ours %.0f/s (p50 %v, p99 %v), baseline %.1f/s", o.rate(), o.quantile(.5).Round(time.Microsecond), o.quantile(.99).Round(time.Microsecond), rate)
		us, them, n = append(us, o.rate()), append(them, rate), n+o.total()
	}
	return compare("search.throughput", "1/s", us, them, 20, Higher, n), nil
}

func (b *searchBench) searchLoad(ctx context.Context, questions []question, limit time.Duration) (outcome, error) {
	var next atomic.Int64
	l := load{addr: b.large.Addr, clients: searchClients, until: time.Now().Add(limit), next: func(int, int) []byte {
		i := int(next.Add(1)) - 1
		return get(searchAPI + "?" + questions[i%len(questions)].values().Encode())
	}}
	o, err := l.run(ctx)
	return o, errors.Join(err, o.only(http.StatusOK))
}

// plainSearch is the search one writes first: over the activities and their
// shifts, with LIKE for the words.
func plainSearch(ctx context.Context, c *pgx.Conn, q question) (found int, err error) {
	from, until := q.times()
	rows, err := c.Query(ctx, `SELECT a.id, a.title, a.org, s.starts_at, max(s.ends_at), sum(s.capacity), sum(s.taken)
		FROM activity.activity a JOIN activity.shift s ON s.activity = a.id
		WHERE a.state = 'published' AND (a.title LIKE $1 OR a.content LIKE $1) AND a.division LIKE $2
			AND s.state = 'open' AND s.starts_at >= $3 AND s.starts_at < $4
		GROUP BY a.id, s.starts_at ORDER BY s.starts_at, a.id LIMIT 20`, "%"+q.word+"%", region.Prefix(q.division)+"%", from, until)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		found++
	}
	return found, rows.Err()
}

// plainSearches answers questions until the time is over and says how many a
// second were answered. Questions under way at the end count, with their time.
func plainSearches(ctx context.Context, pool *pgxpool.Pool, questions []question, limit time.Duration) (float64, error) {
	var next atomic.Int64
	errs := make([]error, searchClients)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			errs[i] = pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
				for time.Since(begin) < limit {
					if _, err := plainSearch(ctx, c.Conn(), questions[int(next.Add(1)-1)%len(questions)]); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	wg.Wait()
	return float64(next.Load()) / time.Since(begin).Seconds(), errors.Join(errs...)
}

// mix draws what people do: look at the list, of a place or a month, and search.
func (b *searchBench) mix(n int) [][]byte {
	r := rand.New(rand.NewPCG(b.Seed, 3))
	out := make([][]byte, n)
	for i := range out {
		q := b.ask(r)
		v := q.values()
		switch r.IntN(4) {
		case 0:
			v = url.Values{}
		case 1:
			v.Del("q")
		case 2:
			v = url.Values{"q": {q.word}}
		}
		out[i] = get([]string{"/activities", searchAPI}[r.IntN(2)] + "?" + v.Encode())
	}
	return out
}

// growth gives both platforms the same mix, from two clients so that nothing
// waits in line, in turn.
func (b *searchBench) growth(ctx context.Context) (Result, error) {
	requests := b.mix(pick(b.Size, 200, 1_000, 3_000))
	var large, small []float64
	n := 0
	for round := range 4 {
		o, err := sequence(ctx, b.large.Addr, requests, 2)
		if err != nil {
			return Result{}, fmt.Errorf("search.growth: %w", err)
		}
		p, err := sequence(ctx, b.small.Addr, requests, 2)
		if err != nil {
			return Result{}, fmt.Errorf("search.growth: small: %w", err)
		}
		if round == 0 {
			continue // warms both up
		}
		b.logf("search.growth: large p50 %v p99 %v, small p50 %v p99 %v", o.quantile(.5), o.quantile(.99), p.quantile(.5), p.quantile(.99))
		large, small, n = append(large, millis(o.quantile(.99))), append(small, millis(p.quantile(.99))), n+o.total()
	}
	return compare("search.growth", "ms p99", large, small, 1.5, Lower, n), nil
}

// sequence sends the requests one after the other and wants them all answered.
func sequence(ctx context.Context, addr string, requests [][]byte, clients int) (outcome, error) {
	var next atomic.Int64
	l := load{addr: addr, clients: clients, next: func(int, int) []byte {
		if i := int(next.Add(1)) - 1; i < len(requests) {
			return requests[i]
		}
		return nil
	}}
	o, err := l.run(ctx)
	return o, errors.Join(err, o.only(http.StatusOK))
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *searchBench) pageTime(ctx context.Context) (Result, error) {
	requests := make([][]byte, pick(b.Size, 200, 1_000, 3_000))
	for i := range requests {
		requests[i] = get("/activities")
	}
	var p99 []float64
	n := 0
	for range 3 {
		o, err := sequence(ctx, b.large.Addr, requests, 1)
		if err != nil {
			return Result{}, fmt.Errorf("search.page_ms: %w", err)
		}
		b.logf("search.page_ms: p50 %v p99 %v", o.quantile(.5), o.quantile(.99))
		p99, n = append(p99, millis(o.quantile(.99))), n+o.total()
	}
	return compare("search.page_ms", "ms p99", p99, nil, 20, Lower, n), nil
}
