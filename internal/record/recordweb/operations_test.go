package recordweb

import (
	"testing"

	"github.com/google/uuid"

	"kapok/internal/kit/i18n"
)

type object = map[string]any

// items is the list of an answer.
func items(t *testing.T, body object) []any {
	t.Helper()
	list, ok := body["items"].([]any)
	if !ok {
		t.Fatalf("no items: %v", body)
	}
	return list
}

func TestTheDeskOverJSON(t *testing.T) {
	b := setup(t)
	v := b.evening()
	w := b.SignedIn(t, i18n.En, b.Admin)
	shift := "/api/v1/shifts/" + v.ID.String() + "/hours"
	var due, sheet, done object
	if status, p := w.API("GET", "/api/v1/orgs/"+b.Org.ID.String()+"/hours", nil, &due); status != 200 || len(items(t, due)) != 1 {
		t.Errorf("%d %+v %v", status, p, due)
	}
	if status, p := w.API("GET", shift, nil, &sheet); status != 200 || sheet["need_look"] != 2.0 || sheet["normal"] != 2.0 {
		t.Fatalf("%d %+v %v", status, p, sheet)
	}
	var picks []any
	attendance := ""
	for _, x := range items(t, sheet) {
		row := x.(object)
		if rec, ok := row["record"].(object); ok {
			picks = append(picks, object{"id": rec["id"], "version": rec["version"]})
		}
		if row["finding"] == "not_out" {
			attendance = row["attendance"].(string)
		}
	}
	picks = append(picks, object{"id": uuid.New()})
	if status, p := w.API("POST", shift+"/confirmations", object{"records": picks}, &done); status != 200 {
		t.Fatalf("%d %+v", status, p)
	}
	for i, x := range items(t, done) {
		one := x.(object)
		if good := i < len(picks)-1; one["confirmed"] != good || (one["problem"] == nil) != good {
			t.Errorf("%d: %v", i, one)
		}
	}
	if status, p := w.API("POST", shift+"/"+attendance+"/question", nil, nil); status != 204 {
		t.Errorf("asked: %d %+v", status, p)
	}
	if status, p := w.API("POST", shift+"/"+attendance+"/settlement", object{"how": "dismissed"}, nil); status != 422 || p.Errors[0].Field != "reason" {
		t.Errorf("without a reason: %d %+v", status, p)
	}
	if status, p := w.API("POST", shift+"/"+attendance+"/settlement", object{"how": "shift_end"}, nil); status != 204 {
		t.Errorf("settled: %d %+v", status, p)
	}
}

func TestRecordsOverJSON(t *testing.T) {
	b := setup(t)
	v := b.evening()
	id := b.rows(v)["陈正常"].Record.ID.String()
	w := b.SignedIn(t, i18n.En, b.Approver)
	var got object
	if status, p := w.API("POST", "/api/v1/records/"+id+"/amendments", object{"version": 1, "minutes": 120, "reason": "a break of half an hour"}, &got); status != 200 || got["minutes"] != 120.0 {
		t.Errorf("%d %+v %v", status, p, got)
	}
	if status, p := w.API("POST", "/api/v1/records/"+id+"/amendments", object{"version": 1, "minutes": 100, "reason": "again"}, nil); status != 409 || p.Code != "kit.version_conflict" {
		t.Errorf("stale: %d %+v", status, p)
	}
	if status, p := w.API("POST", "/api/v1/records/"+id+"/voids", object{"version": 2, "cause": "duplicate", "reason": "twice"}, &got); status != 200 || got["state"] != "voided" {
		t.Errorf("%d %+v %v", status, p, got)
	}
	if status, p := w.API("POST", "/api/v1/records/"+id+"/reinstatements", object{"version": 3, "reason": "no, once"}, &got); status != 200 || got["state"] != "pending" {
		t.Errorf("%d %+v %v", status, p, got)
	}
	if status, p := b.SignedIn(t, i18n.En, b.region).API("GET", "/api/v1/late", nil, &got); status != 200 || len(items(t, got)) != 1 {
		t.Errorf("%d %+v %v", status, p, got)
	}
	entry := object{"volunteer_no": "K7Q-0000", "in_at": at(9, 0), "out_at": at(11, 0), "reason": "no phone"}
	if status, p := b.SignedIn(t, i18n.En, b.Leader).API("POST", "/api/v1/shifts/"+v.ID.String()+"/hours/entries", entry, nil); status != 422 || p.Errors[0].Code != "recordweb.no_such_volunteer" {
		t.Errorf("%d %+v", status, p)
	}
}
