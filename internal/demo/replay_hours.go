package demo

import (
	"context"
	"fmt"
	"time"

	"kapok/internal/attendance"
	"kapok/internal/record"
)

// confirmHours is the organisation's desk work on a shift: forgotten check-outs
// are settled, hours confirmed, and a few of them amended, disputed or voided.
func (r *replay) confirmHours(ctx context.Context, o *office, s *shift) error {
	c := newChance(r.seed, "desk"+s.starts.String()+s.run.title)
	if err := s.settle(ctx, o, c); err != nil {
		return fmt.Errorf("%s, settling: %w", s.run.title, err)
	}
	records, err := record.OfShift(ctx, o.Pool, s.id)
	if err != nil || len(records) == 0 {
		return err
	}
	who := record.Confirmation{Shift: s.id, By: s.run.body.approver.id}
	for _, rec := range records {
		who.Picks = append(who.Picks, record.Pick{Record: rec.ID, Version: rec.Version})
	}
	out, err := o.Records.Confirm(ctx, who)
	if err != nil {
		return fmt.Errorf("%s, confirming: %w", s.run.title, err)
	}
	for _, one := range out {
		if one.Err != nil {
			return fmt.Errorf("%s, confirming: %w", s.run.title, one.Err)
		}
	}
	return r.afterwards(ctx, o, c, s, records)
}

// settle answers the cases of forgotten check-outs.
func (s *shift) settle(ctx context.Context, o *office, c chance) error {
	list, err := attendance.OfShift(ctx, o.Pool, s.id)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.State != attendance.Unconfirmed && a.State != attendance.Open {
			continue
		}
		v := attendance.Verdict{Attendance: a.ID, By: s.run.responsible.id, How: attendance.ShiftEnd}
		switch x := c.Float64(); {
		case x < 0.15:
			v.How, v.Reason = attendance.Refused, "签到后离开，未参加服务"
		case x < 0.5 && a.State == attendance.Unconfirmed:
			if err := o.Attendance.Ask(ctx, a.ID, s.run.responsible.id); err != nil {
				return err
			}
			left := s.ends.Add(-time.Duration(c.IntN(20)) * time.Minute)
			if err := o.Attendance.Answer(ctx, attendance.Reply{Attendance: a.ID, By: a.Person, OutAt: left, Note: "走得急，忘了签退"}); err != nil {
				return err
			}
			v.How = attendance.Answer
		}
		if err := o.Attendance.Settle(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// afterwards corrects some of what was confirmed, with the reasons people give.
func (r *replay) afterwards(ctx context.Context, o *office, c chance, s *shift, records []record.ServiceRecord) error {
	by := s.run.body.approver.id
	for _, rec := range records {
		at := s.confirmed.Add(time.Duration(c.between(3, 60)) * time.Hour)
		x := c.Float64()
		if x > 0.05 || at.After(r.now) || rec.Minutes < 61 {
			continue
		}
		o.clock.Set(at)
		var err error
		switch {
		case x < 0.007:
			_, err = o.Records.Void(ctx, record.Voiding{Record: rec.ID, By: by, Cause: record.NotGiven, Reason: "核对签到照片，本人未到场"})
		case x < 0.03:
			_, err = o.Records.Amend(ctx, record.Amendment{Record: rec.ID, Version: rec.Version + 1, By: by,
				EndsAt: rec.EndsAt.Add(-30 * time.Minute), Reason: "领队核对：提前半小时离开"})
		default:
			err = r.dispute(ctx, o, rec, by, at)
		}
		if err != nil {
			return fmt.Errorf("%s, afterwards: %w", s.run.title, err)
		}
	}
	return nil
}

// dispute: a volunteer objects; the organisation looks and lets the hours
// stand, unless it is not so long ago.
func (r *replay) dispute(ctx context.Context, o *office, rec record.ServiceRecord, by [16]byte, at time.Time) error {
	_, err := o.Records.Dispute(ctx, record.Objection{Record: rec.ID, By: rec.Person, Reason: "我提前到场布置了半小时，请核对"})
	answered := at.AddDate(0, 0, 3)
	if err != nil || answered.After(r.now) {
		return err
	}
	o.clock.Set(answered)
	_, err = o.Records.Confirm(ctx, record.Confirmation{Shift: rec.Shift, By: by, Picks: []record.Pick{{Record: rec.ID}},
		Reason: "布置时间在集合前，按现场签到计，已电话说明"})
	return err
}
