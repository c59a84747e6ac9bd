package record

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

const recordTable = "record.service_record"

// MergePart is how hours take part in the merge of two people: every record
// moves, as a version of its own, so that the journal takes the hours from the
// one and gives them to the other; the same time counts once.
func (s *Service) MergePart() person.MergePart {
	return person.MergePart{Lock: lockRecordsOf, Merge: s.mergeTx, Unmerge: s.unmergeTx}
}

func lockRecordsOf(ctx context.Context, tx pgx.Tx, wait bool, people []uuid.UUID) error {
	if wait {
		return nil // whoever holds a record waits for nothing that a merge holds
	}
	_, err := tx.Exec(ctx, `SELECT FROM record.service_record WHERE person = ANY($1) ORDER BY id FOR NO KEY UPDATE NOWAIT`, people)
	return err
}

// mergeTx settles what cannot stand for one human being, then moves the records.
func (s *Service) mergeTx(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM record.service_record WHERE person = ANY($1) ORDER BY id`, []uuid.UUID{j.From, j.Into})
	all, err := pg.All[ServiceRecord](rows, err)
	if err != nil {
		return err
	}
	for i := range all {
		if err := s.unapproveTx(ctx, tx, j, &all[i]); err != nil {
			return err
		}
	}
	for _, r := range repeated(all) {
		if err := s.setAsideTx(ctx, tx, j, r); err != nil {
			return err
		}
	}
	return moveTx(ctx, tx, j)
}

// settled is what is noted of a record that a merge changed.
type settled struct {
	State    State
	Approver *uuid.UUID
	Version  int // that the change made
}

// unapproveTx: who confirmed hours of the other registration confirmed his own.
// They are in question until somebody else decides.
func (s *Service) unapproveTx(ctx context.Context, tx pgx.Tx, j *person.Joining, r *ServiceRecord) error {
	if r.State != StateConfirmed || *r.Approver != j.From && *r.Approver != j.Into {
		return nil
	}
	was := settled{State: r.State, Approver: r.Approver}
	r.State, r.Approver = StateDisputed, nil
	r.Change, r.Cause, r.Reason = DisputedBy, "", i18n.Text(j.Lang, "record.merge.own")
	if err := s.settleTx(ctx, tx, j, r, was); err != nil {
		return err
	}
	j.Report.Conflict(person.ConflictOwnHours)
	j.Report.Say("record_own", lineArgs(*r))
	return nil
}

// repeated finds the confirmed records that overlap a better one of the other
// registration: the better proved one counts, of equal ones the longer.
func repeated(all []ServiceRecord) []*ServiceRecord {
	var counting []*ServiceRecord
	for i := range all {
		if all[i].State == StateConfirmed {
			counting = append(counting, &all[i])
		}
	}
	slices.SortStableFunc(counting, func(a, b *ServiceRecord) int {
		switch {
		case a.Grade != b.Grade && a.Grade < b.Grade, a.Grade == b.Grade && a.Minutes > b.Minutes:
			return -1
		case a.Grade == b.Grade && a.Minutes == b.Minutes:
			return 0
		}
		return 1
	})
	var stand, out []*ServiceRecord
	for _, r := range counting {
		if slices.ContainsFunc(stand, func(o *ServiceRecord) bool {
			return o.Person != r.Person && o.StartsAt.Before(r.EndsAt) && r.StartsAt.Before(o.EndsAt)
		}) {
			out = append(out, r)
		} else {
			stand = append(stand, r)
		}
	}
	return out
}

// setAsideTx makes a record void that was recorded twice.
func (s *Service) setAsideTx(ctx context.Context, tx pgx.Tx, j *person.Joining, r *ServiceRecord) error {
	was := settled{State: r.State, Approver: r.Approver}
	r.State, r.Change, r.Cause, r.Reason = StateVoided, VoidedBy, Duplicate, i18n.Text(j.Lang, "record.merge.twice")
	if err := s.settleTx(ctx, tx, j, r, was); err != nil {
		return err
	}
	j.Report.Say("record_twice", lineArgs(*r))
	return nil
}

func (s *Service) settleTx(ctx context.Context, tx pgx.Tx, j *person.Joining, r *ServiceRecord, was settled) error {
	r.ChangedAt, r.ChangedBy = j.At, &j.By
	if err := save(ctx, tx, r); err != nil {
		return err
	}
	was.Version = r.Version
	return j.NoteTx(ctx, tx, recordTable, "state", r.ID, was)
}

func lineArgs(r ServiceRecord) map[string]any {
	return map[string]any{"title": r.ActivityName, "date_on": r.ServiceDate.Format("2006-01-02"), "minutes": r.Minutes}
}

// moveTx gives the records of the one to the other. Somebody who once approved
// a record that is now his own is no longer its approver.
func moveTx(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	rows, err := tx.Query(ctx, `UPDATE record.service_record r SET person = $2, approver = nullif(r.approver, $2),
			version = r.version + 1, change = 'moved', changed_at = $3, changed_by = $4
		FROM (SELECT id, approver FROM record.service_record WHERE person = $1) o WHERE o.id = r.id
		RETURNING r.id, o.approver, r.minutes, r.state = 'confirmed' AS counts`, j.From, j.Into, j.At, j.By)
	list, err := pg.All[struct {
		ID       uuid.UUID
		Approver *uuid.UUID
		Minutes  int
		Counts   bool
	}](rows, err)
	if err != nil {
		return err
	}
	minutes := 0
	for _, r := range list {
		if r.Counts {
			minutes += r.Minutes
		}
		if err := j.NoteTx(ctx, tx, recordTable, "person", r.ID, settled{Approver: r.Approver}); err != nil {
			return err
		}
	}
	if len(list) > 0 {
		j.Report.Say("records", map[string]any{"n": len(list), "minutes": minutes})
	}
	return nil
}

// unmergeTx gives the records back, then lets count again what the merge set
// aside. A record that somebody decided about meanwhile stays as decided.
func (s *Service) unmergeTx(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	notes, err := j.NotesTx(ctx, tx, recordTable, "person")
	if err != nil {
		return err
	}
	for _, n := range notes {
		if err := giveBackTx(ctx, tx, j, n); err != nil {
			return err
		}
	}
	if notes, err = j.NotesTx(ctx, tx, recordTable, "state"); err != nil {
		return err
	}
	for _, n := range notes {
		if err := s.restoreTx(ctx, tx, j, n); err != nil {
			return err
		}
	}
	return nil
}

func giveBackTx(ctx context.Context, tx pgx.Tx, j *person.Joining, n person.Note) error {
	var was settled
	if err := json.Unmarshal(n.Was, &was); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE record.service_record SET person = $2, approver = coalesce(approver, $5),
			version = version + 1, change = 'moved', changed_at = $3, changed_by = $4
		WHERE id = $1 AND person = $6`, n.Row, j.From, j.At, j.By, was.Approver, j.Into)
	return err
}

