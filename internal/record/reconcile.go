package record

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/person"
)

// Finding is what the reconciliation of a shift sees in one person.
type Finding string

// The findings, in the order of the screen: what needs a look comes first.
const (
	NotOut    Finding = "not_out"   // 未签退: when did the person leave?
	Objected  Finding = "objected"  // 有异议
	WalkIn    Finding = "walk_in"   // 未报名到场
	Written   Finding = "written"   // 现场补记: typed in by an organiser
	Short     Finding = "short"     // came late or left early by more than the tolerance
	Normal    Finding = "normal"    // 无异常: signed up, came, left
	Here      Finding = "here"      // checked in, not out yet
	Expected  Finding = "expected"  // signed up, may still come
	NoShow    Finding = "no_show"   // 未到
	Done      Finding = "done"      // confirmed
	Void      Finding = "void"      // voided
	NotServed Finding = "dismissed" // no service was given
)

var findingOrder = []Finding{NotOut, Objected, WalkIn, Written, Short, Normal, Here, Expected, NoShow, Done, Void, NotServed}

// NeedsLook reports whether a person must decide about this one by itself.
func (f Finding) NeedsLook() bool {
	return slices.Index(findingOrder, f) < slices.Index(findingOrder, Normal)
}

// tolerance is by how much coming late or leaving early is still normal.
const tolerance = 15 * time.Minute

// Row is one person at a shift: the sign-up beside the attendance and the record.
type Row struct {
	Person     person.Person
	Signup     *activity.Signup
	Attendance *attendance.Attendance
	Missing    *attendance.Missing // case of a forgotten check-out
	Record     *ServiceRecord
	Finding    Finding
	LateMin    int // minutes after the start, when more than the tolerance
	EarlyMin   int // minutes before the end, when more than the tolerance
}

// Sheet is the reconciliation of a shift.
type Sheet struct {
	Shift        activity.ShiftView
	Over         bool // the shift has ended
	DueOn        time.Time
	DueEstimated bool
	WorkdaysLeft int // negative: late
	Rows         []Row
	SignedUp     int
	Came         int
	Normal       int // can be confirmed in one go
	NormalMin    int // minutes of those
	Looks        int // need a look
	NoShows      int
	WalkIns      int
	Waiting      int // hours not confirmed yet
	Confirmed    int
}

// Reconciliation puts the sign-ups of a shift beside who came.
func (s *Service) Reconciliation(ctx context.Context, shift uuid.UUID) (Sheet, error) {
	v, err := s.shifts.Shift(ctx, s.pool, shift)
	if err != nil {
		return Sheet{}, err
	}
	now := s.clk.Now()
	sh := Sheet{Shift: v, Over: !now.Before(v.EndsAt)}
	sh.DueOn, sh.DueEstimated = s.due(v.EndsAt)
	sh.WorkdaysLeft = s.WorkdaysLeft(sh.DueOn)
	rows, err := s.gather(ctx, shift)
	if err != nil {
		return Sheet{}, err
	}
	for _, r := range rows {
		r.judge(v, sh.Over)
		sh.count(r)
		sh.Rows = append(sh.Rows, *r)
	}
	slices.SortStableFunc(sh.Rows, func(a, b Row) int {
		if d := slices.Index(findingOrder, a.Finding) - slices.Index(findingOrder, b.Finding); d != 0 {
			return d
		}
		return strings.Compare(a.Person.VolunteerNo, b.Person.VolunteerNo)
	})
	return sh, nil
}

// gather reads sign-ups that stand, attendance, cases and records of a shift
// and puts them together by person.
func (s *Service) gather(ctx context.Context, shift uuid.UUID) (map[uuid.UUID]*Row, error) {
	roster, err := s.shifts.Roster(ctx, s.pool, shift)
	if err != nil {
		return nil, err
	}
	present, err := attendance.OfShift(ctx, s.pool, shift)
	if err != nil {
		return nil, err
	}
	missing, err := attendance.MissingOfShift(ctx, s.pool, shift)
	if err != nil {
		return nil, err
	}
	records, err := OfShift(ctx, s.pool, shift)
	if err != nil {
		return nil, err
	}
	rows := map[uuid.UUID]*Row{}
	at := func(id uuid.UUID) *Row {
		if rows[id] == nil {
			rows[id] = &Row{}
		}
		return rows[id]
	}
	for _, g := range roster {
		if g.State.Holds() {
			at(g.Person).Signup = &g
		}
	}
	for _, a := range present {
		r := at(a.Person)
		r.Attendance = &a
		if m, ok := missing[a.ID]; ok {
			r.Missing = &m
		}
	}
	for _, rec := range records {
		at(rec.Person).Record = &rec
	}
	return rows, s.name(ctx, rows)
}

func (s *Service) name(ctx context.Context, rows map[uuid.UUID]*Row) error {
	ids := make([]uuid.UUID, 0, len(rows))
	for id := range rows {
		ids = append(ids, id)
	}
	people, err := s.people.GetMany(ctx, ids)
	for id, r := range rows {
		r.Person = people[id]
		r.Person.ID = id
	}
	return err
}

func (r *Row) judge(v activity.ShiftView, over bool) {
	if a := r.Attendance; a != nil {
		r.LateMin = beyond(a.InAt.Sub(v.StartsAt))
		if a.OutAt != nil {
			r.EarlyMin = beyond(v.EndsAt.Sub(*a.OutAt))
		}
	}
	switch {
	case r.Record != nil:
		r.Finding = r.judgeRecord()
	case r.Attendance == nil && over:
		r.Finding = NoShow
	case r.Attendance == nil:
		r.Finding = Expected
	case r.Attendance.State == attendance.Unconfirmed, r.Attendance.State == attendance.Open && over:
		r.Finding = NotOut
	case r.Attendance.State == attendance.Dismissed:
		r.Finding = NotServed
	default:
		r.Finding = Here
	}
}

func (r *Row) judgeRecord() Finding {
	switch {
	case r.Record.State == StateConfirmed:
		return Done
	case r.Record.State == StateVoided:
		return Void
	case r.Record.State == StateDisputed:
		return Objected
	case !r.Record.SignedUp:
		return WalkIn
	case r.Record.EntryWay == WayManual:
		return Written
	case r.LateMin > 0 || r.EarlyMin > 0:
		return Short
	}
	return Normal
}

func beyond(d time.Duration) int {
	if d <= tolerance {
		return 0
	}
	return int(d / time.Minute)
}

func (sh *Sheet) count(r *Row) {
	if r.Signup != nil {
		sh.SignedUp++
	}
	if r.Attendance != nil && r.Attendance.State != attendance.Dismissed {
		sh.Came++
	}
	if r.Finding.NeedsLook() {
		sh.Looks++
	}
	switch r.Finding {
	case Normal:
		sh.Normal++
		sh.NormalMin += r.Record.Minutes
	case NoShow:
		sh.NoShows++
	case Done:
		sh.Confirmed++
	}
	if r.Attendance != nil && r.Signup == nil {
		sh.WalkIns++
	}
	if r.Record != nil && (r.Record.State == StatePending || r.Record.State == StateDisputed) {
		sh.Waiting++
	}
}

// NormalPicks are the records that can be confirmed in one go, as the sheet
// shows them.
func (sh Sheet) NormalPicks() []Pick {
	var out []Pick
	for _, r := range sh.Rows {
		if r.Finding == Normal {
			out = append(out, Pick{r.Record.ID, r.Record.Version})
		}
	}
	return out
}
