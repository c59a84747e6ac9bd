package account

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// limit is at most n attempts in a window.
type limit struct {
	name   string
	n      int
	window time.Duration
}

// The limits. A device that the account knows has counts of its own, which no
// stranger can fill. Strangers are counted per phone and address together and per
// address; what counts a phone or a password alone stops only many addresses
// that work together, and passes by itself.
var (
	codesOfDevice   = limit{"code/device", 5, 10 * time.Minute}
	codesPerPair    = limit{"code/pair", 5, 10 * time.Minute}
	codesPerAddress = limit{"code/address", 60, 10 * time.Minute} // a school behind one address is fine
	codesPerPhone   = limit{"code/phone", 20, time.Hour}          // SMS cost money and annoy

	tryOfDevice    = limit{"try/device", 10, 10 * time.Minute}
	tryPerPair     = limit{"try/pair", 10, 10 * time.Minute}     // one guesser at one phone
	tryPerCode     = limit{"try/code", 5, 10 * time.Minute}      // one guesser at one code
	tryPerAddress  = limit{"try/address", 200, 10 * time.Minute} // spraying from one address
	tryPerPhone    = limit{"try/phone", 100, time.Hour}          // many guessers at one phone
	tryPerPassword = limit{"try/password", 100, time.Hour}       // spraying one password from many addresses
)

// slot is a place in the count of a limit.
type slot struct {
	limit
	key string
}

// bucket is how a slot is stored: a hash, so that no phone or address is.
func (s *Service) bucket(at slot) string {
	return at.name + "/" + hex.EncodeToString(s.Keys.Lookup("account/pace", at.key)[:16])
}

// take counts an attempt in each slot in turn and refuses it at the first that
// is full; those after it are not counted, so that a guesser who is stopped
// fills no count that others share.
func (s *Service) take(ctx context.Context, slots ...slot) error {
	for _, at := range slots {
		if err := s.takeOne(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) takeOne(ctx context.Context, at slot) error {
	now := s.Clock.Now()
	var n int
	var began time.Time
	err := s.Pool.QueryRow(ctx, `INSERT INTO account.pace AS p (bucket, began_at, n) VALUES ($1, $2, 1)
		ON CONFLICT (bucket) DO UPDATE SET
			n = CASE WHEN p.began_at <= $3 THEN 1 ELSE p.n + 1 END,
			began_at = CASE WHEN p.began_at <= $3 THEN $2 ELSE p.began_at END
		RETURNING n, began_at`, s.bucket(at), now, now.Add(-at.window)).Scan(&n, &began)
	if err != nil {
		return err
	}
	if n > at.n {
		left := began.Add(at.window).Sub(now)
		return ErrTooOften.With("minutes", int(left/time.Minute)+1)
	}
	return nil
}

// attempt is a try of a secret. It is counted before the secret is looked at, so
// that many at once cannot exceed a limit, and given back when it was right.
type attempt []slot

// try counts a try of a code or password of a phone. Errors: ErrTooOften.
func (s *Service) try(ctx context.Context, phone string, d Device) (attempt, error) {
	return s.tryWith(ctx, phone, d, slot{tryPerPhone, phone})
}

// tryPassword counts a try of a password. Of the password only a shortened hash
// is counted, which says next to nothing about it.
func (s *Service) tryPassword(ctx context.Context, phone, password string, d Device) (attempt, error) {
	short := hex.EncodeToString(s.Keys.Lookup("account/password", password))[:5]
	return s.tryWith(ctx, phone, d, slot{tryPerPhone, phone}, slot{tryPerPassword, short})
}

// tryFactor counts a try of a second factor. No device is excepted: whoever
// tries has shown the first one. Errors: ErrTooOften.
func (s *Service) tryFactor(ctx context.Context, account uuid.UUID, address string) (attempt, error) {
	whose := account.String()
	a := attempt{{tryPerPair, whose + "|" + address}, {tryPerAddress, address}, {tryPerPhone, whose}}
	return a, s.take(ctx, a...)
}

func (s *Service) tryWith(ctx context.Context, phone string, d Device, shared ...slot) (attempt, error) {
	known, err := s.knows(ctx, s.Pool, phone, d)
	if err != nil {
		return nil, err
	}
	a := attempt{{tryOfDevice, phone + "|" + d.mark()}}
	if !known {
		a = append(attempt{{tryPerPair, phone + "|" + d.Address}, {tryPerAddress, d.Address}}, shared...)
	}
	return a, s.take(ctx, a...)
}

// right gives an attempt back that was right: what was counted for the device
// or pair starts anew, what others share loses this one only.
func (s *Service) right(ctx context.Context, a attempt) error {
	own, shared := s.bucket(a[0]), make([]string, 0, len(a))
	for _, at := range a[1:] {
		shared = append(shared, s.bucket(at))
	}
	if _, err := s.Pool.Exec(ctx, `DELETE FROM account.pace WHERE bucket = $1`, own); err != nil {
		return err
	}
	_, err := s.Pool.Exec(ctx, `UPDATE account.pace SET n = n - 1 WHERE bucket = ANY($1) AND n > 0`, shared)
	return err
}

// takeCode counts a code asked for. Errors: ErrTooOften.
func (s *Service) takeCode(ctx context.Context, phone string, purpose CodePurpose, d Device) error {
	known, err := s.knows(ctx, s.Pool, phone, d)
	if err != nil {
		return err
	}
	what := string(purpose) + phone
	if known {
		return s.take(ctx, slot{codesOfDevice, what + "|" + d.mark()})
	}
	return s.take(ctx, slot{codesPerPair, what + "|" + d.Address}, slot{codesPerAddress, d.Address}, slot{codesPerPhone, what})
}

// knows reports whether the account of a phone knows the device: it signed in
// before, or its session asks.
func (s *Service) knows(ctx context.Context, db pg.DB, phone string, d Device) (known bool, err error) {
	if d.session != uuid.Nil {
		return true, nil
	}
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM account.known_device k JOIN account.account a ON a.id = k.account
		WHERE a.phone_hash = $1 AND a.state = 'active' AND k.secret = $2)`, s.phoneHash(phone), hashOf(d.Known)).Scan(&known)
	return known, err
}
