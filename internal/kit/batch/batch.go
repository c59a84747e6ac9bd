package batch

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// Answer is what one call of a load gets.
type Answer[R any] struct {
	Value R
	Err   error
}

// Work carries one load: the answers stand in the order of the questions. An
// error means that nothing at all was done for any of them.
type Work[Q, R any] func(load []Q) ([]Answer[R], error)

// Group gathers calls by lane. Make one with New; it needs no closing.
type Group[K comparable, Q, R any] struct {
	max   int
	work  Work[Q, R]
	split func(error) bool

	mu    sync.Mutex
	lanes map[K]*lane[Q, R]
}

// lane holds the calls that wait; it is in the map exactly while a worker runs.
type lane[Q, R any] struct{ waiting []*call[Q, R] }

type call[Q, R any] struct {
	ctx    context.Context
	q      Q
	answer Answer[R]
	done   chan struct{}
}

// New makes a group whose loads hold at most max calls. split says of an error
// of work whether one call of the load may be at fault: then the load is
// halved and both halves are tried, down to single calls. For any other error
// (the database is gone) the whole load gets the error at once.
func New[K comparable, Q, R any](max int, work Work[Q, R], split func(error) bool) *Group[K, Q, R] {
	return &Group[K, Q, R]{max: max, work: work, split: split, lanes: map[K]*lane[Q, R]{}}
}

// Do puts q into the next load of its lane and waits for the answer, or for
// the end of ctx.
func (g *Group[K, Q, R]) Do(ctx context.Context, key K, q Q) (R, error) {
	c := &call[Q, R]{ctx: ctx, q: q, done: make(chan struct{})}
	g.join(key, c)
	select {
	case <-c.done:
		return c.answer.Value, c.answer.Err
	case <-ctx.Done():
		var none R
		return none, ctx.Err()
	}
}

func (g *Group[K, Q, R]) join(key K, c *call[Q, R]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lanes[key]
	if l == nil {
		l = &lane[Q, R]{}
		g.lanes[key] = l
		go g.serve(key, l)
	}
	l.waiting = append(l.waiting, c)
}

// serve works a lane's loads until none waits.
func (g *Group[K, Q, R]) serve(key K, l *lane[Q, R]) {
	for {
		load := g.next(key, l)
		if load == nil {
			return
		}
		if load = present(load); len(load) > 0 {
			g.carry(load)
		}
	}
}

// next takes the calls that wait, in the order they came; without any it
// closes the lane.
func (g *Group[K, Q, R]) next(key K, l *lane[Q, R]) []*call[Q, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(l.waiting), g.max)
	if n == 0 {
		delete(g.lanes, key)
		return nil
	}
	load := l.waiting[:n:n]
	if l.waiting = l.waiting[n:]; len(l.waiting) == 0 {
		l.waiting = nil
	}
	return load
}

// present leaves out the callers who gave up before their load began.
func present[Q, R any](load []*call[Q, R]) []*call[Q, R] {
	kept := load[:0]
	for _, c := range load {
		if c.ctx.Err() == nil {
			kept = append(kept, c)
		}
	}
	return kept
}

// carry works a load and hands out the answers, halving it when one of its
// calls may be what made it fail.
func (g *Group[K, Q, R]) carry(load []*call[Q, R]) {
	answers, err := g.attempt(load)
	switch {
	case err != nil && len(load) > 1 && g.split(err):
		half := len(load) / 2
		g.carry(load[:half])
		g.carry(load[half:])
		return
	case err != nil:
		answers = make([]Answer[R], len(load))
		for i := range answers {
			answers[i].Err = err
		}
	}
	for i, c := range load {
		c.answer = answers[i]
		close(c.done)
	}
}

// attempt calls work. A panic in it must not end the process, as it runs
// outside the goroutine of any request: it becomes the error of the load.
func (g *Group[K, Q, R]) attempt(load []*call[Q, R]) (answers []Answer[R], err error) {
	defer func() {
		if v := recover(); v != nil {
			answers, err = nil, fmt.Errorf("batch: panic: %v\n%s", v, debug.Stack())
		}
	}()
	questions := make([]Q, len(load))
	for i, c := range load {
		questions[i] = c.q
	}
	answers, err = g.work(questions)
	if err == nil && len(answers) != len(load) {
		err = fmt.Errorf("batch: %d answers to %d calls", len(answers), len(load))
	}
	return answers, err
}
