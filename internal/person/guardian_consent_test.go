package person_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// told lets the service tell people things, and remembers the kinds by person.
func (b bed) told() map[uuid.UUID][]string {
	all := map[uuid.UUID][]string{}
	b.ConnectPlaces(person.PlaceDeps{Tell: func(_ context.Context, _ pgx.Tx, list ...notify.Message) error {
		for _, m := range list {
			all[m.Person] = append(all[m.Person], m.Kind)
		}
		return nil
	}})
	return all
}

func TestConsentForSingleOrganisations(t *testing.T) {
	b, ctx := setup(t), context.Background()
	told := b.told()
	mother, stranger := persontest.Adult(t, b.Service), persontest.Adult(t, b.Service)
	teen := persontest.Ward(t, b.Service, mother.ID, "2010-01-01")
	one, two := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	covers := func() [2]bool {
		t.Helper()
		f, err := b.Facts(ctx, b.pool, []uuid.UUID{teen.ID})
		if err != nil {
			t.Fatal(err)
		}
		return [2]bool{f[teen.ID].Consented(one), f[teen.ID].Consented(two)}
	}
	step := func(want [2]bool, err error) {
		t.Helper()
		if got := covers(); err != nil || got != want {
			t.Errorf("covers %v, want %v; %v", got, want, err)
		}
	}
	step([2]bool{true, true}, nil) // agreed when the ward was added
	step([2]bool{false, false}, b.WithdrawService(ctx, mother.ID, teen.ID, nil))
	step([2]bool{true, false}, b.AgreeService(ctx, mother.ID, teen.ID, &one))
	step([2]bool{true, false}, b.AgreeService(ctx, mother.ID, teen.ID, &one))
	step([2]bool{true, true}, b.AgreeService(ctx, mother.ID, teen.ID, nil))
	step([2]bool{true, false}, b.WithdrawService(ctx, mother.ID, teen.ID, nil))
	step([2]bool{true, false}, b.WithdrawService(ctx, mother.ID, teen.ID, &two))
	list, err := b.ServiceConsents(ctx, mother.ID, teen.ID)
	if err != nil || len(list) != 1 || *list[0].Org != one || list[0].TextVersion != "guardian-2" {
		t.Errorf("listed %v, %v", list, err)
	}
	wards, err := b.WardsOf(ctx, mother.ID)
	if err != nil || wards[0].Consented || wards[0].Single != 1 {
		t.Errorf("the ward at a glance %+v, %v", wards, err)
	}
	if err := b.AgreeService(ctx, stranger.ID, teen.ID, &two); !errors.Is(err, person.ErrNotGuardian) {
		t.Errorf("a stranger agrees: %v", err)
	}
	if err := b.AgreeService(ctx, teen.ID, teen.ID, &two); !errors.Is(err, person.ErrNotGuardian) {
		t.Errorf("a minor agrees alone: %v", err)
	}
	step([2]bool{false, false}, b.EndGuardianship(ctx, mother.ID, teen.ID))
	want := []string{"guardian.withdrew_all", "guardian.agreed", "guardian.agreed_all", "guardian.withdrew_all"}
	if d := cmp.Diff(want, told[teen.ID]); d != "" {
		t.Error(d)
	}
}

func TestAskingGuardians(t *testing.T) {
	b, ctx := setup(t), context.Background()
	told := b.told()
	mother := persontest.Adult(t, b.Service)
	teen := persontest.Ward(t, b.Service, mother.ID, "2010-01-01")
	alone := persontest.Register(t, b.Service, persontest.Registration("2010-01-01"))
	org := uuid.Must(uuid.NewV7())
	if err := b.AskGuardians(ctx, teen.ID, org); err != nil || !cmp.Equal(told[mother.ID], []string{"guardian.asked"}) {
		t.Errorf("told %v, %v", told, err)
	}
	if err := b.AskGuardians(ctx, alone.ID, org); !errors.Is(err, person.ErrNoGuardian) {
		t.Errorf("nobody to ask: %v", err)
	}
	if err := b.AskGuardians(ctx, mother.ID, org); !errors.Is(err, person.ErrNotMinor) {
		t.Errorf("an adult asks: %v", err)
	}
}
