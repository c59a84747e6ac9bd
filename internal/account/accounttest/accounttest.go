// Package accounttest stands up people, accounts and an empty site for tests
// of pages and operations, and a browser without JavaScript to visit them.
//
// Owns: Bed (services on a database of its own, a site with sessions), a phone
// that keeps the codes sent to it, Browser.
// Words: as in account.
// Invariants: everything ends with the test.
// States, tables: none.
// Not here: a real browser (ui/uitest), the whole program (app).
package accounttest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
)

// Now is when the tests' clock begins: a Sunday noon in Guangdong.
var Now = time.Date(2026, 10, 18, 4, 0, 0, 0, time.UTC)

// Bed is a site with people and accounts. Roles is empty; fill it for
// organisation roles before the first request.
type Bed struct {
	Pool     *pgxpool.Pool
	Clock    *clock.Fixed
	People   *person.Service
	Accounts *account.Service
	Access   account.Access
	Site     *web.Site
	API      *web.API
	Phone    *Phone
	Roles    map[uuid.UUID][]account.Grant
	Log      *Buffer // what the site logged

	server *httptest.Server
}

// New stands a bed up. register adds the pages under test.
func New(t testing.TB, register func(*Bed)) *Bed {
	t.Helper()
	b := &Bed{Pool: pgtest.New(t), Clock: clock.At(Now), Phone: &Phone{codes: map[string]string{}}, Roles: map[uuid.UUID][]account.Grant{}, Log: &Buffer{}}
	b.server = httptest.NewUnstartedServer(nil)
	regions := persontest.Regions()
	log := slog.New(slog.NewTextHandler(b.Log, nil))
	b.People = person.New(b.Pool, crypt.Ephemeral(), regions, b.Clock)
	b.Access = account.Access{Regions: regions}
	b.Accounts = account.New(account.Deps{Pool: b.Pool, Clock: b.Clock, Keys: crypt.Ephemeral(), Log: log, Sender: b.Phone,
		Roles:      func(context.Context, pg.DB, []uuid.UUID) (map[uuid.UUID][]account.Grant, error) { return b.Roles, nil },
		Wards:      b.People.Wards,
		PhoneMoved: b.People.SetPhoneTx, Origin: b.Address()})
	b.Site = web.NewSite(log, ui.ErrorPage)
	b.Site.Use(b.Accounts.Middleware(b.Site))
	b.Site.Use(ui.Frame("", b.Clock, func(r *http.Request) ui.Who { return ui.Who{SignedIn: account.From(r.Context()) != nil} }))
	b.API = web.NewAPI(b.Site, "test", "1")
	b.server.Config.Handler = b.Site
	t.Cleanup(b.server.Close)
	register(b)
	b.server.Start()
	return b
}

// Address is where the site answers, or will once everything is registered.
func (b *Bed) Address() string { return "http://" + b.server.Listener.Addr().String() }

// Account registers a person with an account and returns it with its phone.
func (b *Bed) Account(t testing.TB, born string) person.Person {
	t.Helper()
	return b.Enrol(t, persontest.Registration(born))
}

// Enrol registers or fails the test.
func (b *Bed) Enrol(t testing.TB, r person.Registration) person.Person {
	t.Helper()
	ctx := context.Background()
	_, who, err := b.Accounts.Enrol(ctx, b.People, r)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.People.Get(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Token opens a session of two factors for a person who has an account: roles
// of staff count in it.
func (b *Bed) Token(t testing.TB, p person.Person) string {
	t.Helper()
	return b.TokenBy(t, p, account.ByPassword, account.ByTOTP)
}

// TokenBy opens a session by factors.
func (b *Bed) TokenBy(t testing.TB, p person.Person, by ...account.Factor) string {
	t.Helper()
	ctx := context.Background()
	acc, who, err := b.Accounts.WithPhone(ctx, p.Phone)
	if err != nil {
		t.Fatal(err)
	}
	in, err := b.Accounts.Begin(ctx, b.Pool, acc, who, account.Device{Kind: account.Web, Name: "test"}, by...)
	if err != nil {
		t.Fatal(err)
	}
	return in.Token
}

// InTx runs fn in a transaction or fails the test.
func (b *Bed) InTx(t testing.TB, fn func(tx pgx.Tx) error) {
	t.Helper()
	if err := pg.InTx(context.Background(), b.Pool, fn); err != nil {
		t.Fatal(err)
	}
}

// Phone is a gateway that keeps the codes, as phones would show them.
type Phone struct {
	mu    sync.Mutex
	codes map[string]string
}

// SendCode keeps a code.
func (p *Phone) SendCode(_ context.Context, phone, code string, _ i18n.Lang) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[phone] = code
	return nil
}

// Code is the last code sent to a phone (E.164), "" when none was.
func (p *Phone) Code(phone string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.codes[phone]
}

// Buffer keeps what was logged; safe for concurrent use.
type Buffer struct {
	mu   sync.Mutex
	text []byte
}

// Write appends.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

// String is everything written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}
