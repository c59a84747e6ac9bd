package attendance

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// ScanPath is where a shift's QR code leads: ScanPath + token.
const ScanPath = "/c/"

// Typed is what a person put into the field for a code: a token when it was
// scanned (alone or within our address), else digits, however spaced.
type Typed struct{ Token, Digits string }

// ReadTyped reads such input; what fits neither gives the zero value.
func ReadTyped(s string) Typed {
	s = strings.TrimSpace(s)
	if len(s) > 500 {
		return Typed{}
	}
	if i := strings.LastIndex(s, ScanPath); i >= 0 {
		s, _, _ = strings.Cut(s[i+len(ScanPath):], "?")
	}
	if len(s) == encoding.EncodedLen(tokenSize) {
		return Typed{Token: s}
	}
	digits := strings.NewReplacer(" ", "", "-", "").Replace(norm.NFKC.String(s))
	if len(digits) != shiftDigits && len(digits) != cardDigits {
		return Typed{}
	}
	if strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return Typed{}
	}
	return Typed{Digits: digits}
}