// restoreTx makes a record count again, in the steps that the states allow.
func (s *Service) restoreTx(ctx context.Context, tx pgx.Tx, j *person.Joining, n person.Note) error {
	var was settled
	if err := json.Unmarshal(n.Was, &was); err != nil {
		return err
	}
	var touched bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM record.revision WHERE record = $1 AND version > $2 AND change <> 'moved')`,
		n.Row, was.Version).Scan(&touched)
	if err != nil || touched {
		return err
	}
	r, err := lock(ctx, tx, n.Row)
	if err != nil {
		return err
	}
	r.ChangedAt, r.ChangedBy, r.Cause, r.Reason = j.At, &j.By, "", i18n.Text(j.Lang, "record.merge.undone")
	if r.State == StateVoided {
		r.State, r.Change = StatePending, Reinstated
		if err := save(ctx, tx, &r); err != nil {
			return err
		}
	}
	r.State, r.Change, r.Approver = was.State, ConfirmedBy, was.Approver
	err = pgx.BeginFunc(ctx, tx, func(point pgx.Tx) error { return save(ctx, point, &r) })
	if pg.Constraint(err) == noOverlap { // that time counts otherwise by now; the organisation decides
		j.Report.Say("record_lost", lineArgs(r))
		return nil
	}
	return err
}
