package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/certificate"
	"kapok/internal/federation"
	"kapok/internal/idp"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/obs"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/sign"
	"kapok/internal/kit/web"
	"kapok/internal/kit/workday"
	"kapok/internal/notify"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/person/personweb"
	"kapok/internal/record"
	"kapok/internal/region"
	"kapok/internal/ui"
)

// Options are what a platform stands on. Pool leads to a migrated database
// with divisions (LoadDivisions).
type Options struct {
	Config conf.Config
	Pool   *pgxpool.Pool
	Clock  clock.Clock
	Log    *slog.Logger
	// Codes sends one-time codes; nil takes the operator's gateway.
	Codes account.CodeSender
	// Silent shows messages inside Kapok only and delivers none.
	Silent bool
}

// App is a wired platform.
type App struct {
	Options
	Site    *web.Site
	API     *web.API
	Metrics *obs.Metrics

	Regions      *region.Tree
	Access       account.Access
	Keys         *crypt.Keys
	People       *person.Service
	Orgs         *organisation.Service
	Accounts     *account.Service
	Activities   *activity.Service
	Attendance   *attendance.Service
	Journal      *record.Journal
	Records      *record.Service
	Notify       *notify.Service
	Certificates *certificate.Service
	Identities   *federation.Service
	Partners     *idp.Service

	outlook outlook
	handler http.Handler
	rights
}

// LoadDivisions fills the table of divisions with the built-in list, once.
func LoadDivisions(ctx context.Context, pool *pgxpool.Pool) error {
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		if full, err := region.Filled(ctx, tx); err != nil || full {
			return err
		}
		list, err := region.BuiltIn()
		if err != nil {
			return err
		}
		_, err = region.ImportTx(ctx, tx, list)
		return err
	})
}

// New wires the areas and their pages. Nothing runs in the background until Run.
func New(ctx context.Context, o Options) (*App, error) {
	a := &App{Options: o}
	for _, step := range []func(context.Context) error{a.openKeys, a.makeAreas, a.makeCertificates, a.makeFederation, a.makePrivacy, a.makeSite} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	a.connect()
	return a, nil
}

func (a *App) keysFolder() string { return filepath.Join(a.Config.Data, "keys") }

func (a *App) openKeys(ctx context.Context) (err error) {
	if a.Regions, err = region.Load(ctx, a.Pool); err != nil {
		return err
	}
	if a.Regions.Len() == 0 {
		return fmt.Errorf("app: no divisions are loaded: run kapok migrate")
	}
	a.Access = account.Access{Regions: a.Regions}
	a.Keys, err = crypt.OpenWith(a.keysFolder(), KeyHolder(a.Config))
	return err
}

// KeyHolder is who holds the master key: the operator's program, or nil for a
// file beside the others.
func KeyHolder(c conf.Config) crypt.Holder {
	if c.KeyProgram == "" {
		return nil
	}
	return crypt.Command(c.KeyProgram)
}

func (a *App) makeAreas(ctx context.Context) (err error) {
	a.People = person.New(a.Pool, a.Keys, a.Regions, a.Clock)
	if err := a.People.CheckKeys(ctx); err != nil {
		return err
	}
	a.Orgs = organisation.New(a.Pool, a.Clock, a.Regions, a.People)
	if a.Notify, err = a.makeNotify(); err != nil {
		return err
	}
	codes := a.Codes
	if codes == nil {
		codes = codeSender{a.Notify}
	}
	a.Accounts = account.New(account.Deps{Pool: a.Pool, Clock: a.Clock, Keys: a.Keys, Log: a.Log, Sender: codes,
		Roles: a.orgRoles, Wards: a.People.Wards, Tell: a.Notify.SendTx, PhoneMoved: a.People.SetPhoneTx,
		Secure: strings.HasPrefix(a.Config.Base(), "https://"), Origin: a.Config.Base(), OneFactor: !a.Config.StaffSecondFactor})
	a.Activities = activity.New(a.Pool, a.Clock, a.Regions, a.Orgs, a.People)
	a.Attendance = attendance.New(a.Pool, a.Clock, a.Log, a.Keys.Derive("attendance/codes"), attendance.Rules{}, a.Activities)
	a.Journal = record.NewJournal(a.Pool, a.Log)
	days, err := a.workdays()
	a.Records = record.New(a.Pool, a.Clock, a.Log, days, a.Activities, a.People, a.Notify)
	return err
}

// workdays is the calendar of holidays that the operator gave, or the built-in one.
func (a *App) workdays() (*workday.Calendar, error) {
	if a.Config.HolidaysFile == "" {
		return workday.BuiltIn(), nil
	}
	return workday.Load(a.Config.HolidaysFile)
}

// connect tells the areas of each other, upwards, where one cannot know the other.
func (a *App) connect() {
	a.Attendance.OnComplete(a.Records.ClaimTx)
	a.Attendance.OnCase(a.Records.CaseTx)
	a.Activities.OnSignupChanged(a.tellSignups)
	a.Activities.OnDecided(a.tellDecided)
	a.connectMerge()
	a.connectFamily()
}

