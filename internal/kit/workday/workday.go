package workday

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// The mainland's public holidays and make-up working days from 2018 to 2026, by
// the yearly notices of the State Council, taken from the npm package
// chinese-days (MIT). An operator gives a newer list with Load.
//
//go:embed calendar-cn.csv
var builtIn []byte

// Calendar knows which days are working days. It is immutable and safe to share.
type Calendar struct {
	works map[string]bool // by day, 2006-01-02: the exceptions to Monday–Friday
	years map[int]bool    // the years whose notice the calendar holds
}

// UnknownYearError says that a reckoning touched a year whose holidays the
// calendar does not know; the day given with it counts Monday to Friday.
type UnknownYearError struct{ Year int }

// Error is the text for logs.
func (e *UnknownYearError) Error() string {
	return fmt.Sprintf("workday: the holidays of %d are not known; reckoned Monday to Friday", e.Year)
}

// BuiltIn is the calendar that comes with the program.
func BuiltIn() *Calendar {
	c, err := Read(bytes.NewReader(builtIn))
	if err != nil {
		panic(err) // embedded and covered by a test
	}
	return c
}

// Load reads the calendar an operator has put into a file.
func Load(path string) (*Calendar, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("workday: %w", err)
	}
	defer f.Close()
	return Read(f)
}

// Knows tells whether the calendar holds the holidays of a year.
func (c *Calendar) Knows(year int) bool { return c.years[year] }

const layout = "2006-01-02"

var header = []string{"date", "kind", "name_zh", "name_en"}

// Read reads a calendar from CSV with the columns date, kind, name_zh, name_en,
// where kind is holiday or workday. The error names the line.
func Read(r io.Reader) (*Calendar, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = len(header)
	first, err := in.Read()
	if err != nil || !slices.Equal(first, header) {
		return nil, fmt.Errorf("workday: line 1: want the columns %v", header)
	}
	c := &Calendar{works: map[string]bool{}, years: map[int]bool{}}
	for line := 2; ; line++ {
		rec, err := in.Read()
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("workday: line %d: %w", line, err)
		}
		if err := c.add(rec[0], rec[1]); err != nil {
			return nil, fmt.Errorf("workday: line %d: %w", line, err)
		}
	}
}

func (c *Calendar) add(date, kind string) error {
	day, err := time.Parse(layout, date)
	if err != nil {
		return fmt.Errorf("%q is no date", date)
	}
	if kind != "holiday" && kind != "workday" {
		return fmt.Errorf("%q is neither holiday nor workday", kind)
	}
	if _, dup := c.works[date]; dup {
		return fmt.Errorf("%s stands there twice", date)
	}
	c.works[date] = kind == "workday"
	if kind == "holiday" && day.Month() == time.October && day.Day() == 1 {
		c.years[day.Year()] = true
	}
	return nil
}

// Works reports whether the day of t, in t's zone, is a working day, and
// whether the calendar knows its year.
func (c *Calendar) Works(t time.Time) (works, known bool) {
	known = c.years[t.Year()]
	if named, ok := c.works[t.Format(layout)]; ok {
		return named, known
	}
	weekday := t.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday, known
}

// Add is the n-th working day after the day of t, at midnight in t's zone; the
// day of t itself is not counted. n must not be negative; 0 is the day of t.
// With an UnknownYearError the day is an estimate.
func (c *Calendar) Add(t time.Time, n int) (time.Time, error) {
	day := midnight(t)
	var unknown error
	for n > 0 {
		day = next(day)
		works, known := c.Works(day)
		if works {
			n--
		}
		if !known && unknown == nil {
			unknown = &UnknownYearError{day.Year()}
		}
	}
	return day, unknown
}

// Between counts the working days after the day of from up to and including the
// day of to; it is negative when to lies before from. Both are taken in the zone
// of from. With an UnknownYearError the count is an estimate.
func (c *Calendar) Between(from, to time.Time) (int, error) {
	a, b, sign := midnight(from), midnight(to.In(from.Location())), 1
	if b.Before(a) {
		a, b, sign = b, a, -1
	}
	n := 0
	var unknown error
	for day := next(a); !day.After(b); day = next(day) {
		works, known := c.Works(day)
		if works {
			n++
		}
		if !known && unknown == nil {
			unknown = &UnknownYearError{day.Year()}
		}
	}
	return sign * n, unknown
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

func next(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, day.Location())
}
