package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/kit/pg"
)

// ErrNoDemo says that a database was not filled by Fill, or that nobody of its
// cast has this phone.
var ErrNoDemo = errors.New("demo: no such person in a demo; codes are made only for the staff that --demo prints")

// officials are the parts whose roles count only with a second factor.
var officials = []part{orgApprover, orgAdmin, countyAdmin, cityAdmin, province, systemAdmin, security, auditor}

// secret is what the authenticator app of a part holds: made from the seed, so
// that the program can show its codes.
func secret(seed uint64, phone string) string {
	h := hmac.New(sha256.New, binary.BigEndian.AppendUint64([]byte("kapok demo"), seed))
	h.Write([]byte(phone)) // never fails
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:20])
}

// Code is what the authenticator app of a demo's official (phone in E.164)
// shows at a time, and how long it still does. Errors: ErrNoDemo.
func Code(ctx context.Context, db pg.DB, phone string, at time.Time) (code string, left time.Duration, err error) {
	if !slices.ContainsFunc(officials, func(p part) bool { return p.phone == phone }) {
		return "", 0, ErrNoDemo
	}
	var made bool
	if err := db.QueryRow(ctx, `SELECT to_regclass('demo.fill') IS NOT NULL`).Scan(&made); err != nil {
		return "", 0, err
	}
	var seed int64
	if made {
		err = db.QueryRow(ctx, `SELECT seed FROM demo.fill WHERE finished_at IS NOT NULL`).Scan(&seed)
	}
	if !made || errors.Is(err, pgx.ErrNoRows) {
		return "", 0, ErrNoDemo
	}
	if err != nil {
		return "", 0, err
	}
	return account.TOTPCode(secret(uint64(seed), phone), at)
}

// equip gives the officials their authenticator apps.
func (r *replay) equip(ctx context.Context, o *office) error {
	return pg.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		for _, p := range officials {
			if err := o.Accounts.AdoptTOTPTx(ctx, tx, r.cast.all[p.phone].account, secret(r.seed, p.phone)); err != nil {
				return err
			}
		}
		return nil
	})
}
