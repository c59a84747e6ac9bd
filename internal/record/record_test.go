package record_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/fault"
	"kapok/internal/record"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestCheckOutClaimsTheHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	r := w.served(v, p, at(8, 56), at(11, 33))
	for name, ok := range map[string]bool{
		"pending":   r.State == record.StatePending && r.Version == 1 && r.Change == record.Claimed,
		"statutory": r.ActivityName == "陪长者过重阳" && r.Place == "盐运西社区" && r.Content == "聊天、读报、陪同散步" && r.Responsible == "吴琪",
		"units":     r.Organiser == w.Org.Name && r.RecordingUnit == w.Org.Name && r.Org == w.Org.ID && r.RecorderOrg == w.Org.ID,
		"time":      r.Minutes == 150 && r.StartsAt.Equal(at(9, 0)) && r.EndsAt.Equal(at(11, 30)) && r.ServiceDate.Equal(date("2026-10-18")),
		"evidence":  r.EntryWay == record.WayQR && r.Grade == attendance.GradeA && r.SignedUp && r.Recorder == nil,
		"due":       r.DueOn.Equal(date("2026-10-30")) && !r.DueEstimated && !r.Late,
		"scope":     r.Division == "440104" && r.Field == "0001" && r.Person == p.ID && !r.TravelCounted,
	} {
		if !ok {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestADayBeyondTheKnownCalendarIsAnEstimate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := time.Date(2026, 12, 25, 9, 0, 0, 0, attendancetest.Day.Location())
	v, p := w.Shift(attendancetest.Between(day, day.Add(time.Hour))), w.Volunteer("李文")
	r := w.served(v, p, day, day.Add(time.Hour))
	if !r.DueEstimated || !r.DueOn.Equal(date("2027-01-08")) {
		t.Errorf("%v %v", r.DueOn, r.DueEstimated)
	}
}

func TestConfirmingInOneGoSaysWhatBecameOfEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, other := w.Shift(), w.Shift(attendancetest.Titled("别处"), attendancetest.Between(at(14, 0), at(15, 0)))
	a, b, c := w.Volunteer("甲一"), w.Volunteer("乙二"), w.Volunteer("丙三")
	ra, rb, rc := w.served(v, a, at(9, 0), at(11, 30)), w.served(v, b, at(9, 0), at(11, 30)), w.served(v, c, at(9, 0), at(11, 30))
	own := w.served(v, w.Approver, at(9, 0), at(11, 30))
	foreign := w.served(other, a, at(14, 0), at(15, 0))
	_, err := w.Records.Void(t.Context(), record.Voiding{Record: rc.ID, Version: 1, By: w.Admin.ID, Cause: record.Duplicate, Reason: "重复"})
	w.Must(err)
	w.confirm(v.ID, rb.ID)
	out, err := w.Records.Confirm(t.Context(), record.Confirmation{Shift: v.ID, By: w.Approver.ID, Picks: []record.Pick{
		{Record: ra.ID, Version: 1}, {Record: rb.ID, Version: 1}, {Record: rc.ID}, {Record: own.ID}, {Record: foreign.ID}, {Record: uuid.New()}}})
	w.Must(err)
	want := []*fault.Error{nil, nil, record.ErrIsVoided, record.ErrOwn, record.ErrNotFound, record.ErrNotFound}
	for i, o := range out {
		if (o.Err == nil) != (want[i] == nil) || (want[i] != nil && !errors.Is(o.Err, want[i])) || o.Already != (i == 1) {
			t.Errorf("%d: %+v, want %v", i, o, want[i])
		}
	}
	got := w.get(ra.ID)
	if got.State != record.StateConfirmed || *got.Approver != w.Approver.ID || got.Version != 2 || got.Late || !got.ConfirmedAt.Equal(w.Clk.Now()) {
		t.Errorf("%+v", got)
	}
	if w.get(rb.ID).Version != 2 || w.get(foreign.ID).State != record.StatePending {
		t.Error("a record was touched that should not be")
	}
}

func TestConfirmingAStaleVersionIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	r := w.served(v, w.Volunteer("李文"), at(9, 0), at(11, 30))
	_, err := w.Records.Amend(t.Context(), record.Amendment{Record: r.ID, Version: 1, By: w.Admin.ID, Minutes: 120, Reason: "中间休息半小时"})
	w.Must(err)
	out, err := w.Records.Confirm(t.Context(), record.Confirmation{Shift: v.ID, By: w.Approver.ID, Picks: []record.Pick{{Record: r.ID, Version: 1}}})
	if err != nil || !errors.Is(out[0].Err, fault.ErrVersionConflict) {
		t.Errorf("%+v %v", out, err)
	}
}

