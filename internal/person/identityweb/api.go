package identityweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

func (h handlers) operations(api *web.API, org, propose, decide web.Gate) {
	tags := []string{"Identity"}
	post := func(path, id, summary string) huma.Operation {
		return huma.Operation{Method: http.MethodPost, Path: path, OperationID: id, Summary: summary, Tags: tags}
	}
	get := func(path, id, summary string) huma.Operation {
		o := post(path, id, summary)
		o.Method = http.MethodGet
		return o
	}
	web.Op(api, get("/api/v1/me/documents", "list-my-documents", "My documents and how well they were checked"), account.SignedIn, h.apiDocuments)
	web.Op(api, post("/api/v1/me/documents", "add-my-document", "Add a document, or renew one"), account.SignedIn, h.apiAddDocument)
	web.Op(api, post("/api/v1/me/document-claims", "claim-document", "Ask the administrators to look at a document that is registered otherwise"), account.SignedIn, h.apiClaim)
	web.Op(api, get("/api/v1/me/merges", "list-my-merges", "Merges of my registrations"), account.SignedIn, h.apiMerges)
	join := post("/api/v1/me/merges", "merge-mine", "Join another registration of mine, or see what that would do")
	join.Middlewares = huma.Middlewares{h.Accounts.WithDevice(h.TrustProxy)}
	web.Op(api, join, account.SignedIn, h.apiJoin)
	web.Op(api, post("/api/v1/me/merges/{merge}/undo", "undo-my-merge", "Take a merge of mine apart again"), account.SignedIn, h.apiUndo)
	web.Op(api, get("/api/v1/merges", "list-merges", "Merges that wait for an administrator"), propose, h.apiWaiting)
	web.Op(api, post("/api/v1/merges", "propose-merge", "Propose a merge, or see what it would do"), propose, h.apiPropose)
	web.Op(api, post("/api/v1/merges/{merge}/rulings", "rule-merge", "Decide about a merge or its undoing"), decide, h.apiRule)
	web.Op(api, post("/api/v1/organisations/{org}/identity-checks", "check-member-identity", "Compare a member's card with the registration"), org, h.apiCheckMember)
	web.Op(api, post("/api/v1/identity-checks", "check-identity", "Compare a card with a registration of the division"), h.Access.AnyScope(account.DecideMerge), h.apiCheck)
}

// Card is what stands on a document.
type Card struct {
	DocumentKind   string `json:"document_kind,omitempty" doc:"From the code list document" example:"travel_permit"`
	DocumentIssuer string `json:"document_issuer,omitempty" doc:"ISO 3166-1 alpha-2; passports only"`
	DocumentNumber string `json:"document_number,omitempty"`
	Name           string `json:"name,omitempty" doc:"As on the card"`
	ValidTo        string `json:"valid_to,omitempty" doc:"Last day, 2006-01-02"`
}

func (c Card) document() (person.NewDocument, error) {
	d := person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.DocumentKind(c.DocumentKind), Issuer: c.DocumentIssuer, Number: c.DocumentNumber}, Name: c.Name}
	if c.ValidTo == "" {
		return d, nil
	}
	day, err := time.Parse(time.DateOnly, c.ValidTo)
	if err != nil {
		return d, fault.At("valid_to", fault.ErrBadValue)
	}
	d.ValidTo = day
	return d, nil
}

type heldBody struct {
	Document  uuid.UUID `json:"document"`
	Kind      string    `json:"kind"`
	Number    string    `json:"number" doc:"Masked"`
	Name      string    `json:"name"`
	Assurance int       `json:"assurance" doc:"0 self-declared, 1 document checked, 2 checked with the authority, 3 in person"`
	ValidTo   string    `json:"valid_to,omitempty"`
}

type documentsOut struct {
	Body struct {
		Assurance int        `json:"assurance" doc:"Best level in force"`
		Items     []heldBody `json:"items"`
	}
}

func (h handlers) apiDocuments(ctx context.Context, _ *struct{}) (*documentsOut, error) {
	list, err := h.People.Documents(ctx, me(ctx))
	if err != nil {
		return nil, err
	}
	levels, err := h.People.AssuranceOf(ctx, h.Accounts.Pool, []uuid.UUID{me(ctx)})
	out := &documentsOut{}
	out.Body.Assurance, out.Body.Items = levels[me(ctx)], make([]heldBody, len(list))
	for i, d := range list {
		out.Body.Items[i] = heldBody{Document: d.ID, Kind: string(d.Kind), Number: d.Masked, Name: d.Name, Assurance: d.Assurance}
		if d.ValidTo != nil {
			out.Body.Items[i].ValidTo = d.ValidTo.Format(time.DateOnly)
		}
	}
	return out, err
}

