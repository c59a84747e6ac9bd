package attendance_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"errors"
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/fault"
)

func TestTypedDigitsFindTheShiftAmongOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, other := w.Shift(), w.Shift(attendancetest.Titled("别处"))
	p, stranger := w.Volunteer("李文"), w.Volunteer("张三")
	w.SignUp(mine, p)
	w.Clk.Set(at(8, 50))
	code, err := w.Attendance.ShowCode(mine)
	w.Must(err)
	proof, err := w.Attendance.Read(t.Context(), p.ID, code.Digits[:3]+" "+code.Digits[3:], nil)
	if err != nil || proof.Shift() != mine.ID || proof.Person() != p.ID {
		t.Errorf("%+v %v", proof, err)
	}
	a, err := w.Attendance.CheckIn(t.Context(), proof, nil)
	if err != nil || a.InMethod != attendance.Digits {
		t.Errorf("%+v %v", a, err)
	}
	foreign, err := w.Attendance.ShowCode(other)
	w.Must(err)
	_, err = w.Attendance.Read(t.Context(), p.ID, foreign.Digits, nil)
	refused(t, err, attendance.ErrDigitsWrong)
	_, err = w.Attendance.Read(t.Context(), stranger.ID, code.Digits, nil)
	refused(t, err, attendance.ErrDigitsWrong)
	proof, err = w.Attendance.Read(t.Context(), stranger.ID, code.Digits, &mine.ID)
	if err != nil || proof.Shift() != mine.ID {
		t.Errorf("with the shift given: %+v %v", proof, err)
	}
	w.Clk.Set(at(12, 0)) // after the end the person is still there
	code, err = w.Attendance.ShowCode(mine)
	w.Must(err)
	if _, err := w.Attendance.Read(t.Context(), p.ID, code.Digits, nil); err != nil {
		t.Errorf("checking out late: %v", err)
	}
}

func TestAnOldCodeSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.Clk.Set(at(9, 0))
	code, err := w.Attendance.ShowCode(v)
	w.Must(err)
	w.Clk.Advance(2 * attendance.Span)
	_, err = w.Attendance.Read(t.Context(), p.ID, code.Token, nil)
	refused(t, err, attendance.ErrCodeExpired)
	_, err = w.Attendance.Read(t.Context(), p.ID, "hello", nil)
	refused(t, err, attendance.ErrCodeUnknown)
}

// Many guesses at once are no way around the limit.
func TestGuessingStops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.SignUp(v, p)
	w.Clk.Set(at(9, 0))
	right, err := w.Attendance.ShowCode(v)
	w.Must(err)
	var looked atomic.Int64
	var wg sync.WaitGroup
	for i := range 40 {
		guess := fmt.Sprintf("%06d", i)
		if guess == right.Digits {
			continue
		}
		wg.Go(func() {
			if _, err := w.Attendance.Read(t.Context(), p.ID, guess, nil); errors.Is(err, attendance.ErrDigitsWrong) {
				looked.Add(1)
			}
		})
	}
	wg.Wait()
	if n := looked.Load(); n != 4 { // the fifth wrong one says already: too many
		t.Errorf("%d guesses were looked at", n)
	}
	_, err = w.Attendance.Read(t.Context(), p.ID, right.Digits, nil)
	refused(t, err, attendance.ErrTooManyTries)
	if got := fault.As(err).Args["minutes"]; got != 10 {
		t.Errorf("wait %v minutes", got)
	}
	if _, err := w.Attendance.Read(t.Context(), p.ID, right.Token, nil); err != nil {
		t.Errorf("scanning: %v", err)
	}
	w.Clk.Advance(10 * time.Minute)
	right, err = w.Attendance.ShowCode(v)
	w.Must(err)
	if _, err := w.Attendance.Read(t.Context(), p.ID, right.Digits, nil); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestTheOrganiserScansACard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.SignUp(v, p)
	w.Clk.Set(at(8, 55))
	card := w.Attendance.ShowCard(p.ID)
	proof, err := w.Attendance.ReadCard(t.Context(), v.ID, card.Token, w.Leader.ID)
	w.Must(err)
	a, err := w.Attendance.Go(t.Context(), proof, attendance.In, nil)
	if err != nil || a.Person != p.ID || a.InMethod != attendance.Card || *a.InBy != w.Leader.ID {
		t.Errorf("%+v %v", a, err)
	}
	w.Clk.Set(at(11, 30))
	_, err = w.Attendance.ReadCard(t.Context(), v.ID, card.Token, w.Leader.ID)
	refused(t, err, attendance.ErrCodeExpired)
	digits := w.Attendance.ShowCard(p.ID).Digits
	proof, err = w.Attendance.ReadCard(t.Context(), v.ID, digits[:4]+" "+digits[4:], w.Leader.ID)
	w.Must(err)
	a, err = w.Attendance.Go(t.Context(), proof, attendance.Out, nil)
	if err != nil || a.State != attendance.Complete || a.Grade() != attendance.GradeB {
		t.Errorf("%+v %v", a, err)
	}
}

func TestCardsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, unknown := w.Shift(), w.Volunteer("李文")
	w.Clk.Set(at(9, 0))
	_, err := w.Attendance.ReadCard(t.Context(), v.ID, w.Attendance.ShowCard(w.Leader.ID).Token, w.Leader.ID)
	refused(t, err, attendance.ErrOwn)
	_, err = w.Attendance.ReadCard(t.Context(), v.ID, w.Attendance.ShowCard(unknown.ID).Digits, w.Leader.ID)
	refused(t, err, attendance.ErrDigitsWrong)
	code, err := w.Attendance.ShowCode(v)
	w.Must(err)
	for _, input := range []string{code.Token, code.Digits, ""} {
		_, err = w.Attendance.ReadCard(t.Context(), v.ID, input, w.Leader.ID)
		refused(t, err, attendance.ErrCodeUnknown)
	}
}

func TestATicketBridgesThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p, thief := w.Shift(), w.Volunteer("李文"), w.Volunteer("张三")
	w.Clk.Set(at(9, 0))
	ticket := w.Attendance.Ticket(w.Scan(v, p))
	_, err := w.Attendance.ReadTicket(ticket, thief.ID)
	refused(t, err, attendance.ErrCodeUnknown)
	w.Clk.Advance(2 * time.Minute)
	proof, err := w.Attendance.ReadTicket(ticket, p.ID)
	w.Must(err)
	if a, err := w.Attendance.CheckIn(t.Context(), proof, nil); err != nil || !a.InAt.Equal(at(9, 2)) || a.InMethod != attendance.QR {
		t.Errorf("%+v %v", a, err)
	}
	w.Clk.Advance(2 * time.Minute)
	_, err = w.Attendance.ReadTicket(ticket, p.ID)
	refused(t, err, attendance.ErrCodeExpired)
}
