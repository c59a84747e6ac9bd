// Package clock gives the time, so that tests can set it, and the time zones
// in which Kapok shows it.
//
// Owns: Clock, the system's and a settable one; zones 北京时间, 香港, 澳門.
// Invariants: areas never call time.Now; times are stored in UTC.
// Not here: working days (kit/workday).
package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // zones must load on a machine without a zone database
)

// Clock tells the time. The server decides time, never a browser.
type Clock interface{ Now() time.Time }

// System is the machine's clock.
type System struct{}

// Now is the current time in UTC, in whole microseconds as PostgreSQL keeps it.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

var start = time.Now()

// Running is how long the process has run: for the life of things in memory,
// which no clock that people set should change.
func Running() time.Duration { return time.Since(start) }

// Fixed is a clock that tests move by hand; safe for concurrent use.
type Fixed struct {
	mu sync.Mutex
	t  time.Time
}

// At makes a Fixed clock showing t.
func At(t time.Time) *Fixed { return &Fixed{t: t.UTC()} }

// Now is the time last set.
func (f *Fixed) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.t
}

// Set moves the clock to t.
func (f *Fixed) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.t = t.UTC()
}

// Advance moves the clock by d.
func (f *Fixed) Advance(d time.Duration) { f.Set(f.Now().Add(d)) }

// The zones in which times are shown.
var (
	Shanghai = zone("Asia/Shanghai")
	HongKong = zone("Asia/Hong_Kong")
	Macau    = zone("Asia/Macau")
)

func zone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // tzdata is linked in: cannot happen
	}
	return l
}

// ZoneOf is the zone in which a division's times are shown: 81… Hong Kong,
// 82… Macao, else the mainland's.
func ZoneOf(division string) *time.Location {
	switch {
	case len(division) >= 2 && division[:2] == "81":
		return HongKong
	case len(division) >= 2 && division[:2] == "82":
		return Macau
	}
	return Shanghai
}
