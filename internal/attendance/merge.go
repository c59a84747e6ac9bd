package attendance

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// MergePart is how attendance takes part in the merge of two people. Where both
// were at one shift, the second attendance stays where it is: its record moves,
// and one that is still open is settled by the organiser, as any other.
func (s *Service) MergePart() person.MergePart {
	return person.MergePart{
		Owned: []pg.Owned{{Table: "attendance.attendance", Column: "person", Unless: `EXISTS (SELECT FROM attendance.attendance o
			WHERE o.shift = t.shift AND o.person = $2)`}},
		Merge: notInTwoPlaces,
	}
}

// notInTwoPlaces: who is checked in at two shifts checks out at one of them first.
func notInTwoPlaces(ctx context.Context, tx pgx.Tx, j *person.Joining) error {
	var both bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM attendance.attendance a JOIN attendance.attendance b ON b.shift <> a.shift
		WHERE a.person = $1 AND b.person = $2 AND a.state = 'open' AND b.state = 'open')`, j.From, j.Into).Scan(&both)
	if err == nil && both {
		return ErrTwoOpen
	}
	return err
}
