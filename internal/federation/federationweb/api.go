package federationweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

func (h handlers) operations(api *web.API) {
	web.Op(api, huma.Operation{OperationID: "list-identity-links", Method: http.MethodGet, Path: "/api/v1/me/identity-links", Tags: []string{"accounts"},
		Summary: "The identity providers that vouch for me"}, account.SignedIn, h.apiLinks)
	web.Op(api, huma.Operation{OperationID: "end-identity-link", Method: http.MethodDelete, Path: "/api/v1/me/identity-links/{link}", Tags: []string{"accounts"},
		DefaultStatus: http.StatusNoContent, Summary: "End a link; what was proved by it stays proved"}, account.SignedIn, h.apiUnlink)
}

type linkBody struct {
	ID         uuid.UUID `json:"id"`
	Provider   string    `json:"provider"`
	Level      int       `json:"level" doc:"0 sign-in only, 2 authoritative check"`
	LinkedAt   time.Time `json:"linked_at"`
	VerifiedAt time.Time `json:"verified_at"`
}

type linksOut struct {
	Body struct {
		Items []linkBody `json:"items"`
	}
}

func (h handlers) apiLinks(ctx context.Context, _ *struct{}) (*linksOut, error) {
	list, err := h.Providers.Links(ctx, account.From(ctx).Person)
	out := &linksOut{}
	out.Body.Items = make([]linkBody, len(list))
	for i, l := range list {
		out.Body.Items[i] = linkBody(l)
	}
	return out, err
}

func (h handlers) apiUnlink(ctx context.Context, in *struct {
	Link string `path:"link" maxLength:"36"`
}) (*struct{}, error) {
	id, err := uuid.Parse(in.Link)
	if err != nil {
		return nil, fault.ErrNotFound
	}
	return nil, h.Providers.Unlink(ctx, account.From(ctx).Person, id)
}
