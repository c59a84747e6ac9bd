package attendance

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/kit/pg"
)

// maxSpeed is how fast somebody can be on his way, in metres a second: no train
// of the province is faster than 350 km/h.
const maxSpeed = 350_000.0 / 3600

// moment is when and where somebody last proved to be.
type moment struct {
	Shift uuid.UUID
	At    time.Time
}

// cameInTime refuses who proved to be so far away, so short a time ago, that
// nobody could have come: one of the two codes was read by somebody else. Only
// the points of the shifts are compared; where people were is not kept. Times that
// the organiser wrote down say nothing about where the volunteer's phone was.
func (s *Service) cameInTime(ctx context.Context, tx pgx.Tx, v activity.ShiftView, person uuid.UUID, now time.Time) error {
	rows, err := tx.Query(ctx, `SELECT shift, CASE WHEN out_method IN ('qr', 'code', 'card') THEN out_at ELSE in_at END AS at
		FROM attendance.attendance WHERE person = $1 AND shift <> $2 AND in_method IN ('qr', 'code', 'card')
		ORDER BY in_at DESC LIMIT 1`, person, v.ID)
	last, err := pg.One[moment](rows, err, ErrNotFound)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	from, err := s.shifts.Shift(ctx, tx, last.Shift)
	if err != nil {
		return err
	}
	metres := apart(from.Shift, v.Shift)
	if soonest := last.At.Add(time.Duration(metres / maxSpeed * float64(time.Second))); now.Before(soonest) {
		return ErrTooFast.With("title", from.Activity.Title, "km", int(math.Round(metres/1000)), "at", activity.Moment{Time: last.At})
	}
	return nil
}

// apart is how many metres lie between the circles of two shifts at least; 0
// when one has no point.
func apart(a, b activity.Shift) float64 {
	if a.Lat == nil || a.Lon == nil || b.Lat == nil || b.Lon == nil {
		return 0
	}
	return max(0, distance(*a.Lat, *a.Lon, *b.Lat, *b.Lon)-float64(a.RadiusM)-float64(b.RadiusM))
}
