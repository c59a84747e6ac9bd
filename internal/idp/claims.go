package idp

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// What a partner may be told; the scopes have the same names.
const (
	ClaimName      = "name"
	ClaimAgeBand   = "age_band"
	ClaimHoursBand = "hours_band"
)

// Claims lists them in the order shown.
var Claims = []string{ClaimName, ClaimAgeBand, ClaimHoursBand}

// band is a range that starts at a number and goes up to the next.
type band struct {
	from int
	name string
}

var ageBands = []band{{0, "<14"}, {14, "14-17"}, {18, "18-34"}, {35, "35-59"}, {60, "60+"}}

// hoursBands follow the limits of 星级 (67号令 practice: 100, 300, 600, 1000,
// 1500 hours), with two below, so that a band tells little about a person.
var hoursBands = []band{{0, "0"}, {1, "1-19"}, {20, "20-99"}, {100, "100-299"}, {300, "300-599"}, {600, "600-999"}, {1000, "1000-1499"}, {1500, "1500+"}}

func bandOf(bands []band, n int) string {
	name := bands[0].name
	for _, b := range bands {
		if n >= b.from {
			name = b.name
		}
	}
	return name
}

// AgeBand is the age band of an age in whole years.
func AgeBand(age int) string { return bandOf(ageBands, age) }

// HoursBand is the band of confirmed service minutes, by full hours.
func HoursBand(minutes int) string { return bandOf(hoursBands, minutes/60) }

// Allowed is what may be told of somebody of an age: nothing of a child, the
// age band of a minor (未成年人网络保护条例 art. 31: the least that is needed).
func Allowed(age int) []string {
	switch {
	case age < person.ChildUnder:
		return nil
	case age < person.AdultFrom:
		return []string{ClaimAgeBand}
	}
	return Claims
}

// both keeps what is in both lists, in the order of Claims.
func both(a, b []string) []string {
	out := []string{}
	for _, c := range Claims {
		if slices.Contains(a, c) && slices.Contains(b, c) {
			out = append(out, c)
		}
	}
	return out
}

func within(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(c string) bool { return !slices.Contains(whole, c) })
}

// told is what a partner is told now, of a person who agreed to some claims.
func (s *Service) told(ctx context.Context, db pg.DB, who uuid.UUID, agreed []string) (map[string]any, error) {
	p, err := s.People.Get(ctx, who)
	if err != nil {
		return nil, err
	}
	age := p.Age(s.People.Today())
	out := map[string]any{}
	for _, c := range both(agreed, Allowed(age)) {
		switch c {
		case ClaimName:
			out[c] = person.Name(p)
		case ClaimAgeBand:
			out[c] = AgeBand(age)
		case ClaimHoursBand:
			minutes, err := s.Minutes(ctx, db, who)
			if err != nil {
				return nil, err
			}
			out[c] = HoursBand(minutes)
		}
	}
	return out, nil
}

// Subject is how the partners of a sector know a person: a keyed hash, which
// says nothing about the person or about the subject of another sector.
func (s *Service) Subject(sector string, who uuid.UUID) string {
	return encode(s.Keys.Lookup("idp/subject", sector+"\n"+who.String()))
}
