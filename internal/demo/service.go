package demo

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed services_*.toml
var serviceFiles embed.FS

// service is a kind of service that organisations offer again and again.
type service struct {
	Key, Title, Content, Risks, At    string
	Field, Local                      string
	Objects, Guarantees               []string
	By                                []string // trades of organisations, see org.go
	Counties                          []string // empty: everywhere
	Season                            []string // "03-01..03-31"; empty: all year
	Runs                              string   // weekly, once, camp
	Days                              string   // weekend, weekday, any
	Start                             []string // of the shifts of a day
	Hours                             float64
	Capacity                          [2]int
	MinAge                            int `toml:"min_age"`
	Skills, Languages, Qualifications []string
	Approval, Dangerous               bool
	WithAdult                         bool `toml:"with_adult"` // children come with an adult of the family
}

// services reads all kinds of service, in the order of the files.
func services() ([]service, error) {
	names, err := serviceFiles.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var all []service
	for _, n := range names {
		var file struct{ Service []service }
		src, err := serviceFiles.ReadFile(n.Name())
		if err != nil {
			return nil, err
		}
		meta, err := toml.Decode(string(src), &file)
		if err != nil {
			return nil, fmt.Errorf("demo: %s: %w", n.Name(), err)
		}
		if extra := meta.Undecoded(); len(extra) > 0 {
			return nil, fmt.Errorf("demo: %s: unknown key %s", n.Name(), extra[0])
		}
		all = append(all, file.Service...)
	}
	return all, nil
}

// offered reports whether organisations of a trade in a county offer it.
func (s service) offered(trade, county string) bool {
	return slices.Contains(s.By, trade) && (len(s.Counties) == 0 || slices.Contains(s.Counties, county))
}

// inSeason reports whether it takes place on a day of the year.
func (s service) inSeason(day time.Time) bool {
	if len(s.Season) == 0 {
		return true
	}
	d := day.Format("01-02")
	return slices.ContainsFunc(s.Season, func(span string) bool {
		from, to, _ := strings.Cut(span, "..")
		return from <= d && d <= to
	})
}

// onDay reports whether it takes place on such a day of the week.
func (s service) onDay(day time.Time) bool {
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	switch s.Days {
	case "weekend":
		return weekend
	case "weekday":
		return !weekend
	}
	return true
}
