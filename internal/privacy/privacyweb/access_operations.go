package privacyweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/held"
	"kapok/internal/kit/web"
	"kapok/internal/privacy"
)

type accessJSON struct {
	ID          uuid.UUID  `json:"id"`
	Kind        string     `json:"kind" enum:"profile,incident"`
	Person      uuid.UUID  `json:"person"`
	VolunteerNo string     `json:"volunteer_no"`
	Minor       bool       `json:"minor"`
	Reason      string     `json:"reason"`
	AskedAt     time.Time  `json:"asked_at"`
	State       string     `json:"state" enum:"open,approved,refused"`
	ValidUntil  *time.Time `json:"valid_until,omitempty"`
}

func accessAsJSON(list []accessLine) []accessJSON {
	out := make([]accessJSON, len(list))
	for i, a := range list {
		out[i] = accessJSON{a.ID, string(a.Kind), a.Person, a.Who.VolunteerNo, a.Minor, a.Reason, a.AskedAt, a.State, a.ValidUntil}
	}
	return out
}

type (
	accessOut struct {
		Body struct {
			Mine   []accessJSON `json:"mine"`
			Decide []accessJSON `json:"to_decide"`
		}
	}
	askIn struct {
		Body struct {
			VolunteerNo string `json:"volunteer_no" maxLength:"12"`
			Reason      string `json:"reason" maxLength:"500"`
		}
	}
	askOut struct {
		Body struct {
			ID uuid.UUID `json:"id"`
		}
	}
	decideAccessIn struct {
		Access uuid.UUID `path:"access" format:"uuid"`
		Body   struct {
			Approve        bool `json:"approve"`
			TellAfterHours int  `json:"tell_after_hours,omitempty" minimum:"0" maximum:"168" doc:"Incidents: when the person is told"`
		}
	}
	openIn struct {
		Person uuid.UUID `path:"person" format:"uuid"`
	}
	openOut struct {
		Body struct {
			ValidUntil *time.Time            `json:"valid_until"`
			Held       map[string][]held.Row `json:"held" doc:"By item of the register; phone, e-mail and numbers of documents masked"`
		}
	}
)

func (d Deps) accessOperations(api *web.API, anywhere, one web.Gate) {
	op := func(method, path, id, summary string, status int) huma.Operation {
		return huma.Operation{Method: method, Path: "/api/v1/admin" + path, OperationID: id, Tags: []string{"privacy"}, Summary: summary, DefaultStatus: status}
	}
	web.Op(api, op("GET", "/access", "list-access", "My requests to open a person's page, and those I may decide", http.StatusOK), anywhere, d.apiAccess)
	web.Op(api, op("POST", "/access", "ask-access", "Ask to open a person's page", http.StatusCreated), anywhere, d.apiAsk)
	web.Op(api, op("POST", "/access/{access}/decision", "decide-access", "Approve or refuse as the second person", http.StatusNoContent), account.Fresh(one), d.apiDecideAccess)
	web.Op(api, op("GET", "/people/{person}", "open-person", "A person's data, under an approval that is valid", http.StatusOK), anywhere, d.apiOpen)
}

func (d Deps) apiAccess(ctx context.Context, _ *struct{}) (*accessOut, error) {
	v, err := d.accessView(ctx, nil)
	out := &accessOut{}
	out.Body.Mine, out.Body.Decide = accessAsJSON(v.Mine), accessAsJSON(v.Others)
	return out, err
}

func (d Deps) apiAsk(ctx context.Context, in *askIn) (*askOut, error) {
	a, err := d.askAccess(ctx, in.Body.VolunteerNo, in.Body.Reason)
	out := &askOut{}
	out.Body.ID = a.ID
	return out, err
}

func (d Deps) apiDecideAccess(ctx context.Context, in *decideAccessIn) (*struct{}, error) {
	return nil, d.decideAccess(ctx, privacy.AccessDecision{Access: in.Access, Approve: in.Body.Approve, TellAfter: time.Duration(in.Body.TellAfterHours) * time.Hour})
}

func (d Deps) apiOpen(ctx context.Context, in *openIn) (*openOut, error) {
	a, err := d.Privacy.OpenPerson(ctx, me(ctx), in.Person)
	if err != nil {
		return nil, err
	}
	things, err := d.Privacy.Held(ctx, in.Person, false)
	out := &openOut{}
	out.Body.ValidUntil, out.Body.Held = a.ValidUntil, things
	return out, err
}
