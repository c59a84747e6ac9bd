package ui

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

var token = regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6});`)

// palette reads the colours from the source of the styles.
func palette(t *testing.T) map[string]string {
	t.Helper()
	src, err := os.ReadFile("../../web/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"white": "#ffffff", "off": "#e9e4d9", "off-ink": "#5f5b52", "placeholder": "#6a706b", "rule": "#5d4a22"}
	for _, m := range token.FindAllStringSubmatch(string(src), -1) {
		out[m[1]] = m[2]
	}
	return out
}

// luminance is the relative luminance of WCAG 2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatalf("%q is no colour: %v", hex, err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	t.Parallel()
	p := palette(t)
	const text, shape = 4.5, 3.0 // WCAG 1.4.3 and 1.4.11
	for _, c := range []struct {
		front, ground string
		least         float64
	}{
		{"ink", "paper", text}, {"ink", "card", text}, {"ink-2", "paper", text}, {"ink-2", "card", text}, {"ink-2", "track", text},
		{"kapok", "card", text}, {"kapok", "paper", text}, {"kapok-deep", "card", text}, {"kapok-deep", "kapok-soft", text}, {"kapok", "kapok-soft", text},
		{"white", "kapok", text}, {"white", "kapok-deep", text}, {"white", "ink", text},
		{"jade", "card", text}, {"jade", "jade-soft", text}, {"amber", "card", text}, {"amber", "amber-soft", text},
		{"indigo", "card", text}, {"indigo", "indigo-soft", text}, {"ink", "amber-soft", text}, {"ink", "jade-soft", text},
		{"ink", "kapok-soft", text}, {"ink", "indigo-soft", text}, {"ink-2", "amber-soft", text}, {"rule", "amber-soft", text},
		{"off-ink", "off", text}, {"placeholder", "card", text},
		{"edge", "card", shape}, {"edge", "paper", shape}, {"jade", "track", shape}, {"star", "card", shape}, {"indigo", "paper", shape},
	} {
		if got := contrast(t, p[c.front], p[c.ground]); got < c.least {
			t.Errorf("%s on %s: %.2f, less than %.1f", c.front, c.ground, got, c.least)
		}
	}
}
