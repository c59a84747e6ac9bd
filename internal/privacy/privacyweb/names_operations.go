package privacyweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/web"
	"kapok/internal/privacy"
)

type namesJSON struct {
	ID      uuid.UUID `json:"id"`
	Org     uuid.UUID `json:"org"`
	Shift   uuid.UUID `json:"shift"`
	Minors  int       `json:"minors" doc:"How many names"`
	AskedBy uuid.UUID `json:"asked_by"`
	AskedAt time.Time `json:"asked_at"`
	Reason  string    `json:"reason"`
}

type (
	askNamesIn struct {
		Shift string `path:"shift" format:"uuid"`
		Body  struct {
			Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"The approver reads it; no names or document numbers"`
		}
	}
	orgNamesIn struct {
		Org uuid.UUID `path:"org" format:"uuid"`
	}
	namesOut struct {
		Body struct {
			Items []namesJSON `json:"items"`
		}
	}
	decideNamesIn struct {
		Names string `path:"names" format:"uuid"`
		Body  struct {
			Approve bool `json:"approve"`
		}
	}
	decideOrgNamesIn struct {
		Org uuid.UUID `path:"org" format:"uuid"`
		decideNamesIn
	}
)

// namesOperations are asking for the full names of minors and deciding it.
func (d Deps) namesOperations(api *web.API, g namesGates) {
	op := func(method, path, id, summary string, status int) huma.Operation {
		return huma.Operation{Method: method, Path: "/api/v1" + path, OperationID: id, Tags: []string{"privacy"}, Summary: summary, DefaultStatus: status}
	}
	web.Op(api, op("POST", "/shifts/{shift}/name-requests", "ask-names", "Ask to read the full names of the minors of a roster", http.StatusCreated), g.ask, d.apiAskNames)
	web.Op(api, op("GET", "/organisations/{org}/name-requests", "list-name-requests", "Requests of colleagues that wait for a second person", http.StatusOK), g.see, d.apiOrgNames)
	web.Op(api, op("POST", "/organisations/{org}/name-requests/{names}/decision", "decide-names", "Approve or refuse as the second person", http.StatusNoContent), account.Fresh(g.decide), d.apiDecideNames)
	web.Op(api, op("GET", "/admin/name-requests", "list-lone-name-requests", "Requests of organisations of the division that have nobody else to decide", http.StatusOK), g.anywhere, d.apiAlone)
	web.Op(api, op("POST", "/admin/name-requests/{names}/decision", "decide-lone-names", "Approve or refuse for an organisation that has nobody else", http.StatusNoContent), account.Fresh(g.alone), d.apiDecideAlone)
}

func (d Deps) apiAskNames(ctx context.Context, in *askNamesIn) (*askOut, error) {
	id, err := d.askNames(ctx, in.Shift, in.Body.Reason)
	out := &askOut{}
	out.Body.ID = id
	return out, err
}

func asNames(list []privacy.NamesRequest, err error) (*namesOut, error) {
	out := &namesOut{}
	out.Body.Items = make([]namesJSON, len(list))
	for i, n := range list {
		out.Body.Items[i] = namesJSON{n.ID, n.Org, n.Shift, n.Minors, n.AskedBy, n.AskedAt, n.Reason}
	}
	return out, err
}

func (d Deps) apiOrgNames(ctx context.Context, in *orgNamesIn) (*namesOut, error) {
	return asNames(d.Privacy.NamesWaiting(ctx, in.Org, me(ctx)))
}

func (d Deps) apiDecideNames(ctx context.Context, in *decideOrgNamesIn) (*struct{}, error) {
	return nil, d.decideNames(ctx, in.Names, in.Body.Approve)
}

func (d Deps) apiAlone(ctx context.Context, _ *struct{}) (*namesOut, error) {
	return asNames(d.Privacy.NamesAlone(ctx, me(ctx), d.administers(ctx)))
}

func (d Deps) apiDecideAlone(ctx context.Context, in *decideNamesIn) (*struct{}, error) {
	return nil, d.decideAlone(ctx, in.Names, in.Body.Approve)
}
