package person

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
)

// PlaceDeps is what changes of a person reach beyond this area.
type PlaceDeps struct {
	// Recheck runs a change in a transaction of its own, and in it takes back the
	// coming places which the person may not hold any more.
	Recheck func(ctx context.Context, who uuid.UUID, change func(pgx.Tx) error) error
	Tell    func(ctx context.Context, tx pgx.Tx, messages ...notify.Message) error
	// HoldRoles locks what EndRoles writes, before the person is locked.
	HoldRoles func(ctx context.Context, tx pgx.Tx, who uuid.UUID) error
	// EndRoles takes from somebody who turns out to be a minor the roles that
	// only adults hold.
	EndRoles func(ctx context.Context, tx pgx.Tx, who Person, by uuid.UUID) error
}

// ConnectPlaces tells of the areas above; call it before use.
func (s *Service) ConnectPlaces(d PlaceDeps) { s.places = d }

// Change runs a change of what decides where a person may serve: a guardian's
// consent, the birth date. Nothing is decided for the person meanwhile, and what
// the change no longer allows is taken back with it.
func (s *Service) Change(ctx context.Context, who uuid.UUID, change func(pgx.Tx) error) error {
	locked := func(tx pgx.Tx) error {
		if s.places.HoldRoles != nil {
			if err := s.places.HoldRoles(ctx, tx, who); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('person ' || $1::uuid, 0))`, who); err != nil {
			return err
		}
		return change(tx)
	}
	if s.places.Recheck == nil {
		return pg.InTx(ctx, s.pool, locked)
	}
	return s.places.Recheck(ctx, who, locked)
}

// AgreeService notes that a guardian agrees to a minor's service: with one
// organisation, or with every one when org is nil. The minor is told. Agreeing
// again changes nothing. Error: ErrNotGuardian.
func (s *Service) AgreeService(ctx context.Context, by, ward uuid.UUID, org *uuid.UUID) error {
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := s.ward(ctx, tx, by, ward); err != nil {
			return err
		}
		version := newest[ConsentGuardian]
		fresh, err := s.insertConsentFor(ctx, tx, Consent{Person: ward, GivenBy: by, Purpose: ConsentGuardian, TextVersion: version, Org: org})
		if err != nil || !fresh {
			return err
		}
		return s.noteService(ctx, tx, by, ward, org, "person.consent", "guardian.agreed")
	})
}

// WithdrawService takes back what a guardian agreed to: for one organisation, or
// the consent for every one when org is nil; consents for single organisations
// stay then. Coming places of the minor that no guardian's consent covers any
// more are given back in the same transaction; service that has begun and the
// hours stay. The minor is told.
func (s *Service) WithdrawService(ctx context.Context, by, ward uuid.UUID, org *uuid.UUID) error {
	return s.Change(ctx, ward, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE person.consent SET withdrawn_at = $5, withdrawn_by = $2
			WHERE person = $1 AND given_by = $2 AND purpose = $3 AND org IS NOT DISTINCT FROM $4 AND withdrawn_at IS NULL`,
			ward, by, ConsentGuardian, org, s.clk.Now())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return s.noteService(ctx, tx, by, ward, org, "person.consent_withdraw", "guardian.withdrew")
	})
}

func (s *Service) noteService(ctx context.Context, tx pgx.Tx, by, ward uuid.UUID, org *uuid.UUID, action, kind string) error {
	now := s.clk.Now()
	err := audit.RecordTx(ctx, tx, audit.Entry{At: now, Actor: &by, Action: action, Object: audit.Object("person", ward), Org: org,
		Detail: map[string]any{"text": newest[ConsentGuardian]}})
	if err != nil {
		return err
	}
	if org == nil {
		kind += "_all"
	}
	return s.tell(ctx, tx, notify.Message{Person: ward, Kind: kind, Link: "/me/consents", Key: kind + "/" + by.String() + "/" + now.Format(time.RFC3339Nano)})
}

func (s *Service) tell(ctx context.Context, tx pgx.Tx, messages ...notify.Message) error {
	if s.places.Tell == nil {
		return nil
	}
	return s.places.Tell(ctx, tx, messages...)
}

// ServiceConsents lists what a guardian has agreed to for a ward and not taken
// back: the consent for every organisation first, then by when it was given.
func (s *Service) ServiceConsents(ctx context.Context, by, ward uuid.UUID) ([]Consent, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+consentColumns+` FROM person.consent
		WHERE person = $1 AND given_by = $2 AND purpose = $3 AND withdrawn_at IS NULL ORDER BY org IS NOT NULL, given_at, id`, ward, by, ConsentGuardian)
	return pg.All[Consent](rows, err)
}

// AskGuardians asks a minor's guardians to agree to service with an organisation,
// once a day each: the message leads to the page where one tap agrees. Errors:
// ErrNotMinor, ErrNoGuardian.
func (s *Service) AskGuardians(ctx context.Context, ward, org uuid.UUID) error {
	return pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		p, err := s.get(ctx, tx, ward)
		if err != nil {
			return err
		}
		if p.Age(s.Today()) >= AdultFrom {
			return ErrNotMinor
		}
		guardians, err := s.Guardians(ctx, tx, ward)
		if err != nil {
			return err
		}
		if len(guardians) == 0 {
			return ErrNoGuardian
		}
		var messages []notify.Message
		for _, g := range guardians {
			messages = append(messages, notify.Message{Person: g, Kind: "guardian.asked", Link: ServiceConsentPath(ward, &org),
				Key: "guardian.asked/" + ward.String() + "/" + org.String() + "/" + s.Today().Format(time.DateOnly)})
		}
		if err := s.tell(ctx, tx, messages...); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &ward, Action: "person.ask_guardian", Object: audit.Object("person", ward), Org: &org})
	})
}

// ServiceConsentPath is the page where a guardian agrees to a ward's service;
// org, which may be nil, is what is asked about.
func ServiceConsentPath(ward uuid.UUID, org *uuid.UUID) string {
	path := "/me/wards/" + ward.String() + "/consents"
	if org != nil {
		path += "?org=" + org.String()
	}
	return path
}
