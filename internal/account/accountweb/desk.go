package accountweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// applicant is somebody who asks an administrator for help, with what the
// administrator compares with the document.
type applicant struct {
	Who       person.Person
	Documents []person.HeldDocument
	Values    *web.Form // of the request just refused without a reason
}

// waiting is a request for a new phone.
type waiting struct {
	account.NewPhone
	applicant
}

// deskPage is what waits for the administrator.
type deskPage struct {
	Phones []waiting
	Lost   []waitingFactor
}

func (h handlers) requests(w http.ResponseWriter, r *http.Request) error {
	page, err := h.deskPage(r.Context())
	if err != nil {
		return err
	}
	return show(w, r, h.deskView(page))
}

func (h handlers) deskPage(ctx context.Context) (page deskPage, err error) {
	if page.Phones, err = h.waiting(ctx); err != nil {
		return page, err
	}
	page.Lost, err = h.waitingFactors(ctx)
	return page, err
}

// of finds who made a request.
func (p deskPage) of(request uuid.UUID) *applicant {
	for i := range p.Phones {
		if p.Phones[i].ID == request {
			return &p.Phones[i].applicant
		}
	}
	for i := range p.Lost {
		if p.Lost[i].ID == request {
			return &p.Lost[i].applicant
		}
	}
	return nil
}

// decides reports whether the reader decides on phones in a division.
func (h handlers) decides(ctx context.Context) func(region string) bool {
	p := account.From(ctx)
	return func(region string) bool { return h.Access.Can(p, account.DecidePhone, account.Target{Region: region}) }
}

// waiting lists the open requests in the administrator's divisions.
func (h handlers) waiting(ctx context.Context) ([]waiting, error) {
	open, err := h.Accounts.NewPhones(ctx, h.decides(ctx))
	if err != nil {
		return nil, err
	}
	asked := make([]asking, len(open))
	for i, n := range open {
		asked[i] = asking{n.ID, n.Person, n.Region}
	}
	people, err := h.applicants(ctx, "new_phone", asked)
	if err != nil {
		return nil, err
	}
	out := make([]waiting, len(open))
	for i, n := range open {
		out[i] = waiting{n, people[i]}
	}
	return out, nil
}

// asking is a request with whose it is.
type asking struct {
	request, person uuid.UUID
	region          string
}

// applicants finds who asks, and notes that the administrator looked at them.
func (h handlers) applicants(ctx context.Context, what string, asked []asking) ([]applicant, error) {
	ids := make([]uuid.UUID, len(asked))
	for i, a := range asked {
		ids[i] = a.person
	}
	people, err := h.People.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]applicant, len(asked))
	for i, a := range asked {
		out[i].Who = people[a.person]
		if out[i].Documents, err = h.People.Documents(ctx, a.person); err != nil {
			return nil, err
		}
	}
	return out, h.seen(ctx, what, asked)
}

// seen notes that the administrator looked at those who ask: one reading a request.
func (h handlers) seen(ctx context.Context, what string, asked []asking) error {
	return pg.InTx(ctx, h.Accounts.Pool, func(tx pgx.Tx) error {
		for _, a := range asked {
			err := audit.ReadTx(ctx, tx, audit.Reading{At: h.Clock.Now(), Actor: account.From(ctx).Person, Subjects: []uuid.UUID{a.person},
				Object: audit.Object(what, a.request), Data: []audit.Data{audit.Name, audit.Age, audit.Document}, Purpose: what, Region: &a.region})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// deskDecision is what an administrator decides about the request that a path names.
type deskDecision struct {
	form    *web.Form
	request uuid.UUID
	approve bool
	reason  string
}

func readDecision(r *http.Request) (d deskDecision, err error) {
	if d.form, err = web.ReadForm(r); err != nil {
		return d, err
	}
	if d.request, err = uuid.Parse(r.PathValue("request")); err != nil {
		return d, fault.ErrNotFound
	}
	d.approve, d.reason = d.form.Choice("do", true, "approve", "refuse") == "approve", d.form.Text("reason", false, 200)
	return d, d.form.Err()
}

func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	d, err := readDecision(r)
	if err != nil {
		return err
	}
	by := account.From(r.Context()).Person
	if n, err := h.Accounts.NewPhoneOf(r.Context(), d.request); err != nil || n.Person == by {
		return firstError(err, ErrOwnCase)
	}
	if err = h.Accounts.DecideNewPhone(r.Context(), d.request, d.approve, d.reason, by); err == nil {
		return h.done(w, r, "account.desk.decided", "/admin/phones")
	}
	return h.againAtDesk(w, r, d.form, d.request, err)
}

// againAtDesk shows the desk once more, with what is wrong at the request.
func (h handlers) againAtDesk(w http.ResponseWriter, r *http.Request, f *web.Form, request uuid.UUID, wrong error) error {
	page, err := h.deskPage(r.Context())
	if err != nil {
		return err
	}
	who := page.of(request)
	if who == nil {
		return wrong
	}
	who.Values = f
	return web.Again(w, r, f, fault.At("reason", wrong), func() templ.Component { return h.deskView(page) })
}

func firstError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// frame is the desk of the administrator's first division.
func (h handlers) frame(ctx context.Context) ui.DeskInfo {
	division := ""
	for _, g := range account.From(ctx).Grants {
		if g.Role == account.RegionAdmin {
			division = g.Region
			break
		}
	}
	d := h.RegionDesk(ctx, division)
	d.Title, d.NoIndex = t(ctx, "account.desk.title"), true
	return d
}
