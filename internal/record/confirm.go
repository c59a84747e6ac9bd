package record

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// Pick is a record to confirm, as the page showed it.
type Pick struct {
	Record  uuid.UUID
	Version int // 0: whatever it is now
}

// Confirmation confirms records of one shift in one go.
type Confirmation struct {
	Shift  uuid.UUID
	By     uuid.UUID
	Picks  []Pick
	Reason string // needed for disputed records: why the hours stand as they are
}

// Outcome is what became of one pick.
type Outcome struct {
	Record  uuid.UUID
	Already bool         // was confirmed before; nothing was done
	Err     *fault.Error // why not; nil when it is confirmed now
}

const (
	maxPicks = 5000
	maxRaces = 3
)

// Confirm confirms the records in one transaction and says of each what became
// of it; one that cannot be confirmed does not hold up the others. Confirming
// again does nothing.
func (s *Service) Confirm(ctx context.Context, c Confirmation) (out []Outcome, err error) {
	if len(c.Picks) > maxPicks {
		return nil, ErrTooMany.With("max", maxPicks)
	}
	c.Reason = text.Clean(c.Reason)
	var check fault.Check
	text.Check(&check, "reason", c.Reason, false, maxReason)
	if err := check.Err(); err != nil {
		return nil, err
	}
	for race := 0; ; race++ {
		err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
			out, err = s.confirmTx(ctx, tx, c)
			return err
		})
		// Another transaction confirmed an overlapping time of one of these
		// people meanwhile; the next look sees it and refuses that one alone.
		if pg.Constraint(err) != noOverlap || race == maxRaces {
			return out, err
		}
	}
}

const noOverlap = "service_record_no_overlap"

func (s *Service) confirmTx(ctx context.Context, tx pgx.Tx, c Confirmation) ([]Outcome, error) {
	ids := make([]uuid.UUID, len(c.Picks))
	for i, p := range c.Picks {
		ids[i] = p.Record
	}
	found, err := lockMany(ctx, tx, c.Shift, ids)
	if err != nil {
		return nil, err
	}
	clashes, err := overlapsTx(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(c.Picks))
	var good []uuid.UUID
	for i, p := range c.Picks {
		r, there := found[p.Record]
		out[i] = judge(r, there, p, c)
		if clash, ok := clashes[p.Record]; ok && out[i].Err == nil && !out[i].Already {
			out[i].Err = clash
		}
		if out[i].Err == nil && !out[i].Already {
			good = append(good, p.Record)
		}
	}
	if len(good) == 0 {
		return out, nil
	}
	if err := s.saveConfirmed(ctx, tx, good, c); err != nil {
		return nil, err
	}
	first := found[good[0]]
	return out, s.audit(ctx, tx, "record.confirm", audit.Object("shift", c.Shift), first.Org, first.Division, c.By,
		map[string]any{"confirmed": len(good), "refused": len(c.Picks) - len(good)})
}

// judge says what stands against confirming a record.
func judge(r ServiceRecord, there bool, p Pick, c Confirmation) Outcome {
	o := Outcome{Record: p.Record}
	switch {
	case !there:
		o.Err = ErrNotFound
	case r.State == StateConfirmed:
		o.Already = true
	case r.State == StateVoided:
		o.Err = ErrIsVoided
	case p.Version != 0 && p.Version != r.Version:
		o.Err = fault.ErrVersionConflict
	case r.State == StateDisputed && c.Reason == "":
		o.Err = ErrDisputed
	default:
		o.Err = mayDecide(r, c.By)
	}
	return o
}

// mayDecide keeps people from deciding about their own hours and entries.
func mayDecide(r ServiceRecord, by uuid.UUID) *fault.Error {
	switch {
	case r.Person == by:
		return ErrOwn
	case r.Recorder != nil && *r.Recorder == by:
		return ErrTwoPeople
	}
	return nil
}

func (s *Service) saveConfirmed(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, c Confirmation) error {
	_, err := tx.Exec(ctx, `UPDATE record.service_record SET state = 'confirmed', approver = $2,
			late = CASE WHEN confirmed_at IS NULL THEN due_on < $4 ELSE late END, confirmed_at = coalesce(confirmed_at, $3),
			version = version + 1, change = 'confirmed', changed_at = $3, changed_by = $2, cause = '', reason = $5
		WHERE id = ANY($1)`, ids, c.By, s.clk.Now(), s.today(), c.Reason)
	return err
}

// overlapsTx finds, for records, another confirmed time of the same person.
func overlapsTx(ctx context.Context, tx pgx.Tx, ids []uuid.UUID) (map[uuid.UUID]*fault.Error, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT ON (r.id) r.id, o.activity_name, o.starts_at
		FROM record.service_record r JOIN record.service_record o ON o.person = r.person AND o.id <> r.id
			AND o.state = 'confirmed' AND tstzrange(o.starts_at, o.ends_at) && tstzrange(r.starts_at, r.ends_at)
		WHERE r.id = ANY($1) ORDER BY r.id, o.starts_at`, ids)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]*fault.Error{}
	var id uuid.UUID
	var title string
	var at activity.Moment
	_, err = pgx.ForEachRow(rows, []any{&id, &title, &at.Time}, func() error {
		out[id] = ErrOverlap.With("title", title, "at", at)
		return nil
	})
	return out, err
}

// overlapOf turns the database's refusal of an overlap into ours, with the
// other record's title, looked up outside the failed transaction.
func (s *Service) overlapOf(ctx context.Context, r ServiceRecord, err error) error {
	if pg.Constraint(err) != noOverlap {
		return err
	}
	e := ErrOverlap.With("title", "", "at", "")
	var title string
	var at activity.Moment
	look := s.pool.QueryRow(ctx, `SELECT activity_name, starts_at FROM record.service_record WHERE person = $1 AND id <> $2
		AND state = 'confirmed' AND tstzrange(starts_at, ends_at) && tstzrange($3, $4) LIMIT 1`,
		r.Person, r.ID, r.StartsAt, r.EndsAt).Scan(&title, &at.Time)
	if look == nil {
		e = ErrOverlap.With("title", title, "at", at)
	} else if !errors.Is(look, pgx.ErrNoRows) {
		return look
	}
	return e.Because(err)
}
