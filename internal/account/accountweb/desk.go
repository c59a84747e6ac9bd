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

// waiting is a request for a new phone with what the administrator compares
// with the document.
type waiting struct {
	account.NewPhone
	Who       person.Person
	Documents []person.HeldDocument
	Values    *web.Form // of the one just refused without a reason
}

func (h handlers) requests(w http.ResponseWriter, r *http.Request) error {
	list, err := h.waiting(r.Context())
	if err != nil {
		return err
	}
	lost, err := h.waitingFactors(r.Context())
	if err != nil {
		return err
	}
	return show(w, r, h.deskView(list, lost))
}

// waiting lists the open requests in the administrator's divisions.
func (h handlers) waiting(ctx context.Context) ([]waiting, error) {
	p := account.From(ctx)
	open, err := h.Accounts.NewPhones(ctx, func(region string) bool {
		return h.Access.Can(p, account.DecidePhone, account.Target{Region: region})
	})
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(open))
	for i, n := range open {
		ids[i] = n.Person
	}
	people, err := h.People.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]waiting, len(open))
	for i, n := range open {
		docs, err := h.People.Documents(ctx, n.Person)
		if err != nil {
			return nil, err
		}
		out[i] = waiting{NewPhone: n, Who: people[n.Person], Documents: docs}
	}
	return out, h.seen(ctx, open)
}

// seen notes that the administrator looked at those who ask: one reading a request.
func (h handlers) seen(ctx context.Context, open []account.NewPhone) error {
	return pg.InTx(ctx, h.Accounts.Pool, func(tx pgx.Tx) error {
		for _, n := range open {
			err := audit.ReadTx(ctx, tx, audit.Reading{At: h.Clock.Now(), Actor: account.From(ctx).Person, Subjects: []uuid.UUID{n.Person},
				Object: audit.Object("new_phone", n.ID), Data: []audit.Data{audit.Name, audit.Age, audit.Document}, Purpose: "new_phone", Region: &n.Region})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return fault.ErrNotFound
	}
	by := account.From(r.Context()).Person
	if n, err := h.Accounts.NewPhoneOf(r.Context(), id); err != nil || n.Person == by {
		return firstError(err, ErrOwnCase)
	}
	err = h.Accounts.DecideNewPhone(r.Context(), id, f.Get("do") == "approve", f.Text("reason", false, 200), by)
	if err == nil {
		return h.done(w, r, "account.desk.decided", "/admin/phones")
	}
	list, loadErr := h.waiting(r.Context())
	lost, lostErr := h.waitingFactors(r.Context())
	if loadErr != nil || lostErr != nil {
		return firstError(loadErr, lostErr)
	}
	for i := range list {
		if list[i].ID == id {
			list[i].Values = f
			return web.Again(w, r, f, fault.At("reason", err), func() templ.Component { return h.deskView(list, lost) })
		}
	}
	return err
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
