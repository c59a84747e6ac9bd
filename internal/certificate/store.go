package certificate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/kit/sign"
)

// stored is a certificate as the table has it.
type stored struct {
	ID        uuid.UUID
	Number    Number
	Person    uuid.UUID
	Statement string
	Signature []byte
	Status    Status
	StatusAt  time.Time
	Cause     Cause
	Reason    string
	Replaces  *uuid.UUID
}

const storedColumns = `id, number, person, statement, signature, status, status_at, cause, reason, replaces`

func (s stored) certificate() (Certificate, error) {
	c := Certificate{
		ID: s.ID, Number: s.Number, Person: s.Person, Signature: s.Signature, Status: s.Status,
		StatusAt: s.StatusAt, Cause: s.Cause, Reason: s.Reason, Replaces: s.Replaces,
	}
	if err := json.Unmarshal([]byte(s.Statement), &c.Statement); err != nil {
		return Certificate{}, fmt.Errorf("certificate: stored statement: %w", err)
	}
	return c, nil
}

func byNumber(ctx context.Context, db pg.DB, n Number) (Certificate, error) {
	rows, err := db.Query(ctx, `SELECT `+storedColumns+` FROM certificate.certificate WHERE number = $1`, n)
	return one(pg.One[stored](rows, err, ErrUnknown))
}

func lockNumber(ctx context.Context, tx pgx.Tx, n Number) (Certificate, error) {
	rows, err := tx.Query(ctx, `SELECT `+storedColumns+` FROM certificate.certificate WHERE number = $1 FOR UPDATE`, n)
	return one(pg.One[stored](rows, err, ErrUnknown))
}

func one(s stored, err error) (Certificate, error) {
	if err != nil {
		return Certificate{}, err
	}
	return s.certificate()
}

func ofPerson(ctx context.Context, db pg.DB, person uuid.UUID, after string, n int) ([]Certificate, error) {
	at, id, err := pg.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `SELECT `+storedColumns+` FROM certificate.certificate
		WHERE person = $1 AND ($2 = '' OR (issued_at, id) < ($3, $4))
		ORDER BY issued_at DESC, id DESC LIMIT $5`, person, after, at, id, n)
	list, err := pg.All[stored](rows, err)
	if err != nil {
		return nil, err
	}
	out := make([]Certificate, len(list))
	for i, s := range list {
		if out[i], err = s.certificate(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// insert keeps a certificate, the records behind it, and the key that signed.
func insert(ctx context.Context, tx pgx.Tx, c Certificate, hours []Hour, key sign.Key) error {
	_, err := tx.Exec(ctx, `INSERT INTO certificate.signing_key (id, public, first_used) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO NOTHING`, key.ID, []byte(key.Public), c.StatusAt)
	if err != nil {
		return err
	}
	st := c.Statement
	statement, err := st.Canonical()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO certificate.certificate
		(id, number, person, statement, signature, signing_key, issued_at, minutes, times, date_from, date_to, replaces, status, status_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		c.ID, c.Number, c.Person, string(statement), c.Signature, key.ID, st.IssuedAt, st.Minutes, st.Times,
		st.Period.From, st.Period.To, c.Replaces, c.Status, c.StatusAt)
	switch pg.Constraint(err) {
	case "certificate_number":
		return errAgain
	case "certificate_replaces_once":
		return ErrNotValid
	}
	if err != nil {
		return err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"certificate", "basis"}, []string{"certificate", "record", "version"},
		pgx.CopyFromSlice(len(hours), func(i int) ([]any, error) {
			return []any{c.ID, hours[i].Record, hours[i].Version}, nil
		}))
	return err
}

// retire marks a certificate as replaced.
func retire(ctx context.Context, tx pgx.Tx, id uuid.UUID, at time.Time) error {
	tag, err := tx.Exec(ctx, `UPDATE certificate.certificate SET status = 'replaced', status_at = $2
		WHERE id = $1 AND status = 'valid'`, id, at)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotValid
	}
	return err
}

func void(ctx context.Context, tx pgx.Tx, id uuid.UUID, at time.Time, cause Cause, reason string) error {
	_, err := tx.Exec(ctx, `UPDATE certificate.certificate SET status = 'void', status_at = $2, cause = $3, reason = $4
		WHERE id = $1`, id, at, cause, reason)
	return err
}

// voidBasedOn makes the valid certificates void that state any of the records.
func voidBasedOn(ctx context.Context, tx pgx.Tx, records []uuid.UUID, at time.Time) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `UPDATE certificate.certificate SET status = 'void', status_at = $2, cause = 'hours_changed'
		WHERE status = 'valid' AND id IN (SELECT certificate FROM certificate.basis WHERE record = ANY ($1))
		RETURNING id`, records, at)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// lockHolders makes issuing and voiding for the same people wait for one
// another until the transaction ends; in one order, so that nobody waits in a circle.
func lockHolders(ctx context.Context, tx pgx.Tx, people ...uuid.UUID) error {
	sorted := slices.SortedFunc(slices.Values(people), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('certificate ' || p, 0))
		FROM unnest($1::uuid[]) WITH ORDINALITY AS t (p, n) ORDER BY n`, slices.Compact(sorted))
	return err
}

func signingKeys(ctx context.Context, db pg.DB) (sign.KeySet, error) {
	rows, err := db.Query(ctx, `SELECT public FROM certificate.signing_key`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, err
	}
	keys := sign.KeySet{}
	for _, public := range list {
		keys.Add(sign.NewKeySet(sign.NewKey(public)))
	}
	return keys, nil
}
