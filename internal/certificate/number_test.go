package certificate

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var numberForm = regexp.MustCompile(`^K[0-9]{2}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]$`)

func TestNewNumbersAreOfTheFormAndReadBack(t *testing.T) {
	t.Parallel()
	seen := map[Number]bool{}
	for range 2000 {
		n := NewNumber(2026)
		if !numberForm.MatchString(string(n)) || !strings.HasPrefix(string(n), "K26-") {
			t.Fatalf("number %s", n)
		}
		if back, err := ParseNumber(string(n)); err != nil || back != n {
			t.Fatalf("%s read back as %s, %v", n, back, err)
		}
		if seen[n] {
			t.Fatalf("%s drawn twice", n)
		}
		seen[n] = true
	}
}

func TestParseNumberAsPeopleType(t *testing.T) {
	t.Parallel()
	want := format("267QX4M2D9" + string(checkCharacter("267QX4M2D9")))
	tail := strings.ReplaceAll(string(want[4:]), "-", "")
	for _, typed := range []string{
		string(want), strings.ToLower(string(want)), "K26" + tail, " k26 " + tail + "\n",
		strings.ReplaceAll(string(want), "-", " — "), strings.ReplaceAll(string(want), "-", "－"),
		"Ｋ２６" + tail, "k26" + strings.ToLower(tail) + "\ufeff",
	} {
		if got, err := ParseNumber(typed); err != nil || got != want {
			t.Errorf("%q: %s, %v", typed, got, err)
		}
	}
	century := format("307QX4M2D9" + string(checkCharacter("307QX4M2D9")))
	if got, err := ParseNumber("k3o" + string(century[3:])); err != nil || got != century {
		t.Errorf("the letter O in the year: %s, %v", got, err)
	}
}

func TestParseNumberRefuses(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"", "K", "K26-7QX4-M2D9", "X26-7QX4-M2D9-H", "K26-7QX0-M2D9-H", "K2A-7QX4-M2D9-H",
		strings.Repeat("K", 5000), "K26-7QX4-M2D9-HH", "\xff\xfe", "木棉"} {
		if got, err := ParseNumber(typed); !errors.Is(err, ErrBadNumber) {
			t.Errorf("%q: %s, %v", typed, got, err)
		}
	}
}

// One wrong character, or two exchanged, is always noticed.
func TestCheckCharacterNotices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := []byte(strings.ReplaceAll(string(NewNumber(rapid.IntRange(2024, 2099).Draw(t, "year"))), "-", ""))
		i := rapid.IntRange(1, len(n)-1).Draw(t, "i")
		j := rapid.IntRange(1, len(n)-1).Draw(t, "j")
		wrong := append([]byte(nil), n...)
		wrong[i], wrong[j] = wrong[j], wrong[i]
		if i == j {
			wrong[i] = alphabet[rapid.IntRange(0, len(alphabet)-1).Draw(t, "c")]
		}
		if string(wrong) == string(n) {
			return
		}
		if got, err := ParseNumber(string(wrong)); err == nil {
			t.Fatalf("%s with a mistake is accepted as %s", n, got)
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	f.Add("K26-7QX4-M2D9-H")
	f.Add("ｋ２６　７ｑｘ４")
	f.Fuzz(func(t *testing.T, typed string) {
		n, err := ParseNumber(typed)
		if err != nil {
			return
		}
		if !numberForm.MatchString(string(n)) {
			t.Errorf("%q gave %q", typed, n)
		}
		if back, err := ParseNumber(string(n)); err != nil || back != n {
			t.Errorf("%s read back as %s, %v", n, back, err)
		}
	})
}
