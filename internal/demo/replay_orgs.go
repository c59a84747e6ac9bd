package demo

import (
	"context"
	"fmt"
	"time"

	"kapok/internal/organisation"
)

// bodiesArrive: organisations apply, the administrators of their divisions
// decide, and the first administrator names the others.
func (r *replay) bodiesArrive() {
	roles := r.begin.AddDate(0, 0, -18).Add(9 * time.Hour)
	r.add(found, roles, r.grantRoles)
	for _, b := range r.bodies {
		applied := b.founded.Add(10 * time.Hour)
		if b.filing != nil && b.filing.from.After(applied) {
			applied = b.filing.from.Add(10 * time.Hour)
		}
		if applied.After(r.now) {
			applied = r.now.Add(-time.Hour)
		}
		r.add(found, applied, func(ctx context.Context, o *office) error { return apply(ctx, o, b) })
		verdict, ok := verdicts[b.fate]
		if !ok {
			continue
		}
		r.add(decide, earlier(applied.AddDate(0, 0, 1), r.now), func(ctx context.Context, o *office) error {
			return b.decide(ctx, o, verdict.v, verdict.reason)
		})
		if b.fate == "suspended" {
			r.add(decide, r.now.AddDate(0, 0, -20), func(ctx context.Context, o *office) error {
				return b.decide(ctx, o, organisation.Suspend, "抽查发现考勤记录不完整，暂停发布，限期整改。")
			})
		}
	}
}

var verdicts = map[string]struct {
	v      organisation.Verdict
	reason string
}{
	"approved":  {organisation.Approve, ""},
	"suspended": {organisation.Approve, ""},
	"returned":  {organisation.Return, "请补充指导单位同意开展活动的说明，并写明负责人分工。"},
	"refused":   {organisation.Refuse, "拟开展的内容属商业推广，不是志愿服务（67号令第十九条）。"},
}

func apply(ctx context.Context, o *office, b *body) error {
	p := organisation.Profile{
		Name: b.name, Kind: organisation.Kind(b.kind), Division: b.division, CreditCode: b.creditCode, RegistryNo: b.registryNo,
		GuidingUnit: b.guidingUnit, Phone: b.phone, Email: b.email, Address: b.addr, Fields: b.fields, Intro: b.intro,
	}
	if f := b.filing; f != nil {
		p.FilingKind, p.FilingNo, p.FilingFrom, p.FilingTo, p.Partner = f.kind, f.no, &f.from, &f.to, f.partner
	}
	org, err := o.Orgs.Apply(ctx, p, b.admin.id)
	if err != nil {
		return fmt.Errorf("%s applies: %w", b.name, err)
	}
	b.id = org.ID
	return nil
}

func (b *body) decide(ctx context.Context, o *office, v organisation.Verdict, reason string) error {
	_, err := o.Orgs.Decide(ctx, organisation.Decision{Org: b.id, Verdict: v, Reason: reason, By: b.desk.id})
	if err != nil {
		return fmt.Errorf("%s is decided on: %w", b.name, err)
	}
	if v != organisation.Approve {
		return nil
	}
	for _, m := range append([]*human{b.approver, b.recorder}, b.leaders...) {
		role := organisation.Leader
		switch m {
		case b.approver:
			role = organisation.Approver
		case b.recorder:
			role = organisation.Recorder
		}
		who, err := o.People.Get(ctx, m.id)
		if err != nil {
			return err
		}
		if _, err := o.Orgs.AddMember(ctx, organisation.Naming{Org: b.id, VolunteerNo: who.VolunteerNo, Role: role, By: b.admin.id}); err != nil {
			return fmt.Errorf("%s names a member: %w", b.name, err)
		}
	}
	return nil
}
