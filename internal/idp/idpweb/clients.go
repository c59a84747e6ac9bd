package idpweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/idp"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// clientsPage is what the page of partners shows.
type clientsPage struct {
	List   []idp.Client
	Values *web.Form
	Shown  uuid.UUID // the client whose secret is shown, this once
	Secret string
}

func (h handlers) clients(w http.ResponseWriter, r *http.Request) error {
	return h.showClients(w, r, http.StatusOK, clientsPage{})
}

func (h handlers) showClients(w http.ResponseWriter, r *http.Request, status int, p clientsPage) (err error) {
	if p.List, err = h.Provider.Clients(r.Context()); err != nil {
		return err
	}
	return web.Page(w, r, status, clientsView(p))
}

func (h handlers) register(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	c, secret, err := h.Provider.RegisterClient(r.Context(), idp.NewClient{
		NameHans: f.Get("name_hans"), NameHant: f.Get("name_hant"), NameEn: f.Get("name_en"),
		PurposeHans: f.Get("purpose_hans"), PurposeHant: f.Get("purpose_hant"), PurposeEn: f.Get("purpose_en"),
		Sector: f.Get("sector"), RedirectURIs: strings.Fields(f.Get("redirect_uris")), LogoutURIs: strings.Fields(f.Get("logout_uris")),
		Claims: f.All("claims"), Public: f.Has("public"), By: account.From(r.Context()).Person})
	if err == nil {
		return h.showClients(w, r, http.StatusOK, clientsPage{Shown: c.ID, Secret: secret})
	}
	if err := f.Show(err); err != nil {
		return err
	}
	return h.showClients(w, r, http.StatusUnprocessableEntity, clientsPage{Values: f})
}

func (h handlers) secret(w http.ResponseWriter, r *http.Request) error {
	id, err := idIn(r, "client")
	if err != nil {
		return err
	}
	secret, err := h.Provider.RenewSecret(r.Context(), account.From(r.Context()).Person, id)
	if err != nil {
		return err
	}
	return h.showClients(w, r, http.StatusOK, clientsPage{Shown: id, Secret: secret})
}

func (h handlers) end(w http.ResponseWriter, r *http.Request) error {
	id, err := idIn(r, "client")
	if err != nil {
		return err
	}
	if err := h.Provider.EndClient(r.Context(), account.From(r.Context()).Person, id); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "idp.clients.ended")
	return web.Back(w, r, "/admin/clients")
}

func claimChoices(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(idp.Claims))
	for i, c := range idp.Claims {
		out[i] = ui.Option{Value: c, Text: t(ctx, "idp.claim."+c)}
	}
	return out
}
