package activity

import (
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"kapok/internal/kit/words"
	"kapok/internal/region"
)

// term is one thing a listing can be found by, such as "w:探访" or "d:440104".
type term string

func wordTerms(list []string) []term {
	out := make([]term, len(list))
	for i, w := range list {
		out[i] = term("w:" + w)
	}
	return out
}

func divisionTerm(code string) term { return term("d:" + code) }
func fieldTerm(code string) term    { return term("f:" + code) }

// day counts days in the time zone that all our divisions share (UTC+8).
type day int32

const dayOffset = 8 * 60 * 60

func dayOf(t time.Time) day { return day(math.Floor(float64(t.Unix()+dayOffset) / 86400)) }

// start is the moment at which the day begins.
func (d day) start() time.Time { return time.Unix(int64(d)*86400-dayOffset, 0).UTC() }

// hash makes a number of a term: 47 bits, so that no two terms of a province
// clash, with room below for the day.
func (t term) hash() int64 { return int64(t.sum()>>17) << dayBits }

func (t term) sum() uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(t))
	return h.Sum64()
}

// dayBits hold the days until the year 2149.
const dayBits = 16

// key is a term on a day, as activity.listing_key counts it. The days of a term
// are neighbours, so that a window of days is one short walk in the index.
func (t term) key(d day) int64 { return t.hash() + int64(d) }

// keysOn are the keys of terms on one day, sorted, without repeats.
func keysOn(terms []term, d day) []int64 {
	out := make([]int64, len(terms))
	for i, t := range terms {
		out[i] = t.key(d)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// keysDuring are the keys by which any of the terms is found on the days
// [from, to].
func keysDuring(any []term, from, to day) []int64 {
	out := make([]int64, 0, max(0, len(any)*int(to-from+1)))
	for _, t := range any {
		for d := from; d <= to; d++ {
			out = append(out, t.key(d))
		}
	}
	return out
}

// markBits is how long the marks of a row are, as activity.listing has them;
// termMarks is how many of them a term sets. With the hundred or so terms of a
// row, one row in a hundred is taken for one that has a term it has not.
const (
	markBits  = 1024
	termMarks = 4
)

// marksOf is a Bloom filter of terms: a row that has all terms has all their
// marks. The marks of a term come from two numbers, halves of its hash, as
// Kirsch and Mitzenmacher found that no more are needed.
func marksOf(terms ...term) pgtype.Bits {
	bits := make([]byte, markBits/8)
	for _, t := range terms {
		sum := t.sum()
		for i := range uint64(termMarks) {
			at := (sum>>32 + i*(sum|1)) % markBits
			bits[at/8] |= 0x80 >> (at % 8)
		}
	}
	return pgtype.Bits{Bytes: bits, Len: markBits, Valid: true}
}

// indexedText is how much of a content is indexed, in characters.
const indexedText = 400

// listingText is what the words of a listing come from.
type listingText struct{ Title, Content, Org, Project, Place string }

// listingTerms are all terms of a listing, but for the squares.
func listingTerms(tree *region.Tree, a Activity, t listingText) []term {
	content := []rune(t.Content)
	rest := []string{string(content[:min(len(content), indexedText)]), t.Org, t.Project, t.Place}
	out := []term{fieldTerm(a.Field)}
	if a.LocalField != "" {
		out = append(out, fieldTerm(a.LocalField))
	}
	for _, d := range tree.Path(a.Division) {
		out = append(out, divisionTerm(d.Code))
		if d.Level != region.Province {
			rest = append(rest, d.NameHans, d.NameEn)
		}
	}
	return append(out, wordTerms(words.Index(t.Title, rest...))...)
}
