package activity

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"kapok/internal/region"
)

// ListingRow is a row of the search: the shifts of a published activity that
// start at one time.
type ListingRow struct {
	Org      string // its name: that of an approved organisation stays
	StartsAt time.Time
	EndsAt   time.Time // of the one that ends last
	Place    string    // of the first
	Lat, Lon *float64  // of the first that has a point
	Keys     []int64
	Marks    pgtype.Bits
}

// ListingRows are the rows by which an activity is found; org and project are
// names, shifts stand in the order of their start.
func ListingRows(tree *region.Tree, a Activity, org, project string, shifts []Shift) []ListingRow {
	text := listingText{Title: a.Title, Content: a.Content, Org: org, Project: project}
	byPlace := map[string][]term{} // most have one place: its words are found once
	var out []ListingRow
	for _, group := range byStart(shifts) {
		row := ListingRow{Org: org, StartsAt: group[0].StartsAt, Place: group[0].Place}
		text.Place = ""
		for _, sh := range group {
			text.Place += sh.Place + "\n"
			if sh.EndsAt.After(row.EndsAt) {
				row.EndsAt = sh.EndsAt
			}
			if row.Lat == nil {
				row.Lat, row.Lon = sh.Lat, sh.Lon
			}
		}
		if byPlace[text.Place] == nil {
			byPlace[text.Place] = listingTerms(tree, a, text)
		}
		terms := append(slices.Clip(byPlace[text.Place]), pointTerms(row.Lat, row.Lon)...)
		row.Keys, row.Marks = keysOn(terms, dayOf(row.StartsAt)), marksOf(terms...)
		out = append(out, row)
	}
	return out
}

// byStart groups the open shifts that start together.
func byStart(shifts []Shift) [][]Shift {
	var out [][]Shift
	for _, sh := range shifts {
		if sh.State != ShiftOpen {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n][0].StartsAt.Equal(sh.StartsAt) {
			out[n] = append(out[n], sh)
			continue
		}
		out = append(out, []Shift{sh})
	}
	return out
}

// relist renews the rows by which an activity is found. Only published ones
// are found; everything that can change a row goes through here.
func (s *Service) relist(ctx context.Context, tx pgx.Tx, a Activity) error {
	if _, err := tx.Exec(ctx, `DELETE FROM activity.listing WHERE activity = $1`, a.ID); err != nil {
		return err
	}
	if a.State != Published {
		return nil
	}
	org, err := s.orgs.GetIn(ctx, tx, a.Org)
	if err != nil {
		return err
	}
	var project string
	if err := tx.QueryRow(ctx, `SELECT name FROM activity.project WHERE id = $1`, a.Project).Scan(&project); err != nil {
		return err
	}
	shifts, err := shiftsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	var b pgx.Batch
	for _, l := range ListingRows(s.regions, a, org.Name, project, shifts) {
		l.insert(&b, a)
	}
	return tx.SendBatch(ctx, &b).Close()
}

func (l ListingRow) insert(b *pgx.Batch, a Activity) {
	b.Queue(`INSERT INTO activity.listing (activity, title, org, org_name, field, division, dangerous, starts_at, ends_at, place, lat, lon, keys, marks)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		a.ID, a.Title, a.Org, l.Org, a.Field, a.Division, a.Dangerous, l.StartsAt, l.EndsAt, l.Place, l.Lat, l.Lon, l.Keys, l.Marks)
}
