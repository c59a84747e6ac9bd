package attendance_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/fault"
	"kapok/internal/person"
)

// life is one volunteer over a day with two shifts that overlap, and what a
// reader of doc.go would expect of each step.
type life struct {
	*world
	p         person.Person
	shifts    [2]activity.ShiftView
	want      [2]attendance.State
	in        [2]time.Time
	completed int // hooks the model expects
}

func (l *life) now() time.Time { return l.Clk.Now() }

func (l *life) over(i int) bool   { return !l.now().Before(l.shifts[i].EndsAt) }
func (l *life) closed(i int) bool { return !l.now().Before(l.shifts[i].EndsAt.Add(4 * time.Hour)) }

// served is the model's own reckoning of whole minutes.
func (l *life) served(i int, out time.Time) int {
	from, to := l.in[i], out
	if s := l.shifts[i].StartsAt; from.Before(s) {
		from = s
	}
	if e := l.shifts[i].EndsAt; to.After(e) {
		to = e
	}
	return int(to.Sub(from) / time.Minute)
}

func (l *life) proof(i int) (attendance.Proof, bool) {
	code, err := l.Attendance.ShowCode(l.shifts[i])
	if err != nil {
		return attendance.Proof{}, false
	}
	p, err := l.Attendance.Read(context.Background(), l.p.ID, code.Token, nil)
	return p, err == nil
}

// come gives the fault the model expects, nil for none.
func (l *life) come(i int) *fault.Error {
	switch l.want[i] {
	case attendance.Open:
		return nil
	case attendance.Complete:
		return attendance.ErrAlreadyOut
	case attendance.Unconfirmed:
		return attendance.ErrIsMissing
	case attendance.Dismissed:
		return attendance.ErrIsDismissed
	}
	other := 1 - i
	switch {
	case l.over(i):
		return attendance.ErrCheckInOver
	case l.want[other] == attendance.Open && !l.over(other):
		return attendance.ErrOtherOpen
	case l.want[other] == attendance.Open:
		l.want[other] = attendance.Unconfirmed
	}
	l.want[i], l.in[i] = attendance.Open, l.now()
	return nil
}

func (l *life) go_(i int) *fault.Error {
	switch l.want[i] {
	case "":
		return attendance.ErrNotIn
	case attendance.Complete:
		return nil
	case attendance.Unconfirmed:
		return attendance.ErrIsMissing
	case attendance.Dismissed:
		return attendance.ErrIsDismissed
	}
	switch {
	case l.now().Before(l.shifts[i].StartsAt):
		return attendance.ErrNotBegun
	case l.served(i, l.now()) < 1:
		return attendance.ErrTooShort
	}
	l.want[i] = attendance.Complete
	l.completed++
	return nil
}

func (l *life) settle(i int, how attendance.How) *fault.Error {
	was := l.want[i]
	may := was == attendance.Unconfirmed || (was == attendance.Dismissed && how != attendance.Refused && l.over(i)) ||
		(was == attendance.Open && (how == attendance.Refused || l.over(i)))
	switch {
	case was == "":
		return attendance.ErrNotFound
	case !may:
		return attendance.ErrNotMissing
	case how == attendance.Refused:
		l.want[i] = attendance.Dismissed
		return nil
	case l.served(i, l.shifts[i].EndsAt) < 1:
		return attendance.ErrTooShort
	}
	l.want[i] = attendance.Complete
	l.completed++
	return nil
}

func (l *life) check(t *rapid.T, what string, err error, want *fault.Error) {
	if (want == nil) != (err == nil) || (want != nil && !errors.Is(err, want)) {
		t.Fatalf("%s at %s: got %v, want %v", what, l.now().Format("15:04:05"), err, want)
	}
}

func (l *life) attendanceOf(i int) (attendance.Attendance, bool) {
	a, err := attendance.Of(context.Background(), l.Pool, l.shifts[i].ID, l.p.ID)
	return a, err == nil
}

// agrees compares the database with the model.
func (l *life) agrees(t *rapid.T) {
	open := 0
	for i := range l.shifts {
		a, ok := l.attendanceOf(i)
		if (l.want[i] != "") != ok || (ok && a.State != l.want[i]) {
			t.Fatalf("shift %d is %q, the model says %q", i, a.State, l.want[i])
		}
		if ok && !a.InAt.Equal(l.in[i]) {
			t.Fatalf("shift %d: the time of coming changed", i)
		}
		if ok && a.State == attendance.Open {
			open++
		}
	}
	if open > 1 || len(l.world.completed) != l.completed {
		t.Fatalf("%d open; %d completions told, the model says %d", open, len(l.world.completed), l.completed)
	}
}

func TestAttendanceStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := 0
	rapid.Check(t, func(t *rapid.T) {
		day++
		w.completed = nil
		start := at(9, 0).AddDate(0, 0, day)
		w.Clk.Set(start.Add(-3 * time.Hour))
		l := &life{world: w, p: w.Volunteer("李文")}
		l.shifts[0] = w.Shift(attendancetest.Between(start, start.Add(2*time.Hour)))
		l.shifts[1] = w.Shift(attendancetest.Between(start.Add(time.Hour), start.Add(4*time.Hour)))
		w.Clk.Set(start.Add(-30 * time.Minute))
		which := rapid.IntRange(0, 1)
		t.Repeat(map[string]func(*rapid.T){
			"": l.agrees,
			"time passes": func(t *rapid.T) {
				w.Clk.Advance(time.Duration(rapid.IntRange(1, 4000).Draw(t, "seconds")) * time.Second)
			},
			"come": func(t *rapid.T) {
				i := which.Draw(t, "shift")
				if proof, ok := l.proof(i); ok {
					_, err := w.Attendance.CheckIn(context.Background(), proof, nil)
					l.check(t, "come", err, l.come(i))
				}
			},
			"go": func(t *rapid.T) {
				i := which.Draw(t, "shift")
				if proof, ok := l.proof(i); ok {
					_, err := w.Attendance.CheckOut(context.Background(), proof, nil)
					l.check(t, "go", err, l.go_(i))
				}
			},
			"sweep": func(t *rapid.T) {
				_, err := w.Attendance.Sweep(context.Background())
				for i := range l.shifts {
					if l.want[i] == attendance.Open && l.closed(i) {
						l.want[i] = attendance.Unconfirmed
					}
				}
				l.check(t, "sweep", err, nil)
			},
			"settle": func(t *rapid.T) {
				i := which.Draw(t, "shift")
				how := rapid.SampledFrom([]attendance.How{attendance.ShiftEnd, attendance.Refused}).Draw(t, "how")
				a, _ := l.attendanceOf(i)
				err := w.Attendance.Settle(context.Background(), attendance.Verdict{Attendance: a.ID, By: w.Leader.ID, How: how, Reason: "核对"})
				l.check(t, "settle", err, l.settle(i, how))
			},
		})
	})
}

// A crowd of double clicks, two tabs and two phones: one open attendance, one
// completion.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var completed atomic.Int64
	w.Attendance.OnComplete(func(context.Context, pgx.Tx, attendance.Attendance, activity.ShiftView) error {
		completed.Add(1)
		return nil
	})
	a, b, p := w.Shift(), w.Shift(attendancetest.Titled("另一处")), w.Volunteer("李文")
	w.Clk.Set(at(9, 0))
	proofs := []attendance.Proof{w.Scan(a, p), w.Scan(b, p)}
	var wg sync.WaitGroup
	var good, elsewhere atomic.Int64
	for i := range 60 {
		wg.Go(func() {
			switch _, err := w.Attendance.CheckIn(context.Background(), proofs[i%2], nil); {
			case err == nil:
				good.Add(1)
			case errors.Is(err, attendance.ErrOtherOpen):
				elsewhere.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	open, err := attendance.OpenOf(t.Context(), w.Pool, p.ID)
	w.Must(err)
	if good.Load() != 30 || elsewhere.Load() != 30 {
		t.Errorf("%d came in, %d were told they are elsewhere", good.Load(), elsewhere.Load())
	}
	w.Clk.Set(at(11, 0))
	v := a
	if open.Shift == b.ID {
		v = b
	}
	proof := w.Scan(v, p)
	for range 30 {
		wg.Go(func() {
			if _, err := w.Attendance.CheckOut(context.Background(), proof, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if completed.Load() != 1 {
		t.Errorf("hours claimed %d times", completed.Load())
	}
}

func TestSeveralNodesSweepAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var cases atomic.Int64
	w.Attendance.OnCase(func(context.Context, pgx.Tx, attendance.Happening) error { cases.Add(1); return nil })
	v := w.Shift()
	w.Clk.Set(at(9, 0))
	for range 25 {
		p := w.Volunteer("李文")
		_, err := w.Attendance.CheckIn(t.Context(), w.Scan(v, p), nil)
		w.Must(err)
	}
	w.Clk.Set(at(16, 0))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := w.Attendance.Sweep(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := w.Attendance.Sweep(t.Context()); err != nil || cases.Load() != 25 {
		t.Errorf("%d cases, %v", cases.Load(), err)
	}
}
