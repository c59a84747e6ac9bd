package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var be = binary.BigEndian

// font is a TrueType font read in place: the character map is kept, outlines
// and widths are fetched as they are needed, so that 25 MB of fonts cost
// nothing while nobody prints.
type font struct {
	name    string
	file    io.ReaderAt
	size    int64
	tables  map[string]span
	cmap    charmap
	em      int // units per em
	ascent  int
	descent int
	box     [4]int
	glyphs  int // number of glyphs
	metrics int // number of entries with a width of their own
	long    bool
}

type span struct{ at, size int64 }

var errNotTrueType = errors.New("not a TrueType font (TTC and CFF are not supported)")

func openFont(name string, file io.ReaderAt, size int64) (*font, error) {
	f := &font{name: name, file: file, size: size, tables: map[string]span{}}
	if err := f.readDirectory(); err != nil {
		return nil, fmt.Errorf("pdf: font %s: %w", name, err)
	}
	if err := f.readHeaders(); err != nil {
		return nil, fmt.Errorf("pdf: font %s: %w", name, err)
	}
	return f, nil
}

func (f *font) bytes(at, size int64) ([]byte, error) {
	if at < 0 || size < 0 || size > f.size-at {
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, size)
	if n, err := f.file.ReadAt(b, at); n < len(b) {
		return nil, errors.Join(io.ErrUnexpectedEOF, err)
	}
	return b, nil
}

func (f *font) readDirectory() error {
	head, err := f.bytes(0, 12)
	if err != nil || be.Uint32(head) != 0x00010000 {
		return errNotTrueType
	}
	n := int64(be.Uint16(head[4:]))
	dir, err := f.bytes(12, 16*n)
	if err != nil {
		return err
	}
	for ; len(dir) > 0; dir = dir[16:] {
		f.tables[string(dir[:4])] = span{int64(be.Uint32(dir[8:])), int64(be.Uint32(dir[12:]))}
	}
	return nil
}

// table reads a whole table of at least min bytes.
func (f *font) table(tag string, min int) ([]byte, error) {
	s, ok := f.tables[tag]
	if !ok || s.size < int64(min) {
		return nil, fmt.Errorf("table %q is missing or short", tag)
	}
	return f.bytes(s.at, s.size)
}

func (f *font) readHeaders() error {
	head, err1 := f.table("head", 54)
	hhea, err2 := f.table("hhea", 36)
	maxp, err3 := f.table("maxp", 6)
	cmap, err4 := f.table("cmap", 4)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	f.em = int(be.Uint16(head[18:]))
	for i := range f.box {
		f.box[i] = int(int16(be.Uint16(head[36+2*i:])))
	}
	f.long = be.Uint16(head[50:]) == 1
	f.ascent, f.descent = int(int16(be.Uint16(hhea[4:]))), int(int16(be.Uint16(hhea[6:])))
	f.metrics = int(be.Uint16(hhea[34:]))
	f.glyphs = int(be.Uint16(maxp[4:]))
	if f.em == 0 || f.metrics == 0 || f.glyphs == 0 {
		return errNotTrueType
	}
	f.cmap, err1 = parseCharmap(cmap)
	return err1
}

// glyph is the glyph of a character; 0 when the font has none.
func (f *font) glyph(r rune) int {
	if g := f.cmap.glyph(r); g < f.glyphs {
		return g
	}
	return 0
}

// advance is a glyph's width in thousandths of the font size.
func (f *font) advance(g int) (int, error) {
	g = min(g, f.metrics-1)
	b, err := f.bytes(f.tables["hmtx"].at+4*int64(g), 2)
	if err != nil {
		return 0, err
	}
	return f.scale(int(be.Uint16(b))), nil
}

func (f *font) scale(units int) int { return (units*1000 + f.em/2) / f.em }

// outline is a glyph's data; empty for a blank.
func (f *font) outline(g int) ([]byte, error) {
	if g >= f.glyphs {
		return nil, fmt.Errorf("glyph %d of %d", g, f.glyphs)
	}
	from, to, err := f.location(g)
	if err != nil {
		return nil, err
	}
	glyf := f.tables["glyf"]
	if from > to || to > glyf.size {
		return nil, io.ErrUnexpectedEOF
	}
	return f.bytes(glyf.at+from, to-from)
}

func (f *font) location(g int) (from, to int64, err error) {
	at := f.tables["loca"].at
	if f.long {
		b, err := f.bytes(at+4*int64(g), 8)
		if err != nil {
			return 0, 0, err
		}
		return int64(be.Uint32(b)), int64(be.Uint32(b[4:])), nil
	}
	b, err := f.bytes(at+2*int64(g), 4)
	if err != nil {
		return 0, 0, err
	}
	return 2 * int64(be.Uint16(b)), 2 * int64(be.Uint16(b[2:])), nil
}
