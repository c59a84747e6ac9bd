package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/pg"
)

// Chain seals entries and checks the seals. Key is 32 bytes that are not in the
// database (crypt.Keys.Derive).
type Chain struct {
	Pool *pgxpool.Pool
	Key  []byte
	Log  *slog.Logger
}

// raw is an entry as it is hashed: text as PostgreSQL keeps it, so that the
// same row always gives the same bytes.
type raw struct {
	ID     int64
	At     time.Time
	Actor  *uuid.UUID
	Action string
	Object string
	Org    *uuid.UUID
	Region *string
	Detail string
}

const rawColumns = `e.id, e.at, e.actor, e.action, e.object, e.org, e.region, e.detail::text AS detail`

// bytes are the fields, each with its length before it: no two entries have the same.
func (r raw) bytes() []byte {
	var b bytes.Buffer
	field := func(v []byte) {
		b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(v))))
		b.Write(v)
	}
	optional := func(id *uuid.UUID) {
		if id == nil {
			field(nil)
			return
		}
		field(id[:])
	}
	field([]byte(strconv.FormatInt(r.ID, 10)))
	field([]byte(strconv.FormatInt(r.At.UnixMicro(), 10)))
	optional(r.Actor)
	field([]byte(r.Action))
	field([]byte(r.Object))
	optional(r.Org)
	if r.Region == nil {
		field(nil)
	} else {
		field([]byte("=" + *r.Region))
	}
	field([]byte(r.Detail))
	return b.Bytes()
}

// Head is the newest seal of the chain, or where it begins.
type Head struct {
	Seq   int64
	Entry int64
	Hash  []byte
}

// String is SEQ:HASH, to be kept where the operators of the database cannot reach.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, hex.EncodeToString(h.Hash)) }

// root is what the first seal has as its previous.
func root() Head { return Head{Hash: make([]byte, sm3.Size)} }

func (c *Chain) hash(seq int64, previous []byte, e raw) []byte {
	m := hmac.New(func() hash.Hash { return sm3.New() }, c.Key)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(seq)))
	m.Write(previous)
	m.Write(e.bytes())
	return m.Sum(nil)
}

const (
	sealBatch = 1000
	sealPause = time.Second
	headEvery = time.Hour
	sealLock  = `hashtext('kapok/audit seal')`
)

// Run seals entries until the context ends; on several nodes one at a time does.
// It logs the head of the chain every hour: a head that was noted elsewhere shows
// a newest end that was cut off.
func (c *Chain) Run(ctx context.Context) {
	tick := time.NewTicker(sealPause)
	defer tick.Stop()
	told := time.Time{}
	for at := range ticks(ctx, tick.C) {
		if _, err := c.Seal(ctx); err != nil && ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "audit entries were not sealed; it will be tried again", "error", err.Error())
		}
		if at.Sub(told) < headEvery {
			continue
		}
		if h, err := ChainHead(ctx, c.Pool); err == nil {
			told = at
			c.Log.InfoContext(ctx, "audit chain", "head", h.String())
		}
	}
}

// ticks yields each tick until the context ends.
func ticks(ctx context.Context, tick <-chan time.Time) func(func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case at := <-tick:
				if !yield(at) {
					return
				}
			}
		}
	}
}

// Seal chains all entries that no open transaction can still come before, and
// returns how many that was.
func (c *Chain) Seal(ctx context.Context) (total int, err error) {
	for {
		n, err := c.sealSome(ctx)
		total += n
		if err != nil || n < sealBatch {
			return total, err
		}
	}
}

func (c *Chain) sealSome(ctx context.Context) (n int, err error) {
	err = pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
		n = 0
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(`+sealLock+`)`).Scan(&mine); err != nil || !mine {
			return err
		}
		head, err := ChainHead(ctx, tx)
		if err != nil {
			return err
		}
		list, err := settled(ctx, tx, head.Entry)
		if err != nil || len(list) == 0 {
			return err
		}
		n = len(list)
		return c.append(ctx, tx, head, list)
	})
	return n, err
}

// settled reads the next entries below the horizon. Horizon and entries are two
// statements on purpose: the second sees all that was settled when the first looked.
func settled(ctx context.Context, tx pgx.Tx, after int64) ([]raw, error) {
	var horizon int64
	if err := tx.QueryRow(ctx, `SELECT audit.horizon()`).Scan(&horizon); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT `+rawColumns+` FROM audit.entry e WHERE e.id > $1 AND e.id <= $2 ORDER BY e.id LIMIT $3`, after, horizon, sealBatch)
	return pg.All[raw](rows, err)
}

func (c *Chain) append(ctx context.Context, tx pgx.Tx, head Head, list []raw) error {
	var seqs, entries []int64
	var previous, hashes [][]byte
	for _, e := range list {
		next := Head{Seq: head.Seq + 1, Entry: e.ID, Hash: c.hash(head.Seq+1, head.Hash, e)}
		seqs, entries = append(seqs, next.Seq), append(entries, e.ID)
		previous, hashes = append(previous, head.Hash), append(hashes, next.Hash)
		head = next
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit.seal (seq, entry, previous, hash, sealed_at)
		SELECT s, e, p, h, now() FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[]) AS x (s, e, p, h)`, seqs, entries, previous, hashes)
	return err
}

// ChainHead is the newest seal; where all were deleted, the last checkpoint.
func ChainHead(ctx context.Context, db pg.DB) (Head, error) {
	rows, err := db.Query(ctx, `SELECT seq, entry, hash FROM (
			(SELECT seq, entry, hash FROM audit.seal ORDER BY seq DESC LIMIT 1)
			UNION ALL (SELECT seq, entry, hash FROM audit.checkpoint ORDER BY seq DESC LIMIT 1)) x
		ORDER BY seq DESC LIMIT 1`)
	h, err := pg.One[Head](rows, err, errNoHead)
	if errors.Is(err, errNoHead) {
		return root(), nil
	}
	return h, err
}

var errNoHead = errors.New("audit: nothing is sealed yet")
