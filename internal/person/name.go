package person

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/words"
)

const maxName = 64 // characters, of each script

// dots are what people type for the middle dot of names such as 阿依古丽·买买提.
var dots = strings.NewReplacer("•", "·", "‧", "·", "∙", "·", "・", "·", "･", "·", "⋅", "·", "．", "·", "●", "·", "⸱", "·", "ㆍ", "·", "。", "·", "｡", "·")

// CleanName normalises a name: dots folded to ·, NFKC (which keeps rare
// characters, but turns full-width Latin and Kangxi radicals into what they
// stand for), no blanks at the ends, single ones between.
func CleanName(s string) string {
	s = norm.NFKC.String(dots.Replace(strings.ToValidUTF8(s, "\uFFFD")))
	s = strings.Join(strings.Fields(s), " ")
	if hasHan(s) {
		s = norm.NFKC.String(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), ".", "·"))
	}
	return s
}

// foldName is what names are compared by: CleanName without case and blanks,
// every Chinese character in one form. It is never stored nor shown.
func foldName(s string) string {
	joined := strings.ToLower(strings.ReplaceAll(CleanName(s), " ", ""))
	return words.FoldName(norm.NFKC.String(joined)) // once more: an accent may have lost the blank before it
}

// SameName reports whether two names are the same after folding: 張偉 is 张伟.
func SameName(a, b string) bool { return foldName(a) == foldName(b) }

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// checkHanName checks a cleaned name in Chinese characters; rare ones of every
// plane are allowed, private ones are not: nobody else could read them.
func checkHanName(s string) *fault.Error {
	return checkName(s, func(r rune) bool { return unicode.Is(unicode.Han, r) || r == '·' })
}

// checkLatinName checks a cleaned name in Latin letters.
func checkLatinName(s string) *fault.Error {
	return checkName(s, func(r rune) bool {
		return unicode.Is(unicode.Latin, r) || unicode.Is(unicode.Mn, r) || strings.ContainsRune(" -'’.,·", r)
	})
}

func checkName(s string, allowed func(rune) bool) *fault.Error {
	switch n := utf8.RuneCountInString(s); {
	case n > maxName:
		return fault.ErrTooLong.With("max", maxName)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !allowed(r) }):
		return ErrNameCharacters
	case n < 2 || !strings.ContainsFunc(s, unicode.IsLetter):
		return ErrNameShort
	}
	return nil
}

// Name is the name a person is called by: 简体, else 繁體, else Latin.
func Name(p Person) string {
	switch {
	case p.NameHans != "":
		return p.NameHans
	case p.NameHant != "":
		return p.NameHant
	}
	return p.NameLatin
}

// NameIn is the name in the script that suits a language, when there is one.
func NameIn(l i18n.Lang, p Person) string {
	switch {
	case l == i18n.En && p.NameLatin != "":
		return p.NameLatin
	case l == i18n.ZhHant && p.NameHant != "":
		return p.NameHant
	}
	return Name(p)
}

// MaskName hides most of a name: 李*文, 李*, Ho *yi.
func MaskName(name string) string {
	if first, rest, ok := strings.Cut(name, " "); ok && !hasHan(name) {
		return first + " *" + tail(rest, 2)
	}
	r := []rune(name)
	switch {
	case len(r) == 0:
		return ""
	case len(r) <= 2:
		return string(r[:1]) + "*"
	}
	return string(r[:1]) + "*" + string(r[len(r)-1:])
}

// Openly are those of a list whose names staff may read in full on a day: adults,
// and minors who are cleared by a second person (未成年人网络保护条例 art. 36).
func Openly(list []Person, day time.Time, cleared map[uuid.UUID]bool) map[uuid.UUID]bool {
	out := make(map[uuid.UUID]bool, len(list))
	for _, p := range list {
		if p.Age(day) >= AdultFrom || cleared[p.ID] {
			out[p.ID] = true
		}
	}
	return out
}

// ShownName is a person's name for staff: in full where openly says so.
func ShownName(l i18n.Lang, p Person, openly map[uuid.UUID]bool) string {
	if openly[p.ID] {
		return NameIn(l, p)
	}
	return MaskName(NameIn(l, p))
}

// tail is the last n letters of s when more than those are hidden by it.
func tail(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		n = len(r) - 1
	}
	return string(r[len(r)-n:])
}
