package federation

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
)

// Assurance is what a provider proved about a person.
type Assurance struct {
	Person   uuid.UUID
	Document *uuid.UUID // the document whose number the provider gave, if any
	Level    int        // as person.HeldDocument.Assurance
	Source   string     // id of the provider
}

// Deps is what the service needs from others.
type Deps struct {
	Pool      *pgxpool.Pool
	Clock     clock.Clock
	Keys      *crypt.Keys
	People    *person.Service
	Accounts  *account.Service
	Base      string // address of this site, without a trailing slash
	Providers conf.IdentityProviders
	// Assure raises the level of a person's document; nil leaves levels as
	// they are, and the link alone says what was proved.
	Assure func(ctx context.Context, tx pgx.Tx, a Assurance) error
}

// Service is what can be done with identity providers.
type Service struct {
	Deps
	providers []*Provider
	client    *http.Client
}

// callTimeout is how long a provider may take for one answer.
const callTimeout = 10 * time.Second

// New makes the service. No provider is called before somebody needs it, so
// that one that is down stops nobody from starting.
func New(d Deps) (*Service, error) {
	s := &Service{Deps: d, client: &http.Client{Timeout: callTimeout}}
	for _, c := range d.Providers {
		if k := c.DocumentKind; k != "" && !person.DocumentKinds.Has(k) {
			return nil, fmt.Errorf("federation: identity_providers %s: document_kind: want one of %s", c.ID, strings.Join(person.DocumentKinds.Codes, ", "))
		}
		secret, err := c.Secret()
		if err != nil {
			return nil, fmt.Errorf("federation: identity_providers %s: %w", c.ID, err)
		}
		s.providers = append(s.providers, &Provider{IdentityProvider: withDefaults(c), secret: secret, redirect: d.Base + CallbackPath(c.ID)})
	}
	return s, nil
}

// CallbackPath is where a provider sends people back to. Each has its own, so
// that an answer cannot pass for another provider's.
func CallbackPath(provider string) string { return "/login/with/" + provider + "/callback" }

func withDefaults(c conf.IdentityProvider) conf.IdentityProvider {
	if c.SubjectOnly {
		return c
	}
	if c.ClaimName == "" {
		c.ClaimName = "name"
	}
	if c.ClaimBirthDate == "" {
		c.ClaimBirthDate = "birthdate"
	}
	return c
}

// Offered lists the providers in the order of the configuration.
func (s *Service) Offered() []*Provider { return s.providers }

// Provider finds one by its id; ErrNoProvider when there is none.
func (s *Service) Provider(id string) (*Provider, error) {
	for _, p := range s.providers {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, ErrNoProvider
}

// Name is what people call the provider.
func (p *Provider) Name(l i18n.Lang) string { return i18n.Pick(l, p.NameHans, p.NameHant, p.NameEn) }

// Tidy deletes notes of answers too old to come again.
func (s *Service) Tidy(ctx context.Context) error {
	_, err := s.Pool.Exec(ctx, `DELETE FROM federation.used_state WHERE expires_at < $1`, s.Clock.Now())
	return err
}
