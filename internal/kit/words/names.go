package words

import (
	_ "embed"
	"maps"
	"strings"
	"sync"
)

//go:embed name_variants.txt
var nameVariantPairs string

// written maps a character to the one form by which names are compared.
var written = sync.OnceValue(func() map[rune]rune {
	m := mapOf(nameVariantPairs)
	maps.Copy(m, simple())
	return m
})

// FoldName gives every Chinese character of a name one form, so that 陳, 陈 and
// 陳 of another island compare as one; so do 余 and 餘, 后 and 後, which some cards
// join and others keep apart. It is for comparing only: the result is no
// name, and other scripts are left as they are.
func FoldName(s string) string {
	to := written()
	return strings.Map(func(r rune) rune {
		if v, ok := to[r]; ok {
			return v
		}
		return r
	}, s)
}
