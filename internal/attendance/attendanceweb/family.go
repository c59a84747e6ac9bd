package attendanceweb

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// member is somebody the reader acts for: the reader first, then the wards.
type member struct {
	ID   uuid.UUID
	Name string // "" for the reader
}

// family is the reader and their wards.
func (d Deps) family(ctx context.Context) ([]member, error) {
	p := account.From(ctx)
	out := []member{{ID: p.Person}}
	if len(p.Wards) == 0 {
		return out, nil
	}
	people, err := d.People.GetMany(ctx, p.Wards)
	for _, id := range p.Wards {
		out = append(out, member{id, person.NameIn(i18n.From(ctx), people[id])})
	}
	return out, err
}

// called is the member's name as the reader would say it.
func (m member) called(ctx context.Context) string {
	if m.Name == "" {
		return t(ctx, "myself")
	}
	return m.Name
}

func ids(family []member) []uuid.UUID {
	out := make([]uuid.UUID, len(family))
	for i, m := range family {
		out[i] = m.ID
	}
	return out
}

// options lets the reader choose among the family.
func options(ctx context.Context, family []member) []ui.Option {
	var out []ui.Option
	for _, m := range family {
		out = append(out, ui.Option{Value: m.ID.String(), Text: m.called(ctx)})
	}
	return out
}

// whose is who an action is for: the reader, or a ward named by id.
func whose(ctx context.Context, ward string) (uuid.UUID, error) {
	p := account.From(ctx)
	if ward == "" {
		return p.Person, nil
	}
	id, err := uuid.Parse(ward)
	if err != nil || !p.MayActFor(id) {
		return uuid.Nil, person.ErrNotGuardian
	}
	return id, nil
}

// visit is one member of the family at one shift.
type visit struct {
	member
	Shift  activity.ShiftView
	Been   *attendance.Attendance // nil: not come yet
	Signup bool                   // signed up, and not given back
}

func (d Deps) visit(ctx context.Context, m member, v activity.ShiftView) (visit, error) {
	out := visit{member: m, Shift: v}
	a, err := attendance.Of(ctx, d.Pool, v.ID, m.ID)
	if err == nil {
		out.Been = &a
	} else if !errors.Is(err, attendance.ErrNotFound) {
		return out, err
	}
	g, err := d.Activities.SignupOf(ctx, d.Pool, v.ID, m.ID)
	if err != nil && !errors.Is(err, activity.ErrNotSignedUp) {
		return out, err
	}
	out.Signup = err == nil && g.State.Active()
	return out, nil
}

// next is what pressing the button would do; "" when there is nothing left to do.
func (v visit) next() attendance.Direction {
	switch {
	case v.Been == nil:
		return attendance.In
	case v.Been.State == attendance.Open:
		return attendance.Out
	}
	return ""
}

func (v visit) zone() *time.Location { return zone(v.Shift) }

func zone(v activity.ShiftView) *time.Location { return clock.ZoneOf(v.Activity.Division) }

// today is what the family has to do with check-in at this hour.
type today struct {
	Now     []visit            // may come, have come, or are still there
	Next    *activity.MySignup // when there is nothing now
	Missing []visit            // check-outs that were forgotten
}

func (d Deps) today(ctx context.Context, family []member) (today, error) {
	var out today
	seen := map[[2]uuid.UUID]bool{}
	add := func(list *[]visit, m member, shift uuid.UUID) error {
		if seen[[2]uuid.UUID{shift, m.ID}] {
			return nil
		}
		seen[[2]uuid.UUID{shift, m.ID}] = true
		sh, err := d.Attendance.Shift(ctx, shift)
		if err != nil {
			return err
		}
		v, err := d.visit(ctx, m, sh)
		*list = append(*list, v)
		return err
	}
	for _, m := range family {
		if err := d.lingering(ctx, m, &out, add); err != nil {
			return out, err
		}
	}
	upcoming, err := d.Activities.Upcoming(ctx, ids(family))
	if err != nil {
		return out, err
	}
	for _, g := range upcoming {
		if d.Clock.Now().Before(d.Attendance.Rules().Opens(activity.Shift{StartsAt: g.StartsAt})) {
			if out.Next == nil {
				out.Next = &g
			}
			continue
		}
		if err := add(&out.Now, memberOf(family, g.Person), g.Shift); err != nil {
			return out, err
		}
	}
	return out, nil
}

// lingering adds where a member is checked in, and where the check-out is missing.
func (d Deps) lingering(ctx context.Context, m member, out *today, add func(*[]visit, member, uuid.UUID) error) error {
	open, err := attendance.OpenOf(ctx, d.Pool, m.ID)
	if err == nil {
		err = add(&out.Now, m, open.Shift)
	}
	if err != nil && !errors.Is(err, attendance.ErrNotFound) {
		return err
	}
	missing, err := attendance.UnconfirmedOf(ctx, d.Pool, m.ID)
	for _, a := range missing {
		if err := add(&out.Missing, m, a.Shift); err != nil {
			return err
		}
	}
	return err
}

func memberOf(family []member, id uuid.UUID) member {
	for _, m := range family {
		if m.ID == id {
			return m
		}
	}
	return member{ID: id}
}
