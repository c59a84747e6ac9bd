package attendance

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// ReadTicketFor reads a ticket that holder got and makes it the proof of
// person: of a ward of the holder, or, when holder is uuid.Nil, of who has
// signed in since in the browser that read the code. The caller makes sure that
// the one may act for the other, or that it is the same browser.
func (s *Service) ReadTicketFor(ticket string, holder, person uuid.UUID) (Proof, error) {
	p, err := s.ReadTicket(ticket, holder)
	p.person = person
	return p, err
}

// Cursor marks the place of an attendance in the list of OfPeople.
func (a Attendance) Cursor() string { return pg.Cursor(a.InAt, a.ID) }

// farOff is after everything that can be in the list.
var farOff = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// OfPeople lists the attendances of people, newest first: at most n after the
// cursor ("" from the newest).
func OfPeople(ctx context.Context, db pg.DB, people []uuid.UUID, after string, n int) ([]Attendance, error) {
	at, id, err := pg.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	if after == "" {
		at, id = farOff, uuid.Max
	}
	rows, err := db.Query(ctx, `SELECT `+columns+` FROM attendance.attendance
		WHERE person = ANY($1) AND (in_at, id) < ($2, $3) ORDER BY in_at DESC, id DESC LIMIT $4`, people, at, id, n)
	return pg.All[Attendance](rows, err)
}
