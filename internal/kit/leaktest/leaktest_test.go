package leaktest

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

func TestANumberIsFoundHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"110101199003070011", "C123456(9)", "H0312345600", "+8613912345678", "E12345678"} {
		bare := strings.NewReplacer("(", "", ")", "").Replace(number)
		for name, hay := range map[string]string{
			"plain": "a " + number + " b", "bare": "a " + bare + " b", "small letters": "a " + strings.ToLower(bare) + " b",
			"hexadecimal": hex.EncodeToString([]byte("xx" + bare + "y")), "capitals": strings.ToUpper(hex.EncodeToString([]byte(bare))),
			"base64": base64.StdEncoding.EncodeToString([]byte("a" + bare + "b")), "base64 elsewhere": base64.StdEncoding.EncodeToString([]byte("ab" + bare)),
			"base64 of a URL": base64.RawURLEncoding.EncodeToString([]byte("abc" + bare + "d")),
		} {
			if len(In(hay, []string{number})) != 1 {
				t.Errorf("%s of %d characters is not found", name, len(number))
			}
		}
	}
	if found := In("a 13912345678 b", []string{"+8613912345678"}); len(found) != 1 || strings.Contains(found[0], "139") {
		t.Errorf("without the country: %v", found)
	}
	for _, hay := range []string{"", "110101199003070012", "0192-C1234569-aa", "x.C1234569"} {
		if found := In(hay, []string{"110101199003070011", "C123456(9)"}); len(found) > 0 {
			t.Errorf("%q holds %v", hay, found)
		}
	}
}
