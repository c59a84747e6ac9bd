package signupweb

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// refusedOne is one of a family with all that stands against them.
type refusedOne struct {
	Name string // "" for what concerns the shift
	Who  uuid.UUID
	Why  []*fault.Error
}

// signUpFamily signs up everybody ticked, or nobody.
func (d Deps) signUpFamily(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := d.shift(r)
	if err != nil {
		return err
	}
	people, err := mine(r.Context(), f.All("who"))
	if err != nil {
		return err
	}
	all, err := d.Activities.SignUpFamily(r.Context(), activity.FamilyRequest{Shift: v.ID, People: people, By: account.From(r.Context()).Person})
	if err != nil {
		return d.refuseFamily(w, r, v, err)
	}
	ui.SetFlash(w, r, ui.Jade, "signupweb.family.done."+string(all[0].State), "n", len(all))
	return web.Back(w, r, boxPath(v))
}

// mine are the ids of the reader and wards that a form names.
func mine(ctx context.Context, ids []string) ([]uuid.UUID, error) {
	if len(ids) > activity.FamilyMax {
		return nil, activity.ErrFamilyLarge.With("max", activity.FamilyMax)
	}
	var out []uuid.UUID
	for _, s := range ids {
		id, err := uuid.Parse(s)
		if err != nil || !account.From(ctx).MayActFor(id) {
			return nil, person.ErrNotGuardian
		}
		out = append(out, id)
	}
	return out, nil
}

// refuseFamily says who cannot sign up and why.
func (d Deps) refuseFamily(w http.ResponseWriter, r *http.Request, v activity.ShiftView, err error) error {
	e := fault.As(err)
	if !e.Is(activity.ErrFamilyRefused) {
		return d.refuse(w, r, v, account.From(r.Context()).Person, err)
	}
	var list []refusedOne
	for _, f := range e.Fields {
		i := slices.IndexFunc(list, func(o refusedOne) bool { return o.key() == f.Name })
		if i < 0 {
			one, err := d.refusedOne(r.Context(), f.Name)
			if err != nil {
				return err
			}
			i, list = len(list), append(list, one)
		}
		list[i].Why = append(list[i].Why, f.Err)
	}
	return web.Page(w, r, web.Status(e.Kind), familyRefusedPage(v, list))
}

func (o refusedOne) key() string {
	if o.Who == uuid.Nil {
		return "shift"
	}
	return o.Who.String()
}

func (d Deps) refusedOne(ctx context.Context, field string) (refusedOne, error) {
	id, err := uuid.Parse(field)
	if err != nil {
		return refusedOne{}, nil
	}
	name, err := d.name(ctx, id)
	return refusedOne{Name: name, Who: id}, err
}

// others are those of the reader's family who stand at a shift beside who.
func (d Deps) others(ctx context.Context, v activity.ShiftView, who uuid.UUID) ([]uuid.UUID, error) {
	p := account.From(ctx)
	list, err := d.Activities.Roster(ctx, d.Pool, v.ID)
	var out []uuid.UUID
	for _, g := range list {
		if g.State.Active() && g.Person != who && p.MayActFor(g.Person) {
			out = append(out, g.Person)
		}
	}
	return out, err
}

type (
	familyIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
		Body  struct {
			People []uuid.UUID `json:"people" minItems:"1" maxItems:"8" doc:"Oneself or wards"`
		}
	}
	familyOut struct {
		Body struct {
			Items []SignupJSON `json:"items"`
		}
	}
)

func (d Deps) familyOperations(api *web.API) {
	const path = "/api/v1/shifts/{shift}/family-sign-ups"
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: path, OperationID: "sign-up-family", Tags: []string{"sign-ups"}, DefaultStatus: http.StatusCreated,
		Summary:     "Sign up several of a family for a shift, all or none",
		Description: "All get a place, or all a place in the waiting list, which they leave together. A refusal has one entry for each person and reason, named by the person's id."},
		account.SignedIn, d.apiSignUpFamily)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: path + "/cancel", OperationID: "cancel-family-sign-ups", Tags: []string{"sign-ups"},
		Summary: "Give the places of several of a family back, all or none", DefaultStatus: http.StatusOK}, account.SignedIn, d.apiCancelFamily)
}

func (d Deps) apiSignUpFamily(ctx context.Context, in *familyIn) (*familyOut, error) {
	return apiFamily(ctx, in, d.Activities.SignUpFamily)
}

func (d Deps) apiCancelFamily(ctx context.Context, in *familyIn) (*familyOut, error) {
	return apiFamily(ctx, in, d.Activities.CancelFamily)
}

func apiFamily(ctx context.Context, in *familyIn, do func(context.Context, activity.FamilyRequest) ([]activity.Signup, error)) (*familyOut, error) {
	for _, id := range in.Body.People {
		if !account.From(ctx).MayActFor(id) {
			return nil, person.ErrNotGuardian
		}
	}
	list, err := do(ctx, activity.FamilyRequest{Shift: in.Shift, People: in.Body.People, By: account.From(ctx).Person})
	out := &familyOut{}
	for _, g := range list {
		out.Body.Items = append(out.Body.Items, asJSON(g))
	}
	return out, err
}
