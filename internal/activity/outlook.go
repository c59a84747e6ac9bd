package activity

import (
	"context"
	"time"

	"kapok/internal/kit/pg"
)

// Outlook is what is going on in a span of time.
type Outlook struct {
	Activities int // published, with a shift that starts in the span
	Free       int // places left in those shifts
}

// OutlookOf counts what starts in [from, until). It reads every shift of the
// span: callers keep the answer for a while.
func OutlookOf(ctx context.Context, db pg.DB, from, until time.Time) (Outlook, error) {
	rows, err := db.Query(ctx, `SELECT count(DISTINCT l.activity)::int AS activities, coalesce(sum(greatest(s.capacity - s.taken, 0)), 0)::int AS free
		FROM activity.listing l JOIN activity.shift s ON s.activity = l.activity AND s.starts_at = l.starts_at AND s.state = 'open'
		WHERE l.starts_at >= $1 AND l.starts_at < $2`, from, until)
	return pg.One[Outlook](rows, err, nil)
}
