package certificate

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Number is a certificate number such as K26-7QX4-M2D9-H: the letter K, the
// year of issue, eight random characters, a check character. It is random, so
// it tells nothing about the holder or about how many were issued.
type Number string

// alphabet has no 0, 1, I, L or O, which people mistake for one another. Its
// 31 characters are a prime number, which makes the check exact.
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// randomLength characters give 31⁸ ≈ 8.5 × 10¹¹ numbers a year.
const randomLength = 8

// NewNumber draws a number for a year of issue.
func NewNumber(year int) Number {
	body := fmt.Sprintf("%02d", year%100)
	for range randomLength {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // the system's random source does not fail
		}
		body += string(alphabet[i.Int64()])
	}
	return format(body + string(checkCharacter(body)))
}

func format(body string) Number {
	return Number("K" + body[:2] + "-" + body[2:6] + "-" + body[6:10] + "-" + body[10:])
}

// checkCharacter weighs the characters by powers of 3, which is a primitive
// root of 31: every single wrong character and every exchange of two
// characters changes the sum.
func checkCharacter(body string) byte {
	sum, weight := 0, 1
	for i := range len(body) {
		weight = weight * 3 % len(alphabet)
		sum += weight * value(body[i], i)
	}
	return alphabet[(len(alphabet)-sum%len(alphabet))%len(alphabet)]
}

// value of a character: digits of the year count as themselves.
func value(c byte, position int) int {
	if position < 2 {
		return int(c - '0')
	}
	return strings.IndexByte(alphabet, c)
}

// maxTyped bounds what is looked at; a number is 16 characters, written with
// blanks and dashes at most a few dozen.
const maxTyped = 100

// ParseNumber reads a number as people type it: small letters, full-width
// characters, blanks, any dashes or none, and in the year O for 0 and I or L
// for 1. It returns ErrBadNumber when that is no number of ours.
func ParseNumber(typed string) (Number, error) {
	if len(typed) > maxTyped {
		return "", ErrBadNumber
	}
	body := strings.Map(significant, strings.ToUpper(norm.NFKC.String(typed)))
	if len(body) != 1+2+randomLength+1 || body[0] != 'K' {
		return "", ErrBadNumber
	}
	body = yearDigits.Replace(body[1:3]) + body[3:]
	for i := range len(body) {
		ok := strings.IndexByte(alphabet, body[i]) >= 0
		if i < 2 {
			ok = body[i] >= '0' && body[i] <= '9'
		}
		if !ok {
			return "", ErrBadNumber
		}
	}
	last := len(body) - 1
	if checkCharacter(body[:last]) != body[last] {
		return "", ErrBadNumber
	}
	return format(body), nil
}

var yearDigits = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// significant drops what people put between the groups.
func significant(r rune) rune {
	switch r {
	case ' ', '\t', '\n', '\r', '-', '_', '.', '·', '‐', '‑', '‒', '–', '—', '―', '−', 'ー', '一', '\u00ad', '\u200b', '\ufeff':
		return -1
	}
	return r
}
