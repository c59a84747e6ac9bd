package organisation

import (
	"strings"
	"testing"
)

var goodCodes = []string{"91350100M000100Y43", "9144030071526726XG", "914403001922038216"}

func TestCreditCodeVectors(t *testing.T) {
	t.Parallel()
	for _, code := range goodCodes {
		if !ValidCreditCode(code) {
			t.Errorf("%s refused", code)
		}
	}
}

// Every near miss must fail: a wrong character anywhere, two swapped, one
// missing, one too many, a letter that the alphabet leaves out.
func TestCreditCodeNearMisses(t *testing.T) {
	t.Parallel()
	for _, code := range goodCodes {
		for i := range code {
			for _, c := range codeAlphabet {
				if near := code[:i] + string(c) + code[i+1:]; near != code && ValidCreditCode(near) {
					t.Errorf("%s accepted (position %d of %s)", near, i, code)
				}
			}
			for _, c := range "IOSVZ*-" {
				if near := code[:i] + string(c) + code[i+1:]; ValidCreditCode(near) {
					t.Errorf("%s accepted", near)
				}
			}
			if i > 0 && code[i] != code[i-1] {
				if near := code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]; ValidCreditCode(near) {
					t.Errorf("swapped %s accepted", near)
				}
			}
		}
		for _, near := range []string{code[1:], code[:17], code + "0", "", "一" + code[3:]} {
			if ValidCreditCode(near) {
				t.Errorf("%s accepted", near)
			}
		}
	}
}

func TestNormalCreditCode(t *testing.T) {
	t.Parallel()
	if got := NormalCreditCode(" ９1350100 m000100y43 "); got != goodCodes[0] {
		t.Errorf("got %s", got)
	}
}

func FuzzCreditCode(f *testing.F) {
	for _, code := range goodCodes {
		f.Add(code)
	}
	f.Add("")
	f.Add("９１３５")
	f.Fuzz(func(t *testing.T, s string) {
		n := NormalCreditCode(s)
		if NormalCreditCode(n) != n {
			t.Errorf("normal form of %q is not stable", s)
		}
		if ValidCreditCode(n) && (len(n) != 18 || strings.ContainsAny(n, "IOSVZ")) {
			t.Errorf("%q accepted", n)
		}
	})
}
