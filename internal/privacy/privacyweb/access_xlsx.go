package privacyweb

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/xuri/excelize/v2"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/privacy"
)

// reportColumns are the columns of the yearly report: ids, never names.
var reportColumns = []string{"at", "division", "kind", "asked_by", "state", "decided_by", "opened"}

// reportRow is a line of the report, in words.
func (d Deps) reportRow(l i18n.Lang, x privacy.MinorAccess) []string {
	by := ""
	if x.DecidedBy != nil {
		by = x.DecidedBy.String()
	}
	return []string{x.AskedAt.In(clock.Shanghai).Format("2006-01-02 15:04"), d.Regions.FullName(l, x.Division), i18n.Text(l, "privacyweb.access.kind."+string(x.Kind)),
		x.AskedBy.String(), i18n.Text(l, "privacyweb.access.state."+x.State), by, strconv.Itoa(x.Opened)}
}

func (d Deps) reportXLSX(w http.ResponseWriter, r *http.Request) error {
	year := d.year(r)
	list, err := d.minorsReport(r.Context(), year)
	if err != nil {
		return err
	}
	file, err := d.sheetOf(r.Context(), list)
	if err != nil {
		return fmt.Errorf("privacyweb: xlsx: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="minors-%d.xlsx"`, year))
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(file) // the browser may have gone; nothing to do
	return nil
}

func (d Deps) sheetOf(ctx context.Context, list []privacy.MinorAccess) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	out, err := f.NewStreamWriter(f.GetSheetName(0))
	if err != nil {
		return nil, err
	}
	head := make([]any, len(reportColumns))
	for i, c := range reportColumns {
		head[i] = t(ctx, "report.col."+c)
	}
	if err := out.SetRow("A1", head); err != nil {
		return nil, err
	}
	for n, x := range list {
		cells := make([]any, len(reportColumns))
		for i, text := range d.reportRow(i18n.From(ctx), x) {
			cells[i] = text
		}
		if err := out.SetRow(fmt.Sprintf("A%d", n+2), cells); err != nil {
			return nil, err
		}
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = f.WriteTo(&b)
	return b.Bytes(), err
}
