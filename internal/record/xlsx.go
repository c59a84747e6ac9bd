package record

import (
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
)

// textFormat is Excel's built-in number format "Text": a cell so marked stays
// text even when somebody edits it.
const textFormat = 49

// WriteXLSX writes the reconciliation of a shift as a table. Every word is
// written as text, never as a formula: a name or title that begins with = + -
// or @ stays what it is. People are known by their volunteer number; names stand
// in full where openly says so, else masked.
func (sh Sheet) WriteXLSX(w io.Writer, l i18n.Lang, openly map[uuid.UUID]bool) (err error) {
	f := excelize.NewFile()
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	name := f.GetSheetName(0)
	asText, err := f.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return fmt.Errorf("record: xlsx: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("record: xlsx: %w", err)
	}
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("record: xlsx: %w", err)
	}
	if err := out.SetColWidth(1, len(xlsxColumns), 16); err != nil {
		return fmt.Errorf("record: xlsx: %w", err)
	}
	if err := sh.rowsInto(out, l, openly, asText, bold); err != nil {
		return fmt.Errorf("record: xlsx: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("record: xlsx: %w", err)
	}
	_, err = f.WriteTo(w)
	return err
}

var xlsxColumns = []string{"volunteer_no", "name", "signup", "in", "out", "grade", "minutes", "hours", "state", "finding", "due_on", "late"}

func (sh Sheet) rowsInto(out *excelize.StreamWriter, l i18n.Lang, openly map[uuid.UUID]bool, asText, bold int) error {
	zone := clock.ZoneOf(sh.Shift.Activity.Division)
	a := sh.Shift.Activity
	when := sh.Shift.StartsAt.In(zone).Format("2006-01-02 15:04") + "–" + sh.Shift.EndsAt.In(zone).Format("15:04")
	if err := out.SetRow("A1", cells(bold, a.Title, when, sh.Shift.Place)); err != nil {
		return err
	}
	var head []string
	for _, c := range xlsxColumns {
		head = append(head, i18n.Text(l, "record.xlsx."+c))
	}
	if err := out.SetRow("A3", cells(bold, head...)); err != nil {
		return err
	}
	for i, r := range sh.Rows {
		if err := out.SetRow(fmt.Sprintf("A%d", i+4), sh.cellsOf(r, l, person.ShownName(l, r.Person, openly), zone, asText)); err != nil {
			return err
		}
	}
	return nil
}

func cells(style int, values ...string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = excelize.Cell{StyleID: style, Value: v}
	}
	return out
}

func (sh Sheet) cellsOf(r Row, l i18n.Lang, name string, zone *time.Location, asText int) []any {
	signup, in, outAt := "", "", ""
	if r.Signup != nil {
		signup = i18n.Text(l, "record.signup."+string(r.Signup.State))
	}
	if r.Attendance != nil {
		in = r.Attendance.InAt.In(zone).Format("2006-01-02 15:04")
		if r.Attendance.OutAt != nil {
			outAt = r.Attendance.OutAt.In(zone).Format("2006-01-02 15:04")
		}
	}
	row := cells(asText, r.Person.VolunteerNo, name, signup, in, outAt)
	finding := i18n.Text(l, "record.finding."+string(r.Finding))
	if r.Record == nil {
		row = append(row, cells(asText, "")...)
		row = append(row, nil, nil)
		return append(row, cells(asText, "", finding, sh.DueOn.Format(time.DateOnly), "")...)
	}
	late := ""
	if r.Record.Late {
		late = i18n.Text(l, "record.late")
	}
	row = append(row, cells(asText, string(r.Record.Grade))...)
	row = append(row, r.Record.Minutes, float64((r.Record.Minutes*100+30)/60)/100)
	return append(row, cells(asText, i18n.Text(l, "record.state."+string(r.Record.State)), finding, r.Record.DueOn.Format(time.DateOnly), late)...)
}
