package personweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/region"
)

// Facts are the facts of a person as the API takes them. All are optional for
// the schema: the service says everything that is missing at once.
type Facts struct {
	DocumentKind    string   `json:"document_kind,omitempty" doc:"From the code list document" example:"mainland_id"`
	DocumentIssuer  string   `json:"document_issuer,omitempty" doc:"ISO 3166-1 alpha-2; passports only" example:"PT"`
	DocumentNumber  string   `json:"document_number,omitempty"`
	NameHans        string   `json:"name_hans,omitempty" doc:"Name in simplified characters; one of the three names is needed"`
	NameHant        string   `json:"name_hant,omitempty"`
	NameLatin       string   `json:"name_latin,omitempty"`
	BirthDate       string   `json:"birth_date,omitempty" doc:"2006-01-02; may be left out when the document number holds it"`
	Gender          string   `json:"gender,omitempty" doc:"male or female; as birth_date"`
	Division        string   `json:"division,omitempty" doc:"Code of where the person lives, at least a county" example:"440104"`
	Email           string   `json:"email,omitempty"`
	Skills          []string `json:"skills,omitempty" doc:"From the code list skill"`
	Languages       []string `json:"languages,omitempty" doc:"From the code list language"`
	ServiceFields   []string `json:"service_fields,omitempty" doc:"One to four of the code list service_field"`
	ConsentPrivacy  string   `json:"consent_privacy,omitempty" doc:"Version agreed to; see /consent/{version}" example:"privacy-1"`
	ConsentDocument string   `json:"consent_document,omitempty" example:"document-1"`
}

// noBirth stands for a birth date that cannot be read; the service refuses it.
var noBirth = time.Time{}.AddDate(0, 0, 1)

// registration turns Facts into a Registration.
func (b Facts) registration() person.Registration {
	r := person.Registration{
		Document: person.DocumentInput{Kind: person.DocumentKind(b.DocumentKind), Issuer: b.DocumentIssuer, Number: b.DocumentNumber},
		NameHans: b.NameHans, NameHant: b.NameHant, NameLatin: b.NameLatin, Gender: b.Gender, Division: b.Division, Email: b.Email,
		Skills: b.Skills, Languages: b.Languages, ServiceFields: b.ServiceFields,
		Consents: map[person.Purpose]string{person.ConsentPrivacy: b.ConsentPrivacy, person.ConsentDocument: b.ConsentDocument},
	}
	if b.BirthDate != "" {
		born, err := time.Parse(time.DateOnly, b.BirthDate)
		if err != nil {
			born = noBirth
		}
		r.BirthDate = born
	}
	return r
}

type volunteerIn struct {
	Body struct {
		Facts
		Phone       string `json:"phone,omitempty" doc:"Mobile phone; proved by code" example:"13800138000"`
		PhoneRegion string `json:"phone_region,omitempty" doc:"CN (default), HK or MO: where a phone without country code belongs"`
		Code        string `json:"code,omitempty" doc:"From POST /api/v1/phone-codes with the purpose register"`
	}
}

type volunteerOut struct {
	Body struct {
		Person      uuid.UUID `json:"person"`
		VolunteerNo string    `json:"volunteer_no" example:"K7Q-4821"`
		Token       string    `json:"token" doc:"Bearer token of a session"`
		ExpiresAt   time.Time `json:"expires_at"`
	}
}

// operations adds the JSON side.
func (h handlers) operations(api *web.API) {
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/volunteers", OperationID: "register-volunteer", Tags: []string{"People"},
		Summary: "Become a volunteer", DefaultStatus: http.StatusCreated, Middlewares: huma.Middlewares{h.Accounts.WithDevice(h.TrustProxy)}}, account.Public, h.apiRegister)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me", OperationID: "get-me", Tags: []string{"People"},
		Summary: "My facts"}, account.SignedIn, h.apiMe)
	web.Op(api, huma.Operation{Method: http.MethodPut, Path: "/api/v1/me", OperationID: "update-me", Tags: []string{"People"},
		Summary: "Change my facts"}, account.SignedIn, h.apiUpdateMe)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/wards", OperationID: "list-wards", Tags: []string{"People"},
		Summary: "Minors I am guardian of"}, account.SignedIn, h.apiWards)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/me/wards", OperationID: "add-ward", Tags: []string{"People"},
		Summary: "Register a child or minor as their guardian", DefaultStatus: http.StatusCreated}, account.SignedIn, h.apiAddWard)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/regions", OperationID: "list-regions", Tags: []string{"Lists"},
		Summary: "Province and special administrative regions"}, account.Public, h.apiRoots)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/regions/{code}/children", OperationID: "list-region-children", Tags: []string{"Lists"},
		Summary: "Divisions directly under a division"}, account.Public, h.apiChildren)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/codes", OperationID: "list-codes", Tags: []string{"Lists"},
		Summary: "Code lists with their texts"}, account.Public, h.apiCodes)
}

