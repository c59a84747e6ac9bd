package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"kapok/internal/activity"
)

// activity puts one activity and all that becomes of it into the timetable.
func (r *replay) activity(run *run) {
	r.add(write, run.created, func(ctx context.Context, o *office) error { return run.write(ctx, o) })
	switch run.fate {
	case staysDraft, waitsReview:
		return
	case wasReturned:
		r.add(publish, earlier(run.submitted.Add(26*time.Hour), r.now), func(ctx context.Context, o *office) error {
			return run.step(ctx, o, activity.Return, "风险说明请补充往返交通安排；联系电话请改为单位电话。")
		})
		return
	}
	r.add(publish, run.published, func(ctx context.Context, o *office) error { return run.step(ctx, o, activity.Publish, "") })
	ends := r.now.Add(time.Hour)
	if run.fate == wasCancelled {
		ends = later(run.published.Add(3*time.Hour), earlier(run.shifts[0].starts.Add(-20*time.Hour), r.now.Add(-2*time.Hour)))
		r.add(answer, ends, func(ctx context.Context, o *office) error {
			return run.step(ctx, o, activity.Cancel, "因天气预警，活动取消，感谢报名，改期另行通知。")
		})
	}
	for _, s := range run.shifts {
		r.shift(s, ends)
	}
	last := run.shifts[len(run.shifts)-1].ends.AddDate(0, 0, 2)
	if run.fate == goesOn && last.Before(r.now) {
		r.add(confirm, last, func(ctx context.Context, o *office) error { return run.step(ctx, o, activity.Close, "") })
	}
}

// write drafts an activity in a project of its kind and, as a rule, hands it in.
func (run *run) write(ctx context.Context, o *office) error {
	pr, err := o.Activities.CreateProject(ctx, run.body.id, activity.ProjectPlan{Name: run.title, Intro: run.content}, run.body.admin.id)
	if err != nil {
		return fmt.Errorf("%s, a project: %w", run.title, err)
	}
	shifts := make([]activity.ShiftPlan, len(run.shifts))
	for i, s := range run.shifts {
		shifts[i] = s.plan()
	}
	a, err := o.Activities.Create(ctx, pr.ID, run.plan(), shifts, run.body.admin.id)
	if err != nil {
		return fmt.Errorf("%s is written: %w", run.title, err)
	}
	run.id, run.version = a.ID, a.Version
	if err := run.findShifts(ctx, o); err != nil || run.fate == staysDraft {
		return err
	}
	o.clock.Set(run.submitted)
	return run.step(ctx, o, activity.Submit, "")
}

func (run *run) plan() activity.Plan {
	p := activity.Plan{
		Division: run.division, Title: run.title, Content: run.content, Responsible: run.responsible.name.any(), Contact: run.body.phone,
		Field: run.Field, LocalField: run.Local, Objects: run.Objects, Guarantees: run.Guarantees, Risks: run.Risks, Dangerous: run.Dangerous,
		Declarations: activity.Declarations{}, WithAdult: run.WithAdult,
	}
	for _, class := range activity.Classes {
		p.Declarations[class] = false
	}
	if run.Dangerous {
		p.Insurance = "DEMO-" + run.created.Format("20060102") + "-" + run.Key
	}
	return p
}

const radius = 300 // metres of the check-in circle

func (s *shift) plan() activity.ShiftPlan {
	r := s.run
	return activity.ShiftPlan{
		StartsAt: s.starts, EndsAt: s.ends, Place: r.place, Lat: &r.at.lat, Lon: &r.at.lon, RadiusM: radius,
		Capacity: s.capacity, WaitingMax: s.waiting, SignupUntil: &s.until, MinAge: r.MinAge,
		Skills: r.Skills, Languages: r.Languages, Qualifications: r.Qualifications, Approval: r.Approval,
	}
}

func (run *run) step(ctx context.Context, o *office, step activity.Step, reason string) error {
	by := run.body.admin.id
	do := map[activity.Step]func(context.Context, activity.Move) (activity.Activity, error){
		activity.Submit: o.Activities.Submit, activity.Publish: o.Activities.Publish, activity.Return: o.Activities.Return,
		activity.Close: o.Activities.CloseActivity, activity.Cancel: o.Activities.CancelActivity,
	}[step]
	if step == activity.Publish || step == activity.Return {
		by = run.body.desk.id
	}
	a, err := do(ctx, activity.Move{Activity: run.id, Version: run.version, Reason: reason, By: by})
	if err != nil {
		return fmt.Errorf("%s, %s: %w", run.title, step, err)
	}
	run.version = a.Version
	return nil
}

