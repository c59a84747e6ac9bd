package organisation

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pgtest"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// world is a service on a database of its own, on a fixed day.
type world struct {
	*Service
	t    testing.TB
	pool *pgxpool.Pool
	clk  *clock.Fixed
	desk uuid.UUID // the administrator of the division
}

func newWorld(t testing.TB) *world {
	pool, clk := pgtest.New(t), clock.At(time.Date(2026, 10, 10, 4, 0, 0, 0, time.UTC))
	return &world{Service: New(pool, clk, persontest.Regions(), persontest.New(pool, clk)), t: t, pool: pool, clk: clk, desk: uuid.Must(uuid.NewV7())}
}

func (w *world) adult() person.Person { return persontest.Adult(w.t, w.people) }

// group is a good application of a group in Beijing street.
func group(name string) Profile {
	return Profile{Name: name, Kind: Group, Division: persontest.Beijing, GuidingUnit: "盐运西社区居委会", Phone: "020-8333 1234", Fields: []string{"0001"}, Intro: "街坊互助"}
}

// approved makes an organisation that works, with its administrator.
func (w *world) approved(name string, change ...func(*Profile)) (Organisation, person.Person) {
	w.t.Helper()
	admin := w.adult()
	p := group(name)
	for _, c := range change {
		c(&p)
	}
	o, err := w.Apply(context.Background(), p, admin.ID)
	w.must(err)
	o, err = w.Decide(context.Background(), Decision{Org: o.ID, Verdict: Approve, By: w.desk})
	w.must(err)
	return o, admin
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused fails unless err is want, or has it at the field.
func (w *world) refused(err error, want *fault.Error, field string) {
	w.t.Helper()
	if errors.Is(err, want) && field == "" {
		return
	}
	if err != nil && slices.ContainsFunc(fault.As(err).Fields, func(f fault.Field) bool { return f.Name == field && f.Err.Is(want) }) {
		return
	}
	w.t.Errorf("got %v, want %s at %q", err, want.Code, field)
}

// audited fails unless the acts on an organisation are these, in order.
func (w *world) audited(id uuid.UUID, actions ...string) {
	w.t.Helper()
	list, err := audit.Of(context.Background(), w.pool, audit.Object("organisation", id))
	w.must(err)
	var got []string
	for _, e := range list {
		got = append(got, e.Action)
	}
	if !slices.Equal(got, actions) {
		w.t.Errorf("audit has %v, want %v", got, actions)
	}
}
