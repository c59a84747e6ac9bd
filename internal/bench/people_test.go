package bench

import (
	"context"
	"testing"

	"kapok/internal/person"
)

func TestMadePeopleAreAllDifferent(t *testing.T) {
	t.Parallel()
	ids, numbers, documents := map[any]bool{}, map[string]bool{}, map[string]bool{}
	for _, i := range []int{0, 1, 998, 999, 1_000, 999*20_000 - 1, 999 * 20_000, 9_999_999} {
		d := documentOf(i)
		parsed, err := person.ParseDocument(person.DocumentInput{Kind: d.Kind, Number: d.Number}, registered)
		if err != nil || parsed.Key != d.Key || parsed.Class != d.Class {
			t.Errorf("person %d has the document %s: %v", i, d.Number, err)
		}
		ids[idOf(i, 1)], ids[idOf(i, 2)], numbers[numberOf(i)], documents[d.Key] = true, true, true, true
	}
	if len(ids) != 16 || len(numbers) != 8 || len(documents) != 8 {
		t.Errorf("%d ids, %d numbers, %d documents", len(ids), len(numbers), len(documents))
	}
}

// What is measured really finds people, renews keys and decides both ways.
func TestPeopleSidesWork(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := &peopleBench{Options: Options{Size: Small, Seed: 1}}
	var err error
	if b.small, err = b.province(ctx, 2_000); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	if o, err := b.small.find(ctx, 1, 50); err != nil || o.total() != 50 {
		t.Errorf("%d found: %v", o.total(), err)
	}
	for _, measure := range []func(context.Context) (Result, error){b.permission, b.rotation} {
		if r, err := measure(ctx); err != nil || r.Ours <= 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
}
