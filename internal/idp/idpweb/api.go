package idpweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/idp"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

func (h handlers) operations(api *web.API) {
	operate := h.Access.AnyScope(account.Operate)
	web.Op(api, huma.Operation{OperationID: "list-apps", Method: http.MethodGet, Path: "/api/v1/me/apps", Tags: []string{"accounts"},
		Summary: "The partner platforms I agreed to"}, account.SignedIn, h.apiApps)
	web.Op(api, huma.Operation{OperationID: "withdraw-app", Method: http.MethodDelete, Path: "/api/v1/me/apps/{client}", Tags: []string{"accounts"},
		DefaultStatus: http.StatusNoContent, Summary: "Take back what I agreed to with a partner; its tokens end"}, account.SignedIn, h.apiWithdraw)
	web.Op(api, huma.Operation{OperationID: "list-clients", Method: http.MethodGet, Path: "/api/v1/clients", Tags: []string{"operations"},
		Summary: "The partner platforms that people can sign in to"}, operate, h.apiClients)
	web.Op(api, huma.Operation{OperationID: "register-client", Method: http.MethodPost, Path: "/api/v1/clients", Tags: []string{"operations"},
		DefaultStatus: http.StatusCreated, Summary: "Register a partner platform; its secret is told once"}, operate, h.apiRegister)
	web.Op(api, huma.Operation{OperationID: "renew-client-secret", Method: http.MethodPost, Path: "/api/v1/clients/{client}/secret", Tags: []string{"operations"},
		Summary: "Give a partner another secret; the old one ends"}, operate, h.apiSecret)
	web.Op(api, huma.Operation{OperationID: "end-client", Method: http.MethodDelete, Path: "/api/v1/clients/{client}", Tags: []string{"operations"},
		DefaultStatus: http.StatusNoContent, Summary: "End a partner with all its tokens"}, operate, h.apiEnd)
}

type appBody struct {
	Client  uuid.UUID  `json:"client"`
	Name    string     `json:"name"`
	Purpose string     `json:"purpose"`
	Claims  []string   `json:"claims" doc:"What the partner is told"`
	GivenAt time.Time  `json:"given_at"`
	UsedAt  *time.Time `json:"used_at,omitempty" doc:"When it last got a token"`
}

type appsOut struct {
	Body struct {
		Items []appBody `json:"items"`
	}
}

func (h handlers) apiApps(ctx context.Context, _ *struct{}) (*appsOut, error) {
	list, err := h.Provider.Apps(ctx, account.From(ctx).Person)
	out := &appsOut{}
	out.Body.Items = make([]appBody, len(list))
	for i, a := range list {
		l := i18n.From(ctx)
		out.Body.Items[i] = appBody{a.Client.ID, a.Client.Name(l), a.Client.Purpose(l), a.Claims, a.GivenAt, a.LastUsed}
	}
	return out, err
}

type clientPath struct {
	Client string `path:"client" maxLength:"36"`
}

func (p clientPath) id() (uuid.UUID, error) {
	id, err := uuid.Parse(p.Client)
	if err != nil {
		return id, fault.ErrNotFound
	}
	return id, nil
}

func (h handlers) apiWithdraw(ctx context.Context, in *clientPath) (*struct{}, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	return nil, h.Provider.Withdraw(ctx, account.From(ctx).Person, id)
}

type clientBody struct {
	ID           uuid.UUID `json:"id" doc:"client_id of the protocol"`
	NameHans     string    `json:"name_hans"`
	NameHant     string    `json:"name_hant"`
	NameEn       string    `json:"name_en"`
	PurposeHans  string    `json:"purpose_hans"`
	PurposeHant  string    `json:"purpose_hant"`
	PurposeEn    string    `json:"purpose_en"`
	Sector       string    `json:"sector"`
	RedirectURIs []string  `json:"redirect_uris"`
	LogoutURIs   []string  `json:"logout_uris"`
	Claims       []string  `json:"claims"`
	Public       bool      `json:"public"`
	RegisteredAt time.Time `json:"registered_at"`
}

func bodyOf(c idp.Client) clientBody {
	return clientBody{c.ID, c.NameHans, c.NameHant, c.NameEn, c.PurposeHans, c.PurposeHant, c.PurposeEn, c.Sector, c.RedirectURIs, c.LogoutURIs, c.Claims, c.Public(), c.RegisteredAt}
}

type clientsOut struct {
	Body struct {
		Items []clientBody `json:"items"`
	}
}

func (h handlers) apiClients(ctx context.Context, _ *struct{}) (*clientsOut, error) {
	list, err := h.Provider.Clients(ctx)
	out := &clientsOut{}
	out.Body.Items = make([]clientBody, len(list))
	for i, c := range list {
		out.Body.Items[i] = bodyOf(c)
	}
	return out, err
}

type registerIn struct {
	Body struct {
		NameHans     string   `json:"name_hans" maxLength:"60"`
		NameHant     string   `json:"name_hant" maxLength:"60"`
		NameEn       string   `json:"name_en" maxLength:"60"`
		PurposeHans  string   `json:"purpose_hans" maxLength:"200" doc:"Shown to people who are asked to agree"`
		PurposeHant  string   `json:"purpose_hant" maxLength:"200"`
		PurposeEn    string   `json:"purpose_en" maxLength:"200"`
		Sector       string   `json:"sector,omitempty" maxLength:"253" doc:"Clients of one sector know a person by the same subject; default: host of the first redirect URI"`
		RedirectURIs []string `json:"redirect_uris" maxItems:"10" doc:"Whole addresses, compared letter by letter"`
		LogoutURIs   []string `json:"logout_uris,omitempty" maxItems:"10"`
		Claims       []string `json:"claims" maxItems:"3" enum:"name,age_band,hours_band" doc:"The most it may ask for"`
		Public       bool     `json:"public,omitempty" doc:"An app that cannot keep a secret"`
	}
}

type registerOut struct {
	Body struct {
		Client clientBody `json:"client"`
		Secret string     `json:"secret,omitempty" doc:"Told this once"`
	}
}

func (h handlers) apiRegister(ctx context.Context, in *registerIn) (*registerOut, error) {
	b := in.Body
	c, secret, err := h.Provider.RegisterClient(ctx, idp.NewClient{NameHans: b.NameHans, NameHant: b.NameHant, NameEn: b.NameEn,
		PurposeHans: b.PurposeHans, PurposeHant: b.PurposeHant, PurposeEn: b.PurposeEn, Sector: b.Sector,
		RedirectURIs: b.RedirectURIs, LogoutURIs: b.LogoutURIs, Claims: b.Claims, Public: b.Public, By: account.From(ctx).Person})
	if err != nil {
		return nil, err
	}
	out := &registerOut{}
	out.Body.Client, out.Body.Secret = bodyOf(c), secret
	return out, nil
}

type secretOut struct {
	Body struct {
		Secret string `json:"secret" doc:"Told this once"`
	}
}

func (h handlers) apiSecret(ctx context.Context, in *clientPath) (*secretOut, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	out := &secretOut{}
	out.Body.Secret, err = h.Provider.RenewSecret(ctx, account.From(ctx).Person, id)
	return out, err
}

func (h handlers) apiEnd(ctx context.Context, in *clientPath) (*struct{}, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	return nil, h.Provider.EndClient(ctx, account.From(ctx).Person, id)
}
