package pdf

import (
	"errors"
	"slices"
)

// subset collects the glyphs of one font that a document shows, gives them new
// numbers in order of use, and writes them as a small font.
type subset struct {
	font  *font
	old   []int       // new number → the font's number
	fresh map[int]int // the font's number → new number
	chars []rune      // new number → the character it stands for; 0 for parts
}

func newSubset(f *font) *subset {
	return &subset{font: f, old: []int{0}, fresh: map[int]int{0: 0}, chars: []rune{0}}
}

// use is the new number of the glyph that stands for a character.
func (s *subset) use(r rune, g int) int {
	n := s.add(g)
	if s.chars[n] == 0 {
		s.chars[n] = r
	}
	return n
}

func (s *subset) add(g int) int {
	if n, ok := s.fresh[g]; ok {
		return n
	}
	n := len(s.old)
	s.fresh[g] = n
	s.old = append(s.old, g)
	s.chars = append(s.chars, 0)
	return n
}

// Flags of a composite glyph's components, as in the TrueType specification.
const (
	argsAreWords = 1 << 0
	hasScale     = 1 << 3
	moreParts    = 1 << 5
	hasTwoScales = 1 << 6
	hasMatrix    = 1 << 7
)

var errBrokenGlyph = errors.New("pdf: a composite glyph is broken")

// renumber returns a glyph's outline with its components, if it has any, taken
// into the subset and named by their new numbers.
func (s *subset) renumber(outline []byte) ([]byte, error) {
	if len(outline) < 10 || int16(be.Uint16(outline)) >= 0 {
		return outline, nil
	}
	out := slices.Clone(outline)
	for at := 10; ; {
		if at+4 > len(out) {
			return nil, errBrokenGlyph
		}
		flags := be.Uint16(out[at:])
		part := int(be.Uint16(out[at+2:]))
		be.PutUint16(out[at+2:], uint16(s.add(part)))
		if flags&moreParts == 0 {
			return out, nil
		}
		at += 4 + argumentBytes(flags)
	}
}

func argumentBytes(flags uint16) int {
	n := 2
	if flags&argsAreWords != 0 {
		n = 4
	}
	switch {
	case flags&hasScale != 0:
		n += 2
	case flags&hasTwoScales != 0:
		n += 4
	case flags&hasMatrix != 0:
		n += 8
	}
	return n
}

// widths lists the advances of the subset's glyphs in thousandths of an em.
func (s *subset) widths() ([]int, error) {
	w := make([]int, len(s.old))
	for i, g := range s.old {
		var err error
		if w[i], err = s.font.advance(g); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// file writes the subset as the TrueType font that PDF embeds.
func (s *subset) file() ([]byte, error) {
	var glyf []byte
	loca := be.AppendUint32(nil, 0)
	for i := 0; i < len(s.old); i++ { // grows while components are found
		outline, err := s.font.outline(s.old[i])
		if err != nil {
			return nil, err
		}
		if outline, err = s.renumber(outline); err != nil {
			return nil, err
		}
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		loca = be.AppendUint32(loca, uint32(len(glyf)))
	}
	tables := map[string][]byte{"glyf": glyf, "loca": loca}
	if err := s.copyTables(tables); err != nil {
		return nil, err
	}
	return sfnt(tables), nil
}

func (s *subset) copyTables(tables map[string][]byte) error {
	n := uint16(len(s.old))
	for _, tag := range []string{"head", "hhea", "maxp"} {
		t, err := s.font.table(tag, 6)
		if err != nil {
			return err
		}
		tables[tag] = t
	}
	be.PutUint32(tables["head"][8:], 0)  // the checksum of the whole file does not hold any more
	be.PutUint16(tables["head"][50:], 1) // long offsets in loca
	be.PutUint16(tables["hhea"][34:], n)
	be.PutUint16(tables["maxp"][4:], n)
	for _, tag := range []string{"cvt ", "fpgm", "prep"} { // hinting, where a font has it
		if t, err := s.font.table(tag, 1); err == nil {
			tables[tag] = t
		}
	}
	var err error
	tables["hmtx"], err = s.metrics()
	return err
}

func (s *subset) metrics() ([]byte, error) {
	var out []byte
	hmtx := s.font.tables["hmtx"].at
	for _, g := range s.old {
		entry := hmtx + 4*int64(min(g, s.font.metrics-1))
		b, err := s.font.bytes(entry, 4)
		if err != nil {
			return nil, err
		}
		if g >= s.font.metrics { // shares the last width, has a side bearing of its own
			bearing, err := s.font.bytes(hmtx+4*int64(s.font.metrics)+2*int64(g-s.font.metrics), 2)
			if err != nil {
				return nil, err
			}
			copy(b[2:], bearing)
		}
		out = append(out, b...)
	}
	return out, nil
}

// sfnt packs tables into a font file.
func sfnt(tables map[string][]byte) []byte {
	tags := make([]string, 0, len(tables))
	for tag := range tables {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	n := len(tags)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 * power, log, 16 * (n - power)} {
		out = be.AppendUint16(out, uint16(v))
	}
	at := len(out) + 16*n
	var body []byte
	for _, tag := range tags {
		t := tables[tag]
		out = append(out, tag...)
		padded := append(slices.Clip(t), make([]byte, (4-len(t)%4)%4)...)
		for _, v := range []int{checksum(padded), at + len(body), len(t)} {
			out = be.AppendUint32(out, uint32(v))
		}
		body = append(body, padded...)
	}
	return append(out, body...)
}

func checksum(padded []byte) int {
	var sum uint32
	for ; len(padded) >= 4; padded = padded[4:] {
		sum += be.Uint32(padded)
	}
	return int(sum)
}
