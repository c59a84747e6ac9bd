package activity

import (
	"context"

	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// KeepMinorsOut refuses whoever is under 18 on the day of a dangerous activity,
// whatever an organiser clicks and with whatever sign-up they come: a birth date
// may have been put right since (浙江条例 art. 9, 山东条例 art. 10). Error:
// ErrAdultsOnly.
func (s *Service) KeepMinorsOut(ctx context.Context, db pg.DB, v ShiftView, who uuid.UUID) error {
	if !v.Activity.Dangerous {
		return nil
	}
	facts, err := s.people.Facts(ctx, db, []uuid.UUID{who})
	if err != nil {
		return err
	}
	f, known := facts[who]
	if !known || person.AgeOn(f.BirthDate, v.StartsAt.In(clock.Shanghai)) < AgeAdult {
		return ErrAdultsOnly.With("age", AgeAdult)
	}
	return nil
}
