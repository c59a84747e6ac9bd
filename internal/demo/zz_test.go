package demo

import (
	"os"
	"testing"
	"time"
)

func TestZZFull(t *testing.T) {
	a := platform(t)
	t0 := time.Now()
	if err := Fill(t.Context(), a, Options{Seed: 1, Scale: 1, Progress: os.Stdout}); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(t0))
	var size string
	a.Pool.QueryRow(t.Context(), "select pg_size_pretty(pg_database_size(current_database()))").Scan(&size)
	n := counts(t, a, map[string]string{"people": "person.person", "rec": "record.service_record", "conf": "record.service_record where state='confirmed'", "pend": "record.service_record where state='pending'", "disp": "record.service_record where state='disputed'", "void": "record.service_record where state='voided'", "msg": "notify.message", "cert": "certificate.certificate", "unconf": "attendance.attendance where state='unconfirmed'", "open": "attendance.attendance where state='open'", "wait": "activity.signup where state='waiting'", "pendsig": "activity.signup where state='pending'", "signup": "activity.signup", "audit": "audit.entry", "clock": "record.shift_clock where pending+missing>0", "late": "record.shift_clock where pending+missing>0 and due_on<'2026-11-24'"})
	t.Log(size, n)
}
