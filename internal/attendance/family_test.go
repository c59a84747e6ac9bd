package attendance_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
)

func TestTicketsForWardsAndForThoseWhoSignInLater(t *testing.T) {
	t.Parallel()
	w := attendancetest.New(t)
	shift, anna, ward := w.Shift(), w.Volunteer("李小文"), w.Volunteer("李小小")
	w.Clk.Set(attendancetest.At(9, 0))
	ticket := w.Attendance.Ticket(w.Scan(shift, anna))
	p, err := w.Attendance.ReadTicketFor(ticket, anna.ID, ward.ID)
	if err != nil || p.Person() != ward.ID || p.Shift() != shift.ID {
		t.Fatal(p, err)
	}
	if _, err := w.Attendance.ReadTicketFor(ticket, ward.ID, ward.ID); !errors.Is(err, attendance.ErrCodeUnknown) {
		t.Error("another holder:", err)
	}
	code, err := w.Attendance.ShowCode(shift)
	w.Must(err)
	nobody, err := w.Attendance.Read(context.Background(), uuid.Nil, code.Token, nil)
	w.Must(err)
	ticket = w.Attendance.Ticket(nobody)
	if p, err := w.Attendance.ReadTicketFor(ticket, uuid.Nil, anna.ID); err != nil || p.Person() != anna.ID {
		t.Error(p, err)
	}
	if _, err := w.Attendance.ReadTicket(ticket, anna.ID); !errors.Is(err, attendance.ErrCodeUnknown) {
		t.Error("a ticket of nobody serves as one's own:", err)
	}
	w.Clk.Set(attendancetest.At(9, 4))
	if _, err := w.Attendance.ReadTicketFor(ticket, uuid.Nil, anna.ID); !errors.Is(err, attendance.ErrCodeExpired) {
		t.Error(err)
	}
}

func TestOfPeopleGoesPageByPage(t *testing.T) {
	t.Parallel()
	w := attendancetest.New(t)
	anna, bo := w.Volunteer("李小文"), w.Volunteer("何小欣")
	shift := w.Shift()
	w.Come(shift, anna, attendancetest.At(8, 50))
	last := w.Come(shift, bo, attendancetest.At(8, 55))
	both := []uuid.UUID{anna.ID, bo.ID}
	page, err := attendance.OfPeople(context.Background(), w.Pool, both, "", 1)
	if err != nil || len(page) != 1 || page[0].ID != last.ID {
		t.Fatal(page, err)
	}
	page, err = attendance.OfPeople(context.Background(), w.Pool, both, page[0].Cursor(), 5)
	if err != nil || len(page) != 1 || page[0].Person != anna.ID {
		t.Error(page, err)
	}
	if _, err := attendance.OfPeople(context.Background(), w.Pool, both, "x", 5); err == nil {
		t.Error("takes a broken cursor")
	}
}
