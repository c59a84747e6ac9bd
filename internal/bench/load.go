package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// load sends requests over kept-alive connections, one at a time on each, as
// fast as the answers come. It is lean on purpose: client and server share the
// machine, and what the client burns is missing from what is measured.
type load struct {
	addr    string
	clients int
	next    func(client, i int) []byte // whole request; nil ends the client
	until   time.Time                  // no request is sent after it; zero: no limit
}

// outcome is what a load saw.
type outcome struct {
	elapsed time.Duration
	count   map[int]int     // answers by status
	latency []time.Duration // of all answers, sorted
}

func (o outcome) total() int { return len(o.latency) }

// rate is answers a second.
func (o outcome) rate() float64 { return float64(o.total()) / o.elapsed.Seconds() }

// quantile is the latency that a share q of the answers kept.
func (o outcome) quantile(q float64) time.Duration {
	if len(o.latency) == 0 {
		return 0
	}
	return o.latency[min(len(o.latency)-1, int(q*float64(len(o.latency))))]
}

// only fails unless all answers had one of the statuses.
func (o outcome) only(allowed ...int) error {
	for status, n := range o.count {
		if !slices.Contains(allowed, status) {
			return fmt.Errorf("%d answers with status %d; all: %v", n, status, o.count)
		}
	}
	return nil
}

// run connects all clients, lets them go at the same moment and waits.
func (l load) run(ctx context.Context) (outcome, error) {
	clients := make([]*client, l.clients)
	for i := range clients {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.addr)
		if err != nil {
			return outcome{}, err
		}
		defer conn.Close()
		clients[i] = &client{conn: conn, in: bufio.NewReaderSize(conn, 4096), count: map[int]int{}}
	}
	stop := context.AfterFunc(ctx, func() {
		for _, c := range clients {
			c.conn.Close()
		}
	})
	defer stop()
	var wg sync.WaitGroup
	begin := time.Now()
	for i, c := range clients {
		wg.Go(func() { c.work(l, i) })
	}
	wg.Wait()
	return gather(clients, time.Since(begin))
}

func gather(clients []*client, elapsed time.Duration) (outcome, error) {
	o := outcome{elapsed: elapsed, count: map[int]int{}}
	var errs []error
	for _, c := range clients {
		errs = append(errs, c.err)
		o.latency = append(o.latency, c.latency...)
		for status, n := range c.count {
			o.count[status] += n
		}
	}
	slices.Sort(o.latency)
	return o, errors.Join(errs...)
}

type client struct {
	conn    net.Conn
	in      *bufio.Reader
	latency []time.Duration
	count   map[int]int
	err     error
}

func (c *client) work(l load, number int) {
	for i := 0; ; i++ {
		start := time.Now()
		if !l.until.IsZero() && start.After(l.until) {
			return
		}
		request := l.next(number, i)
		if request == nil {
			return
		}
		if _, c.err = c.conn.Write(request); c.err != nil {
			return
		}
		status, err := readAnswer(c.in)
		if err != nil {
			c.err = err
			return
		}
		c.latency = append(c.latency, time.Since(start))
		c.count[status]++
	}
}

// readAnswer reads one HTTP/1.1 answer, drops its body and returns its status.
func readAnswer(in *bufio.Reader) (int, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("not an HTTP answer: %.40q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length, err := readHeader(in)
	if err != nil {
		return 0, err
	}
	switch {
	case length == chunked:
		return status, dropChunks(in)
	case length < 0 && status != 204:
		return 0, errors.New("an answer without Content-Length")
	}
	_, err = in.Discard(max(length, 0))
	return status, err
}

// chunked stands for the length of a body that comes in chunks.
const chunked = -2

// dropChunks reads a chunked body to its end; our server sends no trailers.
func dropChunks(in *bufio.Reader) error {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return fmt.Errorf("not a chunk: %.40q", line)
		}
		if _, err := in.Discard(int(size) + len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}

// readHeader reads to the end of the header; the length is -1 when it has none,
// or chunked.
func readHeader(in *bufio.Reader) (length int, err error) {
	length = -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return length, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return length, nil
		}
		if bytes.EqualFold(line, []byte("Transfer-Encoding: chunked")) {
			length = chunked
		}
		if name, value, ok := bytes.Cut(line, []byte(": ")); ok && len(name) == 14 && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return length, err
			}
		}
	}
}

// post makes a request with a bearer token and no body.
func post(path, token string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: kapok\r\nAuthorization: Bearer %s\r\nContent-Length: 0\r\n\r\n", path, token)
}
