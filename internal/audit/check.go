package audit

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

// Report is what a check of the chain found.
type Report struct {
	Head     Head
	Checked  int64  // seals looked at
	From     int64  // sequence number the chain begins after: a checkpoint's, or 0
	Unsealed int64  // entries not chained yet
	Broken   string // "" when the chain is whole; else what is wrong
	Entry    int64  // at which entry it broke
}

// sealed is a seal beside its entry, as far as both are there.
type sealed struct {
	Seq      int64
	Previous []byte
	Hash     []byte
	SealOf   int64
	Missing  bool // the entry is gone
	raw
	Listed int64  // subjects in the side table
	Digest string // of them
	Said   string // digest that the entry holds, "" when it is no read
}

// Check goes through the whole chain: every seal holds the hash of the one
// before and of its entry, none is missing between, no entry lies unsealed below
// the head, and the subjects of reads are those that were written. expect, a head
// noted earlier, must be in the chain (zero: none expected).
func (c *Chain) Check(ctx context.Context, expect Head) (r Report, err error) {
	// One snapshot, so that a sealer or a deletion at the same time does not show as damage.
	err = pgx.BeginTxFunc(ctx, c.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		r, err = c.check(ctx, tx, expect)
		return err
	})
	return r, err
}

func (c *Chain) check(ctx context.Context, tx pgx.Tx, expect Head) (r Report, err error) {
	head := root()
	rows, err := tx.Query(ctx, `SELECT seq, entry, hash FROM audit.checkpoint ORDER BY seq DESC LIMIT 1`)
	list, err := pg.All[Head](rows, err)
	if err != nil {
		return r, err
	}
	if len(list) > 0 {
		head = list[0]
	}
	r.From, r.Head = head.Seq, head
	seen := expect.Seq == 0 || expect.Seq < head.Seq || expect.String() == head.String()
	for r.Broken == "" {
		page, err := readSeals(ctx, tx, r.Head.Seq)
		if err != nil {
			return r, err
		}
		for _, s := range page {
			if r.Broken = c.wrong(r.Head, s); r.Broken != "" {
				r.Entry = s.SealOf
				break
			}
			r.Head = Head{Seq: s.Seq, Entry: s.SealOf, Hash: s.Hash}
			r.Checked++
			seen = seen || expect.String() == r.Head.String()
		}
		if len(page) < sealBatch {
			break
		}
	}
	if r.Broken == "" && !seen {
		r.Broken, r.Entry = fmt.Sprintf("the head %s that was noted earlier is not in it", expect), r.Head.Entry
	}
	if r.Broken != "" {
		return r, nil
	}
	return r, c.loose(ctx, tx, &r)
}

// readSeals reads the next seals with their entries. Seals that are not in the
// order of their entries would show as damage by their hash.
func readSeals(ctx context.Context, tx pgx.Tx, after int64) ([]sealed, error) {
	rows, err := tx.Query(ctx, `SELECT s.seq, s.previous, s.hash, s.entry AS seal_of, e.id IS NULL AS missing,
			coalesce(e.id, 0) AS id, coalesce(e.at, s.sealed_at) AS at, e.actor, coalesce(e.action, '') AS action, coalesce(e.object, '') AS object,
			e.org, e.region, coalesce(e.detail::text, '') AS detail,
			coalesce(x.listed, 0) AS listed, coalesce(x.digest, '') AS digest, coalesce(e.detail ->> 'subjects_digest', '') AS said
		FROM audit.seal s LEFT JOIN audit.entry e ON e.id = s.entry
		LEFT JOIN LATERAL (SELECT count(*) AS listed, encode(sha256(convert_to(string_agg(person::text, ',' ORDER BY person), 'UTF8')), 'hex') AS digest
			FROM audit.subject WHERE entry = s.entry) x ON true
		WHERE s.seq > $1 ORDER BY s.seq LIMIT $2`, after, sealBatch)
	return pg.All[sealed](rows, err)
}

