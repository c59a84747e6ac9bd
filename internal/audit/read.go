package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/pg"
)

// Data is a kind of personal data that somebody looked at.
type Data string

// The kinds, for the text audit.data.<kind>.
const (
	MaskedName Data = "masked_name" // name with most of it hidden, volunteer number
	Name       Data = "name"
	Age        Data = "age" // age or birth date
	Phone      Data = "phone"
	Document   Data = "document"  // masked number of a document
	Sensitive  Data = "sensitive" // a document's number itself
	Service    Data = "service"   // sign-ups, attendance, hours
	Profile    Data = "profile"   // everything on a person's page
	RoleOf     Data = "role"      // place in an organisation
)

// Reading is one look at personal data by somebody other than the person.
type Reading struct {
	At       time.Time
	Actor    uuid.UUID
	Subjects []uuid.UUID // whose data; a list is one reading of many
	Object   string      // what was opened: Object("shift", id)
	Data     []Data
	Purpose  string // why, by code: "roster", "reconciliation"; text audit.purpose.<code>
	Export   bool   // it left Kapok as a file
	Org      *uuid.UUID
	Region   *string
	Within   time.Duration // looks at the same object for the same purpose within this time are one (a page that renews itself)
}

// ReadAction is the action of all readings.
const ReadAction = "data.read"

// Read notes a reading before what was read is shown: where it cannot be noted,
// nothing is shown. The reader's own data are nobody's business; a reading of
// nobody else is not noted.
func Read(ctx context.Context, pool *pgxpool.Pool, r Reading) error {
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error { return ReadTx(ctx, tx, r) })
}

// ReadNames notes a reading of a list with names: in full of those whom openly
// names, masked of the others.
func ReadNames(ctx context.Context, pool *pgxpool.Pool, r Reading, openly map[uuid.UUID]bool) error {
	full, masked := r, r
	full.Subjects, masked.Subjects = nil, nil
	full.Data, masked.Data = append([]Data{Name}, r.Data...), append([]Data{MaskedName}, r.Data...)
	for _, who := range r.Subjects {
		if openly[who] {
			full.Subjects = append(full.Subjects, who)
		} else {
			masked.Subjects = append(masked.Subjects, who)
		}
	}
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		for _, one := range []Reading{full, masked} {
			if len(one.Subjects) == 0 {
				continue
			}
			if err := ReadTx(ctx, tx, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReadTx is Read within a transaction.
func ReadTx(ctx context.Context, tx pgx.Tx, r Reading) error {
	who, err := r.notedNow(ctx, tx)
	if err != nil || len(who) == 0 {
		return err
	}
	detail := map[string]any{"data": r.Data, "purpose": r.Purpose, "subjects": len(who), "subjects_digest": digest(who)}
	if r.Export {
		detail["export"] = true
	}
	id, err := insert(ctx, tx, Entry{At: r.At, Actor: &r.Actor, Action: ReadAction, Object: r.Object, Org: r.Org, Region: r.Region, Detail: detail})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit.subject (entry, person) SELECT $1, unnest($2::uuid[])`, id, who)
	return err
}

// notedNow are the people of whom this reading is to be noted.
func (r Reading) notedNow(ctx context.Context, tx pgx.Tx) ([]uuid.UUID, error) {
	who := others(r.Subjects, r.Actor)
	if r.Within == 0 || len(who) == 0 {
		return who, nil
	}
	rows, err := tx.Query(ctx, `SELECT w FROM unnest($1::uuid[]) w EXCEPT
		SELECT s.person FROM audit.entry e JOIN audit.subject s ON s.entry = e.id
		WHERE e.object = $2 AND e.actor = $3 AND e.action = $4 AND e.at > $5 AND e.detail ->> 'purpose' = $6`,
		who, r.Object, r.Actor, ReadAction, r.At.Add(-r.Within), r.Purpose)
	if err != nil {
		return nil, err
	}
	fresh, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	return others(fresh, r.Actor), err
}

// others are the people, each once and in order, without the reader.
func others(list []uuid.UUID, reader uuid.UUID) []uuid.UUID {
	out := slices.DeleteFunc(slices.Clone(list), func(id uuid.UUID) bool { return id == reader || id == uuid.Nil })
	slices.SortFunc(out, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

// digest ties the list of people to the entry, which is in the chain.
func digest(who []uuid.UUID) string {
	text := make([]string, len(who))
	for i, id := range who {
		text[i] = id.String()
	}
	sum := sha256.Sum256([]byte(strings.Join(text, ",")))
	return hex.EncodeToString(sum[:])
}

// CountReads counts the readings of objects.
func CountReads(ctx context.Context, db pg.DB, objects []string) (map[string]int, error) {
	rows, err := db.Query(ctx, `SELECT object, count(*)::int AS n FROM audit.entry WHERE object = ANY($1) AND action = $2 GROUP BY object`, objects, ReadAction)
	list, err := pg.All[struct {
		Object string
		N      int
	}](rows, err)
	out := make(map[string]int, len(list))
	for _, x := range list {
		out[x.Object] = x.N
	}
	return out, err
}

// NameLooks asks how often somebody read another's full name at an object in a time.
type NameLooks struct {
	Actor, Subject uuid.UUID
	Object         string
	From, To       time.Time
}

// CountNames answers each in order.
func CountNames(ctx context.Context, db pg.DB, list []NameLooks) ([]int, error) {
	out := make([]int, len(list))
	for i, n := range list {
		err := db.QueryRow(ctx, `SELECT count(*) FROM audit.subject s JOIN audit.entry e ON e.id = s.entry
			WHERE s.person = $1 AND e.actor = $2 AND e.action = $3 AND e.object = $4 AND e.at >= $5 AND e.at <= $6 AND e.detail -> 'data' ? $7`,
			n.Subject, n.Actor, ReadAction, n.Object, n.From, n.To, string(Name)).Scan(&out[i])
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Look is a reading as the person it was about sees it.
type Look struct {
	ID      int64
	At      time.Time
	Actor   uuid.UUID
	Object  string
	Org     *uuid.UUID
	Region  *string
	Data    []Data
	Purpose string
	Export  bool
}

// LooksAt lists who looked at a person's data, newest first, at most limit of
// those before an id (0: from the newest). It is one search of an index.
func LooksAt(ctx context.Context, db pg.DB, person uuid.UUID, before int64, limit int) ([]Look, error) {
	rows, err := db.Query(ctx, `SELECT e.id, e.at, e.actor, e.object, e.org, e.region,
			ARRAY(SELECT jsonb_array_elements_text(e.detail -> 'data')) AS data, e.detail ->> 'purpose' AS purpose, e.detail ? 'export' AS export
		FROM audit.subject s JOIN audit.entry e ON e.id = s.entry
		WHERE s.person = $1 AND ($2 = 0 OR s.entry < $2) ORDER BY s.entry DESC LIMIT $3`, person, before, limit)
	return pg.All[Look](rows, err)
}
