package audit

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/kit/pgtest"
)

func TestWhoLookedAtMyData(t *testing.T) {
	t.Parallel()
	c := newChain(pgtest.New(t))
	staff, ann, ben := uuid.New(), uuid.New(), uuid.New()
	shift := Object("shift", uuid.New())
	roster := Reading{At: present, Actor: staff, Subjects: []uuid.UUID{ben, ann, staff, ann}, Object: shift, Data: []Data{Name, Age}, Purpose: "roster"}
	file := Reading{At: present, Actor: staff, Subjects: []uuid.UUID{ann}, Object: shift, Data: []Data{Name}, Purpose: "reconciliation", Export: true}
	own := Reading{At: present, Actor: ann, Subjects: []uuid.UUID{ann}, Object: shift, Data: []Data{Name}, Purpose: "roster"}
	for _, r := range []Reading{roster, file, own} {
		if err := Read(t.Context(), c.Pool, r); err != nil {
			t.Fatal(err)
		}
	}
	looks := func(who uuid.UUID, before int64) (out []string) {
		list, err := LooksAt(t.Context(), c.Pool, who, before, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			if l.Actor != staff || l.Object != shift {
				t.Errorf("got %+v", l)
			}
			out = append(out, l.Purpose)
		}
		return out
	}
	if diff := cmp.Diff([]string{"reconciliation", "roster"}, looks(ann, 0)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"roster"}, looks(ann, 2)); diff != "" {
		t.Errorf("the next page: %s", diff)
	}
	if got := looks(ben, 0); len(got) != 1 {
		t.Errorf("ben: %v", got)
	}
	if got := looks(staff, 0); got != nil {
		t.Errorf("the reader's own: %v", got)
	}
	if n, err := c.Seal(t.Context()); n != 2 || err != nil {
		t.Fatalf("sealed %d, %v", n, err)
	}
	if r := check(t, c, Head{}); r.Broken != "" {
		t.Errorf("got %+v", r)
	}
	asSuperuser(t, c.Pool, `DELETE FROM audit.subject WHERE person = $1`, ben)
	if r := check(t, c, Head{}); r.Entry != 1 {
		t.Errorf("a subject taken out: %+v", r)
	}
}

// A page that renews itself notes those it showed before only once in a while.
func TestLooksWithinATimeAreOne(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	staff, ann, ben := uuid.New(), uuid.New(), uuid.New()
	r := Reading{At: present, Actor: staff, Subjects: []uuid.UUID{ann}, Object: "shift/1", Data: []Data{MaskedName}, Purpose: "check_in", Within: 10 * time.Minute}
	count := func(who uuid.UUID) int {
		list, err := LooksAt(t.Context(), pool, who, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	for _, step := range []struct {
		after    time.Duration
		subjects []uuid.UUID
		ann, ben int
	}{{0, []uuid.UUID{ann}, 1, 0}, {time.Minute, []uuid.UUID{ann, ben}, 1, 1}, {9 * time.Minute, []uuid.UUID{ann}, 1, 1}, {10*time.Minute + 30*time.Second, []uuid.UUID{ann, ben}, 2, 1}} {
		r.At, r.Subjects = present.Add(step.after), step.subjects
		if err := Read(t.Context(), pool, r); err != nil {
			t.Fatal(err)
		}
		if a, b := count(ann), count(ben); a != step.ann || b != step.ben {
			t.Errorf("after %v: ann %d, ben %d; want %d, %d", step.after, a, b, step.ann, step.ben)
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ann, org := uuid.New(), uuid.New()
	tx := begin(t, pool)
	for i, e := range []Entry{
		{Action: "organisation.approve", Object: Object("organisation", org), Actor: &ann},
		{Action: "organisation.refuse", Object: Object("organisation", uuid.New())},
		{Action: "person.update", Object: Object("person", ann), Actor: &ann},
	} {
		e.At = present.AddDate(0, 0, i)
		if err := RecordTx(t.Context(), tx, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f    Filter
		want []int64
	}{
		"all":           {Filter{}, []int64{3, 2, 1}},
		"actor":         {Filter{Actor: ann}, []int64{3, 1}},
		"object":        {Filter{Object: Object("organisation", org)}, []int64{1}},
		"kind":          {Filter{Object: "organisation"}, []int64{2, 1}},
		"action":        {Filter{Action: "person.update"}, []int64{3}},
		"area":          {Filter{Action: "organisation"}, []int64{2, 1}},
		"from and to":   {Filter{From: present.AddDate(0, 0, 1), To: present.AddDate(0, 0, 2)}, []int64{2}},
		"the next page": {Filter{Before: 3, Limit: 1}, []int64{2}},
		"together":      {Filter{Actor: ann, Action: "organisation"}, []int64{1}},
		"nothing":       {Filter{Action: "organisation.%"}, nil},
	} {
		if c.f.Limit == 0 {
			c.f.Limit = 10
		}
		list, err := Search(t.Context(), pool, c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, e := range list {
			got = append(got, e.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
