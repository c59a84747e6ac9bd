package signupweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

// SignupJSON is a sign-up as the API shows it to the person, or a guardian.
type SignupJSON struct {
	ID        uuid.UUID      `json:"id" format:"uuid"`
	Shift     uuid.UUID      `json:"shift" format:"uuid"`
	Person    uuid.UUID      `json:"person" format:"uuid"`
	State     string         `json:"state" enum:"pending,confirmed,waiting,cancelled,refused"`
	Position  int            `json:"position,omitempty" doc:"Place in the waiting list, from 1"`
	At        time.Time      `json:"at" doc:"When it was asked for"`
	ChangedAt time.Time      `json:"changed_at" doc:"When its state last changed"`
	Notice    *int           `json:"notice_minutes,omitempty" doc:"Minutes between cancelling and the start of the shift"`
	Reason    string         `json:"reason,omitempty" doc:"What the organiser said"`
	Activity  *signupForJSON `json:"activity,omitempty" doc:"In lists: what it is for"`
}

// signupForJSON says what a sign-up in a list is for.
type signupForJSON struct {
	ID       uuid.UUID `json:"id" format:"uuid"`
	Title    string    `json:"title"`
	Place    string    `json:"place"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
}

func asJSON(g activity.Signup) SignupJSON {
	return SignupJSON{ID: g.ID, Shift: g.Shift, Person: g.Person, State: string(g.State), Position: g.Position, At: g.At, ChangedAt: g.ChangedAt,
		Notice: g.NoticeMin, Reason: g.Reason}
}

func mineJSON(list []activity.MySignup) []SignupJSON {
	out := make([]SignupJSON, len(list))
	for i, m := range list {
		out[i] = asJSON(m.Signup)
		out[i].Activity = &signupForJSON{m.ActivityID, m.Title, m.Place, m.StartsAt, m.EndsAt}
	}
	return out
}

// signupReasonJSON is one thing that stands against a sign-up.
type signupReasonJSON struct {
	Code   string         `json:"code"`
	Title  string         `json:"title"`
	Remedy string         `json:"remedy,omitempty"`
	Params map[string]any `json:"params,omitempty"`
}

// signupLineJSON is a sign-up as organisers see it.
type signupLineJSON struct {
	SignupJSON
	Name        string `json:"name" doc:"Masked unless names=full, which is recorded"`
	VolunteerNo string `json:"volunteer_no"`
	Age         int    `json:"age" doc:"On the day of the shift"`
}

type (
	signupIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
		For   string    `query:"for" format:"uuid" doc:"Id of a ward; without it, oneself"`
	}
	signupOut         struct{ Body SignupJSON }
	signupStandingOut struct {
		Body struct {
			Signup *SignupJSON        `json:"signup,omitempty" doc:"What the person has there already"`
			Next   string             `json:"next,omitempty" enum:"pending,confirmed,waiting" doc:"What signing up now would give"`
			Why    []signupReasonJSON `json:"why" doc:"All that stands against signing up now"`
		}
	}
	signupListIn struct {
		When   string `query:"when" enum:"upcoming,past" default:"upcoming"`
		Before string `query:"before" doc:"Value of next of the page before; for past ones"`
	}
	signupListOut struct {
		Body struct {
			Items []SignupJSON `json:"items"`
			Next  string       `json:"next,omitempty" doc:"Value for before"`
		}
	}
	signupRosterIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
		Names string    `query:"names" enum:"masked,full" default:"masked"`
	}
	signupRosterOut struct {
		Body struct {
			Items []signupLineJSON `json:"items"`
		}
	}
	signupDecideIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
		Body  struct {
			Signups []uuid.UUID `json:"signups" minItems:"1" maxItems:"500"`
			Approve bool        `json:"approve"`
			Reason  string      `json:"reason,omitempty" maxLength:"200" doc:"Needed for a refusal; the volunteer reads it"`
		}
	}
)

func (d Deps) operations(api *web.API) {
	tags := []string{"sign-ups"}
	const path = "/api/v1/shifts/{shift}/signups"
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: path, OperationID: "sign-up", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Sign up for a shift",
		Description: "Gives a place or a place in the waiting list. Asking again gives the same sign-up again, so an answer that was lost can be asked for once more.",
	}, account.SignedIn, d.apiSignUp)
	web.Op(api, huma.Operation{Method: http.MethodDelete, Path: path, OperationID: "cancel-sign-up", Tags: tags,
		Summary: "Give a place back, any time before the shift starts", DefaultStatus: http.StatusOK}, account.SignedIn, d.apiCancel)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/shifts/{shift}/standing", OperationID: "sign-up-standing", Tags: tags,
		Summary: "What signing up now would give, or everything that stands against it"}, account.SignedIn, d.apiStanding)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/shifts/{shift}/guardian-request", OperationID: "ask-guardians", Tags: tags,
		Summary: "Ask one's guardians to agree to service with the organisation of a shift", DefaultStatus: http.StatusNoContent}, account.SignedIn, d.apiAskGuardians)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/signups", OperationID: "list-my-sign-ups", Tags: tags,
		Summary: "My sign-ups and those of my wards"}, account.SignedIn, d.apiMine)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: path, OperationID: "shift-roster", Tags: tags,
		Summary: "Sign-ups of a shift, for its organisation"}, d.Access.Allow(account.ViewOrg, d.target), d.apiRoster)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/shifts/{shift}/decisions", OperationID: "decide-sign-ups", Tags: tags,
		Summary: "Approve or refuse sign-ups, all or none", DefaultStatus: http.StatusNoContent}, d.Access.Allow(account.ManageSignups, d.target), d.apiDecide)
}

func (d Deps) apiSignUp(ctx context.Context, in *signupIn) (*signupOut, error) {
	who, by, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	g, err := d.Activities.SignUp(ctx, activity.SignUpRequest{Shift: in.Shift, Person: who, By: by})
	return &signupOut{asJSON(g)}, err
}

func (d Deps) apiCancel(ctx context.Context, in *signupIn) (*signupOut, error) {
	who, by, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	g, err := d.Activities.Cancel(ctx, activity.CancelRequest{Shift: in.Shift, Person: who, By: by})
	return &signupOut{asJSON(g)}, err
}

func (d Deps) apiAskGuardians(ctx context.Context, in *struct {
	Shift uuid.UUID `path:"shift" format:"uuid"`
},
) (*struct{}, error) {
	v, err := d.Activities.Shift(ctx, d.Pool, in.Shift)
	if err != nil {
		return nil, err
	}
	return nil, d.People.AskGuardians(ctx, account.From(ctx).Person, v.Activity.Org)
}

func (d Deps) apiStanding(ctx context.Context, in *signupIn) (*signupStandingOut, error) {
	who, by, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	v, err := d.Activities.Shift(ctx, d.Pool, in.Shift)
	if err != nil {
		return nil, err
	}
	st, err := d.Activities.Standing(ctx, v, who, by)
	if err != nil {
		return nil, err
	}
	out := &signupStandingOut{}
	out.Body.Next, out.Body.Why = string(st.Next), []signupReasonJSON{}
	if st.Signup != nil {
		g := asJSON(*st.Signup)
		out.Body.Signup = &g
	}
	l := i18n.From(ctx)
	for _, e := range st.Why {
		out.Body.Why = append(out.Body.Why, signupReasonJSON{e.Code, web.Title(l, e), web.Remedy(l, e), e.Args})
	}
	return out, nil
}

func (d Deps) apiMine(ctx context.Context, in *signupListIn) (*signupListOut, error) {
	p := account.From(ctx)
	who := append([]uuid.UUID{p.Person}, p.Wards...)
	out := &signupListOut{}
	if in.When == "upcoming" {
		list, err := d.Activities.Upcoming(ctx, who)
		out.Body.Items = mineJSON(list)
		return out, err
	}
	before, err := cursor(in.Before)
	if err != nil {
		return nil, err
	}
	list, err := d.Activities.PastSignups(ctx, who, before, pageSize+1)
	if len(list) > pageSize {
		list = list[:pageSize]
		out.Body.Next = strconv.FormatInt(list[pageSize-1].Queue, 10)
	}
	out.Body.Items = mineJSON(list)
	return out, err
}

func (d Deps) apiRoster(ctx context.Context, in *signupRosterIn) (*signupRosterOut, error) {
	v, err := d.Activities.Shift(ctx, d.Pool, in.Shift)
	if err != nil {
		return nil, err
	}
	lines, err := d.lines(ctx, v, in.Names == "full")
	out := &signupRosterOut{}
	out.Body.Items = make([]signupLineJSON, len(lines))
	for i, l := range lines {
		out.Body.Items[i] = signupLineJSON{asJSON(l.Signup), l.Name, l.VolunteerNo, l.Age}
	}
	return out, err
}

func (d Deps) apiDecide(ctx context.Context, in *signupDecideIn) (*struct{}, error) {
	return nil, d.Activities.Decide(ctx, activity.Decision{Shift: in.Shift, Signups: in.Body.Signups, Approve: in.Body.Approve,
		Reason: in.Body.Reason, By: account.From(ctx).Person})
}
