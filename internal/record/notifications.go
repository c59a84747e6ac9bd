package record

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/clock"
	"kapok/internal/notify"
)

// Notifications is the reader that tells volunteers what happens to their
// hours. A rebuild sends nothing twice: the key of a message is its event.
func (s *Service) Notifications() Reader {
	return Reader{Name: "notifications", Handle: s.tell, Reset: func(context.Context, pgx.Tx) error { return nil }}
}

// told says of which events a volunteer is told, and how loudly.
var told = map[string]struct{ quiet bool }{
	string(Claimed):                  {quiet: true}, // the person has just checked out and sees it
	string(ConfirmedBy):              {},
	string(Amended):                  {},
	string(VoidedBy):                 {},
	string(Reinstated):               {},
	string(attendance.CaseOpened):    {},
	string(attendance.CaseAsked):     {},
	string(attendance.CaseDismissed): {},
}

func (s *Service) tell(ctx context.Context, tx pgx.Tx, events []Event) error {
	var records, shifts []uuid.UUID
	for _, e := range events {
		if _, ok := told[e.Kind]; !ok {
			continue
		}
		if e.Record != nil {
			records = append(records, *e.Record)
		} else {
			shifts = append(shifts, e.Payload.Shift)
		}
	}
	byRecord, err := getMany(ctx, tx, records)
	if err != nil {
		return err
	}
	byShift, err := s.shifts.Shifts(ctx, tx, shifts)
	if err != nil {
		return err
	}
	var out []notify.Message
	for _, e := range events {
		if how, ok := told[e.Kind]; ok {
			m := message(e, byRecord, byShift)
			m.Quiet = how.quiet
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return s.messages.SendTx(ctx, tx, out...)
}

// message is the news of one event. Its figures are those of the event, not
// of the record now.
func message(e Event, records map[uuid.UUID]ServiceRecord, shifts map[uuid.UUID]activity.ShiftView) notify.Message {
	m := notify.Message{Person: e.Person, Kind: "record." + e.Kind, Key: fmt.Sprintf("journal/%d", e.Seq)}
	if e.Record == nil {
		v := shifts[e.Payload.Shift]
		m.Args = map[string]any{"title": v.Activity.Title, "date_on": v.StartsAt.In(clock.ZoneOf(v.Activity.Division)).Format(time.DateOnly)}
		m.Link = "/me/attendance/" + e.Payload.Attendance.String()
		return m
	}
	r := records[*e.Record]
	m.Link = "/me/hours/" + r.ID.String()
	m.Args = map[string]any{"title": r.ActivityName, "date_on": r.ServiceDate.Format(time.DateOnly), "due_on": r.DueOn.Format(time.DateOnly)}
	if f := e.Payload.After; f != nil {
		m.Args["minutes"] = f.Minutes
	}
	if f := e.Payload.Before; f != nil {
		m.Args["old_minutes"] = f.Minutes
	}
	return m
}
