package privacy

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
	"kapok/internal/person"
)

// RequestKind is what is asked for.
type RequestKind string

// The kinds.
const (
	Correction RequestKind = "correction" // PIPL art. 46, 67号令 art. 13
	Erasure    RequestKind = "deletion"   // PIPL art. 47
)

// State is how far a request is.
type State string

// The states.
const (
	Open      State = "open"
	Withdrawn State = "withdrawn"
	Granted   State = "granted" // a correction was made
	Refused   State = "refused"
	Done      State = "done" // a deletion was carried out
)

// The clocks of requests.
const (
	CorrectionDue = 15 * day // until when a correction is decided; 67号令 art. 13 says in time, we set a day
	CoolingOff    = 15 * day // in which a deletion can be withdrawn
)

// Correctable are the items that only an administrator corrects, with the
// document at hand; the others a person changes alone, or objects to (hours).
var Correctable = []string{"name", "birth", "document", "guardian"}

// maxWords is the longest text of a request and an answer, in characters.
const maxWords = 500

// Request is a wish of a person that somebody or some time decides.
type Request struct {
	ID               uuid.UUID
	Person           uuid.UUID
	Kind             RequestKind
	Division         string // whose administrator decides
	AskedBy          uuid.UUID
	AskedAt          time.Time
	DueAt            time.Time
	Item             string            // of the register
	Words            string            // what the person wrote
	Wish             person.Correction // the new values, where the item is one of Typed
	Appeals          *uuid.UUID        // the refusal that the level above is to look at
	KeepCertificates bool
	State            State
	DecidedAt        *time.Time
	DecidedBy        *uuid.UUID
	Answer           string // what the administrator wrote
}

const requestColumns = `id, person, kind, division, asked_by, asked_at, due_at, item, words, wish, appeals, keep_certificates, state, decided_at, decided_by, answer`

type requestRow struct {
	ID               uuid.UUID
	Person           uuid.UUID
	Kind             RequestKind
	Division         string
	AskedBy          uuid.UUID
	AskedAt          time.Time
	DueAt            time.Time
	Item             string
	Words            []byte
	Wish             []byte
	Appeals          *uuid.UUID
	KeepCertificates bool
	State            State
	DecidedAt        *time.Time
	DecidedBy        *uuid.UUID
	Answer           []byte
}

func wordsPlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "privacy.request", Column: "words", Row: id}
}

func answerPlace(id uuid.UUID) crypt.Place {
	return crypt.Place{Table: "privacy.request", Column: "answer", Row: id}
}

func (s *Service) read(rows pgx.Rows, err error) ([]Request, error) {
	list, err := pg.All[requestRow](rows, err)
	out := make([]Request, len(list))
	for i, r := range list {
		words, wrong := s.Keys.Open(wordsPlace(r.ID), r.Words)
		answer, also := s.Keys.Open(answerPlace(r.ID), r.Answer)
		wish, third := s.openWish(r.ID, r.Wish)
		if wrong != nil || also != nil || third != nil {
			return nil, crypt.ErrOpen
		}
		out[i] = Request{r.ID, r.Person, r.Kind, r.Division, r.AskedBy, r.AskedAt, r.DueAt, r.Item, words, wish, r.Appeals, r.KeepCertificates, r.State,
			r.DecidedAt, r.DecidedBy, answer}
	}
	return out, err
}

// RequestsOf lists a person's requests, newest first.
func (s *Service) RequestsOf(ctx context.Context, person uuid.UUID) ([]Request, error) {
	return s.read(s.Pool.Query(ctx, `SELECT `+requestColumns+` FROM privacy.request WHERE person = $1 ORDER BY id DESC LIMIT 50`, person))
}

// Waiting lists the open corrections of the divisions that within accepts, the
// most urgent first.
func (s *Service) Waiting(ctx context.Context, within func(division string) bool) ([]Request, error) {
	list, err := s.read(s.Pool.Query(ctx, `SELECT `+requestColumns+` FROM privacy.request WHERE kind = 'correction' AND state = 'open' ORDER BY due_at, id LIMIT 1000`))
	return slices.DeleteFunc(list, func(r Request) bool { return !within(r.Division) }), err
}

