package privacyweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"kapok/internal/audit"
	"kapok/internal/kit/held"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/ui"
)

// shownRows is how many things of a kind the page shows; the download has all.
const shownRows = 3

// thing is an item of the register with what is held of it.
type thing struct {
	privacy.Item
	Rows []held.Row
}

// optional is a consent that is the person's to give or not.
type optional struct {
	Purpose person.Purpose
	Version string
	Given   bool
}

// data is everything on the page of a person's data.
type data struct {
	Person   person.Person
	Ward     bool // the reader is the guardian
	Open     bool // phone and e-mail in full
	Things   []thing
	Looks    []look
	More     bool // there are more looks
	Optional []optional
	Choices  privacy.Choices
	Requests []privacy.Request
	Blocks   []privacy.Blocked
	Form     *web.Form // of the correction or appeal that was refused
	Appeal   uuid.UUID // the request that the refused appeal is about
}

func (d Deps) mine(w http.ResponseWriter, r *http.Request) error {
	v, err := d.data(r.Context(), r.URL.Query().Get("for"), false)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, d.dataPage(v))
}

// showAll shows phone and e-mail in full, once.
func (d Deps) showAll(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := d.data(r.Context(), f.Get("for"), true)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-store")
	return web.Page(w, r, http.StatusOK, d.dataPage(v))
}

const looksOnPage = 5

func (d Deps) data(ctx context.Context, ward string, open bool) (v data, err error) {
	who, err := whose(ctx, ward)
	if err != nil {
		return v, err
	}
	v = data{Ward: who != me(ctx), Open: open}
	if v.Person, err = d.People.Get(ctx, who); err != nil {
		return v, err
	}
	if v.Things, err = d.things(ctx, who, open); err != nil {
		return v, err
	}
	if v.Looks, err = d.looks(ctx, who, 0, looksOnPage+1); err != nil {
		return v, err
	}
	if v.More = len(v.Looks) > looksOnPage; v.More {
		v.Looks = v.Looks[:looksOnPage]
	}
	if v.Optional, err = d.optional(ctx, v); err != nil {
		return v, err
	}
	if v.Choices, err = d.Privacy.Choices(ctx, d.Pool, who); err != nil {
		return v, err
	}
	if v.Requests, err = d.Privacy.RequestsOf(ctx, who); err != nil {
		return v, err
	}
	v.Blocks, err = d.Privacy.BlocksOf(ctx, who)
	return v, err
}

// things are the items of the register of which something is held.
func (d Deps) things(ctx context.Context, who uuid.UUID, open bool) ([]thing, error) {
	all, err := d.Privacy.Held(ctx, who, open)
	var out []thing
	for _, i := range privacy.Register {
		if rows := all[i.Code]; len(rows) > 0 {
			out = append(out, thing{i, rows})
		}
	}
	return out, err
}

// optional are the optional consents: the person's own, from 14 years on; a
// guardian gives them for a child below (PIPL art. 31).
func (d Deps) optional(ctx context.Context, v data) ([]optional, error) {
	if v.Ward && v.Person.Age(d.People.Today()) >= person.ChildUnder {
		return nil, nil
	}
	given, err := d.People.Consents(ctx, v.Person.ID)
	out := make([]optional, len(person.Optional))
	for i, p := range person.Optional {
		version := person.CurrentConsent(p).Version
		out[i] = optional{p, version, slices.ContainsFunc(given, func(c person.Consent) bool { return c.TextVersion == version && c.WithdrawnAt == nil })}
	}
	return out, err
}

// look is one reading of a person's data, for the person.
type look struct {
	audit.Look
	Where string // organisation, division or partner platform of who looked
}