func TestWhoTypedAnEntryDoesNotConfirmIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	w.Clk.Set(at(12, 0))
	a, err := w.Attendance.Write(t.Context(), attendance.Entry{Shift: v.ID, Person: p.ID, By: w.Approver.ID, InAt: at(9, 0), OutAt: at(11, 0), Reason: "手机没电"})
	w.Must(err)
	r := w.recordOf(a)
	if r.Recorder == nil || *r.Recorder != w.Approver.ID || r.EntryWay != record.WayManual || r.Grade != attendance.GradeD {
		t.Errorf("%+v", r)
	}
	if out := w.confirm(v.ID, r.ID); !errors.Is(out[0].Err, record.ErrTwoPeople) {
		t.Errorf("%+v", out)
	}
	out, err := w.Records.Confirm(t.Context(), record.Confirmation{Shift: v.ID, By: w.Admin.ID, Picks: []record.Pick{{Record: r.ID}}})
	if err != nil || out[0].Err != nil {
		t.Errorf("%+v %v", out, err)
	}
	_, err = w.Records.Amend(t.Context(), record.Amendment{Record: r.ID, By: w.Approver.ID, Minutes: 60, Reason: "改一改"})
	refused(t, err, record.ErrTwoPeople)
}

func TestLateConfirmationIsKeptAndMarked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	inTime, late := w.served(v, w.Volunteer("甲一"), at(9, 0), at(11, 30)), w.served(v, w.Volunteer("乙二"), at(9, 0), at(11, 30))
	w.Clk.Set(time.Date(2026, 10, 30, 23, 59, 0, 0, attendancetest.Day.Location()))
	w.confirm(v.ID, inTime.ID)
	w.Clk.Advance(time.Minute)
	w.confirm(v.ID, late.ID)
	if w.get(inTime.ID).Late || !w.get(late.ID).Late {
		t.Error("the last minute of the tenth working day is in time, the next is late")
	}
}

func TestAmendingKeepsTheOldValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	r := w.served(v, w.Volunteer("李文"), at(9, 0), at(11, 30))
	w.confirm(v.ID, r.ID)
	w.Clk.Set(at(13, 0))
	got, err := w.Records.Amend(t.Context(), record.Amendment{Record: r.ID, Version: 2, By: w.Admin.ID, EndsAt: at(12, 0), Minutes: 160,
		Place: "盐运西社区二楼", Reason: "延长半小时，休息 20 分钟"})
	w.Must(err)
	if got.State != record.StateConfirmed || got.Version != 3 || got.Minutes != 160 || !got.EndsAt.Equal(at(12, 0)) || *got.Approver != w.Approver.ID {
		t.Errorf("%+v", got)
	}
	history, err := record.History(t.Context(), w.Pool, r.ID)
	w.Must(err)
	last := history[len(history)-1]
	if len(history) != 3 || last.Change != record.Amended || *last.Actor != w.Admin.ID || last.Reason != "延长半小时，休息 20 分钟" || !last.At.Equal(at(13, 0)) {
		t.Fatalf("%+v", history)
	}
	want := map[string]any{"minutes": 150.0, "place": "盐运西社区", "ends_at": "2026-10-18T03:30:00+00:00"}
	if diff := cmp.Diff(want, last.Old); diff != "" {
		t.Errorf("old values: %s", diff)
	}
	want = map[string]any{"minutes": 160.0, "place": "盐运西社区二楼", "ends_at": "2026-10-18T04:00:00+00:00"}
	if diff := cmp.Diff(want, last.New); diff != "" {
		t.Errorf("new values: %s", diff)
	}
}

func TestAmendmentsTellAllThatIsWrongAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	r := w.served(v, w.Volunteer("李文"), at(9, 0), at(11, 30))
	w.Clk.Set(at(20, 0))
	for name, x := range map[string]struct {
		m    record.Amendment
		want map[string]string
	}{
		"nothing but a reason missing": {record.Amendment{}, map[string]string{"reason": "kit.required"}},
		"too long":                     {record.Amendment{Minutes: 151, Reason: "改"}, map[string]string{"minutes": "record.minutes"}},
		"turned":                       {record.Amendment{EndsAt: at(8, 0)}, map[string]string{"ends_at": "record.ends", "reason": "kit.required"}},
		"far":                          {record.Amendment{StartsAt: at(-5, 0), EndsAt: at(11, 0), Reason: "改"}, map[string]string{"starts_at": "record.reach"}},
		"to come":                      {record.Amendment{EndsAt: at(21, 0), Reason: "改"}, map[string]string{"ends_at": "record.not_yet"}},
	} {
		x.m.Record, x.m.By = r.ID, w.Admin.ID
		_, err := w.Records.Amend(t.Context(), x.m)
		if diff := cmp.Diff(x.want, fieldsOf(err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	_, err := w.Records.Amend(t.Context(), record.Amendment{Record: r.ID, Version: 7, By: w.Admin.ID, Minutes: 100, Reason: "改"})
	refused(t, err, fault.ErrVersionConflict)
	if got := w.get(r.ID); got.Version != 1 {
		t.Errorf("%+v", got)
	}
}

func TestVoidingAndTakingItBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	r := w.served(v, p, at(9, 0), at(11, 30))
	w.confirm(v.ID, r.ID)
	_, err := w.Records.Void(t.Context(), record.Voiding{Record: r.ID, By: w.Admin.ID})
	if diff := cmp.Diff(map[string]string{"cause": "kit.required", "reason": "kit.required"}, fieldsOf(err)); diff != "" {
		t.Error(diff)
	}
	void := record.Voiding{Record: r.ID, Version: 2, By: w.Admin.ID, Cause: record.NotGiven, Reason: "本人未到场"}
	got, err := w.Records.Void(t.Context(), void)
	if err != nil || got.State != record.StateVoided || got.Cause != record.NotGiven {
		t.Errorf("%+v %v", got, err)
	}
	if again, err := w.Records.Void(t.Context(), void); err != nil || again.Version != got.Version {
		t.Errorf("a double click: %+v %v", again, err)
	}
	_, err = w.Records.Amend(t.Context(), record.Amendment{Record: r.ID, By: w.Admin.ID, Minutes: 10, Reason: "改"})
	refused(t, err, record.ErrIsVoided)
	_, err = w.Records.Dispute(t.Context(), record.Objection{Record: r.ID, By: p.ID, Reason: "我到了"})
	refused(t, err, record.ErrIsVoided)
	got, err = w.Records.Reinstate(t.Context(), record.Reinstatement{Record: r.ID, By: w.Admin.ID, Reason: "查到照片，本人到场"})
	if err != nil || got.State != record.StatePending || got.Cause != "" {
		t.Errorf("%+v %v", got, err)
	}
	_, err = w.Records.Reinstate(t.Context(), record.Reinstatement{Record: r.ID, By: w.Admin.ID, Reason: "再来"})
	refused(t, err, record.ErrNotVoided)
	if out := w.confirm(v.ID, r.ID); out[0].Err != nil {
		t.Errorf("%+v", out)
	}
}

func TestAnObjectionIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	mine := w.Volunteer("李文")
	r := w.served(v, mine, at(9, 0), at(11, 30))
	w.confirm(v.ID, r.ID)
	_, err := w.Records.Dispute(t.Context(), record.Objection{Record: r.ID, By: mine.ID})
	if fieldsOf(err)["reason"] != "kit.required" {
		t.Error(err)
	}
	objection := record.Objection{Record: r.ID, By: mine.ID, Reason: "我提前到场布置了半小时"}
	for range 2 {
		if got, err := w.Records.Dispute(t.Context(), objection); err != nil || got.State != record.StateDisputed || got.Version != 3 {
			t.Errorf("%+v %v", got, err)
		}
	}
	list, err := record.DisputedOf(t.Context(), w.Pool, w.Org.ID, 10)
	if err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
	if out := w.confirm(v.ID, r.ID); !errors.Is(out[0].Err, record.ErrDisputed) {
		t.Errorf("confirmed without an answer: %+v", out)
	}
	out, err := w.Records.Confirm(t.Context(), record.Confirmation{Shift: v.ID, By: w.Approver.ID, Picks: []record.Pick{{Record: r.ID}}, Reason: "布置不在本班次内"})
	if err != nil || out[0].Err != nil || w.get(r.ID).State != record.StateConfirmed {
		t.Errorf("%+v %v", out, err)
	}
	_, err = w.Records.Dispute(t.Context(), objection)
	w.Must(err)
	got, err := w.Records.Amend(t.Context(), record.Amendment{Record: r.ID, By: w.Admin.ID, StartsAt: at(8, 30), Reason: "核对照片属实"})
	if err != nil || got.State != record.StateConfirmed || got.Minutes != 180 {
		t.Errorf("%+v %v", got, err)
	}
}

