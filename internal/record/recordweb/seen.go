package recordweb

import (
	"context"

	"github.com/google/uuid"

	"kapok/internal/audit"
	"kapok/internal/record"
)

// seen notes that the reader looked at the hours of everybody of a shift, or
// took them out of Kapok as a file.
func (d Deps) seen(ctx context.Context, sh record.Sheet, full, export bool) error {
	who := make([]uuid.UUID, len(sh.Rows))
	for i, r := range sh.Rows {
		who[i] = r.Person.ID
	}
	name := audit.MaskedName
	if full {
		name = audit.Name
	}
	a := sh.Shift.Activity
	return d.note(ctx, audit.Reading{Subjects: who, Object: audit.Object("shift", sh.Shift.ID), Data: []audit.Data{name, audit.Service},
		Purpose: "reconciliation", Export: export, Org: &a.Org, Region: &a.Division})
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
