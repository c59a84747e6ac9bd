package record

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
)

const columns = `id, person, org, recorder_org, activity, shift, attendance, signed_up, division, field,
	activity_name, service_date, place, content, minutes, organiser, responsible, recording_unit, starts_at, ends_at, travel_counted,
	entry_way, grade, state, activity_end_at, due_on, due_estimated, recorder, recorded_at, approver, confirmed_at, late,
	version, change, changed_at, changed_by, cause, reason`

// Get finds a record, or returns ErrNotFound.
func Get(ctx context.Context, db pg.DB, id uuid.UUID) (ServiceRecord, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM record.service_record WHERE id = $1`, id)
	return pg.One[ServiceRecord](rows, err, ErrNotFound)
}

// OfShift lists the records of a shift.
func OfShift(ctx context.Context, db pg.DB, shift uuid.UUID) ([]ServiceRecord, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM record.service_record WHERE shift = $1 ORDER BY starts_at, id`, shift)
	return pg.All[ServiceRecord](rows, err)
}

// History lists the versions of a record, oldest first.
func History(ctx context.Context, db pg.DB, record uuid.UUID) ([]Revision, error) {
	rows, err := db.Query(ctx, `SELECT record, version, at, actor, change, cause, reason, old, new
		FROM record.revision WHERE record = $1 ORDER BY version`, record)
	return pg.All[Revision](rows, err)
}

// DisputedOf lists the records of an organisation to which volunteers object,
// longest waiting first.
func DisputedOf(ctx context.Context, db pg.DB, org uuid.UUID, limit int) ([]ServiceRecord, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM record.service_record
		WHERE org = $1 AND state = 'disputed' ORDER BY changed_at, id LIMIT $2`, org, limit)
	return pg.All[ServiceRecord](rows, err)
}

func getMany(ctx context.Context, db pg.DB, ids []uuid.UUID) (map[uuid.UUID]ServiceRecord, error) {
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM record.service_record WHERE id = ANY($1)`, ids)
	list, err := pg.All[ServiceRecord](rows, err)
	return byID(list), err
}

// lockMany locks records in order, so that two who confirm the same never wait
// for each other in a circle.
func lockMany(ctx context.Context, tx pgx.Tx, shift uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]ServiceRecord, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM record.service_record
		WHERE shift = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE`, shift, ids)
	list, err := pg.All[ServiceRecord](rows, err)
	return byID(list), err
}

func lock(ctx context.Context, tx pgx.Tx, id uuid.UUID) (ServiceRecord, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM record.service_record WHERE id = $1 FOR NO KEY UPDATE`, id)
	return pg.One[ServiceRecord](rows, err, ErrNotFound)
}

func byID(list []ServiceRecord) map[uuid.UUID]ServiceRecord {
	out := make(map[uuid.UUID]ServiceRecord, len(list))
	for _, r := range list {
		out[r.ID] = r
	}
	return out
}

func insert(ctx context.Context, tx pgx.Tx, r ServiceRecord) error {
	_, err := tx.Exec(ctx, `INSERT INTO record.service_record (id, person, org, recorder_org, activity, shift, attendance, signed_up,
			division, field, activity_name, service_date, place, content, minutes, organiser, responsible, recording_unit,
			starts_at, ends_at, travel_counted, entry_way, grade, state, activity_end_at, due_on, due_estimated, recorder,
			recorded_at, change, changed_at, changed_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
			$25, $26, $27, $28, $29, $30, $31, $32)`,
		r.ID, r.Person, r.Org, r.RecorderOrg, r.Activity, r.Shift, r.Attendance, r.SignedUp, r.Division, r.Field,
		r.ActivityName, r.ServiceDate, r.Place, r.Content, r.Minutes, r.Organiser, r.Responsible, r.RecordingUnit,
		r.StartsAt, r.EndsAt, r.TravelCounted, r.EntryWay, r.Grade, r.State, r.ActivityEndAt, r.DueOn, r.DueEstimated, r.Recorder,
		r.RecordedAt, r.Change, r.ChangedAt, r.ChangedBy)
	return err
}

// save writes a next version: whatever may change, with who, what and why.
func save(ctx context.Context, tx pgx.Tx, r *ServiceRecord) error {
	r.Version++
	_, err := tx.Exec(ctx, `UPDATE record.service_record SET activity_name = $2, service_date = $3, place = $4, content = $5,
			minutes = $6, responsible = $7, starts_at = $8, ends_at = $9, state = $10, due_on = $11, due_estimated = $12,
			approver = $13, confirmed_at = $14, late = $15, version = $16, change = $17, changed_at = $18, changed_by = $19,
			cause = $20, reason = $21
		WHERE id = $1`,
		r.ID, r.ActivityName, r.ServiceDate, r.Place, r.Content, r.Minutes, r.Responsible, r.StartsAt, r.EndsAt, r.State,
		r.DueOn, r.DueEstimated, r.Approver, r.ConfirmedAt, r.Late, r.Version, r.Change, r.ChangedAt, r.ChangedBy, r.Cause, r.Reason)
	return err
}
