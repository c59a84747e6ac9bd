package activity

import (
	"fmt"
	"math"
)

// Near asks for places within a distance of a point.
type Near struct {
	Lat, Lon float64
	Km       float64
}

// Distances are the distances offered, in kilometres.
var Distances = []int{1, 3, 5, 10, 20, 50}

// MaxKm is the greatest distance that can be asked for.
const MaxKm = 100

// squares are the sides of the map's squares, in degrees (0.1° is some 11 km):
// a search looks into the few squares of the size that fits its distance.
var squares = [...]float64{0.03, 0.06, 0.1, 0.2, 0.4, 1}

const kmPerDegree = 111.2

func squareTerm(size int, lat, lon float64) term {
	side := squares[size]
	return term(fmt.Sprintf("g:%d:%d:%d", size, int(math.Floor(lat/side)), int(math.Floor(lon/side))))
}

// pointTerms are the squares in which a place lies, one of each size.
func pointTerms(lat, lon *float64) []term {
	if lat == nil || lon == nil {
		return nil
	}
	out := make([]term, len(squares))
	for size := range squares {
		out[size] = squareTerm(size, *lat, *lon)
	}
	return out
}

// box is the rectangle around the circle, in degrees.
func (n Near) box() (south, west, north, east float64) {
	dLat := n.Km / kmPerDegree
	dLon := dLat / math.Max(0.05, math.Cos(n.Lat*math.Pi/180))
	return n.Lat - dLat, n.Lon - dLon, n.Lat + dLat, n.Lon + dLon
}

// terms are the squares that the circle touches, of the smallest size of which
// a few are enough.
func (n Near) terms() []term {
	south, west, north, east := n.box()
	size := 0
	for size < len(squares)-1 && squares[size] < north-south {
		size++
	}
	side := squares[size]
	var out []term
	for lat := math.Floor(south / side); lat <= math.Floor(north/side); lat++ {
		for lon := math.Floor(west / side); lon <= math.Floor(east/side); lon++ {
			out = append(out, squareTerm(size, (lat+0.5)*side, (lon+0.5)*side))
		}
	}
	return out
}

// distanceSQL is the great-circle distance in kilometres between a row's point
// and the parameters named (haversine).
func distanceSQL(row, lat, lon string) string {
	return fmt.Sprintf(`12742 * asin(least(1, sqrt(sin(radians(%[1]s.lat - %[2]s) / 2) ^ 2
		+ cos(radians(%[1]s.lat)) * cos(radians(%[2]s)) * sin(radians(%[1]s.lon - %[3]s) / 2) ^ 2)))`, row, lat, lon)
}
