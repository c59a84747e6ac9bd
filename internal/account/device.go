package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/notify"
)

// Device describes where somebody signs in from, for "my devices".
type Device struct {
	Kind    Kind
	Name    string // short, made from the user agent
	Address string // only counted, hashed
	Known   string // what the device was given at an earlier sign-in; anything it likes to say, else ""

	session uuid.UUID // the living session that asks, if one does
}

// mark tells a device from others: by its session, by what it was given, or by
// where it is.
func (d Device) mark() string {
	switch {
	case d.session != uuid.Nil:
		return d.session.String()
	case d.Known != "":
		return d.Known
	}
	return d.Address
}

// deviceLife is how long a device is known after its last sign-in; the register
// of personal data deletes it then.
const deviceLife = 365 * 24 * time.Hour

// newAccountFor is how long the first sign-in of an account is the owner's
// registering, of which nobody need be warned.
const newAccountFor = time.Hour

func hashOf(known string) []byte {
	h := sha256.Sum256([]byte(known))
	return h[:]
}

// rememberTx notes that a device signed in to an account, and tells the owner
// when the account did not know it. It returns what the device shall keep: what
// it has, where that is ours, or something new; nothing for a session in the
// place of another.
func (s *Service) rememberTx(ctx context.Context, tx pgx.Tx, session, account, person uuid.UUID, d Device) (string, error) {
	now := s.Clock.Now()
	if d.session != uuid.Nil { // a session in the place of another: the device stays the same
		tag, err := tx.Exec(ctx, `UPDATE account.known_device SET session = $3, seen_at = $4 WHERE account = $1 AND session = $2`, account, d.session, session, now)
		if err != nil || tag.RowsAffected() > 0 {
			return d.Known, err
		}
	}
	keep, err := s.keepOf(ctx, tx, d.Known)
	if err != nil {
		return "", err
	}
	var first, news bool
	err = tx.QueryRow(ctx, `WITH before AS (
			SELECT a.created_at > $7 AND NOT EXISTS (SELECT FROM account.session s WHERE s.account = a.id AND s.id <> $3) AS first
			FROM account.account a WHERE a.id = $1)
		INSERT INTO account.known_device AS k (account, secret, session, name, since, seen_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account, secret) DO UPDATE SET session = $3, name = $4, seen_at = $6
		RETURNING (SELECT first FROM before), k.xmax = 0`,
		account, hashOf(keep), session, shorten(d.Name, 80), now, now, now.Add(-newAccountFor)).Scan(&first, &news)
	if err != nil || first || !news || s.Tell == nil {
		return keep, err
	}
	return keep, s.Tell(ctx, tx, notify.Message{Person: person, Kind: "account.new_device", Urgent: true, Link: "/me/devices",
		Key:  "account.new_device/" + session.String(),
		Args: map[string]any{"device": shorten(cmp.Or(d.Name, "–"), 80), "seen_at": now.Format(time.RFC3339)}})
}

// keepOf is what a device shows when some account was opened with it, else a new
// secret: nobody chooses the secret of a device.
func (s *Service) keepOf(ctx context.Context, db pg.DB, known string) (string, error) {
	var ours bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM account.known_device WHERE secret = $1)`, hashOf(known)).Scan(&ours)
	if err != nil || ours {
		return known, err
	}
	secret := make([]byte, secretBytes)
	_, err = rand.Read(secret)
	return encode(secret), err
}

func (s *Service) deviceCookie() string {
	if s.Secure {
		return "__Host-device"
	}
	return "device"
}

// setDevice lets the browser keep that it is known.
func (s *Service) setDevice(w http.ResponseWriter, known string) {
	if known == "" {
		return
	}
	http.SetCookie(w, &http.Cookie{Name: s.deviceCookie(), Value: known, Path: "/", MaxAge: int(deviceLife / time.Second),
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// PurgeDevices deletes devices that signed in last before a time, at most limit.
func (s *Service) PurgeDevices(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.purge(ctx, `DELETE FROM account.known_device WHERE (account, secret) IN
		(SELECT account, secret FROM account.known_device WHERE seen_at < $1 LIMIT $2)`, before, limit)
}
