package notify

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/held"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
)

// Held is what this area holds about a person (PIPL art. 45): the messages, in
// the reader's language.
func Held(ctx context.Context, db pg.DB, person uuid.UUID) (held.Things, error) {
	rows, err := db.Query(ctx, `SELECT id, person, kind, args, link, created_at, read_at FROM notify.message WHERE person = $1 ORDER BY id`, person)
	list, err := pg.All[Received](rows, err)
	out := held.Things{}
	for _, m := range list {
		text := m.Text(i18n.From(ctx))
		out.Add("message", held.Of("created_at", m.CreatedAt, "message", text.Title, "text", text.Body, "read_at", m.ReadAt))
	}
	return out, err
}

// EraseTx deletes all messages to a person.
func EraseTx(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM notify.delivery WHERE message IN (SELECT id FROM notify.message WHERE person = $1)`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM notify.message WHERE person = $1`, person)
	return err
}

// Purge deletes messages written before a time, at most limit.
func (s *Service) Purge(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	err = pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id FROM notify.message WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED`, before, limit)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM notify.delivery WHERE message = ANY($1)`, ids); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM notify.message WHERE id = ANY($1)`, ids)
		n = tag.RowsAffected()
		return err
	})
	return n, err
}

// Purge deletes files that no gateway picked up before a time: they hold
// addresses and codes.
func (o Outbox) Purge(before time.Time) error {
	return filepath.WalkDir(o.Dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // nothing was ever written, or somebody picked it up
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil || !info.ModTime().Before(before) {
			return nil
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}