// shift puts the sign-ups of a shift before a time, those who serve, and the
// confirmation of hours into the timetable.
func (r *replay) shift(s *shift, before time.Time) {
	byDay := map[string][]*signup{}
	for _, u := range s.signups {
		if u.at.Before(before) {
			byDay[day(u.at)] = append(byDay[day(u.at)], u)
		}
	}
	for _, list := range byDay {
		last := slices.MaxFunc(list, func(a, b *signup) int { return a.at.Compare(b.at) }).at
		r.add(signUp, last, func(ctx context.Context, o *office) error { return s.signUp(ctx, o, list) })
		if s.run.Approval {
			r.add(answer, earlier(last.Add(10*time.Minute), s.starts.Add(-time.Minute)), func(ctx context.Context, o *office) error { return s.approve(ctx, o, list) })
		}
	}
	for _, u := range s.signups {
		if !u.cancel.IsZero() && u.at.Before(before) && u.cancel.Before(before) {
			r.add(withdraw, u.cancel, func(ctx context.Context, o *office) error { return s.cancel(ctx, o, u) })
		}
	}
	if s.run.fate == goesOn {
		r.service(s)
	}
}

// signUp lets all who sign up on one day do so at once, as they do when it is
// told in the neighbourhood's chat group.
func (s *shift) signUp(ctx context.Context, o *office, list []*signup) error {
	var g errgroup.Group
	for _, u := range list {
		g.Go(func() error {
			got, err := o.Activities.SignUp(ctx, activity.SignUpRequest{Shift: s.id, Person: u.who.id, By: u.who.hand(u.at)})
			if errors.Is(err, activity.ErrShiftFull) || errors.Is(err, activity.ErrWaitingFull) {
				return nil // that is life
			}
			if err != nil {
				return fmt.Errorf("sign-up for %s at %s: %w", s.run.title, s.starts.Format(time.DateTime), err)
			}
			u.id = got.ID
			return nil
		})
	}
	return g.Wait()
}

// approve decides on the sign-ups of a day, but for those left lying.
func (s *shift) approve(ctx context.Context, o *office, list []*signup) error {
	for _, u := range list {
		now, err := o.Activities.SignupOf(ctx, o.Pool, s.id, u.who.id)
		if err != nil || now.State != activity.SignupPending || u.left {
			continue
		}
		d := activity.Decision{Shift: s.id, Signups: []uuid.UUID{now.ID}, Approve: !u.refuse, By: s.run.responsible.id}
		if u.refuse {
			d.Reason = "本次名额优先安排已参加培训的志愿者，欢迎下次报名。"
		}
		err = o.Activities.Decide(ctx, d)
		if err != nil && !errors.Is(err, activity.ErrSignupDecided) { // moved up elsewhere meanwhile, from a waiting list
			return fmt.Errorf("sign-ups for %s are decided on: %w", s.run.title, err)
		}
	}
	return nil
}

func (s *shift) cancel(ctx context.Context, o *office, u *signup) error {
	now, err := o.Activities.SignupOf(ctx, o.Pool, s.id, u.who.id)
	if err != nil || !now.State.Active() {
		return nil // was full, or refused meanwhile
	}
	_, err = o.Activities.Cancel(ctx, activity.CancelRequest{Shift: s.id, Person: u.who.id, By: u.who.hand(u.at)})
	return err
}

// any is a name in whichever script there is.
func (n name) any() string {
	for _, s := range []string{n.hans, n.hant} {
		if s != "" {
			return s
		}
	}
	return strings.TrimSpace(n.latin)
}

// findShifts learns the ids of the shifts, which come in the order of their start.
func (run *run) findShifts(ctx context.Context, o *office) error {
	list, err := o.Activities.ShiftsOf(ctx, run.id)
	for i, sh := range list {
		run.shifts[i].id = sh.ID
	}
	return err
}
