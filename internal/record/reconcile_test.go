package record_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/i18n"
	"kapok/internal/record"
)

// busyShift is a shift at which everything happens that can.
func busyShift(w *world) activity.ShiftView {
	v := w.Shift()
	clk := w.Clk.Now()
	again := func() { w.Clk.Set(clk) }
	w.served(v, w.Volunteer("正常"), at(8, 56), at(11, 33))
	again()
	w.served(v, w.Volunteer("迟到"), at(10, 41), at(11, 32))
	again()
	done := w.served(v, w.Volunteer("已确"), at(9, 0), at(11, 30))
	again()
	voided := w.served(v, w.Volunteer("作废"), at(9, 0), at(11, 30))
	again()
	objecting := w.Volunteer("异议")
	disputed := w.served(v, objecting, at(9, 0), at(11, 30))
	again()
	w.SignUp(v, w.Volunteer("未到"))
	forgot := w.Volunteer("忘退")
	w.SignUp(v, forgot)
	w.Come(v, forgot, at(9, 0))
	walkIn := w.Volunteer("未报")
	w.Come(v, walkIn, at(9, 5))
	w.Leave(v, walkIn, at(11, 30))
	w.Clk.Set(at(12, 0))
	_, err := w.Attendance.Write(w.T.Context(), attendance.Entry{Shift: v.ID, Person: w.Volunteer("补记").ID, By: w.Leader.ID, InAt: at(9, 0), OutAt: at(11, 0), Reason: "手机没电"})
	w.Must(err)
	w.confirm(v.ID, done.ID)
	_, err = w.Records.Void(w.T.Context(), record.Voiding{Record: voided.ID, By: w.Admin.ID, Cause: record.NotGiven, Reason: "核对"})
	w.Must(err)
	_, err = w.Records.Dispute(w.T.Context(), record.Objection{Record: disputed.ID, By: objecting.ID, Reason: "不对"})
	w.Must(err)
	w.Clk.Set(at(16, 0))
	_, err = w.Attendance.Sweep(w.T.Context())
	w.Must(err)
	return v
}

func TestReconciliationPutsWhatNeedsALookFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := busyShift(w)
	sh, err := w.Records.Reconciliation(t.Context(), v.ID)
	w.Must(err)
	got := map[string]record.Finding{}
	var order []record.Finding
	for _, r := range sh.Rows {
		got[r.Person.NameHans] = r.Finding
		order = append(order, r.Finding)
	}
	want := map[string]record.Finding{"正常": record.Normal, "迟到": record.Short, "已确": record.Done, "作废": record.Void, "异议": record.Objected,
		"未到": record.NoShow, "忘退": record.NotOut, "未报": record.WalkIn, "补记": record.WalkIn}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if i := slices.Index(order, record.Normal); !slices.ContainsFunc(order[:i], record.Finding.NeedsLook) || slices.ContainsFunc(order[i:], record.Finding.NeedsLook) {
		t.Errorf("order %v", order)
	}
	counts := []int{sh.SignedUp, sh.Came, sh.Normal, sh.NormalMin, sh.Looks, sh.NoShows, sh.WalkIns, sh.Waiting, sh.Confirmed}
	if want := []int{7, 8, 1, 150, 5, 1, 2, 5, 1}; !slices.Equal(counts, want) {
		t.Errorf("signed up, came, normal, minutes, looks, no-shows, walk-ins, waiting, confirmed: got %v want %v", counts, want)
	}
	if !sh.Over || sh.WorkdaysLeft != 10 || !sh.DueOn.Equal(date("2026-10-30")) {
		t.Errorf("%v %d %v", sh.Over, sh.WorkdaysLeft, sh.DueOn)
	}
	if picks := sh.NormalPicks(); len(picks) != 1 {
		t.Errorf("picks %v", picks)
	}
}

func TestReconciliationBeforeTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	here, coming := w.Volunteer("在场"), w.Volunteer("未来")
	w.SignUp(v, here)
	w.SignUp(v, coming)
	w.Come(v, here, at(9, 0))
	sh, err := w.Records.Reconciliation(t.Context(), v.ID)
	w.Must(err)
	got := []record.Finding{sh.Rows[0].Finding, sh.Rows[1].Finding}
	if !slices.Equal(got, []record.Finding{record.Here, record.Expected}) || sh.Over || sh.NoShows != 0 {
		t.Errorf("%v %+v", got, sh)
	}
	if _, err := w.Records.Reconciliation(t.Context(), uuid.New()); err == nil {
		t.Error("a shift that does not exist has a sheet")
	}
}

func TestXLSXHoldsTextNeverFormulas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := busyShift(w)
	sh, err := w.Records.Reconciliation(t.Context(), v.ID)
	w.Must(err)
	evil := []string{"=HYPERLINK(\"http://evil.example\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "李文"}
	for i, name := range evil {
		sh.Rows[i].Person.NameHans = name
	}
	sh.Shift.Activity.Title = "=1+1"
	var out bytes.Buffer
	openly := map[uuid.UUID]bool{}
	for _, r := range sh.Rows {
		openly[r.Person.ID] = true
	}
	w.Must(sh.WriteXLSX(&out, i18n.ZhHans, openly))
	f, err := excelize.OpenReader(&out)
	w.Must(err)
	defer f.Close()
	rows, err := f.GetRows("Sheet1")
	w.Must(err)
	if rows[0][0] != "=1+1" || rows[2][0] != "志愿者编号" || len(rows) != 3+len(sh.Rows) {
		t.Errorf("%q", rows)
	}
	for i, name := range evil {
		row := rows[3+i]
		if row[1] != name || row[0] != sh.Rows[i].Person.VolunteerNo {
			t.Errorf("row %d: %q", i, row)
		}
	}
	for r := range rows {
		for c := range rows[r] {
			cell, err := excelize.CoordinatesToCellName(c+1, r+1)
			w.Must(err)
			formula, err := f.GetCellFormula("Sheet1", cell)
			if err != nil || formula != "" {
				t.Errorf("%s is a formula: %q %v", cell, formula, err)
			}
		}
	}
	if i := slices.IndexFunc(rows, func(r []string) bool { return strings.Contains(strings.Join(r, " "), "无异常") }); i < 0 || rows[i][6] != "150" || rows[i][7] != "2.5" {
		t.Errorf("the normal one: %q", rows)
	}
}
