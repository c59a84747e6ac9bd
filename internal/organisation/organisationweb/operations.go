package organisationweb

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
)

// profileJSON is what an organisation says of itself.
type profileJSON struct {
	Name        string   `json:"name"`
	Kind        string   `json:"kind" doc:"group, volunteer_org, legal_person or offshore"`
	Division    string   `json:"division" doc:"Code, at least a county"`
	CreditCode  string   `json:"credit_code,omitempty" doc:"统一社会信用代码 of mainland legal persons"`
	RegistryNo  string   `json:"registry_no,omitempty"`
	GuidingUnit string   `json:"guiding_unit,omitempty" doc:"Required of groups (67号令 art. 26)"`
	FilingKind  string   `json:"filing_kind,omitempty" doc:"office or temporary, of offshore bodies"`
	FilingNo    string   `json:"filing_no,omitempty"`
	FilingFrom  string   `json:"filing_from,omitempty" doc:"YYYY-MM-DD"`
	FilingTo    string   `json:"filing_to,omitempty" doc:"YYYY-MM-DD"`
	Partner     string   `json:"partner,omitempty"`
	Phone       string   `json:"phone,omitempty"`
	Email       string   `json:"email,omitempty"`
	Address     string   `json:"address,omitempty"`
	Fields      []string `json:"fields,omitempty" doc:"At most four service categories"`
	Intro       string   `json:"intro,omitempty"`
}

func (p profileJSON) profile() (organisation.Profile, error) {
	var c fault.Check
	day := func(name, s string) *time.Time {
		if s == "" {
			return nil
		}
		t, err := time.Parse(time.DateOnly, s)
		c.Must(err == nil, name, fault.ErrBadDate)
		return &t
	}
	out := organisation.Profile{Name: p.Name, Kind: organisation.Kind(p.Kind), Division: p.Division, CreditCode: p.CreditCode, RegistryNo: p.RegistryNo,
		GuidingUnit: p.GuidingUnit, FilingKind: p.FilingKind, FilingNo: p.FilingNo, FilingFrom: day("filing_from", p.FilingFrom),
		FilingTo: day("filing_to", p.FilingTo), Partner: p.Partner, Phone: p.Phone, Email: p.Email, Address: p.Address, Fields: p.Fields, Intro: p.Intro}
	return out, c.Err()
}

// orgJSON is an organisation as the API shows it.
type orgJSON struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Division string    `json:"division"`
	State    string    `json:"state"`
	Reason   string    `json:"reason,omitempty" doc:"Why it was returned, refused or suspended"`
	Fields   []string  `json:"fields"`
	Intro    string    `json:"intro,omitempty"`
	Version  int       `json:"version"`
}

func asJSON(o organisation.Organisation) orgJSON {
	fields := o.Fields
	if fields == nil {
		fields = []string{}
	}
	return orgJSON{o.ID, o.Name, string(o.Kind), o.Division, string(o.State), o.Reason, fields, o.Intro, o.Version}
}

type (
	orgIn struct {
		Org uuid.UUID `path:"org"`
	}
	orgOut  struct{ Body orgJSON }
	applyIn struct{ Body profileJSON }
	listIn  struct {
		Division string `query:"division" doc:"A division you administer; empty: your first"`
		State    string `query:"state" enum:"applied,returned,refused,approved,suspended" default:"applied"`
		After    string `query:"after"`
	}
	listOut struct {
		Body struct {
			Items []orgJSON `json:"items"`
			Next  string    `json:"next,omitempty" doc:"Value for after"`
		}
	}
	decideIn struct {
		Org  uuid.UUID `path:"org"`
		Body struct {
			Verdict string `json:"verdict" enum:"approve,return,refuse,suspend,resume"`
			Reason  string `json:"reason,omitempty"`
			Version int    `json:"version,omitempty" doc:"The version you looked at; 0 leaves the check out"`
		}
	}
	memberIn struct {
		Org  uuid.UUID `path:"org"`
		Body struct {
			VolunteerNo string `json:"volunteer_no"`
			Role        string `json:"role" doc:"org_admin, org_approver, org_recorder, team_leader or member"`
		}
	}
	mineOut struct {
		Body struct {
			Items []membershipJSON `json:"items"`
		}
	}
	membershipJSON struct {
		Org   uuid.UUID `json:"org"`
		Name  string    `json:"name"`
		Role  string    `json:"role"`
		State string    `json:"state"`
	}
)

