package certificateweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/certificate"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

// certificateJSON is a certificate as the API shows it to its holder.
type certificateJSON struct {
	Number    string                `json:"number"`
	Status    string                `json:"status" enum:"valid,void,replaced"`
	StatusAt  time.Time             `json:"status_at"`
	Statement certificate.Statement `json:"statement"`
	PDF       string                `json:"pdf" doc:"Path of the signed document"`
}

func asJSON(c certificate.Certificate) certificateJSON {
	return certificateJSON{Number: string(c.Number), Status: string(c.Status), StatusAt: c.StatusAt, Statement: c.Statement,
		PDF: "/me/certificates/" + string(c.Number) + "/pdf"}
}

// publicJSON is what anybody learns of a number.
type publicJSON struct {
	Number    string                 `json:"number"`
	Status    string                 `json:"status" enum:"valid,void,replaced"`
	StatusAt  time.Time              `json:"status_at"`
	Statement *certificate.Statement `json:"statement,omitempty" doc:"What the holder chose to show; only of a valid certificate"`
	Renamed   bool                   `json:"name_corrected,omitempty" doc:"Valid, but the name of its holder was corrected after the issue"`
}

// choiceJSON is what the holder wants shown.
type choiceJSON struct {
	For      string `json:"for,omitempty" doc:"Id of a ward; empty: oneself"`
	Language string `json:"language" enum:"zh-Hans,zh-Hant,en"`
	From     string `json:"from,omitempty" doc:"First day, YYYY-MM-DD"`
	To       string `json:"to,omitempty" doc:"Last day, YYYY-MM-DD"`
	Name     string `json:"name" enum:"full,masked,number"`
	Show     struct {
		VolunteerNo bool `json:"volunteer_no,omitempty"`
		Document    bool `json:"document,omitempty"`
		Units       bool `json:"units,omitempty"`
		Fields      bool `json:"fields,omitempty"`
		Grades      bool `json:"grades,omitempty"`
		Items       bool `json:"items,omitempty"`
	} `json:"show,omitempty"`
	Replaces string `json:"replaces,omitempty" doc:"Number of the certificate that this one replaces"`
}

func (c choiceJSON) choice() certificate.Choice {
	return certificate.Choice{Language: i18n.Lang(c.Language), From: c.From, To: c.To, Name: certificate.NameForm(c.Name), Number: c.Show.VolunteerNo,
		Document: c.Show.Document, Units: c.Show.Units, Fields: c.Show.Fields, Grades: c.Show.Grades, Items: c.Show.Items}
}

type (
	oneIn struct {
		Number string `path:"number" maxLength:"40"`
	}
	publicOut struct{ Body publicJSON }
	ownOut    struct{ Body certificateJSON }
	issueIn   struct{ Body choiceJSON }
	listIn    struct {
		For   string `query:"for" doc:"Id of a ward; empty: oneself"`
		After string `query:"after" doc:"Value of next in the page before"`
	}
	listOut struct {
		Body struct {
			Items []certificateJSON `json:"items"`
			Next  string            `json:"next,omitempty" doc:"Value for after"`
		}
	}
)

func (d Deps) operations(api *web.API) {
	tags := []string{"certificates"}
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/certificates/{number}", OperationID: "verify-certificate", Tags: tags,
		Summary: "Check a certificate by its number"}, account.Public, d.apiVerify)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/certificates", OperationID: "list-my-certificates", Tags: tags,
		Summary: "My certificates, newest first"}, account.SignedIn, d.apiList)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/me/certificates", OperationID: "issue-certificate", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Issue a certificate of confirmed hours, free of charge"}, account.SignedIn, d.apiIssue)
	web.Op(api, huma.Operation{Method: http.MethodDelete, Path: "/api/v1/me/certificates/{number}", OperationID: "void-certificate", Tags: tags,
		Summary: "Make one of my certificates void, for good"}, account.SignedIn, d.apiVoid)
}

func (d Deps) apiVerify(ctx context.Context, in *oneIn) (*publicOut, error) {
	n, err := certificate.ParseNumber(in.Number)
	if err != nil {
		return nil, err
	}
	c, err := d.Certificates.Lookup(ctx, n)
	return &publicOut{publicJSON{string(c.Number), string(c.Status), c.StatusAt, c.Statement, c.NameCorrected}}, err
}

func (d Deps) apiHolder(ctx context.Context, ward string) (uuid.UUID, error) {
	p := account.From(ctx)
	if ward == "" {
		return p.Person, nil
	}
	id, err := uuid.Parse(ward)
	if err != nil || !p.MayActFor(id) {
		return uuid.Nil, person.ErrNotGuardian
	}
	return id, nil
}

// apiOwn finds a certificate of the caller or a ward.
func (d Deps) apiOwn(ctx context.Context, number string) (certificate.Certificate, error) {
	n, err := certificate.ParseNumber(number)
	if err != nil {
		return certificate.Certificate{}, err
	}
	c, err := d.Certificates.Get(ctx, n)
	if err == nil && !account.From(ctx).MayActFor(c.Person) {
		err = certificate.ErrUnknown
	}
	return c, err
}

func (d Deps) apiList(ctx context.Context, in *listIn) (*listOut, error) {
	who, err := d.apiHolder(ctx, in.For)
	if err != nil {
		return nil, err
	}
	page, err := d.Certificates.Mine(ctx, who, in.After, pageSize+1)
	out := &listOut{}
	out.Body.Items = []certificateJSON{}
	for i, c := range page {
		if i == pageSize {
			out.Body.Next = page[i-1].Cursor()
			break
		}
		out.Body.Items = append(out.Body.Items, asJSON(c))
	}
	return out, err
}

func (d Deps) apiIssue(ctx context.Context, in *issueIn) (*ownOut, error) {
	who, err := d.apiHolder(ctx, in.Body.For)
	if err != nil {
		return nil, err
	}
	o := certificate.Order{Person: who, Actor: account.From(ctx).Person, Choice: in.Body.choice()}
	var c certificate.Certificate
	if in.Body.Replaces == "" {
		c, err = d.Certificates.Issue(ctx, o)
	} else if old, bad := certificate.ParseNumber(in.Body.Replaces); bad != nil {
		err = bad
	} else {
		c, err = d.Certificates.Replace(ctx, old, o)
	}
	return &ownOut{asJSON(c)}, err
}

func (d Deps) apiVoid(ctx context.Context, in *oneIn) (*struct{}, error) {
	c, err := d.apiOwn(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return nil, d.Certificates.Void(ctx, certificate.Voiding{Number: c.Number, Actor: account.From(ctx).Person, Cause: certificate.ByHolder})
}
