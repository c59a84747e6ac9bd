package federation

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// Link says that a provider knows a person.
type Link struct {
	ID         uuid.UUID
	Provider   string
	Level      int
	LinkedAt   time.Time
	VerifiedAt time.Time
}

// Links lists the living links of a person, oldest first.
func (s *Service) Links(ctx context.Context, who uuid.UUID) ([]Link, error) {
	rows, err := s.Pool.Query(ctx, `SELECT id, provider, level, linked_at, verified_at FROM federation.link
		WHERE person = $1 AND ended_at IS NULL ORDER BY linked_at, id`, who)
	return pg.All[Link](rows, err)
}

// SignIn opens a session for the person a statement's subject is linked to;
// found is false when it is linked to nobody yet. No fact of the statement
// finds an account, only the subject.
func (s *Service) SignIn(ctx context.Context, st Statement, d account.Device) (in account.SignIn, found bool, err error) {
	var who uuid.UUID
	err = s.Pool.QueryRow(ctx, `SELECT person FROM federation.link WHERE subject = $1 AND ended_at IS NULL`, st.Subject).Scan(&who)
	if errors.Is(err, pgx.ErrNoRows) {
		return in, false, nil
	}
	if err != nil {
		return in, false, err
	}
	phone, err := s.Accounts.PhoneOf(ctx, who)
	if err != nil {
		return in, false, err
	}
	id, who, err := s.Accounts.WithPhone(ctx, phone)
	if err != nil {
		return in, false, err
	}
	in, err = s.Accounts.Begin(ctx, s.Pool, id, who, d, account.ByOutside)
	return in, err == nil, err
}

// Settle compares a statement with a person and, when it fits, links the
// subject and raises what it proves, in one transaction. Errors: ErrDiffers
// with a field for each difference, ErrIncomplete, ErrTaken, ErrOtherSubject.
func (s *Service) Settle(ctx context.Context, who uuid.UUID, st Statement) error {
	p, err := s.People.Get(ctx, who)
	if err != nil {
		return err
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.settleTx(ctx, tx, p, st) })
	if errors.Is(err, ErrDiffers) {
		return errors.Join(err, s.note(ctx, p, st, err))
	}
	return err
}

// note leaves a trace of a check that failed: which facts, never their values.
func (s *Service) note(ctx context.Context, p person.Person, st Statement, err error) error {
	var names []string
	for _, f := range fault.As(err).Fields {
		names = append(names, f.Name)
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		return s.audit(ctx, tx, p.ID, "federation.refuse", map[string]any{"provider": st.Provider, "differs": names})
	})
}

func (s *Service) settleTx(ctx context.Context, tx pgx.Tx, p person.Person, st Statement) error {
	document, err := s.compare(ctx, tx, p, st)
	if err != nil {
		return err
	}
	if err := s.linkTx(ctx, tx, p.ID, st); err != nil {
		return err
	}
	if st.Level > 0 && s.Assure != nil {
		if err := s.Assure(ctx, tx, Assurance{Person: p.ID, Document: document, Level: st.Level, Source: st.Provider}); err != nil {
			return err
		}
	}
	return s.audit(ctx, tx, p.ID, "federation.verify", map[string]any{"provider": st.Provider, "level": st.Level})
}

// linkTx makes the link, or renews the one there is.
func (s *Service) linkTx(ctx context.Context, tx pgx.Tx, who uuid.UUID, st Statement) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	var owner uuid.UUID
	err = tx.QueryRow(ctx, `INSERT INTO federation.link AS l (id, person, provider, subject, level, linked_at, verified_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
		ON CONFLICT (subject) WHERE ended_at IS NULL DO UPDATE
			SET level = CASE WHEN l.person = $2 THEN $5 ELSE l.level END,
				verified_at = CASE WHEN l.person = $2 THEN $6 ELSE l.verified_at END
		RETURNING person`, id, who, st.Provider, st.Subject, st.Level, now).Scan(&owner)
	switch {
	case pg.Constraint(err) == "link_person":
		return ErrOtherSubject
	case err != nil:
		return err
	case owner != who:
		return ErrTaken
	}
	return nil
}

// Unlink ends a link of a person. What was proved by it stays proved.
// Errors: ErrNoLink.
func (s *Service) Unlink(ctx context.Context, who, link uuid.UUID) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE federation.link SET ended_at = $3 WHERE id = $2 AND person = $1 AND ended_at IS NULL`, who, link, s.Clock.Now())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNoLink
		}
		return s.audit(ctx, tx, who, "federation.unlink", map[string]any{"link": link})
	})
}

func (s *Service) audit(ctx context.Context, tx pgx.Tx, who uuid.UUID, action string, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.Clock.Now(), Actor: &who, Action: action, Object: audit.Object("person", who), Detail: detail})
}
