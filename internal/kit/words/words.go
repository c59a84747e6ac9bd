// Package words finds the words of a text in Chinese (简 and 繁), Latin scripts
// and numbers, so that a search for 养老院探访 finds 探访养老院的老人.
//
// A text is indexed by all pairs of neighbouring characters, which needs no
// dictionary and never has to be redone. Only a query is cut into words, by
// the dictionary, and asks for the pairs within its words; so the pairs that
// arise between two words of a query (院探) are not asked for.
//
// Owns: folding (width, case, accents, 繁 to 简), pairs, cutting of queries.
// Words: 分词 segmentation, 双字 pair, 停用词 stop word.
// Invariants: pure functions; Query asks only for what Index writes.
// Data: variants.txt, name_variants.txt and words.txt.gz, derived by gen.go from the character
// lists of OpenCC 1.1 (Apache-2.0, by github.com/longbridgeapp/opencc v0.3.13)
// and the word list of jieba (MIT, by github.com/go-ego/gse v0.80.3): words of
// two to four characters with their frequency.
// Not here: storing and finding (activity).
package words

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:generate go run gen.go

//go:embed variants.txt
var variantPairs string

// simple maps a character to its simplified form.
var simple = sync.OnceValue(func() map[rune]rune { return mapOf(variantPairs) })

func mapOf(list string) map[rune]rune {
	pairs := []rune(list)
	m := make(map[rune]rune, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// Fold makes texts comparable: full width to half, capitals to small letters,
// accents dropped, 繁體 to 简体.
func Fold(s string) string {
	to := simple()
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		if v, ok := to[r]; ok {
			return v
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

// Stop characters end a run: they stand between words more than in them.
const stopChars = "的了和与及等为在是将于到请您我你他她们这那之或并被把从向"

// Stop words say nothing on a platform where everything is volunteer service.
var stopWords = set("志愿 愿者 愿服 服务 活动 义工 the a an of and to in for on at with by or is are be as from your you we our will")

func set(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// Index lists what a text is found by: pairs of characters, words in Latin
// script, numbers, and the single characters of the title. Sorted, no repeats.
func Index(title string, rest ...string) []string {
	var out []string
	for i, text := range append([]string{title}, rest...) {
		for _, run := range runs(Fold(text)) {
			if !run.han {
				out = append(out, run.latin())
				continue
			}
			out = append(out, pairs(run.chars)...)
			if i == 0 {
				out = append(out, singles(run.chars)...)
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(w string) bool { return w == "" || stopWords[w] })
}

// MaxTerms is how many terms of a query are asked for; the rest is left out.
const MaxTerms = 12

// Query lists what a text must have to be found: terms as Index writes them.
// A query of stop words alone, or of signs, asks for nothing.
func Query(q string) []string {
	var out []string
	var lone []string
	for _, run := range runs(Fold(q)) {
		if !run.han {
			out = append(out, run.latin())
			continue
		}
		for _, word := range cut(run.chars) {
			if len(word) == 1 {
				lone = append(lone, string(word))
			}
			out = append(out, pairs(word)...)
		}
	}
	out = slices.DeleteFunc(out, func(w string) bool { return w == "" || stopWords[w] })
	if len(out) == 0 {
		out = lone
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), MaxTerms)]
}

// run is a stretch of one script.
type run struct {
	chars []rune
	han   bool
}

// maxLatin is the length in characters to which a long word is cut.
const maxLatin = 32

// latin is the word of a run that is not Chinese, without a plural s.
func (r run) latin() string {
	w := string(r.chars[:min(len(r.chars), maxLatin)])
	if len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") {
		w = strings.TrimSuffix(w, "s")
	}
	return w
}

// runs cuts a folded text at everything that is no letter or digit, at stop
// characters and where the script changes.
func runs(s string) []run {
	var out []run
	var at run
	end := func() {
		if len(at.chars) > 0 {
			out = append(out, at)
		}
		at = run{}
	}
	for _, r := range s {
		han := pairScript(r)
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r), strings.ContainsRune(stopChars, r):
			end()
			continue
		case han != at.han:
			end()
		}
		at.chars, at.han = append(at.chars, r), han
	}
	end()
	return out
}

// pairScript reports whether a script writes no spaces between words.
func pairScript(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

func pairs(chars []rune) []string {
	var out []string
	for i := 1; i < len(chars); i++ {
		out = append(out, string(chars[i-1:i+1]))
	}
	return out
}

func singles(chars []rune) []string {
	out := make([]string, len(chars))
	for i, c := range chars {
		out[i] = string(c)
	}
	return out
}
