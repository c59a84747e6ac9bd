package certificate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/pg"
)

// MaxRecords is how many service records one certificate covers at most: some
// sixty pages when they are listed.
const MaxRecords = 2000

// maxTries bounds the repetitions while records change during an issue.
const maxTries = 5

// Order asks for a certificate.
type Order struct {
	Person uuid.UUID // the holder
	Actor  uuid.UUID // who asks: the holder, or the guardian
	Choice Choice
}

// Issue makes a certificate of the holder's confirmed hours, free of charge
// (67号令 art. 14). Refusals: ErrNoHours, ErrTooMany, ErrGlyphMissing,
// ErrNoDocument, ErrHoursMoved, and the fields at fault in the choice.
func (s *Service) Issue(ctx context.Context, o Order) (Certificate, error) {
	return s.issue(ctx, o, nil)
}

// Replace issues a certificate that takes the place of a valid one of the same
// holder; the old one is "replaced" from then on. Refusals are those of Issue,
// ErrUnknown (also for somebody else's certificate) and ErrNotValid.
func (s *Service) Replace(ctx context.Context, old Number, o Order) (Certificate, error) {
	c, err := byNumber(ctx, s.Pool, old)
	switch {
	case err != nil:
		return Certificate{}, err
	case c.Person != o.Person:
		return Certificate{}, ErrUnknown
	case c.Status != Valid:
		return Certificate{}, ErrNotValid
	}
	return s.issue(ctx, o, &c.ID)
}

// errAgain says that the hours, or the number drawn, were taken meanwhile.
var errAgain = errors.New("certificate: try again")

// issue signs outside the transaction, because the signer may be far away, and
// looks inside it whether the hours are still the same.
func (s *Service) issue(ctx context.Context, o Order, replaces *uuid.UUID) (Certificate, error) {
	if err := o.Choice.check(); err != nil {
		return Certificate{}, err
	}
	for range maxTries {
		c, hours, err := s.prepare(ctx, o)
		if err != nil {
			return Certificate{}, err
		}
		c.Replaces = replaces
		err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.issueTx(ctx, tx, o, c, hours) })
		if !errors.Is(err, errAgain) {
			return c, err
		}
	}
	return Certificate{}, ErrHoursMoved
}

func (c Choice) check() error {
	var f fault.Check
	f.Must(slices.Contains(i18n.Langs, c.Language), "language", fault.ErrBadValue)
	f.Must(slices.Contains(NameForms, c.Name), "name", fault.ErrBadValue)
	f.Must(c.From == "" || isDate(c.From), "from", fault.ErrBadDate)
	f.Must(c.To == "" || isDate(c.To), "to", fault.ErrBadDate)
	f.Must(c.From == "" || c.To == "" || c.From <= c.To, "to", ErrPeriod)
	return f.Err()
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// prepare states and signs the hours as they are now.
func (s *Service) prepare(ctx context.Context, o Order) (Certificate, []Hour, error) {
	who, err := s.Subject(ctx, o.Person)
	if err != nil {
		return Certificate{}, nil, err
	}
	if o.Choice.Document && who.DocumentKind == "" {
		return Certificate{}, nil, ErrNoDocument
	}
	hours, err := s.hours(ctx, s.Pool, o)
	if err != nil {
		return Certificate{}, nil, err
	}
	st := s.state(who, hours, o.Choice)
	if err := s.printable(st); err != nil {
		return Certificate{}, nil, err
	}
	message, err := st.Canonical()
	if err != nil {
		return Certificate{}, nil, err
	}
	signature, err := s.Signer.Sign(ctx, message)
	if err != nil {
		return Certificate{}, nil, err
	}
	id, err := uuid.NewV7()
	return Certificate{
		ID: id, Number: st.Number, Person: o.Person, Statement: st, Signature: signature,
		Status: Valid, StatusAt: st.IssuedAt,
	}, hours, err
}

func (s *Service) state(who Subject, hours []Hour, c Choice) Statement {
	now := s.Clock.Now()
	number := NewNumber(now.In(clock.Shanghai).Year())
	return build(number, who, hours, c, Origin{
		Issuer: s.Issuer(c.Language), Verify: s.BaseURL + "/verify/" + string(number), Key: s.Signer.Key().ID, At: now,
	})
}

// hours is the confirmed records of the period chosen.
func (s *Service) hours(ctx context.Context, db pg.DB, o Order) ([]Hour, error) {
	all, err := s.Hours(ctx, db, o.Person)
	if err != nil {
		return nil, err
	}
	chosen := o.Choice.within(all)
	switch {
	case len(chosen) == 0:
		return nil, ErrNoHours
	case len(chosen) > MaxRecords:
		return nil, ErrTooMany.With("max", MaxRecords)
	}
	return chosen, nil
}

// printable draws the certificate once, to refuse what cannot be printed
// before anything is issued.
func (s *Service) printable(st Statement) error {
	doc, err := draw(s.Fonts, st)
	if err != nil {
		return err
	}
	err = doc.Err()
	if missing, ok := errors.AsType[*pdf.MissingGlyphs](err); ok {
		return ErrGlyphMissing.With("characters", pdf.CodePoints(missing.Runes))
	}
	return err
}

// issueTx keeps the certificate if the hours behind it are still what was
// signed. The lock on the holder makes sure that a change of hours comes either
// before the look (and is seen) or after the certificate (and makes it void).
func (s *Service) issueTx(ctx context.Context, tx pgx.Tx, o Order, c Certificate, hours []Hour) error {
	if err := lockHolders(ctx, tx, o.Person); err != nil {
		return err
	}
	now, err := s.hours(ctx, tx, o)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(now, hours, func(a, b Hour) bool { return cmp.Compare(a.Version, b.Version) == 0 && a.Record == b.Record }) {
		return errAgain
	}
	if c.Replaces != nil {
		if err := retire(ctx, tx, *c.Replaces, c.StatusAt); err != nil {
			return err
		}
	}
	if err := insert(ctx, tx, c, hours, s.Signer.Key()); err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Entry{
		At: c.StatusAt, Actor: &o.Actor, Action: "certificate.issue", Object: audit.Object("certificate", c.ID),
		Detail: map[string]any{"minutes": c.Statement.Minutes, "times": c.Statement.Times, "name": string(c.Statement.Holder.Shown)},
	})
}
