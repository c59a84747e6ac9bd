package record

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// maxReason is the longest reason, in characters.
const maxReason = 300

// amendReach is how far an amended time may lie from the planned shift.
const amendReach = 12 * time.Hour

// Amendment corrects a record; the old values are kept. Empty texts and a zero
// Minutes leave what was there (Minutes: the whole span).
type Amendment struct {
	Record       uuid.UUID
	Version      int
	By           uuid.UUID
	Reason       string
	StartsAt     time.Time
	EndsAt       time.Time
	Minutes      int // without breaks; 0: all of the span
	ActivityName string
	Place        string
	Content      string
	Responsible  string
}

// Amend makes a next version with corrected values. A pending record stays
// pending; a confirmed one stays confirmed; a disputed one is answered by it
// and confirmed. Errors: fields, ErrOverlap, ErrOwn, ErrTwoPeople.
func (s *Service) Amend(ctx context.Context, m Amendment) (ServiceRecord, error) {
	return s.change(ctx, m.Record, m.Version, m.By, Amended, m.Reason, func(tx pgx.Tx, r *ServiceRecord) error {
		if r.State == StateVoided {
			return ErrIsVoided
		}
		if r.State != StatePending { // what counts needs a second person
			if err := mayDecide(*r, m.By); err != nil {
				return err
			}
		}
		v, err := s.shifts.Shift(ctx, tx, r.Shift)
		if err != nil {
			return err
		}
		if err := s.checkAmendment(&m, *r, v); err != nil {
			return err
		}
		m.apply(r)
		if r.State == StateDisputed {
			s.confirmed(r, m.By)
		}
		return nil
	})
}

func (s *Service) checkAmendment(m *Amendment, r ServiceRecord, v activity.ShiftView) error {
	var c fault.Check
	if m.StartsAt.IsZero() {
		m.StartsAt = r.StartsAt
	}
	if m.EndsAt.IsZero() {
		m.EndsAt = r.EndsAt
	}
	from, until := v.StartsAt.Add(-amendReach), v.EndsAt.Add(amendReach)
	reach := ErrReach.With("from", activity.Moment{Time: from}, "until", activity.Moment{Time: until})
	span := int(m.EndsAt.Sub(m.StartsAt) / time.Minute)
	c.Must(!m.StartsAt.Before(from), "starts_at", reach)
	switch {
	case span < 1 || span > 24*60:
		c.Add("ends_at", ErrEnds)
	case m.EndsAt.After(until):
		c.Add("ends_at", reach)
	case m.EndsAt.After(s.clk.Now()):
		c.Add("ends_at", ErrNotYet)
	case m.Minutes < 0 || m.Minutes > span:
		c.Add("minutes", ErrMinutes.With("max", span))
	}
	for _, f := range []struct {
		name  string
		value *string
		max   int
	}{{"activity_name", &m.ActivityName, 100}, {"place", &m.Place, 200}, {"content", &m.Content, 2000}, {"responsible", &m.Responsible, 50}} {
		*f.value = text.Clean(*f.value)
		text.Check(&c, f.name, *f.value, false, f.max)
	}
	return c.Err()
}

func (m Amendment) apply(r *ServiceRecord) {
	r.StartsAt, r.EndsAt = m.StartsAt, m.EndsAt
	r.ServiceDate = dateOf(m.StartsAt.In(clock.ZoneOf(r.Division)))
	if r.Minutes = m.Minutes; m.Minutes == 0 {
		r.Minutes = int(m.EndsAt.Sub(m.StartsAt) / time.Minute)
	}
	r.ActivityName, r.Place = cmp.Or(m.ActivityName, r.ActivityName), cmp.Or(m.Place, r.Place)
	r.Content, r.Responsible = cmp.Or(m.Content, r.Content), cmp.Or(m.Responsible, r.Responsible)
}

// confirmed makes r confirmed by somebody.
func (s *Service) confirmed(r *ServiceRecord, by uuid.UUID) {
	now := s.clk.Now()
	r.State, r.Approver = StateConfirmed, &by
	if r.ConfirmedAt == nil {
		r.ConfirmedAt, r.Late = &now, r.DueOn.Before(s.today())
	}
}

