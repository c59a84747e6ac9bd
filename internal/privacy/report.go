package privacy

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/pg"
)

// MinorAccess is a line of the yearly report on access to minors' data.
type MinorAccess struct {
	Access
	Opened int // how often the page was opened, or the name read in full
}

// MinorsReport lists, of a year (Beijing), every request to open a minor's page
// or to read the name, in the divisions that within accepts, and how often that
// was done, out of the audit (未成年人网络保护条例 art. 36).
func (s *Service) MinorsReport(ctx context.Context, year int, within func(division string) bool) ([]MinorAccess, error) {
	from := time.Date(year, 1, 1, 0, 0, 0, 0, clock.Shanghai)
	list, err := s.readAccess(s.Pool.Query(ctx, `SELECT `+accessColumns+` FROM privacy.access WHERE minor AND asked_at >= $1 AND asked_at < $2 ORDER BY asked_at LIMIT 100000`,
		from, from.AddDate(1, 0, 0)))
	if err != nil {
		return nil, err
	}
	var out []MinorAccess
	var objects []string
	for _, a := range list {
		if within(a.Division) {
			out = append(out, MinorAccess{Access: a})
			objects = append(objects, audit.Object("access", a.ID))
		}
	}
	opened, err := audit.CountReads(ctx, s.Pool, objects)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Opened = opened[objects[i]]
	}
	return out, s.countNames(ctx, out)
}

// countNames fills in how often names were read by approvals for rosters.
func (s *Service) countNames(ctx context.Context, list []MinorAccess) error {
	var ids []uuid.UUID
	var looks []audit.NameLooks
	for _, a := range list {
		if a.Kind == ForRoster && a.ValidUntil != nil {
			ids = append(ids, a.ID)
		}
	}
	rows, err := s.Pool.Query(ctx, `SELECT id, shift, decided_at FROM privacy.access WHERE id = ANY($1)`, ids)
	found, err := pg.All[struct {
		ID, Shift uuid.UUID
		DecidedAt time.Time
	}](rows, err)
	if err != nil {
		return err
	}
	at := map[uuid.UUID]int{}
	for i, a := range list {
		at[a.ID] = i
	}
	for _, f := range found {
		a := list[at[f.ID]]
		looks = append(looks, audit.NameLooks{Actor: a.AskedBy, Subject: a.Person, Object: audit.Object("shift", f.Shift), From: f.DecidedAt, To: *a.ValidUntil})
	}
	counts, err := audit.CountNames(ctx, s.Pool, looks)
	for i, n := range counts {
		list[at[found[i].ID]].Opened = n
	}
	return err
}
