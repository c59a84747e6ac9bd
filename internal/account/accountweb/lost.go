package accountweb

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

// lostFactor asks the administrators of the division for help.
func (h handlers) lostFactor(w http.ResponseWriter, r *http.Request) error {
	p := account.From(r.Context())
	who, err := h.People.Get(r.Context(), p.Person)
	if err != nil {
		return err
	}
	if err := h.Accounts.AskLostFactor(r.Context(), p, who.Division); err != nil {
		return err
	}
	return web.Back(w, r, "/login/second")
}

// waitingFactor is a request about a lost second factor, with what the
// administrator compares with the document.
type waitingFactor struct {
	account.LostFactor
	Who       person.Person
	Documents []person.HeldDocument
	Mine      bool // the reader approved it first, or asked: another has to go on
}

func (h handlers) waitingFactors(ctx context.Context) ([]waitingFactor, error) {
	p := account.From(ctx)
	open, err := h.Accounts.LostFactors(ctx, func(region string) bool {
		return h.Access.Can(p, account.DecidePhone, account.Target{Region: region})
	})
	out := make([]waitingFactor, len(open))
	for i, x := range open {
		out[i] = waitingFactor{LostFactor: x, Mine: x.Person == p.Person || x.SeenBy != nil && *x.SeenBy == p.Person}
		if out[i].Who, err = h.People.Get(ctx, x.Person); err != nil {
			return nil, err
		}
		if out[i].Documents, err = h.People.Documents(ctx, x.Person); err != nil {
			return nil, err
		}
		if err = h.lookedAt(ctx, x); err != nil {
			return nil, err
		}
	}
	return out, err
}

// lookedAt notes that the administrator read the request.
func (h handlers) lookedAt(ctx context.Context, x account.LostFactor) error {
	return pg.InTx(ctx, h.Accounts.Pool, func(tx pgx.Tx) error {
		return audit.ReadTx(ctx, tx, audit.Reading{At: h.Clock.Now(), Actor: account.From(ctx).Person, Subjects: []uuid.UUID{x.Person},
			Object: audit.Object("lost_factor", x.ID), Data: []audit.Data{audit.Name, audit.Age, audit.Document}, Purpose: "lost_factor", Region: &x.Region})
	})
}

// lostRegion finds the division of the request that a path names.
func (h handlers) lostRegion(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return account.Target{}, fault.ErrNotFound
	}
	x, err := h.Accounts.LostFactorOf(r.Context(), id)
	return account.Target{Region: x.Region}, err
}

func (h handlers) decideLost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return fault.ErrNotFound
	}
	approve := f.Get("do") == "approve"
	if err := h.Accounts.DecideLostFactor(r.Context(), id, approve, f.Text("reason", !approve, 200), account.From(r.Context()).Person); err != nil {
		return err
	}
	return h.done(w, r, "account.desk.decided", "/admin/phones")
}
