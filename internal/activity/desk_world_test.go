package activity

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pgtest"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// deskWorld is a service with one approved organisation, on a fixed day.
type deskWorld struct {
	*Service
	t       testing.TB
	pool    *pgxpool.Pool
	clk     *clock.Fixed
	orgs    *organisation.Service
	people  *person.Service
	org     organisation.Organisation
	project Project
	admin   uuid.UUID // of the organisation
	desk    uuid.UUID // administrator of the division
}

var deskDay = time.Date(2026, 10, 10, 4, 0, 0, 0, time.UTC) // noon

func newDeskWorld(t testing.TB) *deskWorld {
	t.Helper()
	pool, clk := pgtest.New(t), clock.At(deskDay)
	people := persontest.New(pool, clk)
	orgs := organisation.New(pool, clk, persontest.Regions(), people)
	w := &deskWorld{Service: New(pool, clk, persontest.Regions(), orgs, people), t: t, pool: pool, clk: clk, orgs: orgs, people: people, desk: newID()}
	w.admin = persontest.Adult(t, people).ID
	w.org = w.approve(organisation.Profile{Name: "木棉义工队", Kind: organisation.Group, Division: persontest.Yuexiu, GuidingUnit: "居委会", Phone: "020-83331234"})
	var err error
	w.project, err = w.CreateProject(context.Background(), w.org.ID, ProjectPlan{Name: "敬老"}, w.admin)
	w.must(err)
	return w
}

func (w *deskWorld) approve(p organisation.Profile) organisation.Organisation {
	w.t.Helper()
	o, err := w.orgs.Apply(context.Background(), p, w.admin)
	w.must(err)
	o, err = w.orgs.Decide(context.Background(), organisation.Decision{Org: o.ID, Verdict: organisation.Approve, By: w.desk})
	w.must(err)
	return o
}

func noDeclared() Declarations {
	d := Declarations{}
	for _, c := range Classes {
		d[c] = false
	}
	return d
}

// goodPlan lacks nothing but shifts.
func goodPlan() Plan {
	return Plan{Division: "440104003001", Title: "探访养老院的老人", Content: "陪伴聊天、读报", Responsible: "陈志明", Contact: "020-83331234",
		Field: "0017", LocalField: "4408", Objects: []string{"03"}, Guarantees: []string{"01", "05"}, Risks: "高温、交通", Declarations: noDeclared()}
}

// goodShift is so many days after the fixed day, 9:00 to 11:30.
func goodShift(days int) ShiftPlan {
	start := time.Date(2026, 10, 10+days, 9, 0, 0, 0, clock.Shanghai)
	return ShiftPlan{StartsAt: start, EndsAt: start.Add(150 * time.Minute), Place: "盐运西社区党群服务中心", Capacity: 10}
}

func (w *deskWorld) draft(shifts ...ShiftPlan) Activity {
	w.t.Helper()
	a, err := w.Create(context.Background(), w.project.ID, goodPlan(), shifts, w.admin)
	w.must(err)
	return a
}

func (w *deskWorld) published(shifts ...ShiftPlan) Activity {
	w.t.Helper()
	a := w.draft(shifts...)
	a, err := w.Submit(context.Background(), w.move(a))
	w.must(err)
	a, err = w.Publish(context.Background(), w.move(a))
	w.must(err)
	return a
}

func (w *deskWorld) move(a Activity) Move {
	return Move{Activity: a.ID, Version: a.Version, Reason: "天气", By: w.admin}
}

func (w *deskWorld) shifts(a Activity) []Shift {
	w.t.Helper()
	list, err := w.ShiftsOf(context.Background(), a.ID)
	w.must(err)
	return list
}

func (w *deskWorld) now(a Activity) Activity {
	w.t.Helper()
	got, err := w.Get(context.Background(), a.ID)
	w.must(err)
	return got
}

func (w *deskWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused fails unless err is want, or has it at the field.
func (w *deskWorld) refused(err error, want *fault.Error, field string) {
	w.t.Helper()
	if field == "" && errors.Is(err, want) {
		return
	}
	if err != nil && slices.ContainsFunc(fault.As(err).Fields, func(f fault.Field) bool { return f.Name == field && f.Err.Is(want) }) {
		return
	}
	w.t.Errorf("got %v, want %s at %q", err, want.Code, field)
}

// acts are the audited acts on an activity, in order.
func (w *deskWorld) acts(a Activity) []string {
	w.t.Helper()
	list, err := audit.Of(context.Background(), w.pool, audit.Object("activity", a.ID))
	w.must(err)
	var out []string
	for _, e := range list {
		out = append(out, e.Action)
	}
	return out
}

// told collects what the hooks hear.
type told struct {
	decided   []State
	cancelled [][]uuid.UUID
	moved     [][2]ShiftView
}

func (w *deskWorld) listen() *told {
	h := &told{}
	w.OnDecided(func(_ context.Context, _ pgx.Tx, a Activity) error {
		h.decided = append(h.decided, a.State)
		return nil
	})
	w.OnCancelled(func(_ context.Context, _ pgx.Tx, _ Activity, shifts []Shift) error {
		h.cancelled = append(h.cancelled, idsOf(shifts))
		return nil
	})
	w.OnMoved(func(_ context.Context, _ pgx.Tx, before, after ShiftView) error {
		h.moved = append(h.moved, [2]ShiftView{before, after})
		return nil
	})
	return h
}
