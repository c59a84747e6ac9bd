package person

import (
	"context"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// FindDocument finds a held document and whose it is; ErrNotFound when it is
// nobody's. As with ByDocument, the answer must never reach somebody who has
// not shown the document.
func (s *Service) FindDocument(ctx context.Context, db pg.DB, d Document) (document, person uuid.UUID, err error) {
	rows, err := db.Query(ctx, `SELECT id, person FROM person.identity_document WHERE class = $1 AND key_hash = $2`, d.Class, s.documentHash(d))
	found, err := pg.One[struct{ ID, Person uuid.UUID }](rows, err, ErrNotFound)
	return found.ID, found.Person, err
}
