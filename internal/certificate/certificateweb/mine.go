package certificateweb

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/certificate"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

const pageSize = 20

func (d Deps) list(w http.ResponseWriter, r *http.Request) error {
	f := web.ReadQuery(r)
	who, err := d.holder(r, f)
	if err != nil {
		return err
	}
	page, err := d.Certificates.Mine(r.Context(), who, f.Get("after"), pageSize+1)
	if err != nil {
		return err
	}
	next := ""
	if len(page) > pageSize {
		page = page[:pageSize]
		next = "/me/certificates?" + url.Values{"for": {f.Get("for")}, "after": {page[pageSize-1].Cursor()}}.Encode()
	}
	return web.Page(w, r, http.StatusOK, listPage(page, next, f.Get("for")))
}

// ask is the form of a new certificate with what it offers.
type ask struct {
	form    *web.Form
	holders []ui.Option // the reader and the wards, when there are wards
}

func (d Deps) ask(r *http.Request, f *web.Form) (ask, error) {
	p := account.From(r.Context())
	a := ask{form: f}
	if len(p.Wards) == 0 {
		return a, nil
	}
	people, err := d.People.GetMany(r.Context(), append([]uuid.UUID{p.Person}, p.Wards...))
	for _, id := range append([]uuid.UUID{p.Person}, p.Wards...) {
		a.holders = append(a.holders, ui.Option{Value: id.String(), Text: person.NameIn(i18n.From(r.Context()), people[id])})
	}
	return a, err
}

func (d Deps) newForm(w http.ResponseWriter, r *http.Request) error {
	a, err := d.ask(r, web.ReadQuery(r))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, newPage(a))
}

func (d Deps) issue(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	c, err := d.order(r, f)
	if err != nil {
		return d.again(w, r, f, err)
	}
	ui.SetFlash(w, r, ui.Jade, "certificateweb.issued")
	return web.Back(w, r, fmt.Sprintf("/me/certificates/%s", c.Number))
}

// again shows the form with what was typed; a refusal that is no field's stands
// above it.
func (d Deps) again(w http.ResponseWriter, r *http.Request, f *web.Form, err error) error {
	a, failed := d.ask(r, f)
	if failed != nil {
		return failed
	}
	if other := f.Show(err); other != nil {
		return web.Refuse(w, r, other, refusedPage(a, other))
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, newPage(a))
}

func (d Deps) order(r *http.Request, f *web.Form) (certificate.Certificate, error) {
	who, err := d.holder(r, f)
	if err != nil {
		return certificate.Certificate{}, err
	}
	o := certificate.Order{Person: who, Actor: account.From(r.Context()).Person, Choice: choice(f)}
	if err := f.Err(); err != nil {
		return certificate.Certificate{}, err
	}
	if f.Get("replaces") == "" {
		return d.Certificates.Issue(r.Context(), o)
	}
	old, err := certificate.ParseNumber(f.Get("replaces"))
	if err != nil {
		return certificate.Certificate{}, certificate.ErrUnknown
	}
	return d.Certificates.Replace(r.Context(), old, o)
}

// extras are what a holder may add to the three statutory things.
var extras = []string{"number", "document", "units", "fields", "grades", "items"}

func choice(f *web.Form) certificate.Choice {
	shown := f.Choices("show", extras...)
	has := func(x string) bool { return slices.Contains(shown, x) }
	f.Date("from", false)
	f.Date("to", false)
	return certificate.Choice{
		Language: i18n.Lang(f.Get("language")), From: f.Get("from"), To: f.Get("to"), Name: certificate.NameForm(f.Get("name")),
		Number: has("number"), Document: has("document"), Units: has("units"), Fields: has("fields"), Grades: has("grades"), Items: has("items"),
	}
}

func (d Deps) show(w http.ResponseWriter, r *http.Request) error {
	c, err := d.mine(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, showPage(c))
}

func (d Deps) pdf(w http.ResponseWriter, r *http.Request) error {
	c, err := d.mine(r)
	if err != nil {
		return err
	}
	file, err := d.Certificates.PDF(r.Context(), c)
	if err != nil {
		return err
	}
	return download(w, file, "application/pdf", string(c.Number)+".pdf")
}

func (d Deps) json(w http.ResponseWriter, r *http.Request) error {
	c, err := d.mine(r)
	if err != nil {
		return err
	}
	file, err := d.Certificates.JSON(c)
	if err != nil {
		return err
	}
	return download(w, file, "application/json", string(c.Number)+".json")
}

func download(w http.ResponseWriter, file []byte, kind, name string) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "private, no-store")
	_, err := w.Write(file)
	return err
}

func (d Deps) void(w http.ResponseWriter, r *http.Request) error {
	c, err := d.mine(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = d.Certificates.Void(r.Context(), certificate.Voiding{Number: c.Number, Actor: account.From(r.Context()).Person,
		Cause: certificate.ByHolder, Reason: f.Text("reason", false, 200)})
	if err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Amber, "certificateweb.voided")
	return web.Back(w, r, fmt.Sprintf("/me/certificates/%s", c.Number))
}
