package activity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapok/internal/kit/fault"
)

// TestActivitiesFollowTheModel takes steps at random: what the table of states
// allows happens, all else is refused by the code of the present state and
// changes nothing; only published activities are found.
func TestActivitiesFollowTheModel(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	steps := map[Step]func(context.Context, Move) (Activity, error){
		Submit: w.Submit, Withdraw: w.Withdraw, Return: w.Return, Publish: w.Publish, Close: w.CloseActivity, Cancel: w.CancelActivity,
	}
	codes := map[State]*fault.Error{Draft: ErrIsDraft, Submitted: ErrIsSubmitted, Published: ErrIsPublished, Closed: ErrIsClosed, Cancelled: ErrIsCancelled}
	allowed := map[State]string{Draft: "submit cancel", Submitted: "withdraw return publish cancel", Published: "close cancel"}
	rapid.Check(t, func(r *rapid.T) {
		a := w.draft(goodShift(8))
		acts := 1
		r.Repeat(map[string]func(*rapid.T){
			"step": func(r *rapid.T) {
				step := rapid.SampledFrom([]Step{Submit, Withdraw, Return, Publish, Close, Cancel}).Draw(r, "step")
				after, err := steps[step](ctx, w.move(a))
				switch ok := slices.Contains(strings.Fields(allowed[a.State]), string(step)); {
				case ok && step == Close: // its shift has not ended
					expectFault(r, err, ErrNotOver)
				case ok:
					expectFault(r, err, nil)
					a, acts = after, acts+1
				default:
					expectFault(r, err, codes[a.State])
				}
			},
			"edit": func(r *rapid.T) {
				p := PlanOf(a)
				p.Content = rapid.StringMatching("[一-龟]{1,9}").Draw(r, "content")
				after, err := w.Update(ctx, a.ID, a.Version, p, w.admin)
				if a.State == Draft || a.State == Published {
					expectFault(r, err, nil)
					a, acts = after, acts+1
				} else {
					expectFault(r, err, codes[a.State])
				}
			},
			"old version": func(r *rapid.T) {
				if a.State == Submitted {
					m := w.move(a)
					m.Version--
					_, err := w.Publish(ctx, m)
					expectFault(r, err, fault.ErrVersionConflict)
				}
			},
			"": func(r *rapid.T) {
				got := w.now(a)
				if got.State != a.State || got.Version != a.Version || len(w.acts(a)) != acts {
					r.Fatalf("stored %s v%d with %v, want %s v%d with %d acts", got.State, got.Version, w.acts(a), a.State, a.Version, acts)
				}
				if found := w.listed(a); found != (a.State == Published) {
					r.Fatalf("a %s activity is found: %v", a.State, found)
				}
			},
		})
	})
}

func (w *deskWorld) listed(a Activity) (found bool) {
	w.t.Helper()
	w.must(w.pool.QueryRow(context.Background(), `SELECT EXISTS (SELECT FROM activity.listing WHERE activity = $1)`, a.ID).Scan(&found))
	return found
}

func expectFault(r *rapid.T, err error, want *fault.Error) {
	if (want == nil) != (err == nil) || want != nil && !errors.Is(err, want) {
		r.Fatalf("got %v, want %v", err, want)
	}
}

// The database itself refuses what the service must never try.
func TestActivityConstraints(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	a := w.published(goodShift(8))
	for _, sql := range []string{
		`UPDATE activity.activity SET risks = '' WHERE id = $1`,
		`UPDATE activity.activity SET dangerous = true WHERE id = $1`,
		`UPDATE activity.activity SET state = 'lost' WHERE id = $1`,
		`UPDATE activity.activity SET org = gen_random_uuid() WHERE id = $1`,
		`UPDATE activity.activity SET created_at = now() WHERE id = $1`,
		`UPDATE activity.shift SET ends_at = starts_at WHERE activity = $1`,
		`UPDATE activity.shift SET ends_at = starts_at + interval '25 hours' WHERE activity = $1`,
		`UPDATE activity.shift SET taken = capacity + 1 WHERE activity = $1`,
		`UPDATE activity.shift SET lat = 23 WHERE activity = $1`,
		`UPDATE activity.shift SET activity = gen_random_uuid() WHERE activity = $1`,
	} {
		if _, err := w.pool.Exec(ctx, sql, a.ID); err == nil {
			t.Errorf("allowed: %s", sql)
		}
	}
}
