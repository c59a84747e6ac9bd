package idp

import (
	"context"
	"crypto/subtle"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// Client is a partner platform that people can sign in to.
type Client struct {
	ID                                  uuid.UUID
	NameHans, NameHant, NameEn          string
	PurposeHans, PurposeHant, PurposeEn string
	Sector                              string
	RedirectURIs                        []string `db:"redirect_uris"`
	LogoutURIs                          []string `db:"logout_uris"`
	Claims                              []string // the most it may ask for
	Secret                              []byte   // hash; nil: public, with PKCE alone
	RegisteredAt                        time.Time
	EndedAt                             *time.Time
}

// Name is what people call the partner.
func (c Client) Name(l i18n.Lang) string { return i18n.Pick(l, c.NameHans, c.NameHant, c.NameEn) }

// Purpose is what the partner says it needs the facts for.
func (c Client) Purpose(l i18n.Lang) string {
	return i18n.Pick(l, c.PurposeHans, c.PurposeHant, c.PurposeEn)
}

// Public reports whether the client cannot keep a secret: an app on a phone.
func (c Client) Public() bool { return c.Secret == nil }

// NewClient is what an administrator registers.
type NewClient struct {
	NameHans, NameHant, NameEn          string
	PurposeHans, PurposeHant, PurposeEn string
	Sector                              string // "" takes the host of the first redirect URI
	RedirectURIs, LogoutURIs            []string
	Claims                              []string
	Public                              bool
	By                                  uuid.UUID
}

const (
	maxName    = 60
	maxPurpose = 200
	maxURIs    = 10
)

var host = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)

// check cleans what was typed and finds everything wrong with it at once.
func (n *NewClient) check() error {
	var c fault.Check
	for _, f := range []struct {
		name  string
		value *string
		max   int
	}{
		{"name_hans", &n.NameHans, maxName}, {"name_hant", &n.NameHant, maxName}, {"name_en", &n.NameEn, maxName},
		{"purpose_hans", &n.PurposeHans, maxPurpose}, {"purpose_hant", &n.PurposeHant, maxPurpose}, {"purpose_en", &n.PurposeEn, maxPurpose},
	} {
		*f.value = text.Clean(*f.value)
		switch {
		case *f.value == "":
			c.Add(f.name, fault.ErrRequired)
		case len([]rune(*f.value)) > f.max:
			c.Add(f.name, fault.ErrTooLong.With("max", f.max))
		}
	}
	if len(n.RedirectURIs) == 0 {
		c.Add("redirect_uris", fault.ErrRequired)
	}
	checkURIs(&c, "redirect_uris", n.RedirectURIs)
	checkURIs(&c, "logout_uris", n.LogoutURIs)
	c.Must(within(n.Claims, Claims), "claims", fault.ErrBadValue)
	if n.Sector == "" && len(n.RedirectURIs) > 0 {
		if u, err := url.Parse(n.RedirectURIs[0]); err == nil {
			n.Sector = u.Hostname()
		}
	}
	n.Sector = strings.ToLower(n.Sector)
	c.Must(n.Sector == "" || host.MatchString(n.Sector), "sector", ErrSector)
	return c.Err()
}

func checkURIs(c *fault.Check, field string, uris []string) {
	if len(uris) > maxURIs {
		c.Add(field, fault.ErrBadNumber.With("min", 1, "max", maxURIs))
	}
	for _, u := range uris {
		if !goodURI(u) {
			c.Add(field, ErrURI)
			return
		}
	}
}

// goodURI: https, or http on the machine itself for developing; compared
// letter by letter later, so nothing that could be read in two ways.
func goodURI(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(s, "# *\\\"<>") || u.String() != s {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// RegisterClient adds a partner. The secret is told once; "" for a public one.
func (s *Service) RegisterClient(ctx context.Context, n NewClient) (c Client, secret string, err error) {
	if err := n.check(); err != nil {
		return Client{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Client{}, "", err
	}
	var hash []byte
	if !n.Public {
		secret, hash = newSecret()
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO idp.client (id, name_hans, name_hant, name_en, purpose_hans, purpose_hant, purpose_en,
				sector, redirect_uris, logout_uris, claims, secret, registered_by, registered_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
			id, n.NameHans, n.NameHant, n.NameEn, n.PurposeHans, n.PurposeHant, n.PurposeEn,
			n.Sector, n.RedirectURIs, list(n.LogoutURIs), both(n.Claims, Claims), hash, n.By, s.Clock.Now())
		if err != nil {
			return err
		}
		if c, err = s.clientOf(ctx, tx, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, n.By, "idp.client_register", audit.Object("client", id), map[string]any{"claims": c.Claims, "public": n.Public})
	})
	return c, secret, err
}

// list writes no list as an empty one.
func list(l []string) []string { return append([]string{}, l...) }

const clientColumns = `id, name_hans, name_hant, name_en, purpose_hans, purpose_hant, purpose_en, sector, redirect_uris, logout_uris, claims, secret, registered_at, ended_at`

// clientOf finds a living client.
func (s *Service) clientOf(ctx context.Context, db pg.DB, id uuid.UUID) (Client, error) {
	rows, err := db.Query(ctx, `SELECT `+clientColumns+` FROM idp.client WHERE id = $1 AND ended_at IS NULL`, id)
	return pg.One[Client](rows, err, ErrNoClient)
}

// Clients lists the living partners, newest first; there are few.
func (s *Service) Clients(ctx context.Context) ([]Client, error) {
	rows, err := s.Pool.Query(ctx, `SELECT `+clientColumns+` FROM idp.client WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1000`)
	return pg.All[Client](rows, err)
}

// Names finds what partners are called in the reader's language, also those
// that ended; who is none is left out.
func (s *Service) Names(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := s.Pool.Query(ctx, `SELECT `+clientColumns+` FROM idp.client WHERE id = ANY($1)`, ids)
	list, err := pg.All[Client](rows, err)
	out := make(map[uuid.UUID]string, len(list))
	for _, c := range list {
		out[c.ID] = c.Name(i18n.From(ctx))
	}
	return out, err
}

// RenewSecret gives a client another secret, told once; the old one ends at
// once. Errors: ErrNoClient, ErrPublic.
func (s *Service) RenewSecret(ctx context.Context, by, id uuid.UUID) (secret string, err error) {
	secret, hash := newSecret()
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		c, err := s.clientOf(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case c.Public():
			return ErrPublic
		}
		if _, err := tx.Exec(ctx, `UPDATE idp.client SET secret = $2 WHERE id = $1`, id, hash); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "idp.client_secret", audit.Object("client", id), nil)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// EndClient ends a partner with all its tokens. Errors: ErrNoClient.
func (s *Service) EndClient(ctx context.Context, by, id uuid.UUID) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		now := s.Clock.Now()
		tag, err := tx.Exec(ctx, `UPDATE idp.client SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL`, id, now)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNoClient
		}
		if _, err := tx.Exec(ctx, `UPDATE idp.grant SET revoked_at = $2 WHERE client = $1 AND revoked_at IS NULL`, id, now); err != nil {
			return err
		}
		return s.audit(ctx, tx, by, "idp.client_end", audit.Object("client", id), nil)
	})
}

// hasSecret compares without telling by time how much of it was right.
func (c Client) hasSecret(secret string) bool {
	return !c.Public() && subtle.ConstantTimeCompare(hashOf(secret), c.Secret) == 1
}
