package recordweb

import (
	"context"

	"github.com/google/uuid"

	"kapok/internal/audit"
	"kapok/internal/person"
	"kapok/internal/record"
)

// seen notes that the reader looked at the hours of everybody of a shift, or
// took them out of Kapok as a file: of whom with the name in full, of whom masked.
func (d Deps) seen(ctx context.Context, sh record.Sheet, openly map[uuid.UUID]bool, export bool) error {
	who := make([]uuid.UUID, len(sh.Rows))
	for i, r := range sh.Rows {
		who[i] = r.Person.ID
	}
	a := sh.Shift.Activity
	return audit.ReadNames(ctx, d.Pool, audit.Reading{At: d.Clock.Now(), Actor: me(ctx), Subjects: who, Object: audit.Object("shift", sh.Shift.ID),
		Data: []audit.Data{audit.Service}, Purpose: "reconciliation", Export: export, Org: &a.Org, Region: &a.Division}, openly)
}

// openly are those of a sheet whose names the reader sees in full.
func (d Deps) openly(ctx context.Context, sh record.Sheet) (map[uuid.UUID]bool, error) {
	people, ids := make([]person.Person, len(sh.Rows)), make([]uuid.UUID, len(sh.Rows))
	for i, r := range sh.Rows {
		people[i], ids[i] = r.Person, r.Person.ID
	}
	if d.Cleared == nil {
		return person.Openly(people, d.People.Today(), nil), nil
	}
	cleared, err := d.Cleared(ctx, me(ctx), sh.Shift.ID, ids)
	return person.Openly(people, d.People.Today(), cleared), err
}

// seenOne notes that the reader looked at one person's hours, and at who changed them.
func (d Deps) seenOne(ctx context.Context, object string, org uuid.UUID, division string, who ...uuid.UUID) error {
	return d.note(ctx, audit.Reading{Subjects: who, Object: object, Data: []audit.Data{audit.MaskedName, audit.Service},
		Purpose: "record", Org: &org, Region: &division})
}

func (d Deps) note(ctx context.Context, r audit.Reading) error {
	r.At, r.Actor = d.Clock.Now(), me(ctx)
	return audit.Read(ctx, d.Pool, r)
}
