package certificate

import (
	"fmt"
	"strings"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/qr"
)

// The colours of the house (see the look): kapok red is the one accent.
const (
	kapok pdf.Color = 0xB8321F
	deep  pdf.Color = 0x8F2315
	ink   pdf.Color = 0x1F2421
	faint pdf.Color = 0x555C57
	line  pdf.Color = 0xE4DED2
	paper pdf.Color = 0xFFFDF8
	petal pdf.Color = 0xF1D3C8 // the ornament's lines
	blush pdf.Color = 0xFAEBE4 // the ornament's panes
)

// sheet draws one certificate.
type sheet struct {
	words
	doc  *pdf.Doc
	page *pdf.Page
	s    Statement
}

// draw lays a statement out. The same statement always gives the same document.
func draw(fonts *pdf.Fonts, s Statement) (*pdf.Doc, error) {
	w := words{s.Language}
	doc := pdf.New(fonts, pdf.Meta{
		Title: w.text("title") + " " + string(s.Number), Author: s.Issuer, Lang: string(s.Language), Created: s.IssuedAt,
	})
	sh := &sheet{words: w, doc: doc, s: s}
	if err := sh.front(); err != nil {
		return nil, err
	}
	sh.annex()
	sh.pageNumbers()
	return doc, nil
}

const (
	frameAt = 18.0 // distance of the frame from the edge of the paper
	left    = 74.0
	right   = pdf.A4Long - left
)

// front is the certificate itself, on one page.
func (sh *sheet) front() error {
	sh.page = sh.doc.AddPage(pdf.A4Long, pdf.A4Short)
	p := sh.page
	p.Box(0, 0, pdf.A4Long, pdf.A4Short, paper)
	window(p, frameAt+8, pdf.A4Short-frameAt-8-windowSide)
	p.Frame(frameAt, frameAt, pdf.A4Long-2*frameAt, pdf.A4Short-2*frameAt, 1.2, kapok)
	p.Frame(frameAt+4, frameAt+4, pdf.A4Long-2*frameAt-8, pdf.A4Short-2*frameAt-8, 0.35, kapok)
	sh.heading()
	y := sh.sentenceBlock(196)
	sh.details(y + 44)
	sh.smallPrint()
	return sh.code()
}

func (sh *sheet) heading() {
	title := pdf.Style{Size: 35, Color: deep, Bold: true, Spacing: 11}
	if sh.lang == i18n.En {
		title.Size, title.Spacing = 33, 1.5
	}
	sub := i18n.Text(i18n.En, "certificate.title")
	if sh.lang == i18n.En {
		sub = i18n.Text(i18n.ZhHans, "certificate.title") + " · " + i18n.Text(i18n.ZhHant, "certificate.title")
	}
	sh.page.Centered(pdf.A4Long/2, 106, pdf.Span{Text: sh.text("title"), Style: title})
	sh.page.Centered(pdf.A4Long/2, 131, pdf.Span{Text: sub, Style: pdf.Style{Size: 12.5, Color: faint, Spacing: 0.6}})
}

// sentenceBlock sets the sentence from y downwards, in the largest size in which
// it stands in a few lines and does not end in a stub of a line. It returns the
// last baseline.
func (sh *sheet) sentenceBlock(y float64) float64 {
	size, lines := largestSize, sh.sentenceLines(largestSize)
	for s := largestSize; s >= smallestSize; s-- {
		size, lines = s, sh.sentenceLines(s)
		if len(lines) <= 4 && (len(lines) == 1 || sh.doc.Width(lines[len(lines)-1]...) > 0.3*(right-left)) {
			break
		}
	}
	for i, l := range lines {
		sh.page.Text(left, y+float64(i)*size*1.9, l...)
	}
	return y + float64(len(lines)-1)*size*1.9
}

const largestSize, smallestSize = 20.0, 14.0

func (sh *sheet) sentenceLines(size float64) [][]pdf.Span {
	return sh.doc.Wrap(right-left, spans(sh.sentence(sh.s), pdf.Style{Size: size, Color: ink})...)
}

// spans turns the marks around stressed words into a heavier style.
func spans(text string, style pdf.Style) []pdf.Span {
	heavy := style
	heavy.Bold = true
	var out []pdf.Span
	for _, part := range strings.SplitAfter(text, stressOff) {
		before, after, _ := strings.Cut(part, stressOn)
		out = append(out, pdf.Span{Text: before, Style: style},
			pdf.Span{Text: strings.TrimSuffix(after, stressOff), Style: heavy})
	}
	return out
}