func (h handlers) apiRegister(ctx context.Context, in *volunteerIn) (*volunteerOut, error) {
	device := account.APIDevice(ctx, "")
	var c fault.Check
	reg := in.Body.registration()
	reg.Phone, reg.PhoneRegion, reg.PhoneProven, reg.Lang = in.Body.Phone, in.Body.PhoneRegion, true, lang(ctx)
	c.Must(in.Body.Code != "", "code", fault.ErrRequired)
	if err := c.Merge(h.People.Check(reg)); err != nil {
		return nil, err
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	phone, bad := person.ParsePhone(reg.Phone, reg.PhoneRegion)
	if bad != nil {
		return nil, bad
	}
	if err := h.Accounts.ProvePhone(ctx, phone, account.ForRegister, in.Body.Code, device); err != nil {
		return nil, fault.At("code", err)
	}
	acc, who, err := h.Accounts.Enrol(ctx, h.People, reg)
	if err != nil {
		return nil, err
	}
	return h.apiSignIn(ctx, acc, who, device)
}

func (h handlers) apiSignIn(ctx context.Context, acc, who uuid.UUID, device account.Device) (*volunteerOut, error) {
	p, err := h.People.Get(ctx, who)
	if err != nil {
		return nil, err
	}
	s, err := h.Accounts.Begin(ctx, h.Accounts.Pool, acc, who, device, account.ByCode)
	if err != nil {
		return nil, err
	}
	var out volunteerOut
	out.Body.Person, out.Body.VolunteerNo, out.Body.Token, out.Body.ExpiresAt = who, p.VolunteerNo, s.Token, s.ExpiresAt
	return &out, nil
}

// personBody is a person as the person, or a guardian, may see them.
type personBody struct {
	Person        uuid.UUID      `json:"person"`
	VolunteerNo   string         `json:"volunteer_no"`
	NameHans      string         `json:"name_hans,omitempty"`
	NameHant      string         `json:"name_hant,omitempty"`
	NameLatin     string         `json:"name_latin,omitempty"`
	Gender        string         `json:"gender"`
	BirthDate     string         `json:"birth_date"`
	Division      string         `json:"division"`
	Phone         string         `json:"phone,omitempty" doc:"Masked"`
	Email         string         `json:"email,omitempty"`
	Skills        []string       `json:"skills"`
	Languages     []string       `json:"languages"`
	ServiceFields []string       `json:"service_fields"`
	Lang          string         `json:"lang"`
	Documents     []documentBody `json:"documents,omitempty"`
	Relation      string         `json:"relation,omitempty" doc:"Of the guardian to a ward"`
	Consented     *bool          `json:"consented,omitempty" doc:"The guardian's consent to service is in force"`
	Version       int            `json:"version" doc:"For PUT: one more with each change"`
}

type documentBody struct {
	Kind      string `json:"kind"`
	Number    string `json:"number" doc:"Masked"`
	Assurance int    `json:"assurance" doc:"0 self-declared, 1 document checked, 2 checked with the authority, 3 in person"`
}

func bodyOf(p person.Person) personBody {
	return personBody{Person: p.ID, VolunteerNo: p.VolunteerNo, NameHans: p.NameHans, NameHant: p.NameHant, NameLatin: p.NameLatin, Gender: p.Gender,
		BirthDate: birthText(p), Division: p.Division, Phone: person.MaskPhone(p.Phone), Email: p.Email, Skills: p.Skills, Languages: p.Languages,
		ServiceFields: p.ServiceFields, Lang: string(p.Lang), Version: p.Version}
}

type personOut struct{ Body personBody }

func (h handlers) apiMe(ctx context.Context, _ *struct{}) (*personOut, error) {
	p, err := h.profile(ctx, account.From(ctx).Person)
	if err != nil {
		return nil, err
	}
	out := &personOut{bodyOf(p.Person)}
	for _, d := range p.Documents {
		out.Body.Documents = append(out.Body.Documents, documentBody{string(d.Kind), d.Masked, d.Assurance})
	}
	return out, nil
}

type updateIn struct {
	Body struct {
		Division      string   `json:"division"`
		Email         string   `json:"email,omitempty"`
		Skills        []string `json:"skills,omitempty"`
		Languages     []string `json:"languages,omitempty"`
		ServiceFields []string `json:"service_fields"`
		Lang          string   `json:"lang"`
		Version       int      `json:"version" doc:"As GET gave it"`
	}
}

func (h handlers) apiUpdateMe(ctx context.Context, in *updateIn) (*personOut, error) {
	who, b := account.From(ctx).Person, in.Body
	err := h.People.UpdateProfile(ctx, who, who, person.Profile{Division: b.Division, Email: b.Email, Skills: b.Skills, Languages: b.Languages,
		ServiceFields: b.ServiceFields, Lang: i18n.Lang(b.Lang), Version: b.Version})
	if err != nil {
		return nil, err
	}
	return h.apiMe(ctx, nil)
}

type wardsOut struct {
	Body struct {
		Items []personBody `json:"items"`
	}
}

func (h handlers) apiWards(ctx context.Context, _ *struct{}) (*wardsOut, error) {
	list, err := h.People.WardsOf(ctx, account.From(ctx).Person)
	if err != nil {
		return nil, err
	}
	out := &wardsOut{}
	out.Body.Items = make([]personBody, len(list))
	for i, w := range list {
		out.Body.Items[i] = bodyOf(w.Person)
		out.Body.Items[i].Relation, out.Body.Items[i].Consented = w.Relation, &w.Consented
	}
	return out, nil
}

type wardIn struct {
	Body struct {
		Facts
		Relation        string `json:"relation,omitempty" doc:"From the code list relation"`
		ConsentChild    string `json:"consent_child,omitempty" doc:"For a child under 14" example:"child-1"`
		ConsentGuardian string `json:"consent_guardian,omitempty" example:"guardian-2"`
	}
}

func (h handlers) apiAddWard(ctx context.Context, in *wardIn) (*personOut, error) {
	reg := in.Body.registration()
	reg.Guardian, reg.Relation, reg.Lang = account.From(ctx).Person, in.Body.Relation, lang(ctx)
	reg.Consents[person.ConsentChild], reg.Consents[person.ConsentGuardian] = in.Body.ConsentChild, in.Body.ConsentGuardian
	p, err := h.People.Register(ctx, reg)
	if err != nil {
		return nil, err
	}
	h.Accounts.Forget()
	return &personOut{bodyOf(p)}, nil
}

type divisionBody struct {
	Code     string `json:"code"`
	Level    string `json:"level" doc:"province, sar, city, county, town, village"`
	Name     string `json:"name" doc:"In the language of the request"`
	NameHans string `json:"name_hans"`
	NameHant string `json:"name_hant"`
	NameEn   string `json:"name_en,omitempty"`
}

type divisionsOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Items []divisionBody `json:"items"`
	}
}

