package privacy

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// Typed are the items whose new values are asked for field by field, and which
// change when an administrator who saw the document agrees.
var Typed = []string{"name", "birth"}

// Typed reports whether granting the request changes values.
func (r Request) Typed() bool { return slices.Contains(Typed, r.Item) }

// Appealable reports whether a person may still ask the level above.
func (r Request) Appealable() bool {
	return r.Kind == Correction && r.State == Refused && r.Appeals == nil
}

func wishPlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "privacy.request", Column: "wish", Row: id}
}

func (s *Service) sealWish(r Request) []byte {
	if r.Wish == (person.Correction{}) {
		return nil
	}
	text, err := json.Marshal(r.Wish)
	if err != nil {
		panic(err) // strings and a date that was checked
	}
	return s.Keys.Seal(wishPlace(r.ID), string(text))
}

func (s *Service) openWish(id uuid.UUID, sealed []byte) (c person.Correction, err error) {
	text, err := s.Keys.Open(wishPlace(id), sealed)
	if err != nil || text == "" {
		return c, err
	}
	return c, json.Unmarshal([]byte(text), &c)
}

// Asking is what somebody wants corrected.
type Asking struct {
	By     uuid.UUID
	Person uuid.UUID
	Item   string            // one of Correctable
	Wish   person.Correction // the new values of an item of Typed
	Words  string
}

// AskCorrection opens a case about an item of the register (PIPL art. 46). The
// caller has checked that By may act for the person. Errors: fields at fault;
// person.ErrNothingDiffers; ErrAskedAlready.
func (s *Service) AskCorrection(ctx context.Context, a Asking) (Request, error) {
	var c fault.Check
	c.Must(slices.Contains(Correctable, a.Item), "item", fault.ErrBadValue)
	checkWords(&c, "words", a.Words)
	wish, err := s.checkWish(ctx, a)
	if err := c.Merge(err); err != nil {
		return Request{}, err
	}
	if err := c.Err(); err != nil {
		return Request{}, err
	}
	return s.ask(ctx, Request{Person: a.Person, Kind: Correction, AskedBy: a.By, Item: a.Item, Words: a.Words, Wish: wish}, CorrectionDue)
}

// firstField is where a refusal of all values of an item stands.
var firstField = map[string]string{"name": "name_hans", "birth": "birth_date"}

// checkWish keeps the values that belong to the item.
func (s *Service) checkWish(ctx context.Context, a Asking) (person.Correction, error) {
	switch a.Item {
	case "name":
		a.Wish = person.Correction{NameHans: a.Wish.NameHans, NameHant: a.Wish.NameHant, NameLatin: a.Wish.NameLatin}
	case "birth":
		a.Wish = person.Correction{BirthDate: a.Wish.BirthDate, Gender: a.Wish.Gender}
	default:
		return person.Correction{}, nil
	}
	p, err := s.People.Get(ctx, a.Person)
	if err != nil {
		return person.Correction{}, err
	}
	wish, err := s.People.CheckCorrection(p, a.Wish)
	if err != nil {
		err = fault.At(firstField[a.Item], err)
	}
	return wish, err
}

// AppealCorrection asks the level above to look at a refusal, once. The caller
// has checked that by may act for the person. Errors: fields at fault;
// ErrNoRequest; ErrNoAppeal; ErrAskedAlready.
func (s *Service) AppealCorrection(ctx context.Context, by, who, refusal uuid.UUID, words string) (Request, error) {
	var c fault.Check
	checkWords(&c, "words", words)
	if err := c.Err(); err != nil {
		return Request{}, err
	}
	r, err := s.RequestOf(ctx, refusal)
	switch {
	case err != nil:
		return Request{}, err
	case r.Person != who:
		return Request{}, ErrNoRequest
	case !r.Appealable():
		return Request{}, ErrNoAppeal
	}
	return s.ask(ctx, Request{Person: who, Kind: Correction, AskedBy: by, Item: r.Item, Wish: r.Wish, Words: words,
		Division: s.above(r.Division), Appeals: &r.ID}, CorrectionDue)
}

// above is the division over a division; at the top another administrator of
// the same one looks.
func (s *Service) above(division string) string {
	path := s.Regions.Path(division)
	if len(path) < 2 {
		return division
	}
	return path[len(path)-2].Code
}

// Decision is an administrator's answer to a correction.
type Decision struct {
	Request uuid.UUID
	Grant   bool               // it is put right
	Seen    person.NewDocument // typed off the card, to grant an item of Typed
	Answer  string
	By      uuid.UUID
}

// Decide answers a correction; the person is told in words. Granting an item of
// Typed changes its values in the same transaction, and with a birth date takes
// back the coming places that it does not allow. The caller has checked that By
// administers the division. Errors: fields at fault, ErrNoRequest,
// ErrOwnRequest, ErrAppealSame, ErrDecided, those of person.CorrectTx; a
// document that is registered otherwise opens a case.
func (s *Service) Decide(ctx context.Context, d Decision) error {
	var c fault.Check
	checkWords(&c, "answer", d.Answer)
	if err := c.Err(); err != nil {
		return err
	}
	r, err := s.RequestOf(ctx, d.Request)
	if err != nil {
		return err
	}
	if err := s.mayDecide(ctx, r, d.By); err != nil {
		return err
	}
	if !d.Grant {
		r.State = Refused
		return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.endTx(ctx, tx, r, &d.By, d.Answer) })
	}
	err = s.grant(ctx, r, d)
	if fault.As(err).Code == person.ErrDocumentHeld.Code {
		if failed := s.People.ClaimSeen(ctx, d.By, r.Person, d.Seen); failed != nil {
			return failed
		}
	}
	return err
}

func (s *Service) mayDecide(ctx context.Context, r Request, by uuid.UUID) error {
	switch {
	case r.Kind != Correction:
		return ErrNoRequest
	case by == r.Person || by == r.AskedBy:
		return ErrOwnRequest
	case r.State != Open:
		return ErrDecided
	case r.Appeals == nil:
		return nil
	}
	first, err := s.RequestOf(ctx, *r.Appeals)
	if err == nil && first.DecidedBy != nil && *first.DecidedBy == by {
		err = ErrAppealSame
	}
	return err
}

func (s *Service) grant(ctx context.Context, r Request, d Decision) error {
	r.State = Granted
	change := func(tx pgx.Tx) error {
		if r.Typed() {
			if err := s.People.CorrectTx(ctx, tx, d.By, r.Person, r.Wish, d.Seen); err != nil {
				return err
			}
		}
		return s.endTx(ctx, tx, r, &d.By, d.Answer)
	}
	if r.Item == "birth" {
		err := s.People.Change(ctx, r.Person, change)
		if err == nil && s.Forget != nil {
			s.Forget() // roles may have ended
		}
		return err
	}
	return pg.InTx(ctx, s.Pool, change)
}