// One person cannot have served in two places at once, whoever confirms.
func TestConfirmedTimesNeverOverlap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v1, v2 := w.Shift(attendancetest.Titled("上午")), w.Shift(attendancetest.Titled("中午"), attendancetest.Between(at(11, 30), at(13, 0)))
	p := w.Volunteer("李文")
	w.SignUp(v2, p)
	r1 := w.served(v1, p, at(9, 0), at(11, 30))
	w.Come(v2, p, at(11, 40))
	r2 := w.recordOf(w.Leave(v2, p, at(13, 0)))
	_, err := w.Records.Amend(t.Context(), record.Amendment{Record: r1.ID, By: w.Admin.ID, EndsAt: at(12, 0), Reason: "延长"})
	w.Must(err)
	w.confirm(v2.ID, r2.ID)
	out := w.confirm(v1.ID, r1.ID)
	if !errors.Is(out[0].Err, record.ErrOverlap) || out[0].Err.Args["title"] != "中午" {
		t.Errorf("%+v", out)
	}
	_, err = w.Records.Amend(t.Context(), record.Amendment{Record: r1.ID, By: w.Admin.ID, EndsAt: at(11, 40), Reason: "更正"})
	w.Must(err)
	if out := w.confirm(v1.ID, r1.ID); out[0].Err != nil {
		t.Errorf("end to end: %+v", out)
	}
	_, err = w.Records.Amend(t.Context(), record.Amendment{Record: r1.ID, By: w.Admin.ID, EndsAt: at(12, 0), Reason: "延长"})
	refused(t, err, record.ErrOverlap)
}

func TestOverlapsRacing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v1, v2 := w.Shift(attendancetest.Titled("上午")), w.Shift(attendancetest.Titled("中午"), attendancetest.Between(at(11, 30), at(13, 0)))
	var first, second []uuid.UUID
	for range 6 {
		p := w.Volunteer("李文")
		r1 := w.served(v1, p, at(9, 0), at(11, 20))
		w.Come(v2, p, at(11, 40))
		r2 := w.recordOf(w.Leave(v2, p, at(12, 50)))
		_, err := w.Records.Amend(t.Context(), record.Amendment{Record: r1.ID, By: w.Admin.ID, EndsAt: at(12, 0), Reason: "延长"})
		w.Must(err)
		first, second = append(first, r1.ID), append(second, r2.ID)
		w.Clk.Set(at(8, 0))
	}
	w.Clk.Set(at(14, 0))
	var wg sync.WaitGroup
	for _, x := range []struct {
		shift uuid.UUID
		ids   []uuid.UUID
	}{{v1.ID, first}, {v2.ID, second}, {v1.ID, first}, {v2.ID, second}} {
		wg.Go(func() {
			c := record.Confirmation{Shift: x.shift, By: w.Approver.ID}
			for _, id := range x.ids {
				c.Picks = append(c.Picks, record.Pick{Record: id})
			}
			out, err := w.Records.Confirm(context.Background(), c)
			if err != nil {
				t.Error(err)
			}
			for _, o := range out {
				if o.Err != nil && !errors.Is(o.Err, record.ErrOverlap) {
					t.Error(o.Err)
				}
			}
		})
	}
	wg.Wait()
	for i := range first {
		a, b := w.get(first[i]).Counts(), w.get(second[i]).Counts()
		if a == b {
			t.Errorf("pair %d: first %v, second %v; want exactly one", i, a, b)
		}
	}
}

func TestConfirmedAndListsAreFiltered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.Volunteer("李文")
	for i := range 5 {
		from := at(9, 0).AddDate(0, 0, i)
		v := w.Shift(attendancetest.Between(from, from.Add(time.Hour)))
		r := w.served(v, p, from, from.Add(time.Hour))
		if i != 2 {
			w.confirm(v.ID, r.ID)
		}
	}
	all, err := record.Confirmed(t.Context(), w.Pool, p.ID, record.Filter{})
	if err != nil || len(all) != 4 || all[0].ServiceDate.After(all[1].ServiceDate) {
		t.Errorf("%d %v", len(all), err)
	}
	for name, x := range map[string]struct {
		f    record.Filter
		want int
	}{
		"days":   {record.Filter{From: date("2026-10-19"), To: date("2026-10-21")}, 2},
		"year":   {record.Filter{Year: 2025}, 0},
		"field":  {record.Filter{Field: "0001", Year: 2026}, 4},
		"org":    {record.Filter{Org: uuid.New()}, 0},
		"grade":  {record.Filter{Grade: attendance.GradeB}, 4},
		"grade2": {record.Filter{Grade: attendance.GradeA}, 4},
	} {
		if got, err := record.Confirmed(t.Context(), w.Pool, p.ID, x.f); err != nil || len(got) != x.want {
			t.Errorf("%s: %d %v", name, len(got), err)
		}
	}
	var seen []uuid.UUID
	after := ""
	for {
		page, err := record.List(t.Context(), w.Pool, p.ID, record.Filter{}, after, 2)
		w.Must(err)
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			seen = append(seen, r.ID)
		}
		after = page[len(page)-1].Cursor()
	}
	if len(seen) != 5 {
		t.Errorf("pages hold %d records", len(seen))
	}
}
