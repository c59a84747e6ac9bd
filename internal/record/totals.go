package record

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Totals is the reader that keeps record.hours_total: what each person has
// given, confirmed and pending, by year, organisation, field and grade.
func Totals() Reader {
	return Reader{Name: "totals", Handle: addTotals, Reset: func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM record.hours_total`)
		return err
	}}
}

type totalKey struct {
	person uuid.UUID
	year   int
	org    uuid.UUID
	field  string
	grade  string
}

// addTotals adds up the differences of a batch, then writes one line a key, in
// a fixed order.
func addTotals(ctx context.Context, tx pgx.Tx, events []Event) error {
	sums := map[totalKey]Sum{}
	for _, e := range events {
		e.count(sums, e.Payload.Before, -1)
		e.count(sums, e.Payload.After, 1)
	}
	keys := make([]totalKey, 0, len(sums))
	for k, s := range sums {
		if s != (Sum{}) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b totalKey) int {
		return cmp.Or(slices.Compare(a.person[:], b.person[:]), cmp.Compare(a.year, b.year), slices.Compare(a.org[:], b.org[:]),
			cmp.Compare(a.field, b.field), cmp.Compare(a.grade, b.grade))
	})
	var b pgx.Batch
	for _, k := range keys {
		s := sums[k]
		b.Queue(`INSERT INTO record.hours_total AS t (person, year, org, field, grade,
				confirmed_minutes, confirmed_count, pending_minutes, pending_count)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (person, year, org, field, grade) DO UPDATE SET
				confirmed_minutes = t.confirmed_minutes + $6, confirmed_count = t.confirmed_count + $7,
				pending_minutes = t.pending_minutes + $8, pending_count = t.pending_count + $9`,
			k.person, k.year, k.org, k.field, k.grade, s.Confirmed, s.ConfirmedCount, s.Pending, s.PendingCount)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// count adds (sign 1) or takes away (sign -1) what a record counted.
func (e Event) count(sums map[totalKey]Sum, f *Figures, sign int) {
	if f == nil || f.State == StateVoided {
		return
	}
	k := totalKey{e.Person, f.Year, e.Org, f.Field, f.Grade}
	s := sums[k]
	if f.State == StateConfirmed {
		s.Confirmed += sign * f.Minutes
		s.ConfirmedCount += sign
	} else {
		s.Pending += sign * f.Minutes
		s.PendingCount += sign
	}
	sums[k] = s
}
