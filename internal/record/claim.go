package record

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/clock"
	"kapok/internal/organisation"
)

// ClaimTx writes the record of a complete attendance: pending, with its due
// day, from the minute of check-out. It is the hook of attendance.
func (s *Service) ClaimTx(ctx context.Context, tx pgx.Tx, a attendance.Attendance, v activity.ShiftView) error {
	names, err := organisation.Names(ctx, tx, []uuid.UUID{v.Activity.Org, v.Activity.RecordingUnit})
	if err != nil {
		return err
	}
	if a.OutAt == nil {
		return fmt.Errorf("record: attendance %s is not complete", a.ID)
	}
	from, to, minutes := attendance.Served(a.InAt, *a.OutAt, v.Shift)
	now := s.clk.Now()
	r := ServiceRecord{
		ID: uuid.Must(uuid.NewV7()), Person: a.Person, Org: v.Activity.Org, RecorderOrg: v.Activity.RecordingUnit,
		Activity: v.Activity.ID, Shift: v.ID, Attendance: &a.ID, SignedUp: a.Signup != nil,
		Division: v.Activity.Division, Field: v.Activity.Field,
		ActivityName: v.Activity.Title, ServiceDate: dateOf(from.In(clock.ZoneOf(v.Activity.Division))), Place: v.Place,
		Content: v.Activity.Content, Minutes: minutes, Organiser: names[v.Activity.Org], Responsible: v.Activity.Responsible,
		RecordingUnit: names[v.Activity.RecordingUnit], StartsAt: from, EndsAt: to, TravelCounted: v.Activity.TravelCounted,
		EntryWay: wayOf(a), Grade: a.Grade(), State: StatePending,
		ActivityEndAt: v.EndsAt, RecordedAt: now, Change: Claimed, ChangedAt: now, ChangedBy: &a.Person,
	}
	r.DueOn, r.DueEstimated = s.due(v.EndsAt)
	if r.EntryWay == WayManual {
		r.Recorder = a.InBy
	}
	if a.OutBy != nil {
		r.ChangedBy = a.OutBy
	}
	return insert(ctx, tx, r)
}

// wayOf is the entry way: how the person came in.
func wayOf(a attendance.Attendance) EntryWay {
	switch a.InMethod {
	case attendance.QR:
		return WayQR
	case attendance.Digits:
		return WayCode
	case attendance.Card:
		return WayCard
	}
	return WayManual
}

// missingBy is by how much an event of a case changes the number of missing
// check-outs of its shift.
func missingBy(h attendance.Happening) int {
	switch {
	case h.Event == attendance.CaseOpened:
		return 1
	case h.WasMissing && (h.Event == attendance.CaseDismissed || h.Event == attendance.CaseSettled):
		return -1
	}
	return 0
}

// CaseTx writes what happens to a forgotten check-out into the journal. It is
// the hook of attendance.
func (s *Service) CaseTx(ctx context.Context, tx pgx.Tx, h attendance.Happening) error {
	return AppendTx(ctx, tx, Event{Kind: string(h.Event), Person: h.Attendance.Person, Org: h.Attendance.Org, At: h.At, Actor: h.Actor,
		Payload: Payload{Shift: h.Shift.ID, Attendance: h.Attendance.ID, Missing: missingBy(h)}})
}
