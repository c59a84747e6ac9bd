package organisation

import (
	"context"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// Resolve finds the one approved organisation that people mean by a name, a
// unified social credit code or an id; ErrNotFound when there is none, or
// several of that name.
func (s *Service) Resolve(ctx context.Context, typed string) (Organisation, error) {
	if id, err := uuid.Parse(typed); err == nil {
		return s.Get(ctx, id)
	}
	rows, err := s.pool.Query(ctx, `SELECT `+columns+` FROM organisation.organisation
		WHERE state = 'approved' AND (name_key = $1 OR (credit_code = $2 AND credit_code <> '')) LIMIT 2`, nameKey(typed), NormalCreditCode(typed))
	found, err := pg.All[Organisation](rows, err)
	if err == nil && len(found) != 1 {
		err = ErrNotFound
	}
	if err != nil {
		return Organisation{}, err
	}
	return found[0], nil
}
