package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
)

// Objects with fixed numbers.
const (
	objCatalog = 1
	objPages   = 2
	objInfo    = 3
)

// writer lays objects one after another and remembers where each begins.
type writer struct {
	buf     bytes.Buffer
	offsets []int // by object number - 1; 0 while reserved only
}

// reserve hands out the next object number.
func (w *writer) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

func (w *writer) object(n int, format string, args ...any) {
	w.offsets[n-1] = w.buf.Len()
	fmt.Fprintf(&w.buf, "%d 0 obj\n", n)
	fmt.Fprintf(&w.buf, format, args...)
	w.buf.WriteString("\nendobj\n")
}

// stream writes an object with data and returns where in the file the data begin.
func (w *writer) stream(n int, dict string, data []byte) int {
	w.offsets[n-1] = w.buf.Len()
	fmt.Fprintf(&w.buf, "%d 0 obj\n<<%s/Length %d>>stream\n", n, dict, len(data))
	at := w.buf.Len()
	w.buf.Write(data)
	w.buf.WriteString("\nendstream\nendobj\n")
	return at
}

// packers are kept for the next document: each holds most of a megabyte.
var packers = sync.Pool{New: func() any { return zlib.NewWriter(io.Discard) }}

func (w *writer) packed(n int, dict string, data []byte) {
	var z bytes.Buffer
	packer := packers.Get().(*zlib.Writer)
	defer packers.Put(packer)
	packer.Reset(&z)
	_, _ = packer.Write(data) // a bytes.Buffer takes everything
	_ = packer.Close()
	w.stream(n, dict+"/Filter/FlateDecode", z.Bytes())
}

