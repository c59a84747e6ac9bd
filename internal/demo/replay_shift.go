package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kapok/internal/attendance"
)

// service puts the hours of a shift into the timetable.
func (r *replay) service(s *shift) {
	c := newChance(r.seed, "steps"+s.starts.String()+s.run.title)
	visits := slices.Clone(s.walkIns)
	for _, u := range s.signups {
		if u.visit != nil {
			visits = append(visits, u.visit)
		}
	}
	for _, v := range visits {
		at := s.position(c, v)
		r.add(serve, v.in, func(ctx context.Context, o *office) error { return s.come(ctx, o, v, at) })
	}
	if len(visits) > 0 {
		r.add(doors, s.starts.Add(-30*time.Minute), func(ctx context.Context, o *office) (err error) {
			s.shown, err = o.Attendance.Shift(ctx, s.id)
			return err
		})
	}
	if !s.confirmed.IsZero() {
		r.add(confirm, s.confirmed, func(ctx context.Context, o *office) error { return r.confirmHours(ctx, o, s) })
	}
}

// come is one person's coming and going.
func (s *shift) come(ctx context.Context, o *office, v *visit, at *attendance.Position) error {
	if v.by == "manual" && !v.out.IsZero() {
		o.clock.Set(v.out.Add(10 * time.Minute))
		return s.at(o, s.writeDown(ctx, o, v))
	}
	if err := s.pass(ctx, o, v, attendance.In, at); err != nil || v.out.IsZero() {
		return s.at(o, err)
	}
	o.clock.Set(v.out)
	return s.at(o, s.pass(ctx, o, v, attendance.Out, at))
}

// at says where and when something went wrong.
func (s *shift) at(o *office, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s at %s: %w", s.run.title, o.clock.Now().Format(time.DateTime), err)
}

// position is where the phone says somebody is.
func (s *shift) position(c chance, v *visit) *attendance.Position {
	p := s.run.at
	switch v.where {
	case "near":
		return &attendance.Position{Lat: p.lat + (c.Float64()-0.5)*0.002, Lon: p.lon + (c.Float64()-0.5)*0.002, AccuracyM: float64(c.between(8, 60))}
	case "far":
		return &attendance.Position{Lat: p.lat + 0.03, Lon: p.lon - 0.02, AccuracyM: 20}
	}
	return nil
}

// pass checks somebody in or out the way they chose.
func (s *shift) pass(ctx context.Context, o *office, v *visit, d attendance.Direction, at *attendance.Position) error {
	proof, err := s.proof(ctx, o, v)
	if err != nil {
		return fmt.Errorf("code (%s): %w", v.by, err)
	}
	_, err = o.Attendance.Go(ctx, proof, d, at)
	return err
}

func (s *shift) proof(ctx context.Context, o *office, v *visit) (attendance.Proof, error) {
	if v.by == "card" {
		return o.Attendance.ReadCard(ctx, s.id, o.Attendance.ShowCard(v.who.id).Token, s.run.responsible.id)
	}
	code, err := o.Attendance.ShowCode(s.shown)
	if err != nil {
		return attendance.Proof{}, err
	}
	input := code.Token
	if v.by == "code" {
		input = code.Digits
	}
	return o.Attendance.Read(ctx, v.who.id, input, &s.id)
}

func (s *shift) writeDown(ctx context.Context, o *office, v *visit) error {
	_, err := o.Attendance.Write(ctx, attendance.Entry{Shift: s.id, Person: v.who.id, By: s.run.responsible.id, InAt: v.in, OutAt: v.out,
		Reason: "手机没电，领队现场登记"})
	return err
}
