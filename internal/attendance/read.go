package attendance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/activity"
)

// ShowCode is the code the organiser shows at the place, from the opening of
// check-in until check-out closes; outside it is ErrNotOpenYet or ErrCheckOutOver.
func (s *Service) ShowCode(v activity.ShiftView) (Code, error) {
	now := s.clk.Now()
	if err := takesPlace(v); err != nil {
		return Code{}, err
	}
	opens, closes := s.rules.Opens(v.Shift), s.rules.Closes(v.Shift)
	switch {
	case now.Before(opens):
		return Code{}, ErrNotOpenYet.With("at", activity.Moment{Time: opens})
	case !now.Before(closes):
		return Code{}, ErrCheckOutOver.With("at", activity.Moment{Time: closes})
	}
	return s.codes.Shift(v.ID, now), nil
}

// ShowCard is the personal code a volunteer shows to the organiser.
func (s *Service) ShowCard(person uuid.UUID) Code { return s.codes.Card(person, s.clk.Now()) }

// Read reads the code of a shift that a person scanned or typed. Digits are
// looked for among the shifts the person is signed up for or is at, and at
// hint when it is given; wrong ones are counted.
func (s *Service) Read(ctx context.Context, person uuid.UUID, input string, hint *uuid.UUID) (Proof, error) {
	now := s.clk.Now()
	typed := ReadTyped(input)
	if typed.Token != "" {
		shift, err := s.codes.ReadShift(typed.Token, now)
		return Proof{shift: shift, person: person, method: QR}, err
	}
	if len(typed.Digits) != shiftDigits {
		return Proof{}, ErrCodeUnknown
	}
	shifts, err := s.candidates(ctx, person, hint, now)
	if err != nil {
		return Proof{}, err
	}
	fits, err := s.guess(ctx, person, shifts, now, func(id uuid.UUID) bool { return s.codes.ShiftDigitsFit(id, typed.Digits, now) })
	if err != nil {
		return Proof{}, err
	}
	return Proof{shift: fits[0], person: person, method: Digits}, nil
}

// candidates are the shifts whose digits the person may be typing.
func (s *Service) candidates(ctx context.Context, person uuid.UUID, hint *uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	mine, err := s.shifts.Upcoming(ctx, []uuid.UUID{person})
	if err != nil {
		return nil, err
	}
	var out []uuid.UUID
	for _, m := range mine {
		if !now.Before(m.StartsAt.Add(-s.rules.OpensBefore)) {
			out = append(out, m.Shift)
		}
	}
	if hint != nil {
		out = append(out, *hint)
	}
	open, err := OpenOf(ctx, s.pool, person)
	if errors.Is(err, ErrNotFound) {
		return out, nil
	}
	return append(out, open.Shift), err
}

// Ticket lets the person look at the page of the shift for a few minutes
// before pressing the button.
func (s *Service) Ticket(p Proof) string {
	return s.codes.Ticket(p.shift, p.person, p.method, s.clk.Now())
}

// ReadTicket reads a ticket of the person.
func (s *Service) ReadTicket(ticket string, person uuid.UUID) (Proof, error) {
	shift, m, err := s.codes.ReadTicket(ticket, person, s.clk.Now())
	return Proof{shift: shift, person: person, method: m}, err
}

// ReadCard reads the personal code that a volunteer shows and the organiser
// scans or types for a shift. Typed digits are looked for among those signed
// up or present; wrong ones are counted against the organiser.
func (s *Service) ReadCard(ctx context.Context, shift uuid.UUID, input string, by uuid.UUID) (Proof, error) {
	now := s.clk.Now()
	typed := ReadTyped(input)
	proof := Proof{shift: shift, method: Card, by: &by}
	var err error
	switch {
	case typed.Token != "":
		proof.person, err = s.codes.ReadCard(typed.Token, now)
	case len(typed.Digits) == cardDigits:
		proof.person, err = s.cardOf(ctx, shift, typed.Digits, by, now)
	default:
		err = ErrCodeUnknown
	}
	if err == nil && proof.person == by {
		err = ErrOwn
	}
	return proof, err
}

func (s *Service) cardOf(ctx context.Context, shift uuid.UUID, digits string, by uuid.UUID, now time.Time) (uuid.UUID, error) {
	people, err := s.expected(ctx, shift)
	if err != nil {
		return uuid.Nil, err
	}
	fits, err := s.guess(ctx, by, people, now, func(id uuid.UUID) bool { return s.codes.CardDigitsFit(id, digits, now) })
	if err == nil && len(fits) > 1 {
		err = ErrCardAmbiguous
	}
	if err != nil {
		return uuid.Nil, err
	}
	return fits[0], nil
}

// expected are the people signed up for a shift or present at it.
func (s *Service) expected(ctx context.Context, shift uuid.UUID) ([]uuid.UUID, error) {
	roster, err := s.shifts.Roster(ctx, s.pool, shift)
	if err != nil {
		return nil, err
	}
	present, err := OfShift(ctx, s.pool, shift)
	var out []uuid.UUID
	for _, g := range roster {
		if g.State.Holds() {
			out = append(out, g.Person)
		}
	}
	for _, a := range present {
		out = append(out, a.Person)
	}
	slices.SortFunc(out, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out), err
}
