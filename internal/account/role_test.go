package account

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/i18n"
	"kapok/internal/notify"
)

// given lists the roles that hold.
func (b *bundle) given(t *testing.T) []Given {
	t.Helper()
	list, err := b.GivenRoles(t.Context(), GivenFilter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestARoleEndsAtItsTimeAndWhenItIsTaken(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	account, person := b.open(t, phoneA)
	by := uuid.New()
	in, err := b.Begin(ctx, b.Pool, account, person, here, ByPasskey)
	if err != nil {
		t.Fatal(err)
	}
	holds := func() bool {
		who, err := b.Who(ctx, in.Token)
		if err != nil {
			t.Fatal(err)
		}
		return who.Holds(ManageRoles)
	}
	give := func(role Role, until time.Time) error {
		return b.Grant(ctx, Granting{Person: person, Role: role, Until: until, Reason: "stands in", By: by})
	}
	if err := give(SecurityAdmin, b.clk.Now()); !errors.Is(err, ErrRoleUntil) {
		t.Errorf("it ends before it begins: %v", err)
	}
	if err := b.Grant(ctx, Granting{Person: person, Role: SecurityAdmin, By: by}); !errors.Is(err, ErrRoleReason) {
		t.Errorf("without a reason: %v", err)
	}
	if err := give(SecurityAdmin, b.clk.Now().Add(time.Hour)); err != nil || !holds() {
		t.Fatalf("a role for an hour: %v", err)
	}
	b.clk.Advance(time.Hour)
	b.Forget()
	if holds() {
		t.Error("it holds beyond its time")
	}
	if err := give(Auditor, time.Time{}); err != nil {
		t.Errorf("a role that ended by itself stands in the way of another: %v", err)
	}
	if err := b.RevokeRole(ctx, b.given(t)[0].ID, "is back", by); err != nil {
		t.Fatal(err)
	}
	if err := give(SecurityAdmin, time.Time{}); err != nil || !holds() {
		t.Fatalf("%v", err)
	}
	grant := b.given(t)[0]
	if err := b.RevokeRole(ctx, grant.ID, "", by); !errors.Is(err, ErrRoleReason) {
		t.Errorf("taken without a reason: %v", err)
	}
	if err := b.RevokeRole(ctx, grant.ID, "mine", person); !errors.Is(err, ErrOwnRole) {
		t.Errorf("took his own: %v", err)
	}
	if err := b.RevokeRole(ctx, uuid.New(), "none", by); !errors.Is(err, ErrNoGrant) {
		t.Errorf("took nothing: %v", err)
	}
	if err := b.RevokeRole(ctx, grant.ID, "moved", by); err != nil || holds() {
		t.Errorf("its holder's session can do it still: %v", err)
	}
	acts, err := audit.Of(ctx, b.Pool, audit.Object("account", grant.ID))
	if err != nil || len(acts) != 2 || acts[0].Action != "account.grant_role" || acts[1].Action != "account.revoke_role" || *acts[1].Actor != by {
		t.Errorf("the audit says %+v %v", acts, err)
	}
}

func TestGivenRolesInPages(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	for i := range 2*givenBatch + 30 {
		role, region := RegionAdmin, "440104"
		if i%3 == 0 {
			role, region = Inspector, "440105"
		}
		if err := b.GrantRole(ctx, uuid.New(), role, region, uuid.Nil); err != nil {
			t.Fatal(err)
		}
	}
	here := GivenFilter{Within: func(r string) bool { return r == "440105" }}
	var ids []uuid.UUID
	for after := ""; ; {
		page, err := b.GivenRoles(ctx, here, after, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page {
			if g.Role != Inspector {
				t.Fatalf("%s of another division", g.Role)
			}
			ids = append(ids, g.ID)
		}
		if len(page) < 20 {
			break
		}
		after = page[19].Cursor()
	}
	all, err := b.GivenRoles(ctx, GivenFilter{Role: Inspector}, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]uuid.UUID, len(all))
	for i, g := range all {
		want[i] = g.ID
	}
	if diff := cmp.Diff(want, ids); diff != "" || len(ids) != (2*givenBatch+30+2)/3 {
		t.Errorf("%d in pages: %s", len(ids), diff)
	}
	if ended, err := b.GivenRoles(ctx, GivenFilter{Ended: true}, "", 5); err != nil || len(ended) != 0 {
		t.Errorf("%d ended: %v", len(ended), err)
	}
}

func TestHoldersAreToldOfTheirRoles(t *testing.T) {
	t.Parallel()
	ctx, b := setup(t)
	_, person := b.open(t, phoneA)
	var told []notify.Message
	b.Tell = func(_ context.Context, _ pgx.Tx, messages ...notify.Message) error {
		told = append(told, messages...)
		return nil
	}
	by := uuid.New()
	if err := b.Grant(ctx, Granting{Person: person, Role: Auditor, Reason: "stands in", By: by}); err != nil {
		t.Fatal(err)
	}
	if err := b.Grant(ctx, Granting{Person: person, Role: Auditor, Reason: "again", By: by}); !errors.Is(err, ErrRoleTwice) {
		t.Fatal(err)
	}
	grant := b.given(t)[0].ID
	for range 2 { // the second time it is taken already
		if err := b.RevokeRole(ctx, grant, "is back", by); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Grant(ctx, Granting{Person: person, Role: Inspector, Region: "440104", Reason: "for a day", By: by, Until: b.clk.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	b.clk.Advance(2 * time.Hour)
	for want := range 2 { // once only
		if n, err := b.EndRoles(ctx); n != 1-want || err != nil {
			t.Errorf("%d ran out, %v", n, err)
		}
	}
	var kinds []string
	for _, m := range told {
		if kinds = append(kinds, m.Kind); m.Person != person {
			t.Errorf("told %s", m.Person)
		}
		for _, part := range []string{".title", ".body"} {
			if !i18n.Has("notify." + m.Kind + part) {
				t.Errorf("no text for %s%s", m.Kind, part)
			}
		}
	}
	if diff := cmp.Diff([]string{"account.role_given", "account.role_taken", "account.role_given", "account.role_ended"}, kinds); diff != "" {
		t.Error(diff)
	}
}
