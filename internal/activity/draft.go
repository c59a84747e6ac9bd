package activity

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/organisation"
)

// Create begins an activity in a project, as a draft, with any shifts that are
// known already. Field names of shifts are "shifts.0.starts_at" and so on.
func (s *Service) Create(ctx context.Context, project uuid.UUID, p Plan, shifts []ShiftPlan, by uuid.UUID) (Activity, error) {
	pr, err := s.Project(ctx, project)
	if err != nil {
		return Activity{}, err
	}
	if pr.State == ProjectClosed {
		return Activity{}, ErrProjectClosed
	}
	if _, err := s.workingOrg(ctx, s.pool, pr.Org); err != nil {
		return Activity{}, err
	}
	if err := s.checkPlan(ctx, s.pool, &p, pr.Org, shifts); err != nil {
		return Activity{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Activity{}, err
	}
	a := Activity{ID: id, Project: pr.ID, Org: pr.Org, State: Draft, Version: 1, CreatedAt: s.clk.Now(), CreatedBy: by}
	p.into(&a)
	return a, pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := insertActivity(ctx, tx, a); err != nil {
			return err
		}
		for _, sp := range shifts {
			if err := insertShift(ctx, tx, newShift(a.ID, sp)); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, "activity.create", a, by, map[string]any{"shifts": len(shifts)})
	})
}

func (s *Service) checkPlan(ctx context.Context, db pg.DB, p *Plan, org uuid.UUID, shifts []ShiftPlan) error {
	var c fault.Check
	p.check(&c, s.regions)
	if err := s.checkRecordingUnit(ctx, db, &c, p, org); err != nil {
		return err
	}
	c.Must(len(shifts) <= MaxShifts, "shifts", ErrTooManyShifts.With("max", MaxShifts))
	for i := range shifts {
		var of fault.Check
		shifts[i].check(&of, s.clk.Now())
		mergeUnder(&c, fmt.Sprintf("shifts.%d.", i), of.Err())
	}
	return c.Err()
}

func mergeUnder(c *fault.Check, prefix string, err error) {
	if err == nil {
		return
	}
	for _, f := range fault.As(err).Fields {
		c.Add(prefix+f.Name, f.Err)
	}
}

// checkRecordingUnit wants an organisation that works; none given means the
// organiser itself (67号令 art. 26: who recruits with another may have it record).
func (s *Service) checkRecordingUnit(ctx context.Context, db pg.DB, c *fault.Check, p *Plan, org uuid.UUID) error {
	if p.RecordingUnit == uuid.Nil || p.RecordingUnit == org {
		p.RecordingUnit = org
		return nil
	}
	unit, err := s.orgs.GetIn(ctx, db, p.RecordingUnit)
	if err != nil && !fault.As(err).Is(organisation.ErrNotFound) {
		return err
	}
	c.Must(err == nil && unit.Working(), "recording_unit", ErrNoRecordingUnit)
	return nil
}

func (s *Service) workingOrg(ctx context.Context, db pg.DB, id uuid.UUID) (organisation.Organisation, error) {
	org, err := s.orgs.GetIn(ctx, db, id)
	if err == nil && !org.Working() {
		err = ErrOrgNotWorking
	}
	return org, err
}

func newShift(activity uuid.UUID, p ShiftPlan) Shift {
	sh := Shift{ID: uuid.Must(uuid.NewV7()), ActivityID: activity, State: ShiftOpen}
	p.into(&sh)
	return sh
}

// Update changes an activity: a draft in everything, a published one in what
// was not reviewed (ErrReviewed at the other fields). version is the one the
// form was opened with; fault.ErrVersionConflict when another was quicker.
func (s *Service) Update(ctx context.Context, id uuid.UUID, version int, p Plan, by uuid.UUID) (Activity, error) {
	return s.edit(ctx, id, version, "activity.update", by, func(tx pgx.Tx, a *Activity) error {
		if err := s.checkPlan(ctx, tx, &p, a.Org, nil); err != nil {
			return err
		}
		if a.State == Published {
			var c fault.Check
			a.reviewed(&c, p)
			if err := c.Err(); err != nil {
				return err
			}
		}
		p.into(a)
		return nil
	})
}

// edit locks an activity that may be changed, checks the version, changes and
// saves it with its audit entry, and renews its rows in the search.
func (s *Service) edit(ctx context.Context, id uuid.UUID, version int, action string, by uuid.UUID, change func(pgx.Tx, *Activity) error) (Activity, error) {
	var a Activity
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if a, err = lockActivity(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case a.State != Draft && a.State != Published:
			return inState[a.State]
		case version != a.Version:
			return fault.ErrVersionConflict
		}
		if err := change(tx, &a); err != nil {
			return err
		}
		if err := saveActivity(ctx, tx, &a); err != nil {
			return err
		}
		if err := s.relist(ctx, tx, a); err != nil {
			return err
		}
		return s.record(ctx, tx, action, a, by, nil)
	})
	return a, err
}
