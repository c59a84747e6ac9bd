package accountweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/web"
)

type (
	rolesIn struct {
		Role     string `query:"role" maxLength:"30"`
		Division string `query:"division" maxLength:"12" doc:"Roles held there or below"`
		Ended    bool   `query:"ended" doc:"Those that ended, not those that hold"`
		After    string `query:"after" maxLength:"64" doc:"Value of next of the page before"`
	}
	givenJSON struct {
		Grant        uuid.UUID  `json:"grant"`
		Person       uuid.UUID  `json:"person"`
		VolunteerNo  string     `json:"volunteer_no"`
		Role         string     `json:"role"`
		Division     string     `json:"division,omitempty"`
		GrantedBy    *uuid.UUID `json:"granted_by,omitempty" doc:"Left out for the command line"`
		GrantedAt    time.Time  `json:"granted_at"`
		Reason       string     `json:"reason,omitempty"`
		Until        *time.Time `json:"until,omitempty" doc:"Not included"`
		RevokedBy    *uuid.UUID `json:"revoked_by,omitempty"`
		RevokedAt    *time.Time `json:"revoked_at,omitempty"`
		RevokeReason string     `json:"revoke_reason,omitempty"`
	}
	rolesOut struct {
		Body struct {
			Items []givenJSON `json:"items" doc:"Newest first"`
			Next  string      `json:"next,omitempty" doc:"Value for after"`
		}
	}
)

func (h handlers) roleOperations(api *web.API, gate web.Gate) {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Roles"}, DefaultStatus: http.StatusNoContent}
	}
	list := op(http.MethodGet, "/api/v1/admin/roles", "list-roles", "Roles outside organisations")
	list.DefaultStatus = http.StatusOK
	web.Op(api, list, gate, h.apiRoles)
	web.Op(api, op(http.MethodPost, "/api/v1/admin/roles", "give-role", "Give somebody a role"), account.Fresh(gate), h.apiGiveRole)
	web.Op(api, op(http.MethodPost, "/api/v1/admin/roles/{grant}/end", "take-role", "Take a role away; it ends at once"), account.Fresh(gate), h.apiTakeRole)
}

func (h handlers) apiRoles(ctx context.Context, in *rolesIn) (*rolesOut, error) {
	found, err := h.roles(ctx, rolesQuery{Role: in.Role, Division: in.Division, Ended: in.Ended, After: in.After})
	if err != nil {
		return nil, err
	}
	out := &rolesOut{}
	out.Body.Items, out.Body.Next = make([]givenJSON, len(found.List)), found.Next
	for i, g := range found.List {
		out.Body.Items[i] = givenJSON{g.ID, g.Person, found.People[g.Person].VolunteerNo, string(g.Role), g.Region, g.GrantedBy, g.GrantedAt, g.Reason, g.Until, g.RevokedBy, g.RevokedAt, g.RevokeReason}
	}
	return out, nil
}

func (h handlers) apiGiveRole(ctx context.Context, in *struct{ Body roleIn }) (*struct{}, error) {
	return nil, h.give(ctx, in.Body)
}

func (h handlers) apiTakeRole(ctx context.Context, in *struct {
	Grant uuid.UUID `path:"grant"`
	Body  struct {
		Reason string `json:"reason" maxLength:"200"`
	}
}) (*struct{}, error) {
	return nil, atField(h.Accounts.RevokeRole(ctx, in.Grant, in.Body.Reason, account.From(ctx).Person))
}