// wrong says what does not fit at a seal, or "".
func (c *Chain) wrong(before Head, s sealed) string {
	switch {
	case s.Seq != before.Seq+1:
		return fmt.Sprintf("seals %d to %d are missing", before.Seq+1, s.Seq-1)
	case s.Missing:
		return "the entry was removed"
	case !bytes.Equal(s.Previous, before.Hash):
		return "the seal does not follow from the one before"
	case !bytes.Equal(s.Hash, c.hash(s.Seq, s.Previous, s.raw)):
		return "the entry or its seal was changed"
	case s.Digest != s.Said:
		return "the list of whom a read was about was changed"
	}
	return ""
}

// loose counts entries not sealed yet, and finds those that stand below the
// head without a seal: nobody but somebody with the database itself put them there.
func (c *Chain) loose(ctx context.Context, tx pgx.Tx, r *Report) error {
	var inserted *int64
	err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM audit.entry WHERE id > $1),
		(SELECT min(e.id) FROM audit.entry e WHERE e.id <= $1 AND NOT EXISTS (SELECT FROM audit.seal s WHERE s.entry = e.id))`,
		r.Head.Entry).Scan(&r.Unsealed, &inserted)
	if err == nil && inserted != nil {
		r.Broken, r.Entry = "an entry was inserted afterwards: it has no seal", *inserted
	}
	return err
}

// keepBatch is how many entries one transaction deletes.
const keepBatch = 5000

// Keep is how long entries are kept, and so who looked at whom. The law asks
// for six months at least (网络安全法 art. 21); the database refuses less than this.
const Keep = 3 // years

// DeleteOld deletes entries older than the keeping time, oldest first and only
// sealed ones, and leaves a checkpoint from which the rest can be checked. It
// returns how many went. now is the present.
func (c *Chain) DeleteOld(ctx context.Context, now time.Time) (total int64, err error) {
	for {
		n, err := c.deleteSome(ctx, now)
		total += n
		if err != nil || n < keepBatch {
			return total, err
		}
	}
}

func (c *Chain) deleteSome(ctx context.Context, now time.Time) (n int64, err error) {
	err = pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
		n = 0
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(`+sealLock+`)`).Scan(&mine); err != nil || !mine {
			return err
		}
		last, err := lastOld(ctx, tx, now.AddDate(-Keep, 0, 0))
		if err != nil || last.Seq == 0 {
			return err
		}
		if n, err = dropUpTo(ctx, tx, last, now); err != nil {
			return err
		}
		return RecordTx(ctx, tx, Entry{At: now, Action: "audit.delete_old", Object: Object("audit", uuid.Nil),
			Detail: map[string]any{"entries": n, "up_to": last.Entry, "head": last.String()}})
	})
	return n, err
}

// lastOld is the last seal of the next batch of a prefix whose entries are all
// older than a time. Entries are numbered nearly in the order of time; one that
// is younger ends the prefix.
func lastOld(ctx context.Context, tx pgx.Tx, before time.Time) (Head, error) {
	rows, err := tx.Query(ctx, `WITH batch AS (SELECT s.seq, s.entry, s.hash, e.at FROM audit.seal s JOIN audit.entry e ON e.id = s.entry
			ORDER BY s.seq LIMIT $2)
		SELECT seq, entry, hash FROM batch
		WHERE seq < coalesce((SELECT min(seq) FROM batch WHERE at >= $1), 9223372036854775807) ORDER BY seq DESC LIMIT 1`, before, keepBatch)
	list, err := pg.All[Head](rows, err)
	if err != nil || len(list) == 0 {
		return Head{}, err
	}
	return list[0], nil
}

func dropUpTo(ctx context.Context, tx pgx.Tx, last Head, now time.Time) (int64, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO audit.checkpoint (seq, entry, hash, made_at) VALUES ($1, $2, $3, $4)`, last.Seq, last.Entry, last.Hash, now); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM audit.subject WHERE entry <= $1`, last.Entry); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM audit.seal WHERE seq <= $1`, last.Seq); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM audit.entry WHERE id <= $1`, last.Entry)
	return tag.RowsAffected(), err
}
