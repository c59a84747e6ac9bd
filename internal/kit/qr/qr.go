// Package qr draws QR codes: as SVG for pages, as cells for PDF.
//
// Owns: the level of error correction, the quiet zone, the drawing.
// Words: 二维码 QR code, 静区 quiet zone, 码点 module.
// Invariants: the SVG carries no style attribute and no script, so the strict
// content security policy holds; dark on white whatever the page's colours,
// because scanners need it.
// Not here: what the codes say (attendance, certificate).
package qr

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// Quiet is the width in modules of the white border that scanners need.
const Quiet = 4

// Code is a QR code: a square of modules, dark or light.
type Code struct{ modules barcode.Barcode }

// Encode makes the smallest code that holds text and survives damage to about
// 15 % of its area (level M). It fails when the text is too long for any code
// (about 2,300 bytes).
func Encode(text string) (Code, error) {
	m, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return Code{}, fmt.Errorf("qr: %w", err)
	}
	return Code{m}, nil
}

// Size is the number of modules along a side, without the quiet zone.
func (c Code) Size() int { return c.modules.Bounds().Dx() }

// Dark reports whether a module is dark; everything outside is light.
func (c Code) Dark(col, row int) bool {
	n := c.Size()
	if col < 0 || row < 0 || col >= n || row >= n {
		return false
	}
	return c.modules.At(col, row) == color.Black
}

// SVG is the code as an element to put into a page, with its quiet zone. The
// label says to those who cannot see it what it is for. Its size is the
// page's affair: give it a width by its class "qr".
func (c Code) SVG(label string) string {
	side := c.Size() + 2*Quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 %d %d" shape-rendering="crispEdges" role="img" aria-label="%s">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		side, side, html.EscapeString(label), side, side, c.path())
}

// path draws each run of dark modules as one rectangle.
func (c Code) path() string {
	var b strings.Builder
	n := c.Size()
	for row := range n {
		for col := 0; col < n; col++ {
			first := col
			for c.Dark(col, row) {
				col++
			}
			if w := col - first; w > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", first+Quiet, row+Quiet, w, w)
			}
		}
	}
	return b.String()
}
