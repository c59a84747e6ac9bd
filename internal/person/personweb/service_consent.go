package personweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// found is how many organisations a search shows.
const found = 10

// serviceConsents is the page where a guardian says with which organisations a
// ward may serve.
type serviceConsents struct {
	Ward    person.Ward
	Singles []person.Consent
	Orgs    map[uuid.UUID]organisation.Organisation
	Asked   *organisation.Organisation // the child asks about it
	Query   string
	Found   []organisation.Organisation
}

// covers reports whether the guardian has agreed to an organisation.
func (s serviceConsents) covers(org uuid.UUID) bool {
	if s.Ward.Consented {
		return true
	}
	for _, c := range s.Singles {
		if *c.Org == org {
			return true
		}
	}
	return false
}

func (h handlers) serviceConsents(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	ward, err := h.ward(r)
	if err != nil {
		return err
	}
	s := serviceConsents{Ward: ward, Query: q.Get("q")}
	if s.Singles, s.Orgs, err = h.singles(ctx, ward.ID); err != nil {
		return err
	}
	if id, err := uuid.Parse(q.Get("org")); err == nil {
		o, err := h.Orgs.Get(ctx, id)
		if err != nil {
			return err
		}
		s.Asked = &o
	}
	if s.Query != "" {
		if s.Found, err = h.Orgs.Find(ctx, s.Query, found); err != nil {
			return err
		}
	}
	return show(w, r, serviceConsentsPage(s))
}

// singles are the consents of the reader for single organisations, with these.
func (h handlers) singles(ctx context.Context, ward uuid.UUID) ([]person.Consent, map[uuid.UUID]organisation.Organisation, error) {
	all, err := h.People.ServiceConsents(ctx, account.From(ctx).Person, ward)
	if err != nil {
		return nil, nil, err
	}
	var list []person.Consent
	var ids []uuid.UUID
	for _, c := range all {
		if c.Org != nil {
			list, ids = append(list, c), append(ids, *c.Org)
		}
	}
	orgs, err := h.Orgs.GetMany(ctx, ids)
	return list, orgs, err
}

// decideService agrees or withdraws, for one organisation or for every one.
func (h handlers) decideService(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ward, err := h.ward(r)
	if err != nil {
		return err
	}
	org, err := h.orgNamed(r.Context(), f.Get("org"))
	if err != nil {
		return err
	}
	by, done := account.From(r.Context()).Person, "person.service.agreed"
	if f.Get("do") == "withdraw" {
		done, err = "person.service.withdrawn", h.People.WithdrawService(r.Context(), by, ward.ID, org)
	} else {
		err = h.People.AgreeService(r.Context(), by, ward.ID, org)
	}
	if err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, done)
	return web.Back(w, r, person.ServiceConsentPath(ward.ID, nil))
}

// orgNamed finds the organisation of an id; "" is none.
func (h handlers) orgNamed(ctx context.Context, id string) (*uuid.UUID, error) {
	if id == "" {
		return nil, nil
	}
	org, err := uuid.Parse(id)
	if err != nil {
		return nil, fault.ErrNotFound
	}
	_, err = h.Orgs.Get(ctx, org)
	return &org, err
}

type serviceConsentJSON struct {
	Org         *uuid.UUID `json:"org,omitempty" doc:"Without it, every organisation"`
	Name        string     `json:"name,omitempty" doc:"Of the organisation"`
	TextVersion string     `json:"text_version" example:"guardian-2"`
	GivenAt     time.Time  `json:"given_at"`
}

type (
	serviceConsentsIn struct {
		Ward uuid.UUID `path:"ward" format:"uuid"`
	}
	serviceConsentsOut struct {
		Body struct {
			Items []serviceConsentJSON `json:"items"`
		}
	}
	serviceConsentIn struct {
		Ward uuid.UUID `path:"ward" format:"uuid"`
		Org  string    `query:"org" format:"uuid" doc:"Without it, every organisation"`
	}
)

func (h handlers) serviceOperations(api *web.API) {
	const path = "/api/v1/me/wards/{ward}/consents"
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: path, OperationID: "list-service-consents", Tags: []string{"People"},
		Summary: "With which organisations I agree that a ward serves"}, account.SignedIn, h.apiServiceConsents)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: path, OperationID: "agree-to-service", Tags: []string{"People"},
		Summary: "Agree to a ward's service with one organisation, or with every one"}, account.SignedIn, h.apiAgreeService)
	web.Op(api, huma.Operation{Method: http.MethodDelete, Path: path, OperationID: "withdraw-service-consent", Tags: []string{"People"}, DefaultStatus: http.StatusOK,
		Summary:     "Take back what I agreed to",
		Description: "Coming places of the ward that no guardian's consent covers any more are given back at once."}, account.SignedIn, h.apiWithdrawService)
}

func (h handlers) apiServiceConsents(ctx context.Context, in *serviceConsentsIn) (*serviceConsentsOut, error) {
	if !account.From(ctx).MayActFor(in.Ward) {
		return nil, fault.ErrNotFound
	}
	all, err := h.People.ServiceConsents(ctx, account.From(ctx).Person, in.Ward)
	if err != nil {
		return nil, err
	}
	_, orgs, err := h.singles(ctx, in.Ward)
	out := &serviceConsentsOut{}
	out.Body.Items = make([]serviceConsentJSON, len(all))
	for i, c := range all {
		out.Body.Items[i] = serviceConsentJSON{Org: c.Org, TextVersion: c.TextVersion, GivenAt: c.GivenAt}
		if c.Org != nil {
			out.Body.Items[i].Name = orgs[*c.Org].Name
		}
	}
	return out, err
}

func (h handlers) apiAgreeService(ctx context.Context, in *serviceConsentIn) (*serviceConsentsOut, error) {
	return h.apiDecideService(ctx, in, h.People.AgreeService)
}

func (h handlers) apiWithdrawService(ctx context.Context, in *serviceConsentIn) (*serviceConsentsOut, error) {
	return h.apiDecideService(ctx, in, h.People.WithdrawService)
}

func (h handlers) apiDecideService(ctx context.Context, in *serviceConsentIn, do func(context.Context, uuid.UUID, uuid.UUID, *uuid.UUID) error) (*serviceConsentsOut, error) {
	org, err := h.orgNamed(ctx, in.Org)
	if err != nil {
		return nil, err
	}
	if err := do(ctx, account.From(ctx).Person, in.Ward, org); err != nil {
		return nil, err
	}
	return h.apiServiceConsents(ctx, &serviceConsentsIn{in.Ward})
}