func (a *App) makeNotify() (*notify.Service, error) {
	outbox := notify.Outbox{Dir: filepath.Join(a.Config.Data, "outbox")}
	var mail notify.Mailer = outbox
	if a.Config.SMTPHost != "" {
		var err error
		mail, err = notify.SMTP{Host: a.Config.SMTPHost, Port: a.Config.SMTPPort, User: a.Config.SMTPUser,
			PasswordFile: a.Config.SMTPPasswordFile, From: a.Config.SMTPFrom, TLS: a.Config.SMTPTLS}.Open()
		if err != nil {
			return nil, err
		}
	}
	return notify.New(notify.Options{Pool: a.Pool, Clock: a.Clock, Log: a.Log, Address: a.address, Mail: mail, SMS: outbox, Origin: a.Config.Base(), Silent: a.Silent})
}

func (a *App) address(ctx context.Context, id uuid.UUID) (notify.Address, error) {
	all, err := a.People.Contacts(ctx, []uuid.UUID{id})
	c := all[id]
	return notify.Address{Email: c.Email, Phone: c.Phone, Lang: c.Lang}, err
}

// codeSender sends account's codes through notify.
type codeSender struct{ *notify.Service }

func (s codeSender) SendCode(ctx context.Context, phone, code string, lang i18n.Lang) error {
	return s.Service.SendCode(ctx, notify.Code{Phone: phone, Digits: code, Minutes: account.CodeMinutes, Lang: lang})
}

func (a *App) orgRoles(ctx context.Context, db pg.DB, people []uuid.UUID) (map[uuid.UUID][]account.Grant, error) {
	all, err := a.Orgs.MembershipsOf(ctx, db, people)
	out := map[uuid.UUID][]account.Grant{}
	for who, list := range all {
		for _, m := range list {
			out[who] = append(out[who], account.Grant{Role: account.Role(m.Role), Org: m.Org})
		}
	}
	return out, err
}

func (a *App) makeCertificates(context.Context) error {
	signer, err := sign.OpenFile(a.keysFolder(), "certificate")
	if err != nil {
		return err
	}
	fonts, err := pdf.LoadFonts(filepath.Join(a.Config.Data, "fonts"))
	if err != nil {
		return err
	}
	a.Fonts = fonts
	a.Certificates = certificate.New(certificate.Deps{Pool: a.Pool, Clock: a.Clock, Signer: signer, Fonts: fonts,
		Issuer:  func(l i18n.Lang) string { return i18n.Text(l, "app.issuer") },
		BaseURL: a.Config.Base(), Subject: a.subject, Hours: confirmedHours, NameCorrected: a.nameCorrected})
	return nil
}

// subject is the holder of a certificate as the certificate area sees one.
func (a *App) subject(ctx context.Context, id uuid.UUID) (certificate.Subject, error) {
	p, err := a.People.Get(ctx, id)
	if err != nil {
		return certificate.Subject{}, err
	}
	s := certificate.Subject{ID: p.ID, VolunteerNo: p.VolunteerNo, Name: func(l i18n.Lang) string { return person.NameIn(l, p) }}
	docs, err := a.People.Documents(ctx, id)
	if err == nil && len(docs) > 0 {
		s.DocumentKind, s.DocumentTail = string(docs[0].Kind), tail(docs[0].Masked)
	}
	return s, err
}

// tail is what a masked number shows at its end.
func tail(masked string) string { return masked[strings.LastIndexByte(masked, '*')+1:] }

func confirmedHours(ctx context.Context, db pg.DB, who uuid.UUID) ([]certificate.Hour, error) {
	list, err := record.Confirmed(ctx, db, who, record.Filter{})
	out := make([]certificate.Hour, len(list))
	for i, r := range list {
		out[i] = certificate.Hour{Record: r.ID, Version: r.Version, Date: r.ServiceDate.Format("2006-01-02"), Activity: r.ActivityName,
			Content: r.Content, Unit: r.RecordingUnit, Field: r.Field, Grade: string(r.Grade), Minutes: r.Minutes}
	}
	return out, err
}

// Handler answers requests.
func (a *App) Handler() http.Handler { return a.handler }

// compress sends pages and JSON compressed to who can read that; what is
// stored compressed (styles, scripts) passes as it is. The jitter hides the
// exact length, which could tell what a page repeats of a secret (BREACH).
var compress, compressError = gzhttp.NewWrapper(gzhttp.MinSize(1<<10), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.RandomJitter(32, 0, false))

func (a *App) makeSite(context.Context) error {
	if err := ui.CheckAssets(); err != nil {
		return err
	}
	a.Metrics = obs.NewMetrics(a.Pool)
	a.Site = web.NewSite(a.Log, ui.ErrorPage)
	a.Site.Use(web.LimitMisses(a.Site, a.clientAddress, "/verify/", "/api/v1/certificates/"))
	a.Site.Use(a.Accounts.Middleware(a.Site))
	a.Site.Use(personweb.ConsentFirst(personweb.Deps{People: a.People, Accounts: a.Accounts}))
	a.Site.Use(ui.Frame(a.Config.Base(), a.Clock, a.who))
	a.Site.Use(obs.Trace)
	a.Site.Use(a.Metrics.Measure)
	a.register()
	a.handler = compress(a.Site)
	return compressError
}

func (a *App) clientAddress(r *http.Request) string {
	return a.Accounts.DeviceOf(r, account.Web, a.Config.TrustProxy).Address
}
