package organisation

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"kapok/internal/kit/fault"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[State]map[Verdict]State{
		Applied: {Approve: Approved, Return: Returned, Refuse: Refused}, Returned: {Reapply: Applied},
		Approved: {Suspend: Suspended}, Suspended: {Resume: Approved},
	}
	for _, s := range States {
		for _, v := range append(Verdicts, string(Reapply)) {
			next, fail := State(s).Next(Verdict(v))
			want, ok := allowed[State(s)][Verdict(v)]
			if ok && (fail != nil || next != want) {
				t.Errorf("%s in %s: %s, %v", v, s, next, fail)
			}
			if !ok && (fail == nil || next != State(s)) {
				t.Errorf("%s in %s was allowed", v, s)
			}
		}
	}
}

// TestStatesFollowTheModel decides at random and compares with the model; what
// is refused changes nothing.
func TestStatesFollowTheModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	rapid.Check(t, func(r *rapid.T) {
		profile := group("队" + uuid.NewString())
		applicant := uuid.New()
		o, err := w.Apply(ctx, profile, applicant)
		if err != nil {
			r.Fatal(err)
		}
		state, version, acts := Applied, 1, 1
		r.Repeat(map[string]func(*rapid.T){
			"decide": func(r *rapid.T) {
				v := Verdict(rapid.SampledFrom(Verdicts).Draw(r, "verdict"))
				next, fail := state.Next(v)
				_, err := w.Decide(ctx, Decision{Org: o.ID, Verdict: v, Reason: "因为", Version: version, By: w.desk})
				expect(r, err, fail)
				if fail == nil {
					state, version, acts = next, version+1, acts+1
				}
			},
			"reapply": func(r *rapid.T) {
				next, fail := state.Next(Reapply)
				_, err := w.Reapply(ctx, o.ID, version, profile, applicant)
				expect(r, err, fail)
				if fail == nil {
					state, version, acts = next, version+1, acts+1
				}
			},
			"old version": func(r *rapid.T) {
				if state == Applied {
					_, err := w.Decide(ctx, Decision{Org: o.ID, Verdict: Approve, Version: version + 7, By: w.desk})
					expect(r, err, fault.ErrVersionConflict)
				}
			},
			"": func(r *rapid.T) {
				got, err := w.Get(ctx, o.ID)
				if err != nil || got.State != state || got.Version != version {
					r.Fatalf("%+v %v, want %s version %d", got, err, state, version)
				}
				var n int
				if err := w.pool.QueryRow(ctx, `SELECT count(*) FROM audit.entry WHERE object = 'organisation/' || $1`, o.ID.String()).Scan(&n); err != nil || n != acts {
					r.Fatalf("%d audit entries, want %d: %v", n, acts, err)
				}
				admins, err := w.Members(ctx, o.ID)
				if working := state == Approved || state == Suspended; err != nil || (len(admins) == 1 && admins[0].Person == applicant) != working {
					r.Fatalf("members of a %s one: %v %v", state, admins, err)
				}
			},
		})
	})
}

func expect(r *rapid.T, err error, want *fault.Error) {
	if (want == nil) != (err == nil) || want != nil && !errors.Is(err, want) {
		r.Fatalf("got %v, want %v", err, want)
	}
}

func TestReasonsAreNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, err := w.Apply(context.Background(), group("甲"), uuid.New())
	w.must(err)
	for _, v := range []Verdict{Return, Refuse, Suspend} {
		_, err := w.Decide(context.Background(), Decision{Org: o.ID, Verdict: v, Reason: " ", By: w.desk})
		w.refused(err, fault.ErrRequired, "reason")
	}
	_, err = w.Decide(context.Background(), Decision{Org: o.ID, Verdict: "promote", By: w.desk})
	w.refused(err, fault.ErrBadValue, "verdict")
	_, err = w.Decide(context.Background(), Decision{Org: uuid.New(), Verdict: Approve, By: w.desk})
	w.refused(err, ErrNotFound, "")
}

// What a hook refuses does not happen.
func TestDecidedIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, err := w.Apply(context.Background(), group("甲"), uuid.New())
	w.must(err)
	failed := errors.New("no")
	w.Decided = func(context.Context, pgx.Tx, Organisation) error { return failed }
	if _, err = w.Decide(context.Background(), Decision{Org: o.ID, Verdict: Approve, By: w.desk}); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if got, _ := w.Get(context.Background(), o.ID); got.State != Applied {
		t.Errorf("became %s", got.State)
	}
	w.audited(o.ID, "organisation.apply")
}

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, admin := w.approved("甲")
	p := o.Profile
	p.Name, p.Email, p.Phone, p.Fields = "乙", "office@example.org", "", []string{"0017", "0006"}
	got, err := w.UpdateProfile(context.Background(), o.ID, o.Version, p, admin.ID)
	w.must(err)
	if got.Name != "甲" || got.Email != p.Email || got.Fields[0] != "0006" {
		t.Errorf("%+v", got)
	}
	_, err = w.UpdateProfile(context.Background(), o.ID, o.Version, p, admin.ID)
	w.refused(err, fault.ErrVersionConflict, "")
	_, err = w.Decide(context.Background(), Decision{Org: o.ID, Verdict: Suspend, Reason: "调查", By: w.desk})
	w.must(err)
	_, err = w.UpdateProfile(context.Background(), o.ID, got.Version+1, p, admin.ID)
	w.refused(err, ErrIsSuspended, "")
}
