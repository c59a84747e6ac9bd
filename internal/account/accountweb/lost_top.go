package accountweb

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// topHand is the role by which somebody decides about those above whom nobody
// stands; no person has both.
func topHand(p *account.Principal) account.Role {
	for _, g := range p.Grants {
		if g.Role == account.SystemAdmin || g.Role == account.SecurityAdmin {
			return g.Role
		}
	}
	return ""
}

// topFactors lists what waits for system and security administration.
func (h handlers) topFactors(ctx context.Context) ([]waitingFactor, error) {
	open, err := h.Accounts.TopLostFactors(ctx, h.Access.Top)
	if err != nil {
		return nil, err
	}
	list, err := h.waitingFor(ctx, open)
	as := topHand(account.From(ctx))
	for i, x := range list {
		list[i].Mine = x.Person == account.From(ctx).Person || x.SeenBy != nil && x.SeenAs == as
		list[i].Elsewhere = x.SeenBy != nil && x.SeenAs == ""
	}
	return list, err
}

func (h handlers) topPage(w http.ResponseWriter, r *http.Request) error {
	list, err := h.topFactors(r.Context())
	if err != nil {
		return err
	}
	return show(w, r, h.topView(list))
}

func (h handlers) decideTopPage(w http.ResponseWriter, r *http.Request) error {
	d, err := readDecision(r)
	if err != nil {
		return err
	}
	err = h.decideTop(r.Context(), d.request, d.approve, d.reason)
	switch {
	case errors.Is(err, account.ErrNeedsReason):
		return h.topAgain(w, r, d.form, d.request, err)
	case err != nil:
		return err
	}
	return h.done(w, r, "account.desk.decided", "/admin/factors")
}

func (h handlers) topAgain(w http.ResponseWriter, r *http.Request, f *web.Form, request uuid.UUID, wrong error) error {
	list, err := h.topFactors(r.Context())
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].ID == request {
			list[i].Values = f
			return web.Again(w, r, f, fault.At("reason", wrong), func() templ.Component { return h.topView(list) })
		}
	}
	return wrong
}

func (h handlers) decideTop(ctx context.Context, request uuid.UUID, approve bool, reason string) error {
	p := account.From(ctx)
	return h.Accounts.DecideLostFactor(ctx, account.LostDecision{Request: request, Approve: approve, Reason: reason, By: p.Person, As: topHand(p), Top: h.Access.Top})
}

type lostJSON struct {
	Request     uuid.UUID    `json:"request"`
	Person      uuid.UUID    `json:"person"`
	VolunteerNo string       `json:"volunteer_no"`
	AskedAt     time.Time    `json:"asked_at"`
	SeenAs      account.Role `json:"seen_as,omitempty" doc:"Role of the first approval; the other one has to follow"`
	Mine        bool         `json:"mine" doc:"Your hand approved it already, or asked: another one goes on"`
}

func (h handlers) topOperations(api *web.API, gate web.Gate) {
	op := func(method, path, id, summary string, status int) huma.Operation {
		return huma.Operation{Method: method, Path: "/api/v1/admin" + path, OperationID: id, Summary: summary, Tags: []string{"Roles"}, DefaultStatus: status}
	}
	web.Op(api, op(http.MethodGet, "/lost-factors", "list-top-lost-factors", "Lost second factors of administrators above whom nobody stands", http.StatusOK), gate, h.apiTopFactors)
	web.Op(api, op(http.MethodPost, "/lost-factors/{request}/decision", "decide-top-lost-factor", "Approve or refuse; approving takes a system and a security administrator", http.StatusNoContent),
		account.Fresh(gate), h.apiDecideTop)
}

type topFactorsOut struct {
	Body struct {
		Items []lostJSON `json:"items" doc:"Oldest first"`
	}
}

func (h handlers) apiTopFactors(ctx context.Context, _ *struct{}) (*topFactorsOut, error) {
	list, err := h.topFactors(ctx)
	if err != nil {
		return nil, err
	}
	out := &topFactorsOut{}
	out.Body.Items = make([]lostJSON, len(list))
	for i, x := range list {
		out.Body.Items[i] = lostJSON{x.ID, x.Person, x.Who.VolunteerNo, x.AskedAt, x.SeenAs, x.Mine}
	}
	return out, nil
}

func (h handlers) apiDecideTop(ctx context.Context, in *struct {
	Request uuid.UUID `path:"request"`
	Body    struct {
		Approve bool   `json:"approve"`
		Reason  string `json:"reason,omitempty" maxLength:"200" doc:"Needed to refuse"`
	}
}) (*struct{}, error) {
	return nil, h.decideTop(ctx, in.Request, in.Body.Approve, in.Body.Reason)
}

// topFrame is the desk without a division.
func (h handlers) topFrame(ctx context.Context) ui.DeskInfo {
	d := h.RegionDesk(ctx, "")
	d.Title, d.NoIndex = t(ctx, "account.top.title"), true
	return d
}
