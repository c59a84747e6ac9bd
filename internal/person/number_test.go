package person

import (
	"strings"
	"testing"
)

func TestVolunteerNumbersRoundTrip(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		n := NewVolunteerNo()
		if len(n) != 8 || n[3] != '-' || seen[n] {
			t.Fatalf("drew %q", n)
		}
		seen[n] = true
		for _, typed := range []string{n, strings.ToLower(n), " " + n + " ", strings.ReplaceAll(n, "-", ""), strings.ReplaceAll(n, "-", " "),
			strings.ReplaceAll(n, "0", "O"), strings.ReplaceAll(n, "1", "l"), strings.ReplaceAll(n, "8", "B"), strings.ReplaceAll(n, "V", "u")} {
			if got, err := ParseVolunteerNo(typed); err != nil || got != n {
				t.Errorf("%q: got %q, %v", typed, got, err)
			}
		}
	}
}

func TestVolunteerNumbersFindSlips(t *testing.T) {
	t.Parallel()
	n := strings.ReplaceAll(NewVolunteerNo(), "-", "")
	for i := range n {
		for j := range numberAlphabet {
			b := []byte(n)
			b[i] = numberAlphabet[j]
			if _, err := ParseVolunteerNo(string(b)); err == nil && string(b) != n {
				t.Errorf("%s accepted for %s", b, n)
			}
		}
		if i > 0 && n[i] != n[i-1] {
			b := []byte(n)
			b[i], b[i-1] = b[i-1], b[i]
			if _, err := ParseVolunteerNo(string(b)); err == nil {
				t.Errorf("%s accepted for %s", b, n)
			}
		}
	}
	for _, bad := range []string{"", "-", "K7Q", "K7Q-48211", "K7Q-48é1", strings.Repeat("K", 5000)} {
		if _, err := ParseVolunteerNo(bad); err == nil {
			t.Errorf("%.20q was accepted", bad)
		}
	}
}

func FuzzParseVolunteerNo(f *testing.F) {
	f.Add("K7Q-4821")
	f.Add("ｋ７ｑ　４８２１")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseVolunteerNo(s)
		if err != nil {
			return
		}
		if again, err := ParseVolunteerNo(n); err != nil || again != n {
			t.Errorf("%q became %q, then %q", s, n, again)
		}
	})
}
