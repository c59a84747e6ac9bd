package activityweb

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/web"
)

type (
	shiftBody struct {
		ShiftPlanJSON
		Version int `json:"version" doc:"The version of the activity looked at"`
	}
	newShiftIn struct {
		Activity uuid.UUID `path:"activity" format:"uuid"`
		Body     shiftBody
	}
	changeShiftIn struct {
		Activity uuid.UUID `path:"activity" format:"uuid"`
		Shift    uuid.UUID `path:"shift" format:"uuid"`
		Body     shiftBody
	}
	endShiftIn struct {
		Activity uuid.UUID `path:"activity" format:"uuid"`
		Shift    uuid.UUID `path:"shift" format:"uuid"`
		Body     struct {
			Version int    `json:"version" doc:"The version of the activity looked at"`
			Reason  string `json:"reason,omitempty" doc:"For a published activity: what people signed up read"`
		}
	}
	calendarOut struct {
		Body struct {
			Address string `json:"address,omitempty" doc:"Secret address for a calendar program; missing when there is none"`
		}
	}
	nothingIn struct{}
)

func (h handlers) shiftOperations(api *web.API) {
	publish := h.Access.Allow(account.PublishWork, h.activityTarget)
	op := func(method, path, id, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/v1" + path, Summary: summary, Tags: []string{"activities: organisation"}, DefaultStatus: status}
	}
	web.Op(api, op("POST", "/activities/{activity}/shifts", "create-shift", "Add a shift", 201), publish, func(ctx context.Context, in *newShiftIn) (*activityOut, error) {
		return h.putShift(ctx, activity.ShiftEdit{Activity: in.Activity, Version: in.Body.Version, Plan: in.Body.plan()})
	})
	web.Op(api, op("PUT", "/activities/{activity}/shifts/{shift}", "change-shift", "Change a shift; people signed up are told of another time or place", 200), publish,
		func(ctx context.Context, in *changeShiftIn) (*activityOut, error) {
			return h.putShift(ctx, activity.ShiftEdit{Activity: in.Activity, Version: in.Body.Version, Shift: in.Shift, Plan: in.Body.plan()})
		})
	web.Op(api, op("POST", "/activities/{activity}/shifts/{shift}/end", "end-shift", "Drop a shift of a draft, or call off one of a published activity", 200), publish, h.apiEndShift)
	calendar := func(method, id, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/v1/me/calendar", Summary: summary, Tags: []string{"me"}}
	}
	web.Op(api, calendar("GET", "get-calendar", "The address of my calendar feed"), account.SignedIn, func(ctx context.Context, _ *nothingIn) (*calendarOut, error) {
		return h.calendarAnswer(h.Calendars.Of(ctx, by(ctx)))
	})
	web.Op(api, calendar("POST", "renew-calendar", "Make a new address; the one before stops working"), account.SignedIn, func(ctx context.Context, _ *nothingIn) (*calendarOut, error) {
		return h.calendarAnswer(h.Calendars.Renew(ctx, by(ctx)))
	})
	web.Op(api, calendar("DELETE", "end-calendar", "End my calendar feed"), account.SignedIn, func(ctx context.Context, _ *nothingIn) (*calendarOut, error) {
		return h.calendarAnswer("", h.Calendars.End(ctx, by(ctx)))
	})
}

func (h handlers) putShift(ctx context.Context, e activity.ShiftEdit) (*activityOut, error) {
	e.By = by(ctx)
	if _, err := h.Activities.PutShift(ctx, e); err != nil {
		return nil, inJSON(err)
	}
	a, err := h.Activities.Get(ctx, e.Activity)
	if err != nil {
		return nil, err
	}
	return h.withShifts(ctx, a)
}

func (h handlers) apiEndShift(ctx context.Context, in *endShiftIn) (*activityOut, error) {
	a, err := h.Activities.Get(ctx, in.Activity)
	if err != nil {
		return nil, err
	}
	if a.State == activity.Draft {
		a, err = h.Activities.DropShift(ctx, a.ID, in.Body.Version, in.Shift, by(ctx))
	} else {
		a, err = h.Activities.CancelShift(ctx, a.ID, in.Body.Version, in.Shift, in.Body.Reason, by(ctx))
	}
	if err != nil {
		return nil, err
	}
	return h.withShifts(ctx, a)
}

func (h handlers) calendarAnswer(token string, err error) (*calendarOut, error) {
	out := &calendarOut{}
	if token != "" {
		out.Body.Address = h.Origin + "/calendar/" + token + ".ics"
	}
	return out, err
}
