package attendance

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ptr[T any](v T) *T { return &v }

func TestJudge(t *testing.T) {
	t.Parallel()
	lat, lon := ptr(23.1291), ptr(113.2644) // 广州
	north := func(m float64) float64 { return 23.1291 + m/111_195 }
	for name, x := range map[string]struct {
		at       *Position
		lat, lon *float64
		radius   int
		want     Place
	}{
		"at the place":                 {&Position{23.1291, 113.2644, 10}, lat, lon, 200, Near},
		"inside":                       {&Position{north(190), 113.2644, 5}, lat, lon, 200, Near},
		"just outside, blurred":        {&Position{north(300), 113.2644, 120}, lat, lon, 200, Near},
		"outside, exact":               {&Position{north(300), 113.2644, 5}, lat, lon, 200, Far},
		"blur helps only so much":      {&Position{north(900), 113.2644, 900}, lat, lon, 200, Far},
		"so blurred that nobody knows": {&Position{north(900), 113.2644, 5000}, lat, lon, 200, Unknown},
		"blurred but surely far":       {&Position{north(90_000), 113.2644, 5000}, lat, lon, 200, Far},
		"香港 is not 广州":                 {&Position{22.3193, 114.1694, 20}, lat, lon, 5000, Far},
		"no position":                  {nil, lat, lon, 200, Unknown},
		"no point":                     {&Position{23.1, 113.2, 5}, nil, nil, 200, Unknown},
		"no radius":                    {&Position{23.1, 113.2, 5}, lat, lon, 0, Unknown},
		"nonsense":                     {&Position{math.NaN(), 113.2, 5}, lat, lon, 200, Unknown},
		"off the globe":                {&Position{123, 500, 5}, lat, lon, 200, Unknown},
		"endless blur":                 {&Position{23.1, 113.2, math.Inf(1)}, lat, lon, 200, Unknown},
	} {
		if got := Judge(x.at, x.lat, x.lon, x.radius); got != x.want {
			t.Errorf("%s: got %s want %s", name, got, x.want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ a, b, c, d, want float64 }{
		{23.1291, 113.2644, 22.3193, 114.1694, 129_530}, // 广州 to 香港
		{22.1987, 113.5439, 22.3193, 114.1694, 65_770},  // 澳門 to 香港
		{0, 0, 0, 180, math.Pi * earthRadius},
		{0, 179.9, 0, -179.9, 22_239}, // across the date line
	} {
		if got := distance(x.a, x.b, x.c, x.d); math.Abs(got-x.want) > x.want/200 {
			t.Errorf("%v: got %.0f", x, got)
		}
	}
}

func TestDistanceIsSymmetricAndFinite(t *testing.T) {
	t.Parallel()
	lat, lon := rapid.Float64Range(-90, 90), rapid.Float64Range(-180, 180)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c, d := lat.Draw(t, "a"), lon.Draw(t, "b"), lat.Draw(t, "c"), lon.Draw(t, "d")
		there, back := distance(a, b, c, d), distance(c, d, a, b)
		if math.IsNaN(there) || there < 0 || there > math.Pi*earthRadius+1 || math.Abs(there-back) > 1 {
			t.Fatalf("there %v back %v", there, back)
		}
	})
}

func TestAPositionNeverPrints(t *testing.T) {
	t.Parallel()
	p := Position{23.1291, 113.2644, 10}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "at", p)
	for _, s := range []string{fmt.Sprint(p), fmt.Sprintf("%v %+v %#v", p, p, p), log.String()} {
		if strings.Contains(s, "23.1291") || strings.Contains(s, "113.2644") {
			t.Errorf("printed: %s", s)
		}
	}
}