func (h handlers) apiAddDocument(ctx context.Context, in *struct{ Body Card }) (*documentsOut, error) {
	d, err := in.Body.document()
	if err == nil {
		err = h.People.AddDocument(ctx, me(ctx), d)
	}
	if err != nil {
		return nil, err
	}
	return h.apiDocuments(ctx, nil)
}

type claimIn struct {
	Body struct {
		Card
		Said string `json:"said,omitempty" doc:"What the administrators should know"`
	}
}

func (h handlers) apiClaim(ctx context.Context, in *claimIn) (*mergeOut, error) {
	d, err := in.Body.document()
	if err != nil {
		return nil, err
	}
	doc, bad := person.ParseDocument(d.DocumentInput, h.People.Today())
	if bad != nil {
		return nil, fault.At(person.DocumentField(bad), bad)
	}
	m, err := h.People.ClaimDocument(ctx, me(ctx), me(ctx), doc, in.Body.Said)
	return &mergeOut{MergeBody{Merge: &m.ID, State: string(m.State)}}, err
}

type lineBody struct {
	Kind string `json:"kind"`
	Text string `json:"text" doc:"In the language of the request"`
}

// MergeBody is a merge, or what one would do.
type MergeBody struct {
	Merge     *uuid.UUID `json:"merge,omitempty" doc:"Left out when it was only looked at"`
	State     string     `json:"state,omitempty" doc:"case, proposed, refused, merged, undone"`
	Kept      *uuid.UUID `json:"kept,omitempty" doc:"For administrators"`
	Absorbed  *uuid.UUID `json:"absorbed,omitempty" doc:"For administrators"`
	Conflicts []string   `json:"conflicts,omitempty"`
	Lines     []lineBody `json:"lines,omitempty" doc:"What happens, in plain words"`
	MayUndo   bool       `json:"may_undo,omitempty"`
}

type mergeOut struct{ Body MergeBody }

type mergesOut struct {
	Body struct {
		Items []MergeBody `json:"items"`
	}
}

func lines(ctx context.Context, r person.Report) []lineBody {
	out := make([]lineBody, len(r.Lines))
	for i, l := range r.Lines {
		out[i] = lineBody{l.Kind, lineText(ctx, l)}
	}
	return out
}

func (h handlers) apiMerges(ctx context.Context, _ *struct{}) (*mergesOut, error) {
	list, err := h.People.MergesOf(ctx, me(ctx))
	out := &mergesOut{}
	out.Body.Items = make([]MergeBody, len(list))
	for i, m := range list {
		out.Body.Items[i] = MergeBody{Merge: &m.ID, State: string(m.State), MayUndo: h.People.MayUndo(m, h.Clock.Now())}
	}
	return out, err
}

type joinIn struct {
	Body struct {
		Card
		Phone       string `json:"phone" doc:"Of the other registration"`
		PhoneRegion string `json:"phone_region,omitempty"`
		Code        string `json:"code,omitempty" doc:"From POST /api/v1/phone-codes with the purpose login"`
		Password    string `json:"password,omitempty" doc:"Instead of a code"`
		Preview     bool   `json:"preview,omitempty" doc:"Only says what would happen"`
		Proof       string `json:"proof,omitempty" doc:"From a preview, instead of code or password"`
	}
}

type joinOut struct {
	Body struct {
		MergeBody
		Proof string `json:"proof,omitempty" doc:"Of a preview; sent back to merge"`
	}
}

func (h handlers) apiJoin(ctx context.Context, in *joinIn) (*joinOut, error) {
	who, phone, err := h.apiOther(ctx, in)
	if err != nil {
		return nil, err
	}
	d, err := in.Body.document()
	if err == nil {
		err = h.holds(ctx, who, d)
	}
	if err != nil {
		return nil, err
	}
	out := &joinOut{}
	if in.Body.Preview {
		r, err := h.People.PreviewMerge(ctx, me(ctx), who, me(ctx))
		out.Body.Conflicts, out.Body.Lines = r.Conflicts, lines(ctx, r)
		out.Body.Proof = h.Accounts.Proof(phone+" "+me(ctx).String(), phoneProved)
		return out, err
	}
	m, r, err := h.People.MergeSelf(ctx, me(ctx), who)
	out.Body.MergeBody = MergeBody{Merge: &m.ID, State: string(m.State), Conflicts: m.Conflicts, Lines: lines(ctx, r)}
	return out, err
}

