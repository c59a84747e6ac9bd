package account

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// Enrol makes a person and the account in one transaction. The caller has
// proved r.Phone. A registration sent a second time, by a double click or a
// lost answer, finds the account it made the first time: same document, same
// proved phone. Errors: those of person.Register; ErrPhoneTaken at the phone.
func (s *Service) Enrol(ctx context.Context, people *person.Service, r person.Registration) (account, who uuid.UUID, err error) {
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := people.RegisterTx(ctx, tx, r)
		if err != nil {
			return err
		}
		who = p.ID
		account, err = s.OpenTx(ctx, tx, p.ID, p.Phone)
		return err
	})
	switch {
	case errors.Is(err, person.ErrAlreadyRegistered):
		return s.enrolledBefore(ctx, people, r, err)
	case errors.Is(err, ErrPhoneTaken):
		e := *ErrPhoneTaken
		e.Fields = []fault.Field{{Name: "phone", Err: ErrPhoneTaken}}
		return uuid.Nil, uuid.Nil, &e
	}
	return account, who, err
}

// enrolledBefore finds the account that this very registration made, or gives
// the refusal back.
func (s *Service) enrolledBefore(ctx context.Context, people *person.Service, r person.Registration, refusal error) (account, who uuid.UUID, err error) {
	phone, bad := person.ParsePhone(r.Phone, r.PhoneRegion)
	doc, wrong := person.ParseDocument(r.Document, people.Today())
	if bad != nil || wrong != nil {
		return uuid.Nil, uuid.Nil, refusal
	}
	holder, err := people.ByDocument(ctx, s.Pool, doc)
	if err != nil {
		return uuid.Nil, uuid.Nil, errors.Join(refusal, err)
	}
	account, who, err = s.WithPhone(ctx, phone)
	if err != nil || who != holder {
		return uuid.Nil, uuid.Nil, refusal
	}
	return account, who, nil
}

// WithPhone finds the account that a phone (E.164) opens. Ask only for phones
// that were proved. Errors: ErrNoAccount.
func (s *Service) WithPhone(ctx context.Context, phone string) (account, who uuid.UUID, err error) {
	err = s.Pool.QueryRow(ctx, `SELECT id, person FROM account.account WHERE phone_hash = $1 AND state = 'active'`, s.phoneHash(phone)).Scan(&account, &who)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, uuid.Nil, ErrNoAccount
	}
	return account, who, err
}
