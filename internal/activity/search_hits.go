package activity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// loadHits reads what a page shows of the spots found: texts of the activity,
// places left now.
func loadHits(ctx context.Context, db pg.DB, f Filter, spots []spot) ([]Hit, error) {
	if len(spots) == 0 {
		return nil, nil
	}
	ids, starts := make([]uuid.UUID, len(spots)), make([]time.Time, len(spots))
	for i, s := range spots {
		ids[i], starts[i] = s.Activity, s.StartsAt
	}
	q := &statement{}
	list := "unnest(" + q.arg(ids) + "::uuid[], " + q.arg(starts) + "::timestamptz[]) WITH ORDINALITY AS q (activity, starts_at, n)"
	distance := "NULL::float8"
	if f.Near != nil {
		distance = distanceSQL("l", q.arg(f.Near.Lat)+"::float8", q.arg(f.Near.Lon)+"::float8")
	}
	rows, err := db.Query(ctx, `SELECT l.activity, a.title, a.org, a.field, a.division, a.dangerous, l.starts_at, l.ends_at, l.lat, l.lon,
			p.place, p.shifts, p.capacity, p.taken, p.approval, p.until, `+distance+` AS distance_km
		FROM `+list+`
		JOIN activity.listing l ON l.activity = q.activity AND l.starts_at = q.starts_at
		JOIN activity.activity a ON a.id = l.activity
		CROSS JOIN LATERAL (SELECT coalesce((array_agg(s.place ORDER BY s.id))[1], '') AS place, count(*)::integer AS shifts,
				coalesce(sum(s.capacity), 0)::integer AS capacity, coalesce(sum(least(s.taken, s.capacity)), 0)::integer AS taken,
				coalesce(bool_and(s.approval), false) AS approval, max(s.signup_until) AS until
			FROM activity.shift s WHERE s.activity = l.activity AND s.starts_at = l.starts_at AND s.state = 'open') p
		ORDER BY q.n`, q.args...)
	return pg.All[Hit](rows, err)
}
