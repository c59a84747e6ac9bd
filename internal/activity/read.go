package activity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
	"kapok/internal/region"
)

// Get finds an activity or returns ErrNotFound.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Activity, error) {
	return getActivity(ctx, s.pool, id)
}

// ShiftsOf lists the shifts of an activity, in the order of their start.
func (s *Service) ShiftsOf(ctx context.Context, activity uuid.UUID) ([]Shift, error) {
	return shiftsOf(ctx, s.pool, activity)
}

// OfProject lists the activities of a project, newest first: at most limit of
// those before the id given (uuid.Max for the first page).
func (s *Service) OfProject(ctx context.Context, project, before uuid.UUID, limit int) ([]Activity, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+activityColumns+` FROM activity.activity
		WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, project, before, limit)
	return pg.All[Activity](rows, err)
}

// OfOrg is OfProject over all projects of an organisation; states chooses some.
func (s *Service) OfOrg(ctx context.Context, org, before uuid.UUID, limit int, states ...State) ([]Activity, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+activityColumns+` FROM activity.activity
		WHERE org = $1 AND id < $2 AND (cardinality($3::text[]) = 0 OR state = ANY($3)) ORDER BY id DESC LIMIT $4`,
		org, before, textsOf(states), limit)
	return pg.All[Activity](rows, err)
}

func textsOf(states []State) []string {
	out := make([]string, len(states))
	for i, s := range states {
		out[i] = string(s)
	}
	return out
}

// WaitingCursor marks the place of an activity in the list of Waiting.
func (a Activity) WaitingCursor() string {
	if a.SubmittedAt == nil {
		return pg.Cursor(time.Unix(0, 0), a.ID)
	}
	return pg.Cursor(*a.SubmittedAt, a.ID)
}

// Waiting lists what waits for review in a division and below, the longest
// waiting first; after is a cursor.
func (s *Service) Waiting(ctx context.Context, division, after string, limit int) ([]Activity, error) {
	at, id, err := pg.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT `+activityColumns+` FROM activity.activity
		WHERE state = 'submitted' AND division LIKE $1 || '%' AND (submitted_at, id) > ($2, $3)
		ORDER BY submitted_at, id LIMIT $4`, region.Prefix(division), at, id, limit)
	return pg.All[Activity](rows, err)
}

// CountWaiting is how many wait for review in a division and below.
func (s *Service) CountWaiting(ctx context.Context, division string) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM activity.activity WHERE state = 'submitted' AND division LIKE $1 || '%'`,
		region.Prefix(division)).Scan(&n)
	return n, err
}
