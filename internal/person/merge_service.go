package person

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
	"kapok/internal/notify"
)

const maxEvidence = 500 // characters

// errPreview ends a merge that was only to be looked at.
var errPreview = errors.New("person: a preview")

// PreviewMerge says what a merge would do, by doing it and taking it back.
// Errors: those of pair and of the areas that cannot take part now.
func (s *Service) PreviewMerge(ctx context.Context, kept, absorbed, by uuid.UUID) (Report, error) {
	var r *Report
	err := s.inMerge(ctx, func(tx pgx.Tx) error {
		m, err := s.newMerge(ctx, tx, kept, absorbed)
		if err != nil {
			return err
		}
		m.DecidedBy = &by
		if r, err = s.mergeTx(ctx, tx, &m); err != nil {
			return err
		}
		return errPreview
	})
	if !errors.Is(err, errPreview) {
		return Report{}, err
	}
	return *r, nil
}

// newMerge is a merge of two people, with what conflicts; it is not stored yet.
func (s *Service) newMerge(ctx context.Context, tx pgx.Tx, kept, absorbed uuid.UUID) (Merge, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Merge{}, err
	}
	a, b, err := s.pair(ctx, tx, kept, absorbed)
	if err != nil {
		return Merge{}, err
	}
	m := Merge{ID: id, Kept: kept, Absorbed: absorbed, Division: divisionOf(s.regions, a.Division, b.Division), State: MergeCase}
	m.Conflicts, err = s.conflicts(ctx, tx, a, b)
	return m, err
}

// mergeTx makes the merge m, stored or not.
func (s *Service) mergeTx(ctx context.Context, tx pgx.Tx, m *Merge) (*Report, error) {
	if err := s.lockPair(ctx, tx, m.Kept, m.Absorbed); err != nil {
		return nil, err
	}
	a, b, err := s.pair(ctx, tx, m.Kept, m.Absorbed) // anew: nothing changes from here on
	if err != nil {
		return nil, err
	}
	if m.Conflicts, err = s.conflicts(ctx, tx, a, b); err != nil {
		return nil, err
	}
	now := s.clk.Now()
	m.State, m.DecidedAt, m.MergedAt = Merged, &now, &now
	if err := saveMerge(ctx, tx, *m); err != nil {
		return nil, err
	}
	j := &Joining{ID: m.ID, From: m.Absorbed, Into: m.Kept, By: *m.DecidedBy, At: now, Lang: a.Lang, Report: &Report{Conflicts: m.Conflicts}}
	if err := s.joinTx(ctx, tx, j); err != nil {
		return nil, err
	}
	m.Conflicts = j.Report.Conflicts
	if err := saveMerge(ctx, tx, *m); err != nil {
		return nil, err
	}
	return j.Report, s.noteMerge(ctx, tx, *m, "person.merge", *m.DecidedBy, "person.merged")
}

// noteMerge writes the audit entry and tells the person.
func (s *Service) noteMerge(ctx context.Context, tx pgx.Tx, m Merge, action string, by uuid.UUID, kind string) error {
	if kind != "" && s.merging.Tell != nil {
		err := s.merging.Tell(ctx, tx, notify.Message{Person: m.Kept, Kind: kind, Link: "/me/merges", Key: kind + "/" + m.ID.String(),
			Args: map[string]any{"reason": m.Reason, "days": UndoDays}})
		if err != nil {
			return err
		}
	}
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: action, Object: audit.Object("merge", m.ID), Region: &m.Division,
		Detail: map[string]any{"kept": m.Kept, "absorbed": m.Absorbed, "conflicts": m.Conflicts}})
}

// done lets sessions see who they are now.
func (s *Service) done(err error) error {
	if err == nil && s.merging.Done != nil {
		s.merging.Done()
	}
	return err
}

// MergeSelf joins two registrations of somebody who proved both; kept is the
// one signed in. Where something conflicts, nothing moves: it opens a case.
func (s *Service) MergeSelf(ctx context.Context, kept, absorbed uuid.UUID) (m Merge, r Report, err error) {
	looked, err := s.PreviewMerge(ctx, kept, absorbed, kept)
	if err != nil {
		return m, r, err
	}
	if len(looked.Conflicts) > 0 {
		m, err = s.openCase(ctx, kept, kept, absorbed, "", looked.Conflicts)
		return m, looked, err
	}
	err = s.inMerge(ctx, func(tx pgx.Tx) error {
		if m, err = s.newMerge(ctx, tx, kept, absorbed); err != nil {
			return err
		}
		if old, err := openMerge(ctx, tx, kept, absorbed); err == nil {
			m.ID, m.AskedBy, m.AskedAt, m.Said = old.ID, old.AskedBy, old.AskedAt, old.Said // what was open ends with it
		} else if !errors.Is(err, ErrNoMerge) {
			return err
		}
		m.DecidedBy = &kept
		done, err := s.mergeTx(ctx, tx, &m)
		if err != nil {
			return err
		}
		if len(done.Conflicts) > 0 {
			return errPreview // something came up between looking and merging
		}
		r = *done
		return nil
	})
	if errors.Is(err, errPreview) {
		m, err = s.openCase(ctx, kept, kept, absorbed, "", nil)
	}
	return m, r, s.done(err)
}

