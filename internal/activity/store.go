package activity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

const activityColumns = `id, project, org, recording_unit, division, title, content, responsible, contact, field, local_field,
	objects, guarantees, risks, dangerous, insurance, declarations, travel_counted, with_adult, state, reason, version, created_at, created_by,
	submitted_at, published_at`

const shiftColumns = `id, activity, name, starts_at, ends_at, place, lat, lon, radius_m, capacity, taken, waiting, waiting_max,
	signup_from, signup_until, min_age, max_age, skills, languages, qualifications, approval, state`

func getActivity(ctx context.Context, db pg.DB, id uuid.UUID) (Activity, error) {
	rows, err := db.Query(ctx, `SELECT `+activityColumns+` FROM activity.activity WHERE id = $1`, id)
	return pg.One[Activity](rows, err, ErrNotFound)
}

func lockActivity(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Activity, error) {
	rows, err := tx.Query(ctx, `SELECT `+activityColumns+` FROM activity.activity WHERE id = $1 FOR NO KEY UPDATE`, id)
	return pg.One[Activity](rows, err, ErrNotFound)
}

func insertActivity(ctx context.Context, tx pgx.Tx, a Activity) error {
	_, err := tx.Exec(ctx, `INSERT INTO activity.activity (id, project, org, recording_unit, division, title, content, responsible,
			contact, field, local_field, objects, guarantees, risks, dangerous, insurance, declarations, travel_counted, created_at, created_by, with_adult)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		a.ID, a.Project, a.Org, a.RecordingUnit, a.Division, a.Title, a.Content, a.Responsible, a.Contact, a.Field, a.LocalField,
		a.Objects, a.Guarantees, a.Risks, a.Dangerous, a.Insurance, a.Declarations, a.TravelCounted, a.CreatedAt, a.CreatedBy, a.WithAdult)
	return err
}

// saveActivity writes everything that may change and counts the version up.
func saveActivity(ctx context.Context, tx pgx.Tx, a *Activity) error {
	a.Version++
	_, err := tx.Exec(ctx, `UPDATE activity.activity SET project = $2, recording_unit = $3, division = $4, title = $5, content = $6,
			responsible = $7, contact = $8, field = $9, local_field = $10, objects = $11, guarantees = $12, risks = $13,
			dangerous = $14, insurance = $15, declarations = $16, travel_counted = $17, state = $18, reason = $19,
			submitted_at = $20, published_at = $21, version = $22, with_adult = $23
		WHERE id = $1`,
		a.ID, a.Project, a.RecordingUnit, a.Division, a.Title, a.Content, a.Responsible, a.Contact, a.Field, a.LocalField,
		a.Objects, a.Guarantees, a.Risks, a.Dangerous, a.Insurance, a.Declarations, a.TravelCounted, a.State, a.Reason,
		a.SubmittedAt, a.PublishedAt, a.Version, a.WithAdult)
	return err
}

func shiftsOf(ctx context.Context, db pg.DB, activity uuid.UUID) ([]Shift, error) {
	rows, err := db.Query(ctx, `SELECT `+shiftColumns+` FROM activity.shift WHERE activity = $1 ORDER BY starts_at, id`, activity)
	return pg.All[Shift](rows, err)
}

func getShift(ctx context.Context, db pg.DB, id uuid.UUID) (Shift, error) {
	rows, err := db.Query(ctx, `SELECT `+shiftColumns+` FROM activity.shift WHERE id = $1`, id)
	return pg.One[Shift](rows, err, ErrShiftNotFound)
}

func insertShift(ctx context.Context, tx pgx.Tx, s Shift) error {
	_, err := tx.Exec(ctx, `INSERT INTO activity.shift (id, activity, name, starts_at, ends_at, place, lat, lon, radius_m, capacity,
			waiting_max, signup_from, signup_until, min_age, max_age, skills, languages, qualifications, approval)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		s.ID, s.ActivityID, s.Name, s.StartsAt, s.EndsAt, s.Place, s.Lat, s.Lon, s.RadiusM, s.Capacity, s.WaitingMax,
		s.SignupFrom, s.SignupUntil, s.MinAge, s.MaxAge, s.Skills, s.Languages, s.Qualifications, s.Approval)
	return err
}

// saveShift writes what the organisation may change; never the counters.
func saveShift(ctx context.Context, tx pgx.Tx, s Shift) error {
	_, err := tx.Exec(ctx, `UPDATE activity.shift SET name = $2, starts_at = $3, ends_at = $4, place = $5, lat = $6, lon = $7,
			radius_m = $8, capacity = $9, waiting_max = $10, signup_from = $11, signup_until = $12, min_age = $13, max_age = $14,
			skills = $15, languages = $16, qualifications = $17, approval = $18, state = $19
		WHERE id = $1`,
		s.ID, s.Name, s.StartsAt, s.EndsAt, s.Place, s.Lat, s.Lon, s.RadiusM, s.Capacity, s.WaitingMax, s.SignupFrom,
		s.SignupUntil, s.MinAge, s.MaxAge, s.Skills, s.Languages, s.Qualifications, s.Approval, s.State)
	if pg.Constraint(err) == "shift_never_over" {
		return ErrCapacityBelowTaken.Because(err)
	}
	return err
}

// Shift finds a shift with its activity, or returns ErrShiftNotFound.
func (s *Service) Shift(ctx context.Context, db pg.DB, id uuid.UUID) (ShiftView, error) {
	sh, err := getShift(ctx, db, id)
	if err != nil {
		return ShiftView{}, err
	}
	a, err := getActivity(ctx, db, sh.ActivityID)
	return ShiftView{Shift: sh, Activity: a}, err
}

// Shifts finds several shifts with their activities; unknown ids are missing.
func (s *Service) Shifts(ctx context.Context, db pg.DB, ids []uuid.UUID) (map[uuid.UUID]ShiftView, error) {
	rows, err := db.Query(ctx, `SELECT `+shiftColumns+` FROM activity.shift WHERE id = ANY($1)`, ids)
	shifts, err := pg.All[Shift](rows, err)
	if err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `SELECT `+activityColumns+` FROM activity.activity
		WHERE id IN (SELECT activity FROM activity.shift WHERE id = ANY($1))`, ids)
	list, err := pg.All[Activity](rows, err)
	byID := make(map[uuid.UUID]Activity, len(list))
	for _, a := range list {
		byID[a.ID] = a
	}
	out := make(map[uuid.UUID]ShiftView, len(shifts))
	for _, sh := range shifts {
		out[sh.ID] = ShiftView{Shift: sh, Activity: byID[sh.ActivityID]}
	}
	return out, err
}