// Voiding takes hours back, for a cause and with a reason that the volunteer
// is told.
type Voiding struct {
	Record  uuid.UUID
	Version int
	By      uuid.UUID
	Cause   Cause
	Reason  string
}

// Void makes a record void; it stays there with its history. Voiding again
// does nothing.
func (s *Service) Void(ctx context.Context, m Voiding) (ServiceRecord, error) {
	return s.change(ctx, m.Record, m.Version, m.By, VoidedBy, m.Reason, func(_ pgx.Tx, r *ServiceRecord) error {
		if r.State == StateVoided {
			return errNothing
		}
		if r.Person == m.By {
			return ErrOwn
		}
		var c fault.Check
		text.OneOf(&c, "cause", string(m.Cause), true, Causes)
		r.State, r.Cause = StateVoided, m.Cause
		return c.Err()
	})
}

// Reinstatement takes a void back.
type Reinstatement struct {
	Record  uuid.UUID
	Version int
	By      uuid.UUID
	Reason  string
}

// Reinstate makes a voided record pending again, to be confirmed anew.
func (s *Service) Reinstate(ctx context.Context, m Reinstatement) (ServiceRecord, error) {
	return s.change(ctx, m.Record, m.Version, m.By, Reinstated, m.Reason, func(_ pgx.Tx, r *ServiceRecord) error {
		switch {
		case r.State != StateVoided:
			return ErrNotVoided
		case r.Person == m.By:
			return ErrOwn
		}
		r.State = StatePending
		return nil
	})
}

// Objection is a volunteer saying that a record is wrong (67号令 art. 13).
type Objection struct {
	Record uuid.UUID
	By     uuid.UUID // the volunteer or a guardian
	Reason string
}

// Dispute keeps the objection; the organisation answers by amending,
// confirming or voiding. Objecting again changes nothing.
func (s *Service) Dispute(ctx context.Context, m Objection) (ServiceRecord, error) {
	return s.change(ctx, m.Record, 0, m.By, DisputedBy, m.Reason, func(_ pgx.Tx, r *ServiceRecord) error {
		switch r.State {
		case StateVoided:
			return ErrIsVoided
		case StateDisputed:
			return errNothing
		}
		r.State = StateDisputed
		return nil
	})
}

// errNothing: the record is so already.
var errNothing = errors.New("record: nothing to do")

// change locks a record, lets edit change it and writes the next version.
// version 0 means whatever it is now.
func (s *Service) change(ctx context.Context, id uuid.UUID, version int, by uuid.UUID, what Change, reason string,
	edit func(tx pgx.Tx, r *ServiceRecord) error) (r ServiceRecord, err error) {
	reason = text.Clean(reason)
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if r, err = lock(ctx, tx, id); err != nil {
			return err
		}
		was := r
		r.Cause = ""
		if err := edit(tx, &r); err == errNothing {
			r = was
			return nil
		} else if err != nil {
			return withReason(err, reason)
		}
		if err := withReason(nil, reason); err != nil {
			return err
		}
		if version != 0 && version != was.Version {
			return fault.ErrVersionConflict
		}
		r.Change, r.ChangedAt, r.ChangedBy, r.Reason = what, s.clk.Now(), &by, reason
		if err := save(ctx, tx, &r); err != nil {
			return err
		}
		return s.audit(ctx, tx, "record."+string(what), audit.Object("record", r.ID), r.Org, r.Division, by,
			map[string]any{"from": was.State, "to": r.State, "version": r.Version})
	})
	return r, s.overlapOf(ctx, r, err)
}

// withReason adds what is wrong with the reason to the other fields at fault,
// so that all are shown at once.
func withReason(err error, reason string) error {
	var c fault.Check
	if rest := c.Merge(err); rest != nil {
		return rest
	}
	text.Check(&c, "reason", reason, true, maxReason)
	return c.Err()
}