// ClaimDocument opens a case for somebody who says that a document which is
// registered is theirs; by is the person, a guardian or a desk. The answer is the same whoever holds it.
func (s *Service) ClaimDocument(ctx context.Context, by, who uuid.UUID, d Document, said string) (Merge, error) {
	var c fault.Check
	said = text.Clean(said)
	text.Check(&c, "said", said, false, maxEvidence)
	if err := c.Err(); err != nil {
		return Merge{}, err
	}
	holder, err := s.ByDocument(ctx, s.pool, d)
	if err != nil {
		return Merge{}, err
	}
	if holder == who {
		return Merge{}, ErrOwnDocument
	}
	return s.openCase(ctx, by, who, holder, said, []string{ConflictUnproved})
}

// openCase asks the administrators to look at two registrations. One that is
// open already is returned. Whoever holds the other one is told, as it may be
// somebody else.
func (s *Service) openCase(ctx context.Context, by, who, other uuid.UUID, said string, why []string) (m Merge, err error) {
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if m, err = openMerge(ctx, tx, who, other); !errors.Is(err, ErrNoMerge) {
			return err
		}
		if m, err = s.newMerge(ctx, tx, who, other); err != nil {
			return err
		}
		r := Report{Conflicts: m.Conflicts}
		for _, code := range why {
			r.Conflict(code)
		}
		now := s.clk.Now()
		m.Conflicts, m.AskedBy, m.AskedAt, m.Said = r.Conflicts, &who, &now, said
		if err := saveMerge(ctx, tx, m); err != nil {
			return err
		}
		if s.merging.Tell != nil {
			if err := s.merging.Tell(ctx, tx, notify.Message{Person: other, Kind: "person.claimed", Link: "/me/documents", Key: "person.claimed/" + m.ID.String()}); err != nil {
				return err
			}
		}
		return s.noteMerge(ctx, tx, m, "person.merge_ask", by, "person.merge_asked")
	})
	if pg.Constraint(err) == "merge_open" { // asked twice at the same moment
		return openMerge(ctx, s.pool, who, other)
	}
	return m, err
}

// Proposal is an administrator's: evidence was seen that both are one.
type Proposal struct {
	Kept     uuid.UUID
	Absorbed uuid.UUID
	By       uuid.UUID
	Evidence string // what was shown, without numbers
}

// ProposeMerge stores a proposal, for a second administrator to decide. An open
// case of the two becomes it.
func (s *Service) ProposeMerge(ctx context.Context, p Proposal) (m Merge, err error) {
	var c fault.Check
	p.Evidence = text.Clean(p.Evidence)
	text.Check(&c, "evidence", p.Evidence, true, maxEvidence)
	if err := c.Err(); err != nil {
		return m, err
	}
	if p.By == p.Kept || p.By == p.Absorbed {
		return m, ErrOwnMerge
	}
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if m, err = s.newMerge(ctx, tx, p.Kept, p.Absorbed); err != nil {
			return err
		}
		old, err := openMerge(ctx, tx, p.Kept, p.Absorbed)
		switch {
		case err == nil && old.State == MergeProposed:
			return ErrMergeOpen
		case err == nil:
			m.ID, m.AskedBy, m.AskedAt, m.Said = old.ID, old.AskedBy, old.AskedAt, old.Said
		case !errors.Is(err, ErrNoMerge):
			return err
		}
		now := s.clk.Now()
		m.State, m.ProposedBy, m.ProposedAt, m.Evidence = MergeProposed, &p.By, &now, p.Evidence
		if err := saveMerge(ctx, tx, m); err != nil {
			return err
		}
		return s.noteMerge(ctx, tx, m, "person.merge_propose", p.By, "person.merge_proposed")
	})
	if pg.Constraint(err) == "merge_open" {
		err = ErrMergeOpen
	}
	return m, err
}

// Ruling decides a case or a proposal, or the undoing of a merge.
type Ruling struct {
	Merge   uuid.UUID
	By      uuid.UUID
	Approve bool
	Reason  string // needed to refuse
}

func (r *Ruling) check(mustGive bool) error {
	var c fault.Check
	r.Reason = text.Clean(r.Reason)
	text.Check(&c, "reason", r.Reason, mustGive, maxEvidence)
	return c.Err()
}

// DecideMerge approves a proposal, by another administrator than the one who
// made it, or refuses a case or proposal with a reason. Errors: ErrMergeTwo,
// ErrOwnMerge, ErrMergeDecided.
func (s *Service) DecideMerge(ctx context.Context, r Ruling) (m Merge, err error) {
	if err := r.check(!r.Approve); err != nil {
		return m, err
	}
	err = s.inMerge(ctx, func(tx pgx.Tx) error {
		if m, err = lockMerge(ctx, tx, r.Merge); err != nil {
			return err
		}
		if err := mayRule(m, r); err != nil {
			return err
		}
		m.DecidedBy, m.Reason = &r.By, r.Reason
		if r.Approve {
			_, err = s.mergeTx(ctx, tx, &m)
			return err
		}
		now := s.clk.Now()
		m.State, m.DecidedAt = MergeRefused, &now
		if err := saveMerge(ctx, tx, m); err != nil {
			return err
		}
		return s.noteMerge(ctx, tx, m, "person.merge_refuse", r.By, "person.merge_refused")
	})
	return m, s.done(err)
}

func mayRule(m Merge, r Ruling) error {
	switch {
	case m.Concerns(r.By):
		return ErrOwnMerge
	case m.State != MergeProposed && (m.State != MergeCase || r.Approve):
		return ErrMergeDecided
	case m.ProposedBy != nil && *m.ProposedBy == r.By:
		return ErrMergeTwo
	}
	return nil
}
