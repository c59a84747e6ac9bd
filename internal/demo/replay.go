package demo

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"kapok/internal/app"
	"kapok/internal/kit/clock"
)

// phase orders what happens within a day; within a phase nothing depends on
// anything else.
type phase int

const (
	arrive   phase = iota // grown-ups register
	children              // with their guardians
	found                 // organisations apply
	decide                // and are decided on and staffed
	write                 // activities are written and handed in
	publish               // and decided on
	signUp
	answer   // organisations approve sign-ups, or call activities off
	withdraw // people cancel
	doors    // leaders open the screen with the code
	serve    // check-in and check-out
	confirm
	phases
)

// timetable is everything that happens, by day and phase.
type timetable map[string]*[phases][]task

func (t timetable) add(p phase, at time.Time, do func(ctx context.Context, o *office) error) {
	day := at.In(clock.Shanghai).Format(time.DateOnly)
	if t[day] == nil {
		t[day] = &[phases][]task{}
	}
	t[day][p] = append(t[day][p], task{at, do})
}

// replay lives a planned life through the services.
type replay struct {
	*life
	*offices
	timetable
	seed uint64
	out  io.Writer
}

// replayed carries a whole life out, day by day.
func replayed(ctx context.Context, a *app.App, o Options, l *life) error {
	all, err := openOffices(ctx, a)
	if err != nil {
		return err
	}
	defer all.close()
	r := &replay{life: l, offices: all, timetable: timetable{}, seed: o.Seed, out: o.Progress}
	r.peopleArrive()
	r.bodiesArrive()
	for _, run := range l.runs {
		r.activity(run)
	}
	days := slices.Sorted(maps.Keys(r.timetable))
	for i, day := range days {
		if err := r.day(ctx, day); err != nil {
			return fmt.Errorf("demo: %s: %w", day, err)
		}
		if i+1 == len(days) || days[i+1][:7] != day[:7] {
			r.report(day)
		}
		if i%looksEvery == 0 {
			if err := r.analyse(ctx); err != nil {
				return err
			}
		}
	}
	return r.finish(ctx)
}

// day lives one day; in the evening forgotten check-outs are noticed, and the
// journal is read.
func (r *replay) day(ctx context.Context, day string) error {
	for p := range phases {
		if err := r.run(ctx, r.timetable[day][p]); err != nil {
			return err
		}
	}
	date, err := time.ParseInLocation(time.DateOnly, day, clock.Shanghai)
	if err != nil {
		return err
	}
	return r.run(ctx, []task{{earlier(date.AddDate(0, 0, 1).Add(-time.Minute), r.now), evening}})
}

func evening(ctx context.Context, o *office) error {
	if _, err := o.Attendance.Sweep(ctx); err != nil {
		return err
	}
	var g errgroup.Group
	for _, reader := range o.Readers() {
		g.Go(func() error {
			_, err := o.Journal.Drain(ctx, reader)
			return err
		})
	}
	return g.Wait()
}

// looksEvery is after how many days PostgreSQL looks at the tables anew. By
// itself it would do so after some minutes, which here are many months.
const looksEvery = 12

// analyse renews what PostgreSQL knows of tables that grew a lot, so that it
// does not go on with plans made when they were empty.
func (r *replay) analyse(ctx context.Context) error {
	_, err := r.pool.Exec(ctx, `DO $$
		DECLARE t regclass;
		BEGIN
			FOR t IN SELECT relid FROM pg_stat_user_tables WHERE n_mod_since_analyze > 300 AND 2 * n_mod_since_analyze > n_live_tup LOOP
				EXECUTE 'ANALYZE ' || t;
			END LOOP;
		END $$`)
	return err
}

func (r *replay) report(day string) {
	var n struct{ people, activities, signups, visits int }
	for _, h := range r.people {
		n.people += one(h.registered.Format(time.DateOnly) <= day)
	}
	for _, run := range r.runs {
		n.activities += one(run.published.Format(time.DateOnly) <= day)
		for _, s := range run.shifts {
			for _, u := range s.signups {
				n.signups += one(u.at.Format(time.DateOnly) <= day)
				n.visits += one(u.visit != nil && s.starts.Format(time.DateOnly) <= day)
			}
		}
	}
	fmt.Fprintf(r.out, "  %s  %5d people  %4d activities  %6d sign-ups  %6d times served\n", day[:7], n.people, n.activities, n.signups, n.visits)
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
