package organisation

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

func (w *world) name(org uuid.UUID, p person.Person, role Role) error {
	_, err := w.AddMember(context.Background(), Naming{Org: org, VolunteerNo: p.VolunteerNo, Role: role, By: w.desk})
	return err
}

func TestMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	o, admin := w.approved("木棉队")
	helper := w.adult()
	w.must(w.name(o.ID, helper, Recorder))
	w.must(w.name(o.ID, helper, Approver)) // another role, not another row
	list, err := w.Members(ctx, o.ID)
	w.must(err)
	if len(list) != 2 || list[0].Person != admin.ID || list[1].Role != Approver {
		t.Fatalf("%+v", list)
	}
	mine, err := w.Memberships(ctx, helper.ID)
	w.must(err)
	if diff := cmp.Diff([]Membership{{Org: o.ID, Role: "org_approver", OrgName: "木棉队", OrgState: Approved}}, mine); diff != "" {
		t.Error(diff)
	}
	w.must(w.RemoveMember(ctx, o.ID, helper.ID, admin.ID))
	w.refused(w.RemoveMember(ctx, o.ID, helper.ID, admin.ID), ErrNotMember, "")
	w.audited(o.ID, "organisation.apply", "organisation.approve", "organisation.name_member", "organisation.name_member", "organisation.remove_member")
}

func TestNamingIsChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	o, admin := w.approved("木棉队")
	_, err := w.AddMember(ctx, Naming{Org: o.ID, VolunteerNo: "no number", Role: "king", By: admin.ID})
	w.refused(err, ErrNoSuchVolunteer, "volunteer_no")
	w.refused(err, fault.ErrBadValue, "role")
	child := persontest.Ward(t, w.people, admin.ID, "2011-01-01")
	w.refused(w.name(o.ID, child, Leader), ErrMinorRole, "")
	w.must(w.name(o.ID, child, Plain))
	w.refused(w.name(uuid.New(), admin, Plain), ErrNotFound, "")
	waiting, err := w.Apply(ctx, group("乙"), admin.ID)
	w.must(err)
	w.refused(w.name(waiting.ID, admin, Plain), ErrIsApplied, "")
}

func TestLastAdminStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	o, first := w.approved("木棉队")
	w.refused(w.RemoveMember(ctx, o.ID, first.ID, first.ID), ErrLastAdmin, "")
	w.refused(w.name(o.ID, first, Plain), ErrLastAdmin, "")
	second := w.adult()
	w.must(w.name(o.ID, second, Admin))
	// Both leave at the same moment: one of them must stay.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, p := range []person.Person{first, second} {
		wg.Go(func() { errs[i] = w.RemoveMember(ctx, o.ID, p.ID, p.ID) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !slices.ContainsFunc(errs, func(e error) bool { return errors.Is(e, ErrLastAdmin) }) {
		t.Errorf("got %v", errs)
	}
}

// 境外非政府组织境内活动管理法 art. 28: no members recruited in the mainland.
func TestOffshoreBodiesRecruitNoMainlandMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, _ := w.approved("Relief", func(p *Profile) {
		p.Kind, p.FilingKind, p.FilingNo, p.FilingFrom, p.FilingTo = Offshore, Office, "G1", day("2026-01-01"), day("2028-01-01")
	})
	w.refused(w.name(o.ID, w.adult(), Plain), ErrMainlander, "")
	r := persontest.Registration("1980-01-01")
	r.Division = persontest.CentralHK
	w.must(w.name(o.ID, persontest.Register(t, w.people, r), Plain))
}

