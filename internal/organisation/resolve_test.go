package organisation

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/person/persontest"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, admin := w.approved("区志愿者协会", func(p *Profile) { p.Kind, p.CreditCode = VolunteerOrg, "9144030071526726XG" })
	_, _ = w.approved("木棉队")
	_, _ = w.approved("木棉队", func(p *Profile) { p.Division = persontest.Tianhe })
	waiting, err := w.Apply(context.Background(), group("待审队"), admin.ID)
	w.must(err)
	for _, typed := range []string{"区志愿者协会", " 区志愿者 协会", "9144030071526726xg", a.ID.String()} {
		if got, err := w.Resolve(context.Background(), typed); err != nil || got.ID != a.ID {
			t.Errorf("%q: %v %v", typed, got.Name, err)
		}
	}
	for _, typed := range []string{"", "木棉队", "没有", uuid.NewString(), waiting.Name} {
		if got, err := w.Resolve(context.Background(), typed); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v %v", typed, got.Name, err)
		}
	}
}

func TestFindLooksForPartsOfNames(t *testing.T) {
	w := newWorld(t)
	long, _ := w.approved("木棉花开义工服务队")
	short, _ := w.approved("木棉花义工队")
	w.approved("榕树下的街坊")
	got, err := w.Find(context.Background(), " 木棉 花 ", 10)
	w.must(err)
	if len(got) != 2 || got[0].ID != short.ID || got[1].ID != long.ID {
		t.Errorf("found %v", got)
	}
	if got, err := w.Find(context.Background(), "  ", 10); err != nil || got != nil {
		t.Errorf("nothing asked for: %v, %v", got, err)
	}
}
