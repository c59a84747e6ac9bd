package account

import (
	"context"
	"encoding/hex"
	"time"

	"kapok/internal/kit/pg"
)

// limit is at most n attempts in a window.
type limit struct {
	name   string
	n      int
	window time.Duration
}

// The limits. They count per phone and address together, so that nobody can
// lock somebody else out from afar; what counts a phone alone only stops many
// addresses that work together, and passes by itself.
var (
	codesPerPhone   = limit{"code/phone", 5, 10 * time.Minute}    // SMS cost money and annoy
	codesPerAddress = limit{"code/address", 60, 10 * time.Minute} // a school behind one address is fine
	tryPerPair      = limit{"try/pair", 10, 10 * time.Minute}     // one guesser at one phone
	tryPerCode      = limit{"try/code", 5, 10 * time.Minute}      // one guesser at one code
	tryPerPhone     = limit{"try/phone", 100, time.Hour}          // many guessers at one phone
	tryPerAddress   = limit{"try/address", 200, 10 * time.Minute} // spraying over many phones
)

// take counts one attempt and refuses it when the window is full. key is
// hashed, so that no phone or address is stored.
func (s *Service) take(ctx context.Context, db pg.DB, l limit, key string) error {
	now := s.Clock.Now()
	bucket := l.name + "/" + hex.EncodeToString(s.Keys.Lookup("account/pace", key)[:16])
	var n int
	var began time.Time
	err := db.QueryRow(ctx, `INSERT INTO account.pace AS p (bucket, began_at, n) VALUES ($1, $2, 1)
		ON CONFLICT (bucket) DO UPDATE SET
			n = CASE WHEN p.began_at <= $3 THEN 1 ELSE p.n + 1 END,
			began_at = CASE WHEN p.began_at <= $3 THEN $2 ELSE p.began_at END
		RETURNING n, began_at`, bucket, now, now.Add(-l.window)).Scan(&n, &began)
	if err != nil {
		return err
	}
	if n > l.n {
		left := began.Add(l.window).Sub(now)
		return ErrTooOften.With("minutes", int(left/time.Minute)+1)
	}
	return nil
}

// forgive clears a count after a success.
func (s *Service) forgive(ctx context.Context, db pg.DB, l limit, key string) error {
	bucket := l.name + "/" + hex.EncodeToString(s.Keys.Lookup("account/pace", key)[:16])
	_, err := db.Exec(ctx, `DELETE FROM account.pace WHERE bucket = $1`, bucket)
	return err
}
