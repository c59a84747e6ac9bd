package app_test

import (
	"strings"
	"testing"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

// Each code that the program can answer with has its text in all
// languages (i18n.Register refuses a missing language), so that no reader ever
// sees a key. The app imports every area, so every code is registered here.
func TestEveryFaultHasItsText(t *testing.T) {
	t.Parallel()
	codes := fault.Codes()
	if len(codes) < 100 {
		t.Fatalf("only %d codes are defined: is an area missing from the program?", len(codes))
	}
	for _, code := range codes {
		if strings.HasPrefix(code, "demo.") {
			continue // told to whoever starts a demo, never to a reader
		}
		if !i18n.Has("fault." + code) {
			t.Errorf("%s has no text", code)
		}
	}
}
