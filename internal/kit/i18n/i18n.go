// Package i18n turns keys into texts in the reader's language.
//
// Owns: the languages, the catalogue (each area registers its texts.json, where
// the three languages of a text stand side by side), choosing a language,
// formats of numbers that differ by language.
// Words: 简体 zh-Hans, 繁體 zh-Hant, English en.
// Invariants: every key has all three texts (Register panics otherwise, so a
// missing text never reaches a reader); a key is registered once.
// Not here: dates (internal/ui), names of divisions (region).
package i18n

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language of the interface, as a BCP 47 tag.
type Lang string

// The languages, in the order offered.
const (
	ZhHans Lang = "zh-Hans"
	ZhHant Lang = "zh-Hant"
	En     Lang = "en"
)

// Langs lists all languages; the first is the default.
var Langs = []Lang{ZhHans, ZhHant, En}

var matcher = language.NewMatcher([]language.Tag{
	language.MustParse("zh-Hans"), language.MustParse("zh-Hant"), language.English,
})

var catalogue = map[string]map[Lang]string{}

// Register adds an area's texts: {"key": {"zh-Hans": …, "zh-Hant": …, "en": …}}.
// Call it from a package variable; it panics on a missing language or a key
// registered twice. It returns the number of keys.
func Register(texts []byte) int {
	var in map[string]map[Lang]string
	if err := json.Unmarshal(texts, &in); err != nil {
		panic(fmt.Sprintf("i18n: %v", err))
	}
	for key, byLang := range in {
		if _, dup := catalogue[key]; dup {
			panic("i18n: key registered twice: " + key)
		}
		for _, l := range Langs {
			if byLang[l] == "" {
				panic(fmt.Sprintf("i18n: %s has no text in %s", key, l))
			}
		}
		if len(byLang) != len(Langs) {
			panic("i18n: unknown language at " + key)
		}
		catalogue[key] = byLang
	}
	return len(in)
}

// Has reports whether a key has texts.
func Has(key string) bool { return catalogue[key] != nil }

// Keys lists all registered keys in order.
func Keys() []string { return slices.Sorted(maps.Keys(catalogue)) }

// Text is the text of a key in a language; {name} is replaced by the argument
// of that name. Arguments are name, value pairs. An unknown key gives the key.
// English plurals: {n|hour|hours} prints the first form when argument n is 1.
func Text(l Lang, key string, args ...any) string {
	byLang := catalogue[key]
	if byLang == nil {
		return key
	}
	s := byLang[l]
	if s == "" {
		s = byLang[ZhHans]
	}
	if !strings.Contains(s, "{") {
		return s
	}
	return expand(l, s, args)
}

// Localised is an argument that reads differently in each language, such as a
// moment or the names of a list of codes.
type Localised interface{ In(l Lang) string }

func expand(l Lang, s string, args []any) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		end := strings.IndexByte(s, '}')
		if open < 0 || end < open {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:open])
		b.WriteString(value(l, s[open+1:end], args))
		s = s[end+1:]
	}
}

func value(l Lang, hole string, args []any) string {
	name, forms, plural := strings.Cut(hole, "|")
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		v := fmt.Sprint(args[i+1])
		if x, ok := args[i+1].(Localised); ok {
			v = x.In(l)
		}
		if !plural {
			return v
		}
		one, many, _ := strings.Cut(forms, "|")
		if v == "1" {
			return one
		}
		return many
	}
	return "{" + hole + "}"
}

type ctxKey struct{}

// With puts the reader's language into a context.
func With(ctx context.Context, l Lang) context.Context { return context.WithValue(ctx, ctxKey{}, l) }

// From is the reader's language; 简体 when none was set.
func From(ctx context.Context) Lang {
	if l, ok := ctx.Value(ctxKey{}).(Lang); ok {
		return l
	}
	return ZhHans
}

// T is Text in the language of the context.
func T(ctx context.Context, key string, args ...any) string { return Text(From(ctx), key, args...) }

// Parse reads a language choice such as a cookie or a query value.
func Parse(s string) (Lang, bool) {
	l := Lang(s)
	return l, slices.Contains(Langs, l)
}

// Match chooses from an Accept-Language header; HK, MO and TW read 繁體.
func Match(accept string) Lang {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return ZhHans
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return ZhHans
	}
	return Langs[i]
}

// Pick returns the text that fits the language, for data that carries its own
// three names (divisions, code lists); an empty one falls back to 简体.
func Pick(l Lang, hans, hant, en string) string {
	switch {
	case l == ZhHant && hant != "":
		return hant
	case l == En && en != "":
		return en
	}
	return hans
}
