package person

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// Qualification is something the law asks proof of before certain service.
type Qualification struct {
	Code    string
	ValidTo *time.Time // last day; nil for good
}

// QualificationsOf lists a person's qualifications, also those run out.
func (s *Service) QualificationsOf(ctx context.Context, id uuid.UUID) ([]Qualification, error) {
	rows, err := s.pool.Query(ctx, `SELECT code, valid_to FROM person.qualification WHERE person = $1 AND revoked_at IS NULL ORDER BY code`, id)
	return pg.All[Qualification](rows, err)
}
