package pdf

import (
	"strings"
	"unicode"
)

// Color is 0xRRGGBB.
type Color uint32

// Style is how a text is set.
type Style struct {
	Size    float64 // points
	Color   Color
	Bold    bool    // drawn heavier with the same shapes, so that rare characters have it too
	Spacing float64 // points added after each character
}

// Span is a piece of text in one style; a line is a list of them.
type Span struct {
	Text  string
	Style Style
}

// Width is the width of a line in points.
func (d *Doc) Width(line ...Span) float64 {
	var w float64
	for _, s := range line {
		for _, r := range s.Text {
			w += d.charWidth(s.Style, r)
		}
	}
	return w
}

func (d *Doc) charWidth(s Style, r rune) float64 {
	f, g := find(d.chain, r)
	if f == nil {
		return s.Size // Text notes it as missing
	}
	w, err := f.advance(g)
	if err != nil {
		d.fail(err)
	}
	return float64(w)*s.Size/1000 + s.Spacing
}

// Wrap breaks text into lines of at most width points. Chinese breaks between
// any two characters but never before closing or after opening punctuation;
// Latin words and numbers stay whole unless one alone is wider than the line.
func (d *Doc) Wrap(width float64, text ...Span) [][]Span {
	w := wrapper{width: width}
	for _, s := range text {
		for _, r := range s.Text {
			w.put(glyphBox{r, s.Style, d.charWidth(s.Style, r)})
		}
	}
	w.end(len(w.line))
	return w.lines
}

// WrapText is Wrap for a text in one style.
func (d *Doc) WrapText(width float64, style Style, text string) []string {
	var out []string
	for _, line := range d.Wrap(width, Span{text, style}) {
		var b strings.Builder
		for _, s := range line {
			b.WriteString(s.Text)
		}
		out = append(out, b.String())
	}
	return out
}

// Fit shortens a text to width points, with an ellipsis when it was too long.
func (d *Doc) Fit(width float64, style Style, text string) string {
	if d.Width(Span{text, style}) <= width {
		return text
	}
	chars := []rune(text)
	for len(chars) > 0 {
		chars = chars[:len(chars)-1]
		short := strings.TrimRightFunc(string(chars), unicode.IsSpace) + "…"
		if d.Width(Span{short, style}) <= width {
			return short
		}
	}
	return ""
}

type glyphBox struct {
	r     rune
	style Style
	width float64
}

type wrapper struct {
	width float64
	line  []glyphBox
	used  float64
	lines [][]Span
}

func (w *wrapper) put(b glyphBox) {
	if b.r == '\n' {
		w.end(len(w.line))
		return
	}
	// A space that does not fit hangs over the edge; the next word wraps. What
	// is carried over may itself be too long for the new line, hence the loop.
	for w.used+b.width > w.width && len(w.line) > 0 && b.r != ' ' {
		w.end(w.lastBreak(b.r))
	}
	w.line = append(w.line, b)
	w.used += b.width
}

// lastBreak is where the full line may end when next follows it.
func (w *wrapper) lastBreak(next rune) int {
	for i := len(w.line); i > 0; i-- {
		after := next
		if i < len(w.line) {
			after = w.line[i].r
		}
		if mayBreak(w.line[i-1].r, after) {
			return i
		}
	}
	return len(w.line)
}

// end closes the line after n characters and carries the others over.
func (w *wrapper) end(n int) {
	var line []Span
	for _, b := range trim(w.line[:n]) {
		if k := len(line) - 1; k >= 0 && line[k].Style == b.style {
			line[k].Text += string(b.r)
			continue
		}
		line = append(line, Span{string(b.r), b.style})
	}
	w.lines = append(w.lines, line)
	w.line = append([]glyphBox(nil), w.line[n:]...)
	w.used = 0
	for _, b := range w.line {
		w.used += b.width
	}
}

func trim(line []glyphBox) []glyphBox {
	for len(line) > 0 && line[len(line)-1].r == ' ' {
		line = line[:len(line)-1]
	}
	return line
}

const (
	noLineStart = "、。，．,.!！?？:：;；)）]］}｝>》〉”’」』】〕〗%％…—·・～~/"
	noLineEnd   = "(（[［{｛<《〈“‘「『【〔〖$¥￥"
)

const nbsp = '\u00a0'

func mayBreak(before, after rune) bool {
	switch {
	case before == nbsp || after == nbsp:
		return false
	case after == ' ' || strings.ContainsRune(noLineStart, after), strings.ContainsRune(noLineEnd, before):
		return false
	case before == ' ' || before == '/' || before == '-' && unicode.IsLetter(after): // not within K7Q-4821
		return true
	}
	return wide(before) || wide(after)
}

// wide tells characters that stand alone (Han, kana, full-width punctuation)
// from those that form words.
func wide(r rune) bool {
	return r >= 0x2E80 && !unicode.Is(unicode.Hangul, r)
}
