package recordweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/web"
	"kapok/internal/record"
)

// recordJSON is a service record as the API shows it: the seven facts of
// 67号令 art. 7 and where it stands.
type recordJSON struct {
	ID            uuid.UUID `json:"id"`
	ActivityName  string    `json:"activity_name"`
	ServiceDate   string    `json:"service_date"`
	Place         string    `json:"place"`
	Content       string    `json:"content"`
	Minutes       int       `json:"minutes" doc:"Service time actually given, whole minutes"`
	Organiser     string    `json:"organiser"`
	Responsible   string    `json:"responsible_person"`
	RecordingUnit string    `json:"recording_unit"`
	StartsAt      time.Time `json:"starts_at"`
	EndsAt        time.Time `json:"ends_at"`
	EntryWay      string    `json:"entry_way"`
	Grade         string    `json:"grade" doc:"Evidence, A strongest to E"`
	State         string    `json:"state" enum:"pending,confirmed,disputed,voided"`
	DueOn         string    `json:"due_on" doc:"Last day for the confirmation (67号令 art. 11)"`
	Late          bool      `json:"late"`
	Version       int       `json:"version"`
}

func recordAsJSON(r record.ServiceRecord) recordJSON {
	return recordJSON{r.ID, r.ActivityName, r.ServiceDate.Format(time.DateOnly), r.Place, r.Content, r.Minutes, r.Organiser, r.Responsible, r.RecordingUnit,
		r.StartsAt, r.EndsAt, string(r.EntryWay), string(r.Grade), string(r.State), r.DueOn.Format(time.DateOnly), r.Late, r.Version}
}

type (
	hoursIn struct {
		For   string `query:"for" doc:"Id of a ward; empty: oneself"`
		Year  int    `query:"year"`
		Field string `query:"field"`
		After string `query:"after"`
	}
	hoursOut struct {
		Body struct {
			ConfirmedMinutes int          `json:"confirmed_minutes"`
			ConfirmedCount   int          `json:"confirmed_count"`
			PendingMinutes   int          `json:"pending_minutes"`
			PendingCount     int          `json:"pending_count"`
			Items            []recordJSON `json:"items"`
			Next             string       `json:"next,omitempty" doc:"Value for after"`
		}
	}
	objectIn struct {
		Record string `path:"record"`
		Body   struct {
			Reason string `json:"reason"`
		}
	}
	recordOut struct{ Body recordJSON }
)

func (d Deps) mineOperations(api *web.API) {
	tags := []string{"hours"}
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/hours", OperationID: "my-hours", Tags: tags,
		Summary: "My hours: totals and records, newest first"}, account.SignedIn, d.apiMine)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/me/hours/{record}/objection", OperationID: "object-to-record", Tags: tags,
		Summary: "Say that a record is wrong (67号令 art. 13)"}, account.SignedIn, d.apiObject)
}

func (d Deps) apiMine(ctx context.Context, in *hoursIn) (*hoursOut, error) {
	who, err := holder(ctx, in.For)
	if err != nil {
		return nil, err
	}
	filter := record.Filter{Year: in.Year, Field: in.Field}
	sums, err := record.MyHours(ctx, d.Pool, who, filter)
	if err != nil {
		return nil, err
	}
	list, err := record.List(ctx, d.Pool, who, filter, in.After, pageSize+1)
	out := &hoursOut{}
	b := &out.Body
	b.ConfirmedMinutes, b.ConfirmedCount, b.PendingMinutes, b.PendingCount = sums.All.Confirmed, sums.All.ConfirmedCount, sums.All.Pending, sums.All.PendingCount
	b.Items = []recordJSON{}
	for i, r := range list {
		if i == pageSize {
			b.Next = list[i-1].Cursor()
			break
		}
		b.Items = append(b.Items, recordAsJSON(r))
	}
	return out, err
}

func (d Deps) apiObject(ctx context.Context, in *objectIn) (*recordOut, error) {
	r, err := d.own(ctx, in.Record)
	if err != nil {
		return nil, err
	}
	r, err = d.Records.Dispute(ctx, record.Objection{Record: r.ID, By: account.From(ctx).Person, Reason: in.Body.Reason})
	return &recordOut{recordAsJSON(r)}, err
}
