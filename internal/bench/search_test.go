package bench

import (
	"bufio"
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapok/internal/activity"
)

// The baseline must find what the search finds, or the two do not compare:
// what LIKE finds in title and content, the search finds too.
func TestSearchSidesAgree(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := &searchBench{Options: Options{Size: Small, Seed: 1}, now: time.Now()}
	var err error
	if b.small, err = b.platform(ctx, 1_500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	conn, err := b.small.Pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	r, some := rand.New(rand.NewPCG(1, 1)), 0
	for range 40 {
		q := b.ask(r)
		plain, err := plainSearch(ctx, conn.Conn(), q)
		if err != nil {
			t.Fatal(err)
		}
		from, until := q.times()
		page, err := b.small.App.Activities.Search(ctx, activity.Filter{Words: q.word, Division: q.division, From: from, Until: until}, "", 20)
		if err != nil || len(page.Hits) < plain {
			t.Errorf("%+v: search finds %d, scan %d: %v", q, len(page.Hits), plain, err)
		}
		some += plain
	}
	if some == 0 {
		t.Error("no question finds anything")
	}
	if _, err := sequence(ctx, b.small.Addr, b.mix(20), 2); err != nil {
		t.Error(err)
	}
}

// The same seed asks the same.
func TestQuestionsAreSeeded(t *testing.T) {
	t.Parallel()
	b := &searchBench{Options: Options{Seed: 5}, now: time.Now()}
	if diff := cmp.Diff(b.mix(50), b.mix(50)); diff != "" {
		t.Error(diff)
	}
}

func TestChunkedAnswersAreRead(t *testing.T) {
	t.Parallel()
	in := bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
		"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"))
	if status, err := readAnswer(in); status != 200 || err != nil {
		t.Errorf("got %d, %v", status, err)
	}
	if _, err := readAnswer(in); err == nil {
		t.Error("a bad chunk is taken")
	}
}