func TestListsBySubtree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	for name, division := range map[string]string{"甲": persontest.Beijing, "乙": persontest.Tianhe, "丙": persontest.Dongcheng, "丁": persontest.CentralHK} {
		p := group(name)
		p.Division = division
		_, err := w.Apply(ctx, p, w.desk)
		w.must(err)
	}
	for division, want := range map[string]int{"440000": 3, persontest.Guangzhou: 2, persontest.Yuexiu: 1, persontest.Dongguan: 1, "810000": 1, "820000": 0} {
		got := w.walk(t, Filter{Division: division, States: []State{Applied}, Limit: 1})
		if got != want {
			t.Errorf("%s: %d, want %d", division, got, want)
		}
	}
	if n := w.walk(t, Filter{Division: "440000", States: []State{Approved}}); n != 0 {
		t.Errorf("%d approved", n)
	}
	_, err := w.List(ctx, Filter{Division: "440000", After: "nonsense"})
	w.refused(err, fault.ErrBadValue, "after")
	mine, err := w.OfApplicant(ctx, w.desk)
	if err != nil || len(mine) != 4 {
		t.Errorf("%d applications: %v", len(mine), err)
	}
	byID, err := w.GetMany(ctx, []uuid.UUID{mine[0].ID, uuid.New()})
	if err != nil || len(byID) != 1 || byID[mine[0].ID].Name != mine[0].Name {
		t.Errorf("GetMany: %v %v", byID, err)
	}
}

// walk counts all of a list, page by page.
func (w *world) walk(t *testing.T, f Filter) int {
	n := 0
	for {
		page, err := w.List(context.Background(), f)
		w.must(err)
		n += len(page)
		if len(page) < max(f.Limit, 1) {
			return n
		}
		f.After = page[len(page)-1].Cursor()
	}
}

func TestImmutableColumns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, _ := w.approved("甲")
	for _, column := range []string{"id = gen_random_uuid()", "applied_by = gen_random_uuid()", "applied_at = now()"} {
		if _, err := w.pool.Exec(context.Background(), `UPDATE organisation.organisation SET `+column+` WHERE id = $1`, o.ID); err == nil {
			t.Errorf("%s was allowed", column)
		}
	}
}

// Members are told of a role given or taken by somebody else, once.
func TestMembersAreToldOfTheirRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, admin := w.approved("木棉队")
	helper := w.adult()
	var told []string
	w.Tell = func(_ context.Context, _ pgx.Tx, messages ...notify.Message) error {
		for _, m := range messages {
			if m.Person != helper.ID || !i18n.Has("notify."+m.Kind+".title") || !i18n.Has("notify."+m.Kind+".body") {
				t.Errorf("%+v", m)
			}
			told = append(told, m.Kind)
		}
		return nil
	}
	w.must(w.name(o.ID, helper, Recorder))
	w.must(w.name(o.ID, helper, Recorder))
	w.must(w.name(o.ID, helper, Admin))
	w.must(w.RemoveMember(t.Context(), o.ID, admin.ID, admin.ID)) // knows it
	w.must(w.name(o.ID, helper, Admin))
	w.refused(w.RemoveMember(t.Context(), o.ID, helper.ID, w.desk), ErrLastAdmin, "")
	if diff := cmp.Diff([]string{"organisation.role_given", "organisation.role_given"}, told); diff != "" {
		t.Error(diff)
	}
	tell := w.Tell
	w.Tell = nil
	w.must(w.name(o.ID, w.adult(), Admin))
	w.Tell = tell
	w.must(w.RemoveMember(t.Context(), o.ID, helper.ID, w.desk))
	if last := told[len(told)-1]; last != "organisation.role_taken" {
		t.Errorf("told %v", told)
	}
}

// Somebody who turns out to be a minor is a plain member afterwards; the only
// administrator is replaced first.
func TestAMinorHoldsNoRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, admin := w.approved("木棉队")
	two, _ := w.approved("红棉队")
	helper := w.adult()
	w.must(w.name(two.ID, helper, Leader))
	w.must(w.name(one.ID, helper, Admin))
	w.must(w.RemoveMember(t.Context(), one.ID, admin.ID, admin.ID))
	end := func() error {
		return pg.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
			if err := w.HoldStaffTx(t.Context(), tx, helper.ID); err != nil {
				return err
			}
			return w.EndStaffTx(t.Context(), tx, helper.ID, w.desk)
		})
	}
	w.refused(end(), ErrLastAdmin, "")
	w.must(w.name(one.ID, w.adult(), Admin))
	w.must(end())
	mine, err := w.Memberships(t.Context(), helper.ID)
	w.must(err)
	if len(mine) != 2 || mine[0].Role != string(Plain) || mine[1].Role != string(Plain) {
		t.Errorf("%+v", mine)
	}
}
