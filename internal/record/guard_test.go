package record_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"kapok/internal/record"
)

// What must never happen is refused by the database, whoever writes.
func TestTheDatabaseGuardsRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	p := w.Volunteer("李文")
	r := w.served(v, p, at(9, 0), at(11, 30))
	w.confirm(v.ID, r.ID)
	for name, sql := range map[string]string{
		"delete":               `DELETE FROM record.service_record WHERE id = $1`,
		"change in silence":    `UPDATE record.service_record SET minutes = 600 WHERE id = $1`,
		"jump a version":       `UPDATE record.service_record SET minutes = 60, version = version + 2 WHERE id = $1`,
		"amend without reason": `UPDATE record.service_record SET minutes = 60, version = version + 1, change = 'amended', reason = '' WHERE id = $1`,
		"another person":       `UPDATE record.service_record SET person = gen_random_uuid(), version = version + 1 WHERE id = $1`,
		"another grade's way":  `UPDATE record.service_record SET entry_way = 'qr', recorder = gen_random_uuid(), version = version + 1 WHERE id = $1`,
		"back to pending":      `UPDATE record.service_record SET state = 'pending', version = version + 1, change = 'claimed' WHERE id = $1`,
		"more than the span":   `UPDATE record.service_record SET minutes = 151, version = version + 1, change = 'amended', reason = 'x' WHERE id = $1`,
		"own approval":         `UPDATE record.service_record SET approver = person, version = version + 1, change = 'amended', reason = 'x' WHERE id = $1`,
		"empty content":        `UPDATE record.service_record SET content = '', version = version + 1, change = 'amended', reason = 'x' WHERE id = $1`,
		"void without cause":   `UPDATE record.service_record SET state = 'voided', version = version + 1, change = 'voided', reason = 'x' WHERE id = $1`,
		"revision changed":     `UPDATE record.revision SET reason = 'x' WHERE record = $1`,
		"revision deleted":     `DELETE FROM record.revision WHERE record = $1`,
		"event changed":        `UPDATE record.journal SET payload = '{}' WHERE record = $1`,
		"event deleted":        `DELETE FROM record.journal WHERE record = $1`,
	} {
		if _, err := w.Pool.Exec(t.Context(), sql, r.ID); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for _, table := range []string{"service_record", "revision", "journal"} {
		if _, err := w.Pool.Exec(t.Context(), `TRUNCATE record.`+table+` CASCADE`); err == nil {
			t.Errorf("%s was truncated", table)
		}
	}
	if got := w.get(r.ID); got.Version != 2 || got.Minutes != 150 {
		t.Errorf("%+v", got)
	}
}

func TestOneAttendanceGivesOneRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	a := w.Serve(v, w.Volunteer("李文"), at(9, 0), at(11, 30))
	err := pgx.BeginFunc(t.Context(), w.Pool, func(tx pgx.Tx) error { return w.Records.ClaimTx(t.Context(), tx, a, v) })
	if err == nil {
		t.Error("claimed twice")
	}
}

// Every change has its revision and its event, even one written by hand.
func TestNoChangeWithoutRevisionAndEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	r := w.served(v, w.Volunteer("李文"), at(9, 0), at(11, 30))
	_, err := w.Pool.Exec(t.Context(), `UPDATE record.service_record SET minutes = 100, version = version + 1, change = 'amended',
		changed_at = now(), changed_by = NULL, reason = 'by hand' WHERE id = $1`, r.ID)
	w.Must(err)
	history, err := record.History(t.Context(), w.Pool, r.ID)
	if err != nil || len(history) != 2 || history[1].Old["minutes"] != 150.0 || history[1].Reason != "by hand" {
		t.Errorf("%+v %v", history, err)
	}
	events, err := record.EventsOf(t.Context(), w.Pool, r.ID)
	w.Must(err)
	if len(events) != 2 || events[1].Kind != "amended" || events[1].Payload.Before.Minutes != 150 || events[1].Payload.After.Minutes != 100 || events[1].Payload.Shift != v.ID {
		t.Errorf("%+v", events)
	}
}
