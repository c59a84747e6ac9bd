package reseal

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/crypt"
	"kapok/internal/kit/pg"
)

// Column is a column of values that crypt.Keys sealed for the row's id.
type Column struct{ Table, Column string } // person.person, phone_enc

// String is schema.table.column.
func (c Column) String() string { return c.Table + "." + c.Column }

func (c Column) place(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: c.Table, Column: c.Column, Row: id}
}

// batch is how many rows are read, opened, sealed and written at a time: short
// transactions, which make nobody wait.
const batch = 1_000

type value struct {
	ID     uuid.UUID
	Sealed []byte
}

// Run brings every value of a column that is under another key under the
// current one. moved is told how many after each batch; nil is told nothing. A
// value that does not open stops the walk: its row is named, and the rest waits.
func Run(ctx context.Context, db pg.DB, keys *crypt.Keys, c Column, moved func(n int)) (total int, err error) {
	next := fmt.Sprintf(`SELECT id, %[2]s AS sealed FROM %[1]s WHERE id > $1 AND %[2]s IS NOT NULL AND substring(%[2]s FROM 1 FOR %[3]d) <> $2
		ORDER BY id LIMIT %[4]d`, c.Table, c.Column, len(keys.Head()), batch)
	for after := uuid.Nil; ; {
		rows, err := db.Query(ctx, next, after, keys.Head())
		list, err := pg.All[value](rows, err)
		if err != nil || len(list) == 0 {
			return total, err
		}
		n, err := write(ctx, db, keys, c, list)
		if err != nil {
			return total, err
		}
		total += n
		if moved != nil {
			moved(n)
		}
		after = list[len(list)-1].ID
	}
}

// write seals a batch anew. Rows that changed since they were read are left as
// they are: what was written there is sealed under a current key already.
func write(ctx context.Context, db pg.DB, keys *crypt.Keys, c Column, list []value) (int, error) {
	ids, was, now := make([]uuid.UUID, len(list)), make([][]byte, len(list)), make([][]byte, len(list))
	for i, v := range list {
		plain, err := keys.Open(c.place(v.ID), v.Sealed)
		if err != nil {
			return 0, fmt.Errorf("reseal: %s, row %s, data key %d: %w", c, v.ID, crypt.KeyOf(v.Sealed), err)
		}
		ids[i], was[i], now[i] = v.ID, v.Sealed, keys.Seal(c.place(v.ID), plain)
	}
	done, err := db.Exec(ctx, fmt.Sprintf(`UPDATE %[1]s t SET %[2]s = n.now
		FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS n (id, was, now) WHERE t.id = n.id AND t.%[2]s = n.was`, c.Table, c.Column), ids, was, now)
	return int(done.RowsAffected()), err
}

// Count tells how many values of a column are under which data key.
func Count(ctx context.Context, db pg.DB, c Column) (map[uint32]int, error) {
	rows, err := db.Query(ctx, fmt.Sprintf(`SELECT substring(%[2]s FROM 1 FOR 5), count(*) FROM %[1]s WHERE %[2]s IS NOT NULL GROUP BY 1`, c.Table, c.Column))
	if err != nil {
		return nil, err
	}
	out := map[uint32]int{}
	var head []byte
	var n int
	_, err = pgx.ForEachRow(rows, []any{&head, &n}, func() error {
		out[crypt.KeyOf(head)] += n
		return nil
	})
	return out, err
}
