package certificate

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
	"kapok/internal/record"
)

// Voiding asks that a certificate be void.
type Voiding struct {
	Number Number
	Actor  uuid.UUID
	Cause  Cause  // ByHolder or ByAuthority
	Reason string // needed by an authority; the holder need not give one
}

const maxReason = 500

// Void makes a valid certificate void, for good. The caller checks that the
// actor is the holder (ByHolder) or may do so by office (ByAuthority).
// Refusals: ErrUnknown, ErrNotValid, a missing reason.
func (s *Service) Void(ctx context.Context, v Voiding) error {
	var f fault.Check
	v.Reason = text.Clean(v.Reason)
	text.Check(&f, "reason", v.Reason, v.Cause == ByAuthority, maxReason)
	f.Must(v.Cause == ByHolder || v.Cause == ByAuthority, "cause", fault.ErrBadValue)
	if err := f.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.voidTx(ctx, tx, v) })
}

func (s *Service) voidTx(ctx context.Context, tx pgx.Tx, v Voiding) error {
	c, err := lockNumber(ctx, tx, v.Number)
	if err != nil {
		return err
	}
	if c.Status != Valid {
		return ErrNotValid
	}
	now := s.Clock.Now()
	if err := void(ctx, tx, c.ID, now, v.Cause, v.Reason); err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Entry{
		At: now, Actor: &v.Actor, Action: "certificate.void", Object: audit.Object("certificate", c.ID),
		Detail: map[string]any{"cause": string(v.Cause)},
	})
}

// ReaderName is the name of the journal reader that keeps certificates true.
const ReaderName = "certificates"

// Reader makes certificates void when an hour behind them is amended or voided.
// A dispute alone changes nothing: its answer is one of these or leaves the hour
// as it was.
func (s *Service) Reader() record.Reader {
	return record.Reader{Name: ReaderName, Handle: s.follow, Reset: nothingToReset}
}

// nothingToReset: void is final, so a replay finds everything done already.
func nothingToReset(context.Context, pgx.Tx) error { return nil }

func (s *Service) follow(ctx context.Context, tx pgx.Tx, events []record.Event) error {
	var changed []RecordChange
	for _, e := range events {
		moved := e.Kind == string(record.Amended) || e.Kind == string(record.VoidedBy)
		if moved && e.Record != nil {
			changed = append(changed, RecordChange{Person: e.Person, Record: *e.Record, At: e.At})
		}
	}
	return s.OnRecordsChangedTx(ctx, tx, changed)
}

// RecordChange is a confirmed record that was amended or voided.
type RecordChange struct {
	Person uuid.UUID
	Record uuid.UUID
	At     time.Time
}

// OnRecordsChangedTx makes every valid certificate that states one of these
// records void, with an audit entry each.
func (s *Service) OnRecordsChangedTx(ctx context.Context, tx pgx.Tx, changes []RecordChange) error {
	if len(changes) == 0 {
		return nil
	}
	var people, records []uuid.UUID
	for _, c := range changes {
		people, records = append(people, c.Person), append(records, c.Record)
	}
	if err := lockHolders(ctx, tx, people...); err != nil {
		return err
	}
	now := s.Clock.Now()
	ids, err := voidBasedOn(ctx, tx, records, now)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := audit.RecordTx(ctx, tx, audit.Entry{
			At: now, Action: "certificate.void", Object: audit.Object("certificate", id),
			Detail: map[string]any{"cause": string(HoursChanged)},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