// trailer ends the file. Between the trailer and the pointer to the table
// stands an optional comment (the seal).
func (w *writer) trailer(comment string) []byte {
	id := sha256.Sum256(w.buf.Bytes())
	table := w.buf.Len()
	fmt.Fprintf(&w.buf, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, at := range w.offsets {
		fmt.Fprintf(&w.buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&w.buf, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%X><%X>]>>\n",
		len(w.offsets)+1, objCatalog, objInfo, id[:16], id[:16])
	fmt.Fprintf(&w.buf, "%sstartxref\n%d\n%%%%EOF\n", comment, table)
	return w.buf.Bytes()
}

// Bytes is the finished document.
func (d *Doc) Bytes() ([]byte, error) {
	w, _, err := d.write(nil)
	if err != nil {
		return nil, err
	}
	return w.trailer(""), nil
}

// Err is what went wrong so far: MissingGlyphs, or a font that cannot be read.
func (d *Doc) Err() error {
	if len(d.missing) > 0 {
		return &MissingGlyphs{slices.Compact(slices.Sorted(slices.Values(d.missing)))}
	}
	return d.err
}

// write lays out all objects; it returns where the attachment's data begin.
func (d *Doc) write(attached *attachment) (*writer, int, error) {
	if err := d.Err(); err != nil {
		return nil, 0, err
	}
	w := &writer{offsets: make([]int, objInfo)}
	w.buf.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	fonts := d.writeFonts(w)
	kids := d.writePages(w, fonts)
	w.object(objPages, "<</Type/Pages/Count %d/Kids[%s]>>", len(d.pages), kids)
	w.object(objInfo, "<</Title%s/Author%s/Producer%s/CreationDate%s>>", utf16Text(d.meta.Title),
		utf16Text(d.meta.Author), utf16Text("Kapok"), date(d.meta.Created))
	at, names := 0, ""
	if attached != nil {
		at, names = attached.write(w, d.meta)
	}
	w.object(objCatalog, "<</Type/Catalog/Pages %d 0 R/Lang(%s)/ViewerPreferences<</DisplayDocTitle true>>%s>>",
		objPages, d.meta.Lang, names)
	return w, at, d.err
}

func (d *Doc) writePages(w *writer, fonts string) (kids string) {
	for _, p := range d.pages {
		page, content := w.reserve(), w.reserve()
		w.packed(content, "", p.ops.Bytes())
		annots := p.writeLinks(w)
		w.object(page, "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Contents %d 0 R/Resources<</Font<<%s>>>>%s>>",
			objPages, num(p.width), num(p.height), content, fonts, annots)
		kids += fmt.Sprintf("%d 0 R ", page)
	}
	return kids
}

func (p *Page) writeLinks(w *writer) string {
	if len(p.links) == 0 {
		return ""
	}
	refs := ""
	for _, l := range p.links {
		n := w.reserve()
		w.object(n, "<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect[%s %s %s %s]/A<</S/URI/URI%s>>>>",
			num(l.x), num(l.y), num(l.x+l.w), num(l.y+l.h), literal(l.url))
		refs += fmt.Sprintf("%d 0 R ", n)
	}
	return "/Annots[" + refs + "]"
}

// writeFonts writes the five objects of each font and returns the pages'
// resource entries.
func (d *Doc) writeFonts(w *writer) (entries string) {
	for i, s := range d.fonts {
		n, err := s.write(w)
		if err != nil {
			d.fail(err)
			return ""
		}
		entries += fmt.Sprintf("/F%d %d 0 R", i, n)
	}
	return entries
}

func (s *subset) write(w *writer) (int, error) {
	file, err := s.file() // first: it adds the parts of composite glyphs
	if err != nil {
		return 0, err
	}
	widths, err := s.widths()
	if err != nil {
		return 0, err
	}
	top, cid, descriptor, program, unicodes := w.reserve(), w.reserve(), w.reserve(), w.reserve(), w.reserve()
	f, name := s.font, s.name()
	w.object(top, "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
		name, cid, unicodes)
	w.object(cid, "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/CIDToGIDMap/Identity/DW 1000/W[0 %s]/FontDescriptor %d 0 R>>", name, strings.ReplaceAll(fmt.Sprint(widths), "  ", " "), descriptor)
	w.object(descriptor, "<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d"+
		"/CapHeight %d/StemV 80/FontFile2 %d 0 R>>", name, f.scale(f.box[0]), f.scale(f.box[1]), f.scale(f.box[2]), f.scale(f.box[3]),
		f.scale(f.ascent), f.scale(f.descent), f.scale(f.ascent*4/5), program)
	w.packed(program, fmt.Sprintf("/Length1 %d", len(file)), file)
	w.packed(unicodes, "", s.toUnicode())
	return top, nil
}

// name is the font's name with the tag of six letters that marks a subset.
func (s *subset) name() string {
	var glyphs []byte
	for _, g := range s.old {
		glyphs = be.AppendUint16(glyphs, uint16(g))
	}
	sum := sha256.Sum256(glyphs)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	keep := func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}
	return string(tag) + "+Kapok-" + strings.Map(keep, s.font.name)
}

// toUnicode is the map from glyphs to characters by which readers copy and
// search: UTF-16, so characters beyond the BMP take two units; at most a
// hundred entries a block, as the CMap format demands.
func (s *subset) toUnicode() []byte {
	var entries []string
	for g, r := range s.chars {
		if r == 0 {
			continue
		}
		var units []byte
		for _, u := range utf16.AppendRune(nil, r) {
			units = be.AppendUint16(units, u)
		}
		entries = append(entries, fmt.Sprintf("<%04X> <%X>\n", g, units))
	}
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for block := range slices.Chunk(entries, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", len(block), strings.Join(block, ""))
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

func date(t time.Time) string { return t.UTC().Format("(D:20060102150405+00'00')") }

// utf16Text is a text string in the form that holds any character.
func utf16Text(s string) string {
	out := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		out = be.AppendUint16(out, u)
	}
	return fmt.Sprintf("<%X>", out)
}

// literal is a string of ASCII bytes with the special ones escaped.
func literal(s string) string {
	return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\r", "", "\n", "").Replace(s) + ")"
}
