package activityweb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/region"
	"kapok/internal/region/borders"
	"kapok/internal/ui"
)

// zone is the offset that all divisions share, for days of the calendar.
var zone = clock.Shanghai

func zoneOf(division string) *time.Location { return clock.ZoneOf(division) }

func (v findView) viewLinks(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, view := range views {
		asked := view
		if view == asList {
			asked = ""
		}
		out = append(out, ui.Link{Href: v.link("view", asked), Text: t(ctx, "find.view."+view), Current: view == v.view})
	}
	return out
}

func fieldOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, code := range activity.LocalFields.Codes {
		out = append(out, ui.Option{Value: code, Text: t(ctx, "find.field.local", "name", activity.FieldName(lang(ctx), code))})
	}
	for _, code := range activity.Fields.Codes {
		out = append(out, ui.Option{Value: code, Text: activity.FieldName(lang(ctx), code)})
	}
	return out
}

func kmOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, km := range activity.Distances {
		out = append(out, ui.Option{Value: strconv.Itoa(km), Text: t(ctx, "find.km.option", "n", km)})
	}
	return out
}

// distance is how far a hit is from the point asked for: " · 3.2 km".
func (v findView) distance(ctx context.Context, hit activity.Hit) string {
	if hit.DistanceKm == nil {
		return ""
	}
	return t(ctx, "find.distance", "km", fmt.Sprintf("%.1f", *hit.DistanceKm))
}

// first leads back to the first page, from any other.
func (v findView) first() string {
	if v.after == "" {
		return ""
	}
	return v.link()
}

func (v findView) older() string {
	if v.next == "" {
		return ""
	}
	return v.link("after", v.next)
}

// countText writes a count that stops at MaxCount.
func countText(n int) string {
	if n >= activity.MaxCount {
		return strconv.Itoa(activity.MaxCount-1) + "+"
	}
	return strconv.Itoa(n)
}

// monthDay is a cell of the calendar; number 0 leaves it empty.
type monthDay struct {
	number, count int
	day           time.Time
}

func (d monthDay) today(now time.Time) bool {
	return d.number > 0 && now.In(zone).Format(time.DateOnly) == d.day.In(zone).Format(time.DateOnly)
}

// weeks lays the days of the month out, Mondays first.
func (v findView) weeks() [][]monthDay {
	var out [][]monthDay
	column := (int(v.month.Weekday()) + 6) % 7
	for i, d := range v.days {
		if i == 0 || column == 7 {
			out, column = append(out, make([]monthDay, 7)), column%7
		}
		out[len(out)-1][column] = monthDay{number: i + 1, count: d.Count, day: d.Day}
		column++
	}
	return out
}

func weekdays(ctx context.Context) []string {
	monday := time.Date(2024, 1, 1, 12, 0, 0, 0, zone)
	out := make([]string, 7)
	for i := range out {
		out[i] = t(ctx, "find.weekday."+strconv.Itoa(int(monday.AddDate(0, 0, i).Weekday())))
	}
	return out
}

func (v findView) monthTitle(ctx context.Context) string {
	if i18n.From(ctx) == i18n.En {
		return v.month.Format("January 2006")
	}
	return v.month.Format("2006年1月")
}

func (v findView) monthLink(by int) string {
	return v.link("month", v.month.AddDate(0, by, 0).Format("2006-01"), "from", "", "until", "")
}

func (v findView) dayLink(d monthDay) string {
	day := d.day.In(zone).Format(time.DateOnly)
	return v.link("view", "", "from", day, "until", day)
}

// mapShape is a division on the map, with how much starts there.
type mapShape struct {
	borders.Shape
	name, short, href, fill string
	count                   int
	label                   bool // its name has room
}

// fills colour the counts, from none to many.
var fills = [...]string{"#efe9dd", "#f6d9cf", "#eeb3a2", "#dd7f68", "#b8321f"}

func fillOf(count int) string {
	switch {
	case count == 0:
		return fills[0]
	case count < 10:
		return fills[1]
	case count < 30:
		return fills[2]
	case count < activity.MaxCount:
		return fills[3]
	}
	return fills[4]
}

func (v findView) viewBox() string { return fmt.Sprintf("0 0 %d %d", v.shapes.Width, v.shapes.Height) }

// mapShapes joins borders and counts. A shape that was not counted itself is
// the division above the places counted: it shows their sum.
func (v findView) mapShapes(ctx context.Context) []mapShape {
	counts := map[string]activity.PlaceCount{}
	sum := 0
	for _, p := range v.places {
		counts[p.Division.Code] = p
		sum += p.Count
	}
	var out []mapShape
	for _, s := range v.shapes.Shapes {
		p, counted := counts[s.Code]
		if !counted {
			d, _ := v.tree.Get(s.Code)
			p = activity.PlaceCount{Division: d, Count: min(sum, activity.MaxCount)}
		}
		name := p.Division.Name(lang(ctx))
		out = append(out, mapShape{Shape: s, name: name, short: short(name), href: v.placeLink(p), fill: fillOf(p.Count), count: p.Count,
			label: len(v.shapes.Shapes) <= 25})
	}
	return out
}

// short drops the level from a name of three characters or more: 广州市 is 广州.
func short(name string) string {
	for _, level := range []string{"特别行政区", "特別行政區"} {
		if s, ok := strings.CutSuffix(name, level); ok {
			return s
		}
	}
	last, size := utf8.DecodeLastRuneInString(name)
	switch last {
	case '市', '区', '區', '县', '縣', '堂':
		if utf8.RuneCountInString(name) > 2 {
			return name[:len(name)-size]
		}
	}
	return name
}

// placeLink narrows the map; placeList shows the place's list.
func (v findView) placeLink(p activity.PlaceCount) string {
	return v.link("division", p.Division.Code)
}

func (v findView) placeList(p activity.PlaceCount) string {
	return v.link("division", p.Division.Code, "view", "")
}

// upLink leads to the division above.
func (v findView) upLink() string {
	d, _ := v.tree.Get(v.filter.Division)
	return v.link("division", d.Parent)
}

func (v findView) placeName(ctx context.Context) string {
	if v.filter.Division == "" {
		return t(ctx, "find.map.all")
	}
	if d, _ := v.tree.Get(v.filter.Division); d.Level == region.Province {
		return d.Name(lang(ctx))
	}
	return v.tree.FullName(lang(ctx), v.filter.Division)
}
