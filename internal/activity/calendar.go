package activity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/pg"
)

// Calendars are the secret addresses under which people's calendar programs
// read what they are signed up for. An address is a random serial with a keyed
// checksum, so the database alone gives nobody's away; a person has one at
// most and can make a new one or end it at any time.
type Calendars struct {
	pool *pgxpool.Pool
	clk  clock.Clock
	key  []byte
}

// NewCalendars makes them; key is secret and at least 32 bytes long.
func NewCalendars(pool *pgxpool.Pool, clk clock.Clock, key []byte) *Calendars {
	if len(key) < 32 {
		panic("activity: the calendar key is too short")
	}
	return &Calendars{pool: pool, clk: clk, key: key}
}

const checksumLen = 16

func (c *Calendars) token(serial uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(serial[:], c.checksum(serial)...))
}

func (c *Calendars) checksum(serial uuid.UUID) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write([]byte("calendar"))
	h.Write(serial[:])
	return h.Sum(nil)[:checksumLen]
}

// Of is the token of a person's feed, "" when there is none.
func (c *Calendars) Of(ctx context.Context, person uuid.UUID) (string, error) {
	var serial uuid.UUID
	err := c.pool.QueryRow(ctx, `SELECT serial FROM activity.calendar WHERE person = $1`, person).Scan(&serial)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return c.token(serial), err
}

// Renew gives a person a new token; the one before stops working.
func (c *Calendars) Renew(ctx context.Context, person uuid.UUID) (string, error) {
	serial, err := uuid.NewRandom()
	if err != nil {
		return "", err
	}
	_, err = c.pool.Exec(ctx, `INSERT INTO activity.calendar (serial, person, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET serial = excluded.serial, created_at = excluded.created_at`, serial, person, c.clk.Now())
	return c.token(serial), err
}

// End takes a person's token away.
func (c *Calendars) End(ctx context.Context, person uuid.UUID) error {
	_, err := c.pool.Exec(ctx, `DELETE FROM activity.calendar WHERE person = $1`, person)
	return err
}

// Person is whose feed a token opens, or ErrNoCalendar.
func (c *Calendars) Person(ctx context.Context, token string) (uuid.UUID, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != len(uuid.UUID{})+checksumLen {
		return uuid.Nil, ErrNoCalendar
	}
	serial := uuid.UUID(raw[:16])
	if !hmac.Equal(raw[16:], c.checksum(serial)) {
		return uuid.Nil, ErrNoCalendar
	}
	rows, err := c.pool.Query(ctx, `SELECT person FROM activity.calendar WHERE serial = $1`, serial)
	v, err := pg.One[struct{ Person uuid.UUID }](rows, err, ErrNoCalendar)
	return v.Person, err
}
