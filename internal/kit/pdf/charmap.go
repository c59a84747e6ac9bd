package pdf

import (
	"errors"
	"sort"
)

// charmap finds glyphs in the raw bytes of a font's "cmap" table, by binary
// search, without unfolding it.
type charmap struct {
	groups   []byte // format 12: first, last, glyph of the first; 12 bytes each
	segments []byte // format 4 subtable, when there is no format 12
}

var errNoCharmap = errors.New("no Unicode character map of format 4 or 12")

func parseCharmap(table []byte) (charmap, error) {
	var c charmap
	n := int(be.Uint16(table[2:]))
	for i := 0; i < n && 4+8*i+8 <= len(table); i++ {
		at := int(be.Uint32(table[4+8*i+4:]))
		if at < 0 || at+16 > len(table) {
			return c, errNoCharmap
		}
		c.take(table[at:])
	}
	if c.groups == nil && c.segments == nil {
		return c, errNoCharmap
	}
	return c, nil
}

func (c *charmap) take(sub []byte) {
	switch be.Uint16(sub) {
	case 12:
		n := int(be.Uint32(sub[12:]))
		if n >= 0 && n <= (len(sub)-16)/12 {
			c.groups = sub[16 : 16+12*n]
		}
	case 4:
		if size := int(be.Uint16(sub[2:])); size >= 16 && size <= len(sub) {
			c.segments = sub[:size]
		}
	}
}

func (c charmap) glyph(r rune) int {
	if c.groups != nil {
		return c.inGroups(uint32(r))
	}
	return c.inSegments(uint32(r))
}

func (c charmap) inGroups(r uint32) int {
	n := len(c.groups) / 12
	i := sort.Search(n, func(i int) bool { return be.Uint32(c.groups[12*i+4:]) >= r })
	if i == n {
		return 0
	}
	first := be.Uint32(c.groups[12*i:])
	if r < first {
		return 0
	}
	return int(be.Uint32(c.groups[12*i+8:]) + r - first)
}

// inSegments follows the four parallel arrays of format 4: last characters,
// first characters, deltas, offsets into the glyph array.
func (c charmap) inSegments(r uint32) int {
	n := int(be.Uint16(c.segments[6:])) / 2
	if r > 0xFFFF || 16+8*n > len(c.segments) {
		return 0
	}
	at := func(array, i int) int { return 14 + 2*n*array + 2*i + 2*min(array, 1) }
	word := func(pos int) uint32 {
		if pos+2 > len(c.segments) {
			return 0
		}
		return uint32(be.Uint16(c.segments[pos:]))
	}
	i := sort.Search(n, func(i int) bool { return word(at(0, i)) >= r })
	if i == n || word(at(1, i)) > r {
		return 0
	}
	delta, offset := word(at(2, i)), word(at(3, i))
	if offset == 0 {
		return int((r + delta) & 0xFFFF)
	}
	g := word(at(3, i) + int(offset) + 2*int(r-word(at(1, i))))
	if g == 0 {
		return 0
	}
	return int((g + delta) & 0xFFFF)
}
