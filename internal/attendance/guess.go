package attendance

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Guessing: after so many wrong digits within the span a person waits.
const (
	maxTries = 5
	trySpan  = 10 * time.Minute
)

// guess finds the ids that typed digits fit, at least one. The try is counted
// before it is looked at, so that many at once are no way around the limit,
// and outside any transaction, so that a refusal cannot undo the count.
func (s *Service) guess(ctx context.Context, who uuid.UUID, ids []uuid.UUID, now time.Time, fit func(uuid.UUID) bool) ([]uuid.UUID, error) {
	var tries int
	var since time.Time
	err := s.pool.QueryRow(ctx, `INSERT INTO attendance.wrong_code AS w (who, since, tries) VALUES ($1, $2, 1)
		ON CONFLICT (who) DO UPDATE SET
			tries = CASE WHEN w.since > $3 THEN w.tries + 1 ELSE 1 END,
			since = CASE WHEN w.since > $3 THEN w.since ELSE $2 END
		RETURNING tries, since`, who, now, now.Add(-trySpan)).Scan(&tries, &since)
	if err != nil {
		return nil, err
	}
	wait := since.Add(trySpan).Sub(now)
	tooMany := ErrTooManyTries.With("minutes", int((wait+time.Minute-1)/time.Minute))
	if tries > maxTries {
		return nil, tooMany
	}
	var fits []uuid.UUID
	for _, id := range ids {
		if fit(id) {
			fits = append(fits, id)
		}
	}
	switch {
	case len(fits) > 0:
		_, err := s.pool.Exec(ctx, `DELETE FROM attendance.wrong_code WHERE who = $1`, who)
		return fits, err
	case tries == maxTries:
		return nil, tooMany
	}
	return nil, ErrDigitsWrong.With("left", maxTries-tries)
}