func (d Deps) operations(api *web.API) {
	tags := []string{"organisations"}
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/organisations", OperationID: "apply-organisation", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Apply for an organisation"}, account.SignedIn, d.apiApply)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/organisations/{org}", OperationID: "get-organisation", Tags: tags,
		Summary: "An approved organisation"}, account.Public, d.apiGet)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/organisations", OperationID: "my-organisations", Tags: tags,
		Summary: "Where I am a member, with my role"}, account.SignedIn, d.apiMine)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/admin/organisations", OperationID: "list-organisations", Tags: tags,
		Summary: "Organisations of a division I administer"}, d.Access.AnyScope(account.DecideOrg), d.apiList)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/organisations/{org}/decision", OperationID: "decide-organisation", Tags: tags,
		Summary: "Approve, return, refuse, suspend or resume"}, d.allow(account.DecideOrg), d.apiDecide)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/organisations/{org}/members", OperationID: "name-member", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Name a member, or give one another role"}, d.allow(account.ManageOrg), d.apiName)
}

func (d Deps) apiApply(ctx context.Context, in *applyIn) (*orgOut, error) {
	p, err := in.Body.profile()
	if err != nil {
		return nil, err
	}
	o, err := d.Orgs.Apply(ctx, p, account.From(ctx).Person)
	return &orgOut{asJSON(o)}, err
}

func (d Deps) apiGet(ctx context.Context, in *orgIn) (*orgOut, error) {
	o, err := d.Orgs.Get(ctx, in.Org)
	if err == nil && o.State != organisation.Approved && o.State != organisation.Suspended {
		err = organisation.ErrNotFound
	}
	o.Reason = "" // of the suspension: not for the public
	return &orgOut{asJSON(o)}, err
}

func (d Deps) apiMine(ctx context.Context, _ *struct{}) (*mineOut, error) {
	list, err := d.Orgs.Memberships(ctx, account.From(ctx).Person)
	out := &mineOut{}
	out.Body.Items = []membershipJSON{}
	for _, m := range list {
		out.Body.Items = append(out.Body.Items, membershipJSON{m.Org, m.OrgName, m.Role, string(m.OrgState)})
	}
	return out, err
}

func (d Deps) apiList(ctx context.Context, in *listIn) (*listOut, error) {
	own := divisions(account.From(ctx), account.DecideOrg)
	if in.Division == "" && len(own) > 0 {
		in.Division = own[0]
	}
	if !d.Access.Can(account.From(ctx), account.DecideOrg, account.Target{Region: in.Division}) {
		return nil, account.ErrNotAllowed
	}
	list, err := d.Orgs.List(ctx, organisation.Filter{Division: in.Division, States: []organisation.State{organisation.State(in.State)}, After: in.After, Limit: pageSize + 1})
	out := &listOut{}
	out.Body.Items = []orgJSON{}
	for i, o := range list {
		if i == pageSize {
			out.Body.Next = list[i-1].Cursor()
			break
		}
		out.Body.Items = append(out.Body.Items, asJSON(o))
	}
	return out, err
}

func (d Deps) apiDecide(ctx context.Context, in *decideIn) (*orgOut, error) {
	o, err := d.Orgs.Decide(ctx, organisation.Decision{Org: in.Org, Verdict: organisation.Verdict(in.Body.Verdict), Reason: in.Body.Reason,
		Version: in.Body.Version, By: account.From(ctx).Person})
	d.Forget()
	return &orgOut{asJSON(o)}, err
}

func (d Deps) apiName(ctx context.Context, in *memberIn) (*struct{}, error) {
	_, err := d.Orgs.AddMember(ctx, organisation.Naming{Org: in.Org, VolunteerNo: in.Body.VolunteerNo, Role: organisation.Role(in.Body.Role), By: account.From(ctx).Person})
	d.Forget()
	return nil, err
}
