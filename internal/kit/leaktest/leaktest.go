// Package leaktest searches for numbers that lie about in plain.
//
// Owns: Forms, Lies, In.
// Words: number, one of a document or a phone.
// Not here: where to look; each test has its own places.
package leaktest

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// Forms are all in which a number could lie about: as typed, bare, in small
// letters, without its country, and each of these in hexadecimal and in base64,
// also where it stands in the middle of something encoded.
func Forms(number string) []string {
	bare := strings.NewReplacer("(", "", ")", "", " ", "", "-", "").Replace(number)
	out := []string{number, bare, strings.ToLower(bare)}
	for _, prefix := range []string{"+86", "+852", "+853"} {
		if national, ok := strings.CutPrefix(bare, prefix); ok {
			out = append(out, national)
		}
	}
	for _, plain := range out {
		lower := hex.EncodeToString([]byte(plain))
		out = append(out, lower, strings.ToUpper(lower))
		for before := range 3 {
			out = append(out, inBase64(base64.RawStdEncoding, plain, before), inBase64(base64.RawURLEncoding, plain, before))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// inBase64 is what is surely seen of a text after some bytes in base64: the
// letters that neighbours have no part in.
func inBase64(e *base64.Encoding, plain string, before int) string {
	all := e.EncodeToString(append(make([]byte, before), plain...))
	end := (before + len(plain)) * 8 / 6
	return all[(before*8+5)/6 : end]
}

// Lies reports whether a form stands in a text; a short one counts as a word of
// its own only, as ids and moments hold any eight digits by chance.
func Lies(hay, form string) bool {
	if len(form) > 9 {
		return strings.Contains(hay, form)
	}
	const inWord = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
	for {
		before, after, found := strings.Cut(hay, form)
		if !found {
			return false
		}
		begins := before == "" || !strings.ContainsRune(inWord, rune(before[len(before)-1]))
		if begins && (after == "" || !strings.ContainsRune(inWord, rune(after[0]))) {
			return true
		}
		hay = after
	}
}

// In lists the numbers that lie in a text in any form, masked so that a test
// may print them.
func In(hay string, numbers []string) (found []string) {
	for _, n := range numbers {
		if slices.ContainsFunc(Forms(n), func(f string) bool { return Lies(hay, f) }) {
			found = append(found, n[:2]+"…"+n[len(n)-2:])
		}
	}
	return found
}