// details lists what stands under the sentence: label left, value right.
func (sh *sheet) details(y float64) {
	units, _ := sh.unitLines()
	y = sh.detail(y, sh.text("units"), units)
	y = sh.detail(y, sh.text("number"), []string{string(sh.s.Number)})
	y = sh.detail(y, sh.text("issued"), []string{sh.issued(sh.s)})
	sh.detail(y, sh.text("issuer"), []string{sh.s.Issuer})
}

const (
	detailSize  = 12.5
	detailLead  = 19.5
	detailWidth = 490.0 // up to the code
)

func (sh *sheet) labelWidth() float64 {
	style := pdf.Style{Size: detailSize}
	w := 0.0
	for _, key := range []string{"units", "number", "issued", "issuer"} {
		w = max(w, sh.doc.Width(pdf.Span{Text: sh.text(key), Style: style}))
	}
	return w + 18
}

func (sh *sheet) detail(y float64, label string, lines []string) float64 {
	sh.page.Text(left, y, pdf.Span{Text: label, Style: pdf.Style{Size: detailSize, Color: faint}})
	for _, l := range lines {
		sh.page.Text(left+sh.labelWidth(), y, pdf.Span{Text: l, Style: pdf.Style{Size: detailSize, Color: ink}})
		y += detailLead
	}
	return y + 3
}

// unitRoom is how many lines the recording units may take on the first page.
const unitRoom = 4

// unitLines names the recording units, as many as there is room for. When that
// is not all, it says so, and the annex has them all.
func (sh *sheet) unitLines() (lines []string, all bool) {
	for i, u := range sh.s.Units {
		name := u.Name
		if u.Minutes > 0 {
			name = sh.text("unit_hours", "unit", name, "hours", hours(u.Minutes))
		}
		more := sh.doc.WrapText(detailWidth, pdf.Style{Size: detailSize}, name)
		room := unitRoom - len(lines)
		if i < len(sh.s.Units)-1 {
			room-- // for the word that there are more
		}
		if len(more) > room {
			return append(lines, sh.text("units_more", "n", len(sh.s.Units))), false
		}
		lines = append(lines, more...)
	}
	return lines, true
}

func (sh *sheet) smallPrint() {
	style := pdf.Style{Size: 8.5, Color: faint}
	lines := sh.doc.WrapText(430, style, sh.text("law"))
	y := pdf.A4Short - frameAt - 22 - float64(len(lines)-1)*13
	for i, l := range lines {
		sh.page.Text(left+windowSide-20, y+float64(i)*13, pdf.Span{Text: l, Style: style})
	}
}

const codeSide = 108.0

// code draws the QR code in the lower right corner, and its address.
func (sh *sheet) code() error {
	code, err := qr.Encode(sh.s.Verify)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	x, y := right-codeSide, pdf.A4Short-frameAt-64-codeSide
	sh.page.Cells(x, y, codeSide, code.Size(), code.Dark, ink)
	sh.page.Link(x, y, codeSide, codeSide, sh.s.Verify)
	mid := x + codeSide/2
	sh.page.Centered(mid, y+codeSide+18, pdf.Span{Text: sh.text("scan"), Style: pdf.Style{Size: 11, Color: ink, Spacing: 0.5}})
	sh.page.Right(right, y+codeSide+34, pdf.Span{Text: bareAddress(sh.s.Verify), Style: pdf.Style{Size: 7.5, Color: faint}})
	return nil
}

func bareAddress(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	return rest
}

// pageNumbers writes the foot of every page when there are several.
func (sh *sheet) pageNumbers() {
	pages := sh.doc.Pages()
	if len(pages) == 1 {
		return
	}
	style := pdf.Style{Size: 8.5, Color: faint}
	for i, p := range pages {
		text := sh.text("page", "page", i+1, "pages", len(pages))
		w, h := p.Size()
		if i == 0 {
			p.Centered(w/2, h-frameAt+11, pdf.Span{Text: text, Style: style})
			continue
		}
		p.Text(annexLeft, h-34, pdf.Span{Text: string(sh.s.Number) + "　" + bareAddress(sh.s.Verify), Style: style})
		p.Right(w-annexLeft, h-34, pdf.Span{Text: text, Style: style})
	}
}