// RequestOf finds a request. Errors: ErrNoRequest.
func (s *Service) RequestOf(ctx context.Context, id uuid.UUID) (Request, error) {
	list, err := s.read(s.Pool.Query(ctx, `SELECT `+requestColumns+` FROM privacy.request WHERE id = $1`, id))
	if err == nil && len(list) == 0 {
		err = ErrNoRequest
	}
	if err != nil {
		return Request{}, err
	}
	return list[0], nil
}

func checkWords(c *fault.Check, field, words string) {
	switch n := len([]rune(words)); {
	case n == 0:
		c.Add(field, fault.ErrRequired)
	case n > maxWords:
		c.Add(field, fault.ErrTooLong.With("max", maxWords))
	}
}

// AskDeletion begins the cooling-off time, after which the person is erased
// (PIPL art. 47). Errors: ErrBlocked while something must be settled first;
// ErrAskedAlready.
func (s *Service) AskDeletion(ctx context.Context, by, person uuid.UUID, keepCertificates bool) (Request, error) {
	blocks, err := s.BlocksOf(ctx, person)
	if err != nil {
		return Request{}, err
	}
	if len(blocks) > 0 {
		return Request{}, ErrBlocked
	}
	return s.ask(ctx, Request{Person: person, Kind: Erasure, AskedBy: by, KeepCertificates: keepCertificates}, CoolingOff)
}

func (s *Service) ask(ctx context.Context, r Request, due time.Duration) (Request, error) {
	p, err := s.People.Get(ctx, r.Person)
	if err != nil {
		return Request{}, err
	}
	if r.ID, err = uuid.NewV7(); err != nil {
		return Request{}, err
	}
	if r.State, r.AskedAt = Open, s.Clock.Now(); r.Division == "" {
		r.Division = p.Division
	}
	r.DueAt = r.AskedAt.Add(due)
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO privacy.request (id, person, kind, division, asked_by, asked_at, due_at, item, words, keep_certificates, wish, appeals)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			r.ID, r.Person, r.Kind, r.Division, r.AskedBy, r.AskedAt, r.DueAt, r.Item, s.Keys.Seal(wordsPlace(r.ID), r.Words), r.KeepCertificates, s.sealWish(r), r.Appeals)
		switch pg.Constraint(err) {
		case "request_open", "request_appeal_once":
			return ErrAskedAlready
		}
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, r, "asked"); err != nil {
			return err
		}
		return s.note(ctx, tx, "privacy.ask_"+string(r.Kind), &r.AskedBy, r.Person, map[string]any{"request": r.ID, "item": r.Item})
	})
	return r, err
}

// WithdrawRequest takes back an open request of a person.
func (s *Service) WithdrawRequest(ctx context.Context, by, person, id uuid.UUID) error {
	r, err := s.RequestOf(ctx, id)
	if err == nil && r.Person != person {
		err = ErrNoRequest
	}
	if err != nil {
		return err
	}
	r.State = Withdrawn
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.endTx(ctx, tx, r, &by, "") })
}

// endTx closes an open request and tells the person. Errors: ErrDecided.
func (s *Service) endTx(ctx context.Context, tx pgx.Tx, r Request, by *uuid.UUID, answer string) error {
	tag, err := tx.Exec(ctx, `UPDATE privacy.request SET state = $2, decided_at = $3, decided_by = $4, answer = $5 WHERE id = $1 AND state = 'open'`,
		r.ID, r.State, s.Clock.Now(), by, s.Keys.Seal(answerPlace(r.ID), answer))
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return ErrDecided
	}
	if r.State != Done { // nobody is there to be told
		if err := s.tell(ctx, tx, r, string(r.State)); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, "privacy."+string(r.Kind)+"_"+string(r.State), by, r.Person, map[string]any{"request": r.ID, "item": r.Item})
}

// tell sends the message privacy.<kind>_<what>.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, r Request, what string) error {
	return s.Tell(ctx, tx, notify.Message{Person: r.Person, Kind: "privacy." + string(r.Kind) + "_" + what, Link: "/me/data",
		Args: map[string]any{"due": r.DueAt}, Key: r.ID.String() + "/" + what})
}

func (s *Service) note(ctx context.Context, tx pgx.Tx, action string, by *uuid.UUID, person uuid.UUID, detail map[string]any) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.Clock.Now(), Actor: by, Action: action, Object: audit.Object("person", person), Detail: detail})
}
