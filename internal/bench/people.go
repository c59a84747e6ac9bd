package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/reseal"
	"kapok/internal/person"
)

func init() { benchmarks["people"] = people }

// people measures what signing in and every request stand on:
//
//   - people.permission: one decision whether somebody may do something,
//     without database, mean of yes and no;
//   - people.lookup.growth: p99 of finding a person by a document, hash and
//     decryption and all, on a large province against a small one;
//   - people.rotation: bringing sealed document numbers under a new key,
//     against reading and writing the same rows as they are.
func people(ctx context.Context, o Options) (results []Result, err error) {
	b := &peopleBench{Options: o}
	defer func() { err = errors.Join(err, b.close()) }()
	if b.small, err = b.province(ctx, pick(o.Size, 1_000, 10_000, 100_000)); err != nil {
		return nil, err
	}
	if b.large, err = b.province(ctx, pick(o.Size, 10_000, 1_000_000, 10_000_000)); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) (Result, error){b.permission, b.lookup, b.rotation} {
		r, err := step(ctx)
		if err != nil {
			return results, err
		}
		results = append(results, r)
	}
	return results, nil
}

// province is a platform with n registered people.
type province struct {
	*Env
	n int
}

type peopleBench struct {
	Options
	small, large province
}

func (b *peopleBench) province(ctx context.Context, n int) (province, error) {
	e, err := StartFilled(ctx, b.Options, fmt.Sprintf("people-%d", n), func(ctx context.Context, e *Env) error {
		return fillPeople(ctx, e, n)
	})
	return province{e, n}, err
}

func (b *peopleBench) close() error {
	var errs []error
	for _, p := range []province{b.small, b.large} {
		if p.Env != nil {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(errs...)
}

// permission asks for each of a busy official's rights, at home and elsewhere.
func (b *peopleBench) permission(context.Context) (Result, error) {
	access, org := b.small.App.Access, uuid.New()
	who := &account.Principal{Person: uuid.New(), Grants: []account.Grant{
		{Role: account.TeamLeader, Org: uuid.New()}, {Role: account.OrgRecorder, Org: uuid.New()}, {Role: account.OrgApprover, Org: uuid.New()},
		{Role: account.Inspector, Region: "440300"}, {Role: account.RegionAdmin, Region: "440100"}, {Role: account.OrgAdmin, Org: org}}}
	targets := []account.Target{{Org: org}, {Region: "440104003"}, {Region: "440305"}, {Org: uuid.New(), Region: "810000"}}
	actions := []account.Action{account.ConfirmHours, account.DecideOrg, account.ViewRegion, account.Operate}
	n := pick(b.Size, 100_000, 1_000_000, 5_000_000)
	var rounds []float64
	for range 3 {
		yes, begin := 0, time.Now()
		for i := range n {
			if access.Can(who, actions[i%len(actions)], targets[i/len(actions)%len(targets)]) {
				yes++
			}
		}
		rounds = append(rounds, time.Since(begin).Seconds()*1e6/float64(n))
		if yes == 0 || yes == n {
			return Result{}, fmt.Errorf("people.permission: %d of %d allowed", yes, n)
		}
	}
	return compare("people.permission", "µs", rounds, nil, 5, Lower, 3*n), nil
}

// lookup finds people by their documents, one after the other.
func (b *peopleBench) lookup(ctx context.Context) (Result, error) {
	times := pick(b.Size, 300, 3_000, 10_000)
	var large, small []float64
	for round := range 4 {
		l, err := b.large.find(ctx, b.Seed, times)
		if err != nil {
			return Result{}, err
		}
		s, err := b.small.find(ctx, b.Seed, times)
		if err != nil {
			return Result{}, err
		}
		if round == 0 {
			continue // warms both up
		}
		b.logf("people.lookup: large p50 %v p99 %v, small p50 %v p99 %v", l.quantile(.5), l.quantile(.99), s.quantile(.5), s.quantile(.99))
		large, small = append(large, millis(l.quantile(.99))), append(small, millis(s.quantile(.99)))
	}
	return compare("people.lookup.growth", "ms p99", large, small, 1.5, Lower, 3*times), nil
}

func (p province) find(ctx context.Context, seed uint64, times int) (outcome, error) {
	r := rand.New(rand.NewPCG(seed, 4))
	var o outcome
	for range times {
		i := r.IntN(p.n)
		begin := time.Now()
		id, err := p.App.People.ByDocument(ctx, p.App.Pool, documentOf(i))
		var found person.Person
		if err == nil {
			found, err = p.App.People.Get(ctx, id)
		}
		if err != nil || found.VolunteerNo != numberOf(i) {
			return o, fmt.Errorf("people.lookup: person %d: %w", i, err)
		}
		o.latency = append(o.latency, time.Since(begin))
	}
	slices.Sort(o.latency)
	return o, nil
}

var numbers = reseal.Column{Table: "person.identity_document", Column: "number_enc"}

// rotation renews the key of all numbers, and walks over them without renewing.
// Both walk the small province, where the whole of it fits into memory.
func (b *peopleBench) rotation(ctx context.Context) (Result, error) {
	var ours, plain []float64
	for round := range 4 {
		if err := execVacuum(ctx, b.small.Env); err != nil {
			return Result{}, err
		}
		begin := time.Now()
		if err := rewrite(ctx, b.small.Env); err != nil {
			return Result{}, err
		}
		without := float64(b.small.n) / time.Since(begin).Seconds()
		if err := execVacuum(ctx, b.small.Env); err != nil {
			return Result{}, err
		}
		if _, err := b.small.App.Keys.Rotate(time.Now()); err != nil {
			return Result{}, err
		}
		begin = time.Now()
		n, err := reseal.Run(ctx, b.small.App.Pool, b.small.App.Keys, numbers, nil)
		if err != nil || n != b.small.n {
			return Result{}, fmt.Errorf("people.rotation: %d of %d: %w", n, b.small.n, err)
		}
		with := float64(n) / time.Since(begin).Seconds()
		b.logf("people.rotation: %.0f/s, without encrypting %.0f/s", with, without)
		if round > 0 {
			ours, plain = append(ours, with), append(plain, without)
		}
	}
	return compare("people.rotation", "1/s", ours, plain, 0.5, Higher, 3*b.small.n), nil
}

func execVacuum(ctx context.Context, e *Env) error {
	_, err := e.Pool.Exec(ctx, `VACUUM `+numbers.Table)
	return err
}

// rewrite is reseal.Run without the keys: the same walk, the same statements.
func rewrite(ctx context.Context, e *Env) error {
	type value struct {
		ID     uuid.UUID
		Sealed []byte
	}
	for after := uuid.Nil; ; {
		rows, err := e.Pool.Query(ctx, `SELECT id, number_enc AS sealed FROM person.identity_document WHERE id > $1 AND number_enc IS NOT NULL
			AND substring(number_enc FROM 1 FOR 5) <> $2 ORDER BY id LIMIT 1000`, after, []byte("other"))
		list, err := pg.All[value](rows, err)
		if err != nil || len(list) == 0 {
			return err
		}
		ids, values := make([]uuid.UUID, len(list)), make([][]byte, len(list))
		for i, v := range list {
			ids[i], values[i] = v.ID, v.Sealed
		}
		if _, err := e.Pool.Exec(ctx, `UPDATE person.identity_document t SET number_enc = n.now
			FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, was, now) WHERE t.id = n.id AND t.number_enc = n.was`, ids, values, values); err != nil {
			return err
		}
		after = list[len(list)-1].ID
	}
}
