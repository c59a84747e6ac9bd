package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"kapok/internal/kit/crypt"
	"kapok/internal/person"
)

// peopleBatch is how many people are drawn and copied at a time. A document
// takes a lock on its person, and the server has room for some ten thousand.
const peopleBatch = 5_000

// fillPeople registers n people with a document each. As in fill, indexes that
// are not asked and references are made up for at the end.
func fillPeople(ctx context.Context, e *Env, n int) error {
	return e.Pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		if err := execAll(ctx, c, `SET synchronous_commit = off`, `SET maintenance_work_mem = '1GB'`,
			`ALTER TABLE person.identity_document DROP CONSTRAINT identity_document_once, DROP CONSTRAINT identity_document_person_fkey`,
			`DROP INDEX person.identity_document_person`, `ALTER TABLE person.person DROP CONSTRAINT person_volunteer_no_key`); err != nil {
			return err
		}
		if err := copyPeople(ctx, c, e, n); err != nil {
			return err
		}
		e.logf("making the indexes of %d people", n)
		return execAll(ctx, c, // as migration 00020 has them
			`ALTER TABLE person.identity_document ADD CONSTRAINT identity_document_once UNIQUE (class, key_hash)`,
			`ALTER TABLE person.identity_document ADD FOREIGN KEY (person) REFERENCES person.person (id)`,
			`CREATE INDEX identity_document_person ON person.identity_document (person)`,
			`ALTER TABLE person.person ADD UNIQUE (volunteer_no)`,
			`RESET ALL`, `VACUUM (ANALYZE) person.person, person.identity_document`)
	})
}

// copyPeople draws batches in one goroutine, as sealing takes time, and copies
// them in another.
func copyPeople(ctx context.Context, c *pgxpool.Conn, e *Env, n int) error {
	g, ctx := errgroup.WithContext(ctx)
	type rows struct{ people, documents [][]any }
	drawn := make(chan rows, 1)
	g.Go(func() error {
		defer close(drawn)
		for from := 0; from < n; from += peopleBatch {
			var r rows
			for i := from; i < min(n, from+peopleBatch); i++ {
				p, d := personRow(e, i)
				r.people, r.documents = append(r.people, p), append(r.documents, d)
			}
			select {
			case drawn <- r:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for r := range drawn {
			if _, err := c.Conn().CopyFrom(ctx, pgx.Identifier{"person", "person"}, []string{"id", "volunteer_no", "name_hans", "gender", "birth_date",
				"division", "email_enc", "registered_at"}, pgx.CopyFromRows(r.people)); err != nil {
				return err
			}
			if _, err := c.Conn().CopyFrom(ctx, pgx.Identifier{"person", "identity_document"}, []string{"id", "person", "kind", "issuer", "class",
				"number_enc", "key_hash", "name", "added_at"}, pgx.CopyFromRows(r.documents)); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

var registered = time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)

// personRow is the i-th person and their document.
func personRow(e *Env, i int) (p, document []any) {
	id, doc, d := idOf(i, 1), idOf(i, 2), documentOf(i)
	email := e.App.Keys.Seal(crypt.Place{Table: "person.person", Column: "email_enc", Row: id}, fmt.Sprintf("v%d@kapok.example", i))
	number := e.App.Keys.Seal(crypt.Place{Table: "person.identity_document", Column: "number_enc", Row: doc}, d.Number)
	return []any{id, numberOf(i), "李文", "female", registered.AddDate(-30, 0, 0), "440104", email, registered},
		[]any{doc, id, string(d.Kind), d.Issuer, string(d.Class), number, e.App.Keys.Lookup("person/document", string(d.Class)+":"+d.Key), "李文", registered}
}

// idOf is an id that grows with i, as those of people who register one after
// the other.
func idOf(i int, kind byte) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:], uint64(0x0198_0000_0000_7000)+uint64(i)<<16)
	id[6], id[8], id[15] = 0x70, 0x80, kind
	binary.BigEndian.PutUint32(id[9:], uint32(i))
	return id
}

// numberOf is the i-th volunteer number.
func numberOf(i int) string {
	const letters = "0123456789ACDEFGHJKMNPQRTVWXY"
	var no [7]byte
	for k := range no {
		no[k] = letters[i%len(letters)]
		i /= len(letters)
	}
	return string(no[:3]) + "-" + string(no[3:])
}

// documentOf is the identity card of the i-th person: 999 people are born on
// each day, in a few counties.
func documentOf(i int) person.Document {
	born := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i/999%20_000)
	seventeen := fmt.Sprintf("%06d%s%03d", 440103+i/(999*20_000), born.Format("20060102"), 1+i%999)
	number := seventeen + string(person.Check18(seventeen))
	return person.Document{Kind: person.MainlandID, Issuer: "CN", Class: "gb11643", Number: number, Key: number}
}
