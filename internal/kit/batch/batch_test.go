package batch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errBadLoad = errors.New("one of these is bad")

func always(error) bool { return true }

// double answers twice the number; 13 fails alone, 66 fails the whole load.
func double(load []int) ([]Answer[int], error) {
	out := make([]Answer[int], len(load))
	for i, n := range load {
		switch n {
		case 66:
			return nil, errBadLoad
		case 13:
			out[i].Err = errors.New("unlucky")
		default:
			out[i].Value = 2 * n
		}
	}
	return out, nil
}

// ask sends all numbers at once in one lane and returns the answers as texts.
func ask(g *Group[string, int, int], numbers []int) []string {
	out := make([]string, len(numbers))
	var wg sync.WaitGroup
	for i, n := range numbers {
		wg.Go(func() {
			v, err := g.Do(context.Background(), "lane", n)
			out[i] = fmt.Sprint(v, err)
		})
	}
	wg.Wait()
	return out
}

func TestEachCallGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	g := New[string](4, double, always)
	got := ask(g, []int{1, 13, 3, 66, 5, 6, 7})
	want := []string{"2 <nil>", "0 unlucky", "6 <nil>", "0 one of these is bad", "10 <nil>", "12 <nil>", "14 <nil>"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// held is a group whose loads wait until the test lets them go.
type held struct {
	*Group[string, int, int]
	started chan []int
	release chan struct{}
}

func hold(max int) held {
	h := held{started: make(chan []int), release: make(chan struct{})}
	h.Group = New[string](max, func(load []int) ([]Answer[int], error) {
		h.started <- load
		<-h.release
		return double(load)
	}, always)
	return h
}

// queued waits until n calls wait in the lane.
func (h held) queued(n int) {
	for {
		h.mu.Lock()
		l := h.lanes["lane"]
		ok := l != nil && len(l.waiting) == n
		h.mu.Unlock()
		if ok {
			return
		}
		runtime.Gosched()
	}
}

func TestTheNextLoadGathersWhileTheLastIsUnderWay(t *testing.T) {
	t.Parallel()
	h := hold(3)
	var wg sync.WaitGroup
	send := func(n int) { wg.Go(func() { _, _ = h.Do(context.Background(), "lane", n) }) }
	send(0)
	if first := <-h.started; len(first) != 1 {
		t.Fatalf("the first call waited for company: %v", first)
	}
	for n := 1; n <= 4; n++ {
		send(n)
		h.queued(n)
	}
	h.release <- struct{}{}
	if second := <-h.started; !cmp.Equal(second, []int{1, 2, 3}) {
		t.Errorf("second load %v, want the first three that waited, in order", second)
	}
	h.release <- struct{}{}
	if third := <-h.started; !cmp.Equal(third, []int{4}) {
		t.Errorf("third load %v", third)
	}
	h.release <- struct{}{}
	wg.Wait()
}

func TestGivingUpDoesNotStopTheLoad(t *testing.T) {
	t.Parallel()
	h := hold(10)
	ctx, giveUp := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() { _, err := h.Do(ctx, "lane", 1); gone <- err }()
	<-h.started
	var kept, skipped sync.WaitGroup
	var value int
	kept.Go(func() { value, _ = h.Do(context.Background(), "lane", 2) })
	h.queued(1)
	skipped.Go(func() { _, _ = h.Do(ctx, "lane", 3) })
	h.queued(2)
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	skipped.Wait()
	h.release <- struct{}{}
	if load := <-h.started; !cmp.Equal(load, []int{2}) {
		t.Errorf("load %v, want only the caller who still waits", load)
	}
	h.release <- struct{}{}
	kept.Wait()
	if value != 4 {
		t.Errorf("the caller who stayed got %d", value)
	}
}

func TestAPanicIsTheErrorOfItsCallOnly(t *testing.T) {
	t.Parallel()
	g := New[string](8, func(load []int) ([]Answer[int], error) {
		for _, n := range load {
			if n == 66 {
				panic("boom")
			}
		}
		return double(load)
	}, always)
	got := ask(g, []int{1, 66, 2})
	if got[0] != "2 <nil>" || got[2] != "4 <nil>" || !strings.Contains(got[1], "panic: boom") {
		t.Errorf("got %q", got)
	}
}

func TestAnErrorOfTheWholeIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	h := hold(10)
	loads := 0
	h.work = func(load []int) ([]Answer[int], error) {
		loads++
		return nil, errBadLoad
	}
	h.split = func(error) bool { return false }
	for range 3 {
		if _, err := h.Do(context.Background(), "lane", 1); !errors.Is(err, errBadLoad) {
			t.Fatalf("got %v", err)
		}
	}
	if loads != 3 {
		t.Errorf("work was called %d times for 3 calls", loads)
	}
}

func TestTooFewAnswersIsAnError(t *testing.T) {
	t.Parallel()
	g := New[string](8, func([]int) ([]Answer[int], error) { return nil, nil }, func(error) bool { return false })
	if _, err := g.Do(context.Background(), "lane", 1); err == nil {
		t.Error("a call without an answer was taken for answered")
	}
}

func TestLanesComeAndGo(t *testing.T) {
	t.Parallel()
	g := New[int](8, double, always)
	var wg sync.WaitGroup
	for n := range 5000 {
		wg.Go(func() {
			if v, err := g.Do(context.Background(), n%1000, 1); v != 2 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
		})
	}
	wg.Wait()
	for lanes := 1; lanes > 0; runtime.Gosched() {
		g.mu.Lock()
		lanes = len(g.lanes)
		g.mu.Unlock()
	}
}