func (h handlers) apiRoots(ctx context.Context, _ *struct{}) (*divisionsOut, error) {
	return h.children(ctx, ""), nil
}

func (h handlers) apiChildren(ctx context.Context, in *struct {
	Code string `path:"code" maxLength:"12" example:"440100"`
}) (*divisionsOut, error) {
	if _, ok := h.Regions.Get(in.Code); !ok {
		return nil, fault.ErrNotFound.Because(region.ErrUnknown)
	}
	return h.children(ctx, in.Code), nil
}

func (h handlers) children(ctx context.Context, code string) *divisionsOut {
	out := &divisionsOut{CacheControl: "public, max-age=3600"}
	list := h.Regions.Children(code)
	out.Body.Items = make([]divisionBody, len(list))
	for i, d := range list {
		out.Body.Items[i] = divisionBody{d.Code, string(d.Level), d.Name(lang(ctx)), d.NameHans, d.NameHant, d.NameEn}
	}
	return out
}

type codeBody struct {
	Code string `json:"code"`
	Text string `json:"text" doc:"In the language of the request"`
}

type codesOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Lists map[string][]codeBody `json:"lists"`
	}
}

func (h handlers) apiCodes(ctx context.Context, _ *struct{}) (*codesOut, error) {
	out := &codesOut{CacheControl: "public, max-age=3600"}
	out.Body.Lists = map[string][]codeBody{}
	for _, list := range append(person.CodeLists(), h.Lists...) {
		for _, c := range list.Codes {
			out.Body.Lists[list.Name] = append(out.Body.Lists[list.Name], codeBody{c, list.Text(lang(ctx), c)})
		}
	}
	return out, nil
}
