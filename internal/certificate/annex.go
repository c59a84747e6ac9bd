package certificate

import (
	"fmt"
	"strings"

	"kapok/internal/kit/pdf"
)

const (
	annexLeft   = 46.0
	annexWidth  = pdf.A4Short - 2*annexLeft
	annexBottom = pdf.A4Long - 76 // room for a total below the last row
	cellSize    = 9.0
	cellLead    = 12.6
	cellPad     = 4.0
)

// annex adds what the holder chose beyond the first page: hours by unit and by
// field, and the list of records. Without any of these there is no annex.
func (sh *sheet) annex() {
	a := &annex{sheet: sh}
	if _, all := sh.unitLines(); !all {
		a.shares(sh.text("units"), sh.s.Units)
	}
	if len(sh.s.Fields) > 0 {
		a.shares(sh.text("fields"), sh.s.Fields)
	}
	if len(sh.s.Items) > 0 {
		a.items()
	}
}

// annex writes tables one below another over as many upright pages as needed.
type annex struct {
	*sheet
	y float64
}

type column struct {
	title string
	width float64
	right bool
}

func (a *annex) newPage() {
	a.page = a.doc.AddPage(pdf.A4Short, pdf.A4Long)
	a.page.Line(annexLeft, 60, annexLeft+annexWidth, 60, 1.2, kapok)
	title := []pdf.Span{{Text: a.text("title"), Style: pdf.Style{Size: 11, Color: deep, Bold: true, Spacing: 1}},
		{Text: "　" + a.text("annex"), Style: pdf.Style{Size: 11, Color: faint}}}
	name := pdf.Style{Size: 11, Color: ink}
	a.page.Text(annexLeft, 49, title...)
	a.page.Right(annexLeft+annexWidth, 49, pdf.Span{
		Text: a.doc.Fit(annexWidth-a.doc.Width(title...)-20, name, a.holder(a.s.Holder)), Style: name,
	})
	a.y = 60
}

// shares is a table of parts, with their hours where the holder shows them.
func (a *annex) shares(title string, list []Share) {
	columns := []column{{title: title, width: annexWidth}}
	if list[0].Minutes > 0 {
		columns = []column{{title: title, width: annexWidth - 130}, {a.text("column.times"), 55, true}, {a.text("column.hours"), 75, true}}
	}
	var rows []row
	for _, s := range list {
		rows = append(rows, cells(body, s.Name, fmt.Sprint(s.Times), hours(s.Minutes))[:len(columns)])
	}
	a.table(columns, rows, nil)
}

// items is the list of records. The unit's column goes when there is one unit
// only, the grade's when the holder does not show grades.
func (a *annex) items() {
	manyUnits, graded := len(a.s.Units) > 1, len(a.s.Grades) > 0
	columns := a.itemColumns(manyUnits, graded)
	var rows []row
	for _, i := range a.s.Items {
		r := row{{{Text: i.Date, Style: body}}, i.summary()}
		if manyUnits {
			r = append(r, cells(body, i.Unit)...)
		}
		if graded {
			r = append(r, cells(body, i.Grade)...)
		}
		rows = append(rows, append(r, cells(body, hours(i.Minutes))...))
	}
	texts := make([]string, len(columns))
	texts[0], texts[len(texts)-1] = a.text("total"), hours(a.s.Minutes)
	heavy := body
	heavy.Bold = true
	a.table(columns, rows, cells(heavy, texts...))
}

func (a *annex) itemColumns(manyUnits, graded bool) []column {
	columns := []column{{a.text("column.date"), 58, false}, {title: a.text("column.activity")}}
	if manyUnits {
		columns = append(columns, column{a.text("column.unit"), 140, false})
	}
	if graded {
		columns = append(columns, column{a.text("column.grade"), 38, true})
	}
	columns = append(columns, column{a.text("column.hours"), 44, true})
	rest := annexWidth
	for _, c := range columns {
		rest -= c.width
	}
	columns[1].width = rest
	return columns
}

// printedContent is how many characters of the work done are printed of a
// record; the signed statement has all of them.
const printedContent = 120

// summary is the activity and, when it says more, the work done.
func (i Item) summary() []pdf.Span {
	out := []pdf.Span{{Text: i.Activity, Style: body}}
	if i.Content != "" && !strings.Contains(i.Activity, i.Content) {
		out = append(out, pdf.Span{Text: "\n" + shorten(strings.Join(strings.Fields(i.Content), " ")), Style: head})
	}
	return out
}

func shorten(s string) string {
	if r := []rune(s); len(r) > printedContent {
		return string(r[:printedContent]) + "…"
	}
	return s
}

var (
	head = pdf.Style{Size: cellSize, Color: faint}
	body = pdf.Style{Size: cellSize, Color: ink}
)

// row is the texts of a table's row, one a column.
type row [][]pdf.Span

func cells(style pdf.Style, texts ...string) row {
	var r row
	for _, t := range texts {
		r = append(r, []pdf.Span{{Text: t, Style: style}})
	}
	return r
}

// table writes rows under their titles, which come again on every page, and a
// total when there is one.
func (a *annex) table(columns []column, rows []row, total row) {
	var titles row
	for _, c := range columns {
		titles = append(titles, cells(head, c.title)...)
	}
	if a.page.Landscape() || a.y+18+a.height(columns, titles)+a.height(columns, rows[0]) > annexBottom {
		a.newPage()
	}
	a.y += 14
	a.row(columns, titles, kapok)
	for i, r := range rows {
		if a.y+a.height(columns, r) > annexBottom {
			a.newPage()
			a.y += 6
			a.row(columns, titles, kapok)
		}
		rule := line
		if i == len(rows)-1 {
			rule = kapok
		}
		a.row(columns, r, rule)
	}
	if total != nil {
		a.row(columns, total, kapok)
	}
}

// wrap breaks a row's texts at the widths of their columns.
func (a *annex) wrap(columns []column, r row) (wrapped [][][]pdf.Span, lines int) {
	for i, c := range columns {
		cell := a.doc.Wrap(c.width-2*cellPad, r[i]...)
		wrapped = append(wrapped, cell)
		lines = max(lines, len(cell))
	}
	return wrapped, lines
}

func (a *annex) height(columns []column, r row) float64 {
	_, lines := a.wrap(columns, r)
	return float64(lines)*cellLead + 7
}

func (a *annex) row(columns []column, r row, rule pdf.Color) {
	wrapped, lines := a.wrap(columns, r)
	x := annexLeft
	for i, c := range columns {
		for k, text := range wrapped[i] {
			y := a.y + cellLead + float64(k)*cellLead
			if c.right {
				a.page.Right(x+c.width-cellPad, y, text...)
			} else {
				a.page.Text(x+cellPad, y, text...)
			}
		}
		x += c.width
	}
	a.y += float64(lines)*cellLead + 7
	a.page.Line(annexLeft, a.y, annexLeft+annexWidth, a.y, 0.5, rule)
}
