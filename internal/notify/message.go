package notify

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kapok/internal/kit/pg"
)

// Message is something to tell one person.
type Message struct {
	Person uuid.UUID
	Kind   string         // texts notify.<Kind>.title and .body, such as "record.confirmed"
	Args   map[string]any // for the texts; see Render for the forms of dates and times. No data of other people
	Link   string         // path on this site where more is to be seen
	Key    string         // the same key to the same person is sent once
	Quiet  bool           // shown inside Kapok only
	Urgent bool           // by SMS as well
}

// Received is a message as its reader has it.
type Received struct {
	ID        uuid.UUID
	Person    uuid.UUID
	Kind      string
	Args      map[string]any
	Link      string
	CreatedAt time.Time
	ReadAt    *time.Time
}

// SendTx writes messages within the transaction of what they tell about, and
// the jobs that deliver them. Those whose key the person has already are left out.
func (s *Service) SendTx(ctx context.Context, tx pgx.Tx, messages ...Message) error {
	byID := make(map[uuid.UUID]Message, len(messages))
	var ids, persons []uuid.UUID
	var kinds, links, keys, args []string
	for _, m := range messages {
		a, err := json.Marshal(m.Args)
		if err != nil {
			return err
		}
		if m.Kind == "" || m.Key == "" || m.Person == uuid.Nil {
			return errors.New("notify: a message needs person, kind and key")
		}
		if m.Args == nil {
			a = []byte("{}")
		}
		id := uuid.Must(uuid.NewV7())
		byID[id] = m
		ids, persons, kinds, links = append(ids, id), append(persons, m.Person), append(kinds, m.Kind), append(links, m.Link)
		keys, args = append(keys, m.Key), append(args, string(a))
	}
	rows, err := tx.Query(ctx, `INSERT INTO notify.message (id, person, kind, args, link, key, created_at)
		SELECT q.id, q.person, q.kind, q.args::jsonb, q.link, q.key, $7
		FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) AS q (id, person, kind, args, link, key)
		ON CONFLICT (person, key) DO NOTHING RETURNING id`, ids, persons, kinds, args, links, keys, s.clk.Now())
	if err != nil {
		return err
	}
	written, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	return s.enqueue(ctx, tx, written, byID)
}

// enqueue writes the deliveries of the messages written, and their jobs.
func (s *Service) enqueue(ctx context.Context, tx pgx.Tx, written []uuid.UUID, byID map[uuid.UUID]Message) error {
	var jobs []river.InsertManyParams
	var ids []uuid.UUID
	var channels []string
	for _, id := range written {
		for _, c := range byID[id].channels() {
			jobs = append(jobs, river.InsertManyParams{Args: deliverArgs{Message: id, Channel: c}})
			ids, channels = append(ids, id), append(channels, string(c))
		}
	}
	if len(jobs) == 0 || s.silent {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO notify.delivery (message, channel, state, at)
		SELECT q.id, q.channel, 'queued', $3 FROM unnest($1::uuid[], $2::text[]) AS q (id, channel)`, ids, channels, s.clk.Now())
	if err != nil {
		return err
	}
	_, err = s.queue.InsertManyTx(ctx, tx, jobs)
	return err
}

func (m Message) channels() []Channel {
	switch {
	case m.Quiet:
		return nil
	case m.Urgent:
		return []Channel{Email, SMS}
	}
	return []Channel{Email}
}

const columns = `id, person, kind, args, link, created_at, read_at`

// Inbox lists the messages of a person, newest first, n at most; after is the
// cursor of the last one seen (Received.Cursor), "" begins.
func (s *Service) Inbox(ctx context.Context, person uuid.UUID, after string, n int) ([]Received, error) {
	_, id, err := pg.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT `+columns+` FROM notify.message
		WHERE person = $1 AND ($2::uuid = $3::uuid OR id < $2) ORDER BY id DESC LIMIT $4`, person, id, uuid.Nil, n)
	return pg.All[Received](rows, err)
}

// Cursor is the message's place in Inbox.
func (m Received) Cursor() string { return pg.Cursor(m.CreatedAt, m.ID) }

// Unread counts the messages a person has not read.
func (s *Service) Unread(ctx context.Context, person uuid.UUID) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM notify.message WHERE person = $1 AND read_at IS NULL`, person).Scan(&n)
	return n, err
}

// MarkRead marks messages of a person as read: those named, or all when none
// is named. It returns how many were unread; messages of others are left alone.
func (s *Service) MarkRead(ctx context.Context, person uuid.UUID, ids ...uuid.UUID) (int, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE notify.message SET read_at = $2
		WHERE person = $1 AND read_at IS NULL AND ($3::uuid[] IS NULL OR id = ANY($3))`, person, s.clk.Now(), ids)
	return int(tag.RowsAffected()), err
}

func (s *Service) get(ctx context.Context, id uuid.UUID) (Received, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+columns+` FROM notify.message WHERE id = $1`, id)
	return pg.One[Received](rows, err, errNoMessage)
}

var errNoMessage = errors.New("notify: no such message")
