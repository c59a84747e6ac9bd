package certificate

import "kapok/internal/kit/pdf"

// windowSide is the ornament's width and height in points.
const windowSide = 100.0

// window draws the Manchurian window 满洲窗, the quiet ornament of the house:
// three squares in one another, tied by a cross and diagonals, with a lozenge
// of glass in the middle. Drawn on a grid of 160, pale enough to write over.
func window(p *pdf.Page, x, y float64) {
	at := func(gx, gy float64) pdf.Point {
		return pdf.Point{X: x + (gx-10)/140*windowSide, Y: y + (gy-10)/140*windowSide}
	}
	pane := func(corners ...float64) {
		var points []pdf.Point
		for i := 0; i+1 < len(corners); i += 2 {
			points = append(points, at(corners[i], corners[i+1]))
		}
		p.Polygon(blush, true, 0, points...)
	}
	bar := func(x1, y1, x2, y2 float64) {
		a, b := at(x1, y1), at(x2, y2)
		p.Line(a.X, a.Y, b.X, b.Y, 1, petal)
	}
	pane(80, 60, 100, 80, 80, 100, 60, 80)
	for _, s := range [4][2]float64{{1, 1}, {-1, 1}, {1, -1}, {-1, -1}} { // the four quarters
		q := func(dx, dy float64) (float64, float64) { return 80 + s[0]*dx, 80 + s[1]*dy }
		ax, ay := q(48, 48)
		bx, by := q(28, 48)
		cx, cy := q(48, 28)
		pane(ax, ay, bx, by, cx, cy)
		dx, dy := q(26, 26)
		ex, ey := q(4, 26)
		fx, fy := q(26, 4)
		pane(dx, dy, ex, ey, fx, fy)
		ox, oy := q(70, 70)
		ix, iy := q(28, 28)
		bar(ox, oy, ix, iy)
	}
	for _, half := range []float64{70, 50, 28} {
		bar(80-half, 80-half, 80+half, 80-half)
		bar(80-half, 80+half, 80+half, 80+half)
		bar(80-half, 80-half, 80-half, 80+half)
		bar(80+half, 80-half, 80+half, 80+half)
	}
	bar(80, 10, 80, 52)
	bar(80, 108, 80, 150)
	bar(10, 80, 52, 80)
	bar(108, 80, 150, 80)
	p.Polygon(petal, false, 1, at(80, 52), at(108, 80), at(80, 108), at(52, 80))
}
