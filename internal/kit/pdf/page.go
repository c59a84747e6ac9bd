package pdf

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Meta is what a document says about itself.
type Meta struct {
	Title   string
	Author  string
	Lang    string // BCP 47; also chooses the shapes of characters
	Created time.Time
}

// A4 in points, upright.
const (
	A4Short = 595.28
	A4Long  = 841.89
)

// Doc is a document being drawn. Places are in points from the upper left
// corner of the page, y downwards; a text's y is its baseline. Errors are kept
// and returned by Bytes or Sealed.
type Doc struct {
	meta    Meta
	chain   []*font
	fonts   []*subset // in order of first use
	pages   []*Page
	missing []rune
	err     error
}

// New starts a document.
func New(fonts *Fonts, meta Meta) *Doc {
	return &Doc{meta: meta, chain: fonts.chain(meta.Lang)}
}

func (d *Doc) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// Page is one page of a document.
type Page struct {
	doc    *Doc
	width  float64
	height float64
	ops    bytes.Buffer
	links  []link
	spill  bool // a text reached over an edge
}

type link struct {
	x, y, w, h float64
	url        string
}

// AddPage adds an empty page of a size in points.
func (d *Doc) AddPage(width, height float64) *Page {
	p := &Page{doc: d, width: width, height: height}
	d.pages = append(d.pages, p)
	return p
}

// Pages lists the pages drawn so far, for page numbers.
func (d *Doc) Pages() []*Page { return d.pages }

func (d *Doc) subsetOf(f *font) (int, *subset) {
	for i, s := range d.fonts {
		if s.font == f {
			return i, s
		}
	}
	d.fonts = append(d.fonts, newSubset(f))
	return len(d.fonts) - 1, d.fonts[len(d.fonts)-1]
}

// Text draws a line with its baseline at y, starting at x.
func (p *Page) Text(x, y float64, line ...Span) {
	p.spill = p.spill || x < 0 || y > p.height
	for _, s := range line {
		x = p.text(x, y, s)
	}
	p.spill = p.spill || x > p.width
}

// Inside reports whether all texts drawn so far lie on the page.
func (p *Page) Inside() bool { return !p.spill }

// Centered draws a line around x.
func (p *Page) Centered(x, y float64, line ...Span) {
	w := p.doc.Width(line...)
	if n := len(line); n > 0 {
		w -= line[n-1].Style.Spacing // the space after the last character is not seen
	}
	p.Text(x-w/2, y, line...)
}

// Right draws a line that ends at x.
func (p *Page) Right(x, y float64, line ...Span) {
	p.Text(x-p.doc.Width(line...), y, line...)
}

// text draws one span, switching fonts as its characters need, and returns
// where it ends.
func (p *Page) text(x, y float64, s Span) float64 {
	var run []byte
	var in *font
	start := x
	flush := func() {
		if len(run) > 0 {
			i, _ := p.doc.subsetOf(in)
			p.run(start, y, i, s.Style, run)
		}
		run, start = nil, x
	}
	for _, r := range s.Text {
		f, g := find(p.doc.chain, r)
		if f == nil {
			p.doc.missing = append(p.doc.missing, r)
			continue
		}
		if f != in {
			flush()
			in = f
		}
		_, sub := p.doc.subsetOf(f)
		run = be.AppendUint16(run, uint16(sub.use(r, g)))
		x += p.doc.charWidth(s.Style, r)
	}
	flush()
	return x
}

// boldness is the width of the line around heavier characters, by their size.
const boldness = 0.022

func (p *Page) run(x, y float64, font int, s Style, glyphs []byte) {
	p.op("BT /F%d %s Tf %s rg", font, num(s.Size), rgb(s.Color))
	if s.Spacing != 0 {
		p.op("%s Tc", num(s.Spacing))
	}
	if s.Bold {
		p.op("2 Tr %s RG %s w", rgb(s.Color), num(s.Size*boldness))
	}
	p.op("1 0 0 1 %s %s Tm <%X> Tj", num(x), p.up(y), glyphs)
	if s.Bold {
		p.op("0 Tr")
	}
	if s.Spacing != 0 {
		p.op("0 Tc")
	}
	p.op("ET")
}

// Line draws a straight line.
func (p *Page) Line(x1, y1, x2, y2, width float64, c Color) {
	p.op("%s w %s RG %s %s m %s %s l S", num(width), rgb(c), num(x1), p.up(y1), num(x2), p.up(y2))
}

// Frame draws the outline of a rectangle.
func (p *Page) Frame(x, y, w, h, width float64, c Color) {
	p.op("%s w %s RG %s %s %s %s re S", num(width), rgb(c), num(x), p.up(y+h), num(w), num(h))
}

// Box fills a rectangle.
func (p *Page) Box(x, y, w, h float64, c Color) {
	p.op("%s rg %s %s %s %s re f", rgb(c), num(x), p.up(y+h), num(w), num(h))
}

// Point is a place on a page.
type Point struct{ X, Y float64 }

// Polygon fills (fill true) or outlines a closed figure.
func (p *Page) Polygon(c Color, fill bool, width float64, points ...Point) {
	if fill {
		p.op("%s rg", rgb(c))
	} else {
		p.op("%s w %s RG", num(width), rgb(c))
	}
	for i, pt := range points {
		step := "l"
		if i == 0 {
			step = "m"
		}
		p.op("%s %s %s", num(pt.X), p.up(pt.Y), step)
	}
	if fill {
		p.op("h f")
	} else {
		p.op("h S")
	}
}

// Cells fills the cells (column, row) of a grid of squares for which dark says
// so, as one figure: a QR code without hairlines between its squares.
func (p *Page) Cells(x, y, side float64, n int, dark func(col, row int) bool, c Color) {
	cell := side / float64(n)
	p.op("%s rg", rgb(c))
	for row := range n {
		for col := 0; col < n; col++ {
			first := col
			for col < n && dark(col, row) {
				col++
			}
			if col > first {
				p.op("%s %s %s %s re", num(x+float64(first)*cell), p.up(y+float64(row+1)*cell),
					num(float64(col-first)*cell), num(cell))
			}
		}
	}
	p.op("f")
}

// Link makes a rectangle lead to a web address.
func (p *Page) Link(x, y, w, h float64, url string) {
	p.links = append(p.links, link{x, p.height - y - h, w, h, url})
}

func (p *Page) op(format string, args ...any) {
	fmt.Fprintf(&p.ops, format, args...)
	p.ops.WriteByte('\n')
}

// up turns a place from the upper edge into one from the lower edge.
func (p *Page) up(y float64) string { return num(p.height - y) }

// num writes a number with at most three decimals, never "-0".
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 3, 64)
	s = string(bytes.TrimRight(bytes.TrimRight([]byte(s), "0"), "."))
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

func rgb(c Color) string {
	part := func(shift uint) string { return num(float64(c>>shift&0xFF) / 255) }
	return part(16) + " " + part(8) + " " + part(0)
}

// Size is the page's width and height.
func (p *Page) Size() (width, height float64) { return p.width, p.height }

// Landscape reports whether the page lies on its side.
func (p *Page) Landscape() bool { return p.width > p.height }
