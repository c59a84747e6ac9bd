package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/federation"
	"kapok/internal/federation/federationweb"
	"kapok/internal/idp"
	"kapok/internal/idp/idpweb"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/sign"
	"kapok/internal/person"
	"kapok/internal/record"
)

// makeFederation wires both directions of OpenID Connect: providers that vouch
// for people, and Kapok as the provider of partner platforms.
func (a *App) makeFederation(context.Context) (err error) {
	a.Identities, err = federation.New(federation.Deps{Pool: a.Pool, Clock: a.Clock, Keys: a.Keys, People: a.People, Accounts: a.Accounts,
		Base: a.Config.Base(), Providers: a.Config.IdentityProviders, Assure: a.assure})
	if err != nil {
		return err
	}
	signer, err := sign.OpenFile(a.keysFolder(), idp.KeyName)
	if err != nil {
		return err
	}
	a.Partners, err = idp.New(idp.Deps{Pool: a.Pool, Clock: a.Clock, Keys: a.Keys, People: a.People, Signer: signer, Issuer: a.Config.Base(),
		Public:  func() (sign.KeySet, error) { return idp.PublicKeys(a.keysFolder()) },
		Minutes: confirmedMinutes})
	return err
}

// assure notes that a provider vouched for a document.
func (a *App) assure(ctx context.Context, tx pgx.Tx, f federation.Assurance) error {
	return a.People.AssureTx(ctx, tx, person.Assurance{Person: f.Person, Document: f.Document, Level: f.Level, Source: f.Source})
}

func confirmedMinutes(ctx context.Context, db pg.DB, who uuid.UUID) (int, error) {
	h, err := record.MyHours(ctx, db, who, record.Filter{})
	return h.All.Confirmed, err
}

func (a *App) registerFederation() {
	federationweb.Register(a.Site, a.API, federationweb.Deps{Providers: a.Identities, Accounts: a.Accounts, People: a.People, TrustProxy: a.Config.TrustProxy})
	idpweb.Register(a.Site, a.API, idpweb.Deps{Provider: a.Partners, Accounts: a.Accounts, Access: a.Access})
}

// prefill is what an identity provider just said of whoever registers.
func (a *App) prefill() func(*http.Request) url.Values { return federationweb.Prefill(a.Identities) }

// tidyFederation deletes what has ended of both directions.
func (a *App) tidyFederation(ctx context.Context) error {
	return errors.Join(a.Identities.Tidy(ctx), a.Partners.Tidy(ctx))
}