func (d Deps) looks(ctx context.Context, who uuid.UUID, before int64, n int) ([]look, error) {
	list, err := audit.LooksAt(ctx, d.Pool, who, before, n)
	if err != nil {
		return nil, err
	}
	var ids, others []uuid.UUID
	for _, l := range list {
		switch {
		case l.Org != nil:
			ids = append(ids, *l.Org)
		case l.Region == nil:
			others = append(others, l.Actor)
		}
	}
	partners, err := d.Partners(ctx, others)
	if err != nil {
		return nil, err
	}
	orgs, err := d.Orgs.GetMany(ctx, ids)
	out := make([]look, len(list))
	for i, l := range list {
		out[i] = look{Look: l}
		switch {
		case l.Org != nil:
			out[i].Where = orgs[*l.Org].Name
		case l.Region != nil:
			out[i].Where = d.Regions.FullName(i18n.From(ctx), *l.Region)
		default:
			out[i].Where = partners[l.Actor]
		}
	}
	return out, err
}

const looksPage = 30

func (d Deps) looksPage(w http.ResponseWriter, r *http.Request) error {
	f := web.ReadQuery(r)
	who, err := whose(r.Context(), f.Get("for"))
	if err != nil {
		return err
	}
	before, _ := strconv.ParseInt(f.Get("before"), 10, 64) // anything else is the first page
	list, err := d.looks(r.Context(), who, before, looksPage+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > looksPage {
		list = list[:looksPage]
		next = "/me/data/looks" + query(who != me(r.Context()), who, "before", strconv.FormatInt(list[looksPage-1].ID, 10))
	}
	return web.Page(w, r, http.StatusOK, d.looksView(list, next, "/me/data"+query(who != me(r.Context()), who)))
}

// again leads back to the page of the same person.
func back(w http.ResponseWriter, r *http.Request, f *web.Form, flash string) error {
	ui.SetFlash(w, r, ui.Jade, "privacyweb."+flash)
	to := "/me/data"
	if f.Get("for") != "" {
		to += "?for=" + f.Get("for")
	}
	return web.Back(w, r, to)
}

// form reads a form about the reader or a ward.
func form(r *http.Request) (*web.Form, uuid.UUID, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, uuid.Nil, err
	}
	who, err := whose(r.Context(), f.Get("for"))
	return f, who, err
}

func (d Deps) consent(w http.ResponseWriter, r *http.Request) error {
	f, who, err := form(r)
	if err != nil {
		return err
	}
	p, agree := person.Purpose(f.Get("purpose")), f.Choice("do", true, "agree", "withdraw") == "agree"
	if err := f.Err(); err != nil {
		return err
	}
	if err := d.setConsent(r.Context(), who, p, agree); err != nil {
		return err
	}
	return back(w, r, f, "saved")
}

func (d Deps) setConsent(ctx context.Context, who uuid.UUID, p person.Purpose, agree bool) error {
	if !slices.Contains(person.Optional, p) {
		return person.ErrConsentUnknown
	}
	if agree {
		return d.People.Agree(ctx, me(ctx), who, person.CurrentConsent(p).Version)
	}
	return d.People.Withdraw(ctx, me(ctx), who, p)
}

func (d Deps) choose(w http.ResponseWriter, r *http.Request) error {
	f, who, err := form(r)
	if err != nil {
		return err
	}
	if err := d.Privacy.Choose(r.Context(), me(r.Context()), who, privacy.Choices{Suggestions: f.Has("suggestions"), Credit: f.Has("credit")}); err != nil {
		return err
	}
	return back(w, r, f, "saved")
}

func (d Deps) askDeletion(w http.ResponseWriter, r *http.Request) error {
	f, who, err := form(r)
	if err != nil {
		return err
	}
	if _, err := d.Privacy.AskDeletion(r.Context(), me(r.Context()), who, f.Has("keep_certificates")); err != nil {
		return err
	}
	return back(w, r, f, "deletion_asked")
}

func (d Deps) withdraw(w http.ResponseWriter, r *http.Request) error {
	f, who, err := form(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return privacy.ErrNoRequest
	}
	if err := d.Privacy.WithdrawRequest(r.Context(), me(r.Context()), who, id); err != nil {
		return err
	}
	return back(w, r, f, "withdrawn")
}

func (d Deps) register(w http.ResponseWriter, r *http.Request) error {
	return web.Page(w, r, http.StatusOK, registerPage())
}
