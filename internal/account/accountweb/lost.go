package accountweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
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

// waitingFactor is a request about a lost second factor.
type waitingFactor struct {
	account.LostFactor
	applicant
	Mine      bool // the reader's hand approved it first, or asked: another has to go on
	Elsewhere bool // the division's administrators began it: they go on
}

func (h handlers) waitingFactors(ctx context.Context) ([]waitingFactor, error) {
	open, err := h.Accounts.LostFactors(ctx, h.decides(ctx))
	if err != nil {
		return nil, err
	}
	return h.waitingFor(ctx, open)
}

// waitingFor adds who asks.
func (h handlers) waitingFor(ctx context.Context, open []account.LostFactor) ([]waitingFactor, error) {
	asked := make([]asking, len(open))
	for i, x := range open {
		asked[i] = asking{x.ID, x.Person, x.Region}
	}
	people, err := h.applicants(ctx, "lost_factor", asked)
	if err != nil {
		return nil, err
	}
	me := account.From(ctx).Person
	out := make([]waitingFactor, len(open))
	for i, x := range open {
		out[i] = waitingFactor{LostFactor: x, applicant: people[i], Mine: x.Person == me || x.SeenAs != "" || x.SeenBy != nil && *x.SeenBy == me}
	}
	return out, nil
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
	d, err := readDecision(r)
	if err != nil {
		return err
	}
	err = h.Accounts.DecideLostFactor(r.Context(), account.LostDecision{Request: d.request, Approve: d.approve, Reason: d.reason, By: account.From(r.Context()).Person})
	switch {
	case errors.Is(err, account.ErrNeedsReason):
		return h.againAtDesk(w, r, d.form, d.request, err)
	case err != nil:
		return err
	}
	return h.done(w, r, "account.desk.decided", "/admin/phones")
}
