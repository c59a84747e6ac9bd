package auditweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

type entryJSON struct {
	ID     int64          `json:"id"`
	At     time.Time      `json:"at"`
	Actor  *uuid.UUID     `json:"actor,omitempty" doc:"Left out for the system itself"`
	Number string         `json:"actor_volunteer_no,omitempty" doc:"Masked"`
	Action string         `json:"action"`
	Object string         `json:"object"`
	Org    *uuid.UUID     `json:"org,omitempty"`
	Region string         `json:"region,omitempty"`
	Detail map[string]any `json:"detail,omitempty"`
}

type (
	searchIn struct {
		Actor  string `query:"actor" maxLength:"40" doc:"Volunteer number or id"`
		Object string `query:"object" maxLength:"100" doc:"Kind and id, or a kind"`
		Action string `query:"action" maxLength:"60" doc:"Whole, or the part before the dot"`
		From   string `query:"from" format:"date" doc:"First day, in Beijing"`
		To     string `query:"to" format:"date" doc:"Last day, in Beijing"`
		Before int64  `query:"before" minimum:"0" doc:"Value of next of the page before"`
	}
	searchOut struct {
		Body struct {
			Items []entryJSON `json:"items" doc:"Newest first"`
			Next  int64       `json:"next,omitempty" doc:"Value for before"`
		}
	}
)

func (d Deps) operations(api *web.API, gate web.Gate) {
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/admin/audit", OperationID: "search-audit", Tags: []string{"audit"},
		Summary: "Who did what; each search is an entry itself"}, gate, d.apiSearch)
}

func (d Deps) apiSearch(ctx context.Context, in *searchIn) (*searchOut, error) {
	var c fault.Check
	day := func(name, s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		at, err := time.Parse(time.DateOnly, s)
		c.Must(err == nil, name, fault.ErrBadDate)
		return inBeijing(at)
	}
	what := asked{Actor: in.Actor, Object: in.Object, Action: in.Action, From: day("from", in.From), To: day("to", in.To), Before: in.Before}
	if err := c.Err(); err != nil {
		return nil, err
	}
	v, err := d.search(ctx, what)
	out := &searchOut{}
	out.Body.Items, out.Body.Next = make([]entryJSON, len(v.Lines)), v.Next
	for i, l := range v.Lines {
		out.Body.Items[i] = entryJSON{ID: l.ID, At: l.At, Actor: l.Entry.Actor, Number: l.Actor, Action: l.Action, Object: l.Object, Org: l.Org, Detail: l.Entry.Detail}
		if l.Region != nil {
			out.Body.Items[i].Region = *l.Region
		}
	}
	return out, err
}
