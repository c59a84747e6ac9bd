package record_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"kapok/internal/activity"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/person"
	"kapok/internal/record"
)

func quietLog() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestMyHoursFollowsTheRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, v := w.Volunteer("李文"), w.Shift()
	next := w.Shift(attendancetest.Between(at(14, 0), at(15, 0)), func(a *activity.Plan, _ *activity.ShiftPlan) { a.Field = "0006" })
	r1 := w.served(v, p, at(9, 0), at(11, 30))
	w.Come(next, p, at(14, 0))
	r2 := w.recordOf(w.Leave(next, p, at(15, 0)))
	h := w.hours(p)
	if h.All != (record.Sum{Pending: 210, PendingCount: 2}) {
		t.Errorf("before: %+v", h.All)
	}
	w.confirm(v.ID, r1.ID)
	_, err := w.Records.Void(t.Context(), record.Voiding{Record: r2.ID, By: w.Admin.ID, Cause: record.NotGiven, Reason: "核对"})
	w.Must(err)
	h = w.hours(p)
	if h.All != (record.Sum{Confirmed: 150, ConfirmedCount: 1}) || h.ByYear[2026].Confirmed != 150 || h.ByField["0001"].Confirmed != 150 ||
		h.ByOrg[w.Org.ID].ConfirmedCount != 1 || h.ByGrade["A"].Confirmed != 150 || len(h.Lines) != 1 {
		t.Errorf("after: %+v", h)
	}
	if other, err := record.MyHours(t.Context(), w.Pool, p.ID, record.Filter{Year: 2025}); err != nil || other.All != (record.Sum{}) {
		t.Errorf("another year: %+v %v", other, err)
	}
}

// totalsOf are the totals as kept, or as the records themselves add up.
func (w *world) totalsOf(t *rapid.T, sql string) map[string]record.Total {
	rows, err := w.Pool.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Person uuid.UUID
		record.Total
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[line])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]record.Total{}
	for _, l := range list {
		out[l.Person.String()+string(l.Grade)+l.Field] = l.Total
	}
	return out
}

const (
	keptTotals = `SELECT person, year, org, field, grade, confirmed_minutes, confirmed_count, pending_minutes, pending_count
		FROM record.hours_total WHERE confirmed_count + pending_count > 0`
	trueTotals = `SELECT person, extract(year FROM service_date)::int AS year, org, field, grade,
			(coalesce(sum(minutes) FILTER (WHERE state = 'confirmed'), 0))::int AS confirmed_minutes, (count(*) FILTER (WHERE state = 'confirmed'))::int AS confirmed_count,
			(coalesce(sum(minutes) FILTER (WHERE state <> 'confirmed'), 0))::int AS pending_minutes, (count(*) FILTER (WHERE state <> 'confirmed'))::int AS pending_count
		FROM record.service_record WHERE state <> 'voided' GROUP BY 1, 2, 3, 4, 5`
)

// Whatever is done to records, and whenever the reader looks, the totals are
// the sums of the records; a rebuild gives the same again.
func TestTotalsAreTheSumsOfTheRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.Shift()
	var people []person.Person
	var ids []uuid.UUID
	for range 4 {
		p := w.Volunteer("李文")
		people = append(people, p)
		ids = append(ids, w.served(v, p, at(9, 0), at(11, 30)).ID)
		w.Clk.Set(at(8, 0))
	}
	w.Clk.Set(at(20, 0))
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		which := rapid.IntRange(0, 3)
		step := func(change func(i int) error) func(*rapid.T) {
			return func(t *rapid.T) { _ = change(which.Draw(t, "record")) } // a refusal changes nothing
		}
		t.Repeat(map[string]func(*rapid.T){
			"confirm": step(func(i int) error {
				_, err := w.Records.Confirm(ctx, record.Confirmation{Shift: v.ID, By: w.Approver.ID, Picks: []record.Pick{{Record: ids[i]}}, Reason: "核对"})
				return err
			}),
			"amend": func(t *rapid.T) {
				m := record.Amendment{Record: ids[which.Draw(t, "record")], By: w.Admin.ID, Minutes: rapid.IntRange(1, 150).Draw(t, "minutes"), Reason: "更正"}
				_, _ = w.Records.Amend(ctx, m)
			},
			"void": step(func(i int) error {
				_, err := w.Records.Void(ctx, record.Voiding{Record: ids[i], By: w.Admin.ID, Cause: record.Duplicate, Reason: "核对"})
				return err
			}),
			"reinstate": step(func(i int) error {
				_, err := w.Records.Reinstate(ctx, record.Reinstatement{Record: ids[i], By: w.Admin.ID, Reason: "核对"})
				return err
			}),
			"dispute": step(func(i int) error {
				_, err := w.Records.Dispute(ctx, record.Objection{Record: ids[i], By: people[i].ID, Reason: "不对"})
				return err
			}),
			"read": func(t *rapid.T) {
				if _, err := w.Journal.Drain(ctx, record.Totals()); err != nil {
					t.Fatal(err)
				}
			},
		})
		w.drainOne(record.Totals())
		kept := w.totalsOf(t, keptTotals)
		if diff := cmp.Diff(w.totalsOf(t, trueTotals), kept); diff != "" {
			t.Fatalf("totals differ from the records: %s", diff)
		}
	})
	before := w.sorted()
	w.Must(w.Journal.Rebuild(ctx, record.Totals()))
	w.drainOne(record.Totals())
	if diff := cmp.Diff(before, w.sorted()); diff != "" {
		t.Errorf("a rebuild gives other totals: %s", diff)
	}
}

func (w *world) sorted() []string {
	rows, err := w.Pool.Query(context.Background(), `SELECT t::text FROM record.hours_total t WHERE confirmed_count + pending_count > 0`)
	w.Must(err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.Must(err)
	slices.Sort(out)
	return out
}
