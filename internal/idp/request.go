package idp

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// request is a partner's question, and the person's answer to it.
type request struct {
	ID          uuid.UUID
	Client      uuid.UUID
	RedirectURI string
	Scopes      []string
	State       string
	Nonce       string
	Challenge   string
	AskAgain    bool
	FreshAfter  *time.Time
	Person      *uuid.UUID
	AuthTime    *time.Time
	CodeUntil   *time.Time
	UsedAt      *time.Time
}

const requestColumns = `id, client, redirect_uri, scopes, state, nonce, challenge, ask_again, fresh_after, person, auth_time, code_until, used_at`

// Question is what a partner asks of the person who is signed in.
type Question struct {
	Request uuid.UUID
	Client  Client
	Asked   []string // what may be told of somebody of this age
	Held    []string // what was asked for and is never told of a minor
	// Answered: the person answered all of it before; nothing needs asking.
	Answered bool
	Agreed   []string // of the earlier answer
	// Stale: the partner wants a newer sign-in than the one there is.
	Stale bool
}

// CheckReturn makes sure, before anything else of a question is looked at, that
// it comes from a partner and that its answer goes to the partner. Errors:
// ErrNoClient, ErrRedirect; then the browser must be sent nowhere.
func (s *Service) CheckReturn(ctx context.Context, clientID, redirectURI string) error {
	c, err := storage{s}.client(ctx, clientID)
	if err == nil && !slices.Contains(c.Client.RedirectURIs, redirectURI) {
		return ErrRedirect
	}
	return err
}

// Question reads a request for a person who signed in at a time. Errors:
// ErrNoRequest, ErrNoClient, ErrChild.
func (s *Service) Question(ctx context.Context, id, who uuid.UUID, signedIn time.Time) (Question, error) {
	r, err := s.openRequest(ctx, s.Pool, id, "")
	if err != nil {
		return Question{}, err
	}
	return s.question(ctx, s.Pool, r, who, signedIn)
}

func (s *Service) question(ctx context.Context, db pg.DB, r request, who uuid.UUID, signedIn time.Time) (Question, error) {
	q := Question{Request: r.ID, Stale: r.FreshAfter != nil && signedIn.Before(*r.FreshAfter)}
	var err error
	if q.Client, err = s.clientOf(ctx, db, r.Client); err != nil {
		return q, err
	}
	p, err := s.People.Get(ctx, who)
	if err != nil {
		return q, err
	}
	age := p.Age(s.People.Today())
	wanted := both(r.Scopes, q.Client.Claims)
	q.Asked = both(wanted, Allowed(age))
	q.Held = slices.DeleteFunc(wanted, func(c string) bool { return slices.Contains(q.Asked, c) })
	if age < person.ChildUnder {
		return q, ErrChild
	}
	before, err := s.consentOf(ctx, db, who, r.Client)
	if err != nil && err != errNone {
		return q, err
	}
	q.Agreed = both(before.Claims, q.Asked)
	q.Answered = err == nil && !r.AskAgain && within(q.Asked, before.Asked)
	return q, nil
}

// Preview is what a partner would be told now, claim by claim, so that people
// see what they agree to.
func (s *Service) Preview(ctx context.Context, who uuid.UUID, claims []string) (map[string]any, error) {
	return s.told(ctx, s.Pool, who, claims)
}

// openRequest finds a request that waits for an answer.
func (s *Service) openRequest(ctx context.Context, db pg.DB, id uuid.UUID, lock string) (request, error) {
	rows, err := db.Query(ctx, `SELECT `+requestColumns+` FROM idp.request WHERE id = $1 AND code IS NULL AND created_at > $2 `+lock,
		id, s.Clock.Now().Add(-requestLife))
	return pg.One[request](rows, err, ErrNoRequest)
}

// Agree answers a request: the person lets the partner know the claims. It
// returns where to send the browser, with the code. Errors: as Question,
// ErrClaims.
func (s *Service) Agree(ctx context.Context, id, who uuid.UUID, signedIn time.Time, claims []string) (to string, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		r, err := s.openRequest(ctx, tx, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		q, err := s.question(ctx, tx, r, who, signedIn)
		switch {
		case err != nil:
			return err
		case q.Stale:
			return ErrNoRequest
		case !within(claims, q.Asked):
			return ErrClaims
		}
		if err := s.agreeTx(ctx, tx, who, r.Client, q.Asked, both(claims, q.Asked)); err != nil {
			return err
		}
		to, err = s.answerTx(ctx, tx, r, who, signedIn)
		return err
	})
	return to, err
}

// Repeat answers a request as the person answered before. Errors: as Question;
// ErrNoConsent when there is something to ask.
func (s *Service) Repeat(ctx context.Context, id, who uuid.UUID, signedIn time.Time) (to string, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		r, err := s.openRequest(ctx, tx, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		q, err := s.question(ctx, tx, r, who, signedIn)
		if err != nil {
			return err
		}
		if !q.Answered || q.Stale {
			return ErrNoConsent
		}
		to, err = s.answerTx(ctx, tx, r, who, signedIn)
		return err
	})
	return to, err
}

// answerTx makes the code.
func (s *Service) answerTx(ctx context.Context, tx pgx.Tx, r request, who uuid.UUID, signedIn time.Time) (string, error) {
	code, hash := newSecret()
	_, err := tx.Exec(ctx, `UPDATE idp.request SET person = $2, code = $3, code_until = $4, auth_time = $5 WHERE id = $1`,
		r.ID, who, hash, s.Clock.Now().Add(codeLife), signedIn)
	return s.back(r, url.Values{"code": {code}}), err
}

// Decline answers a request with no, and says so to the partner.
func (s *Service) Decline(ctx context.Context, id uuid.UUID) (to string, err error) {
	rows, err := s.Pool.Query(ctx, `DELETE FROM idp.request WHERE id = $1 AND code IS NULL AND created_at > $2 RETURNING `+requestColumns,
		id, s.Clock.Now().Add(-requestLife))
	r, err := pg.One[request](rows, err, ErrNoRequest)
	return s.back(r, url.Values{"error": {"access_denied"}}), err
}

// back is the partner's own address with the answer, which names its issuer
// (RFC 9207).
func (s *Service) back(r request, answer url.Values) string {
	u, err := url.Parse(r.RedirectURI)
	if err != nil {
		return "/" // registered ones parse: cannot happen
	}
	q := u.Query()
	for k, v := range answer {
		q[k] = v
	}
	q.Set("iss", s.Issuer)
	if r.State != "" {
		q.Set("state", r.State)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
