package organisation

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// GB 32100-2015: the alphabet leaves out I, O, S, V and Z.
const codeAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var codeWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// NormalCreditCode brings a typed code to its form: half-width, capitals, no spaces.
func NormalCreditCode(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
}

// ValidCreditCode reports whether s is a unified social credit code with the
// right check character (GB 32100-2015: weights 3^i mod 31).
func ValidCreditCode(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum := 0
	for i := range 17 {
		v := strings.IndexByte(codeAlphabet, s[i])
		if v < 0 {
			return false
		}
		sum += v * codeWeights[i]
	}
	return codeAlphabet[(31-sum%31)%31] == s[17]
}
