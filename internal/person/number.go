package person

import (
	"crypto/rand"
	"math/big"
	"strings"

	"golang.org/x/text/unicode/norm"

	"kapok/internal/kit/fault"
)

// A volunteer number 志愿者编号 looks like K7Q-4821: six random characters and a
// check character, never derived from a document (MZ/T 061: a number of its
// own, not the ID number). The alphabet leaves out letters that are read as
// digits or as another letter; its size is a prime, which lets one check
// character find every single slip and every exchange of neighbours.
const (
	numberAlphabet = "0123456789ACDEFGHJKMNPQRTVWXY"
	numberLength   = 7
)

// lookalikes are letters outside the alphabet, read as what they were taken for.
var lookalikes = strings.NewReplacer("B", "8", "I", "1", "L", "1", "O", "0", "S", "5", "U", "V", "Z", "2")

// NewVolunteerNo draws a volunteer number.
func NewVolunteerNo() string { return formatNo(randomText(numberLength - 1)) }

func formatNo(six string) string {
	s := six + string(checkNo(six))
	return s[:3] + "-" + s[3:]
}

// randomText draws n characters of the alphabet, each equally likely.
func randomText(n int) string {
	size := big.NewInt(int64(len(numberAlphabet)))
	b := make([]byte, n)
	for i := range b {
		v, err := rand.Int(rand.Reader, size)
		if err != nil {
			panic(err) // crypto/rand never fails on a supported system
		}
		b[i] = numberAlphabet[v.Int64()]
	}
	return string(b)
}

// checkNo weighs the places by 2, 3, …, modulo the size of the alphabet: the
// weights and their differences have inverses, hence the promise above.
func checkNo(s string) byte {
	sum := 0
	for i := range len(s) {
		sum += (i + 2) * strings.IndexByte(numberAlphabet, s[i])
	}
	return numberAlphabet[sum%len(numberAlphabet)]
}

// ParseVolunteerNo reads a volunteer number as people type it: small letters,
// full-width forms, blanks, a missing hyphen, O for 0 and the like.
func ParseVolunteerNo(s string) (string, *fault.Error) {
	n := unlook(s)
	if len(n) != numberLength || strings.Trim(n, numberAlphabet) != "" || checkNo(n[:numberLength-1]) != n[numberLength-1] {
		return "", ErrVolunteerNo
	}
	return n[:3] + "-" + n[3:], nil
}

func unlook(s string) string {
	if len(s) > 100 {
		return ""
	}
	return lookalikes.Replace(squeeze(norm.NFKC.String(s)))
}
