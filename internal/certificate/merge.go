package certificate

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// MergePart is how certificates take part in the merge of two people: they go
// to the person kept, as they were issued. One becomes void, like any, when an
// hour behind it turns out to be recorded twice.
func (s *Service) MergePart() person.MergePart {
	return person.MergePart{
		Owned: []pg.Owned{{Table: "certificate.certificate", Column: "person"}},
		Lock: func(ctx context.Context, tx pgx.Tx, _ bool, people []uuid.UUID) error {
			return lockHolders(ctx, tx, people...) // held already when it must not wait
		},
	}
}
