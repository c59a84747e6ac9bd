package clock

import (
	"testing"
	"time"
)

func TestFixedClockMovesOnlyByHand(t *testing.T) {
	c := At(time.Date(2026, 10, 18, 9, 0, 0, 0, Shanghai))
	if got := c.Now(); got.Location() != time.UTC || got.Hour() != 1 {
		t.Errorf("got %v, want 01:00 UTC", got)
	}
	c.Advance(90 * time.Minute)
	if got := c.Now().In(Shanghai).Format("15:04"); got != "10:30" {
		t.Errorf("got %s", got)
	}
}

func TestZoneOf(t *testing.T) {
	for code, want := range map[string]*time.Location{"440104": Shanghai, "810001": HongKong, "820002": Macau, "": Shanghai} {
		if got := ZoneOf(code); got != want {
			t.Errorf("%q: got %v want %v", code, got, want)
		}
	}
}