// apiOther proves the other registration, anew or by what a preview gave.
func (h handlers) apiOther(ctx context.Context, in *joinIn) (uuid.UUID, string, error) {
	if in.Body.Proof != "" {
		phone, who, err := h.other(ctx, in.Body.Proof, phoneProved)
		return who, phone, err
	}
	phone, bad := person.ParsePhone(in.Body.Phone, in.Body.PhoneRegion)
	if bad != nil {
		return uuid.Nil, "", fault.At("phone", bad)
	}
	device := account.APIDevice(ctx, "")
	who, err := h.Accounts.ProveOther(ctx, phone, in.Body.Code, in.Body.Password, device)
	return who, phone, err
}

type mergePath struct {
	Merge string `path:"merge"`
}

func (h handlers) apiUndo(ctx context.Context, in *mergePath) (*mergeOut, error) {
	id, err := uuid.Parse(in.Merge)
	if err != nil {
		return nil, fault.ErrNotFound
	}
	r, err := h.People.UndoSelf(ctx, id, me(ctx))
	return &mergeOut{MergeBody{Merge: &id, State: string(person.MergeUndone), Lines: lines(ctx, r)}}, err
}

func (h handlers) apiWaiting(ctx context.Context, _ *struct{}) (*mergesOut, error) {
	list, err := h.People.MergesWaiting(ctx, h.within(ctx))
	out := &mergesOut{}
	out.Body.Items = make([]MergeBody, len(list))
	for i, m := range list {
		out.Body.Items[i] = MergeBody{Merge: &m.ID, State: string(m.State), Kept: &m.Kept, Absorbed: &m.Absorbed, Conflicts: m.Conflicts}
	}
	return out, err
}

type proposeIn struct {
	Body struct {
		Kept     string `json:"kept" doc:"Volunteer number of the registration that goes on" example:"K7Q-4821"`
		Absorbed string `json:"absorbed" doc:"Volunteer number of the other one"`
		Evidence string `json:"evidence,omitempty" doc:"What was shown, without numbers"`
		Preview  bool   `json:"preview,omitempty" doc:"Only says what would happen"`
	}
}

func (h handlers) apiPropose(ctx context.Context, in *proposeIn) (*mergeOut, error) {
	m, r, err := h.proposed(ctx, proposal{in.Body.Kept, in.Body.Absorbed, in.Body.Evidence, in.Body.Preview})
	if err != nil {
		return nil, err
	}
	out := &mergeOut{MergeBody{Conflicts: r.Conflicts, Lines: lines(ctx, r)}}
	if m != nil {
		out.Body = MergeBody{Merge: &m.ID, State: string(m.State), Kept: &m.Kept, Absorbed: &m.Absorbed, Conflicts: m.Conflicts}
	}
	return out, nil
}

type ruleIn struct {
	Merge string `path:"merge"`
	Body  struct {
		Do     string `json:"do" enum:"propose,swap,approve,refuse,ask_undo,undo,keep" doc:"propose and swap: of a case; swap keeps the other one"`
		Reason string `json:"reason,omitempty" doc:"Evidence of a proposal; reason of a refusal or an undoing"`
	}
}

func (h handlers) apiRule(ctx context.Context, in *ruleIn) (*mergeOut, error) {
	id, err := uuid.Parse(in.Merge)
	if err != nil {
		return nil, fault.ErrNotFound
	}
	m, err := h.People.MergeOf(ctx, id)
	if err == nil {
		err = h.ruled(ctx, m, ruling{in.Body.Do, in.Body.Reason})
	}
	if err != nil {
		return nil, err
	}
	m, err = h.People.MergeOf(ctx, id)
	return &mergeOut{MergeBody{Merge: &m.ID, State: string(m.State), Kept: &m.Kept, Absorbed: &m.Absorbed, Conflicts: m.Conflicts}}, err
}

// CheckBody is a card in the hand of a desk.
type CheckBody struct {
	Card
	VolunteerNo string `json:"volunteer_no"`
	Level       int    `json:"level" enum:"1,3" doc:"1 document checked, 3 in person"`
}

func (h handlers) apiCheck(ctx context.Context, in *struct{ Body CheckBody }) (*struct{}, error) {
	return nil, h.apiChecked(ctx, uuid.Nil, in.Body)
}

func (h handlers) apiCheckMember(ctx context.Context, in *struct {
	Org  string `path:"org"`
	Body CheckBody
}) (*struct{}, error) {
	org, err := uuid.Parse(in.Org)
	if err != nil {
		return nil, fault.ErrNotFound
	}
	return nil, h.apiChecked(ctx, org, in.Body)
}

func (h handlers) apiChecked(ctx context.Context, org uuid.UUID, b CheckBody) error {
	d, err := b.document()
	if err == nil {
		_, err = h.checked(ctx, org, person.DeskCheck{VolunteerNo: b.VolunteerNo, NewDocument: d, Level: b.Level})
	}
	return err
}
