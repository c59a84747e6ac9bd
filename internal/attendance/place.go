package attendance

import (
	"log/slog"
	"math"
)

// Position is where a phone says it is. It is judged and dropped: it prints
// and logs as nothing.
type Position struct {
	Lat, Lon  float64 // degrees
	AccuracyM float64 // radius in which the phone believes to be, metres; 0: not told
}

// String hides the position.
func (Position) String() string { return "position" }

// GoString hides the position.
func (Position) GoString() string { return "position" }

// LogValue hides the position.
func (Position) LogValue() slog.Value { return slog.StringValue("position") }

const (
	// maxBlur is the accuracy beyond which a position says nothing, metres.
	maxBlur = 1000
	// maxGrace is how much of a poor accuracy counts in the volunteer's favour, metres.
	maxGrace = 150
)

// Judge compares a position with a shift's point and radius. It is Near when
// the circle in which the phone believes to be touches the shift's (up to
// maxGrace), Far when it does not, and Unknown when there is nothing to judge:
// no position, no point, no radius, or an accuracy too poor to tell.
func Judge(at *Position, lat, lon *float64, radiusM int) Place {
	if at == nil || lat == nil || lon == nil || radiusM <= 0 || !at.plausible() {
		return Unknown
	}
	d := distance(at.Lat, at.Lon, *lat, *lon)
	switch {
	case d <= float64(radiusM)+min(at.AccuracyM, maxGrace):
		return Near
	case at.AccuracyM > maxBlur && d <= float64(radiusM)+at.AccuracyM:
		return Unknown
	}
	return Far
}

func (p *Position) plausible() bool {
	// Written so that NaN is implausible too.
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180 && p.AccuracyM >= 0 && !math.IsInf(p.AccuracyM, 0)
}

const earthRadius = 6_371_008.8 // metres, mean

// distance is the great-circle distance in metres (haversine).
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	sLat, sLon := math.Sin((lat2-lat1)*rad/2), math.Sin((lon2-lon1)*rad/2)
	h := sLat*sLat + math.Cos(lat1*rad)*math.Cos(lat2*rad)*sLon*sLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}
