package record_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/workday"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/record"
)

var at = attendancetest.At

// world is an organisation at work whose hours are recorded.
type world struct {
	*attendancetest.World
	Records *record.Service
	Journal *record.Journal
	Notify  *notify.Service
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return around(t, attendancetest.New(t), workday.BuiltIn())
}

func around(t testing.TB, base *attendancetest.World, calendar *workday.Calendar) *world {
	t.Helper()
	w := &world{World: base}
	box := notify.Outbox{Dir: t.TempDir()}
	var err error
	w.Notify, err = notify.New(notify.Options{Pool: w.Pool, Clock: w.Clk, Log: w.Log, Mail: box, SMS: box,
		Address: func(context.Context, uuid.UUID) (notify.Address, error) { return notify.Address{}, nil }})
	w.Must(err)
	w.Records = record.New(w.Pool, w.Clk, w.Log, calendar, w.Activities, w.People, w.Notify)
	w.Journal = record.NewJournal(w.Pool, w.Log)
	w.Attendance.OnComplete(w.Records.ClaimTx)
	w.Attendance.OnCase(w.Records.CaseTx)
	return w
}

// served is the pending record of a volunteer who signed up, came and went.
func (w *world) served(v activity.ShiftView, p person.Person, from, to time.Time) record.ServiceRecord {
	w.T.Helper()
	a := w.Serve(v, p, from, to)
	return w.recordOf(a)
}

func (w *world) recordOf(a attendance.Attendance) record.ServiceRecord {
	w.T.Helper()
	list, err := record.OfShift(w.T.Context(), w.Pool, a.Shift)
	w.Must(err)
	for _, r := range list {
		if r.Attendance != nil && *r.Attendance == a.ID {
			return r
		}
	}
	w.T.Fatal("the attendance has no record")
	return record.ServiceRecord{}
}

func (w *world) get(id uuid.UUID) record.ServiceRecord {
	w.T.Helper()
	r, err := record.Get(w.T.Context(), w.Pool, id)
	w.Must(err)
	return r
}

// confirm confirms records by the approver and returns what became of each.
func (w *world) confirm(shift uuid.UUID, ids ...uuid.UUID) []record.Outcome {
	w.T.Helper()
	c := record.Confirmation{Shift: shift, By: w.Approver.ID}
	for _, id := range ids {
		c.Picks = append(c.Picks, record.Pick{Record: id})
	}
	out, err := w.Records.Confirm(w.T.Context(), c)
	w.Must(err)
	return out
}

// drain lets all readers read to the end.
func (w *world) drain() {
	w.T.Helper()
	for _, r := range w.Records.Readers() {
		w.drainOne(r)
	}
}

func (w *world) drainOne(r record.Reader) {
	w.T.Helper()
	_, err := w.Journal.Drain(w.T.Context(), r)
	w.Must(err)
}

func (w *world) hours(p person.Person) record.Hours {
	w.T.Helper()
	w.drain()
	h, err := record.MyHours(w.T.Context(), w.Pool, p.ID, record.Filter{})
	w.Must(err)
	return h
}

func refused(t *testing.T, err error, want *fault.Error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %s", err, want.Code)
	}
}

func fieldsOf(err error) map[string]string {
	out := map[string]string{}
	for _, f := range fault.As(err).Fields {
		out[f.Name] = f.Err.Code
	}
	return out
}
