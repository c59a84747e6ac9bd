package privacyweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/privacy"
)

type lookJSON struct {
	At      time.Time `json:"at"`
	Where   string    `json:"where,omitempty" doc:"Organisation, division or partner platform of who looked"`
	Purpose string    `json:"purpose"`
	Data    []string  `json:"data" doc:"Kinds of data that were shown"`
	Export  bool      `json:"export,omitempty" doc:"They left Kapok as a file"`
}

func looksJSON(list []look) []lookJSON {
	out := make([]lookJSON, len(list))
	for i, x := range list {
		out[i] = lookJSON{At: x.At, Where: x.Where, Purpose: x.Purpose, Export: x.Export, Data: []string{}}
		for _, k := range x.Data {
			out[i].Data = append(out[i].Data, string(k))
		}
	}
	return out
}

type requestJSON struct {
	ID       uuid.UUID  `json:"id"`
	Kind     string     `json:"kind" enum:"correction,deletion"`
	Item     string     `json:"item,omitempty"`
	Words    string     `json:"words,omitempty"`
	Values   *wishJSON  `json:"values,omitempty" doc:"As it should read; what is missing stays"`
	Appeals  *uuid.UUID `json:"appeals,omitempty" doc:"The refusal that this appeals against"`
	AskedAt  time.Time  `json:"asked_at"`
	DueAt    time.Time  `json:"due_at" doc:"Correction: by when it is decided. Deletion: when it is carried out"`
	State    string     `json:"state" enum:"open,withdrawn,granted,refused,done"`
	DecideAt *time.Time `json:"decided_at,omitempty"`
	Answer   string     `json:"answer,omitempty"`
}

func requestAsJSON(r privacy.Request) requestJSON {
	return requestJSON{r.ID, string(r.Kind), r.Item, r.Words, wishAsJSON(r.Wish), r.Appeals, r.AskedAt, r.DueAt, string(r.State), r.DecidedAt, r.Answer}
}

type itemJSON struct {
	Item  string `json:"item"`
	Name  string `json:"name"`
	Why   string `json:"purpose"`
	Basis string `json:"legal_basis" enum:"consent,wish,duty"`
	Kind  string `json:"kind" enum:"ordinary,sensitive"`
	Keep  string `json:"kept"`
	Seen  string `json:"seen_by"`
}

type (
	forIn struct {
		For string `query:"for" format:"uuid" doc:"Id of a ward; without it, oneself"`
	}
	looksIn struct {
		forIn
		Before string `query:"before" doc:"Value of next of the page before"`
	}
	looksOut struct {
		Body struct {
			Items []lookJSON `json:"items" doc:"Newest first"`
			Next  string     `json:"next,omitempty" doc:"Value for before"`
		}
	}
	copyOut     struct{ Body copyOf }
	registerOut struct {
		Body struct {
			Items []itemJSON `json:"items"`
		}
	}
	choicesJSON struct {
		Suggestions bool `json:"suggestions" doc:"Activities suggested by skills, place and age"`
		Credit      bool `json:"credit" doc:"Hours may go into credit records, if there is a consent too"`
	}
	choicesOut struct{ Body choicesJSON }
	choicesIn  struct {
		forIn
		Body choicesJSON
	}
	consentIn struct {
		forIn
		Purpose string `path:"purpose" enum:"school,employer,credit,hk_macao"`
	}
	requestsOut struct {
		Body struct {
			Items []requestJSON `json:"items"`
		}
	}
	requestOut   struct{ Body requestJSON }
	correctionIn struct {
		forIn
		Body struct {
			Item   string    `json:"item" enum:"name,birth,document,guardian"`
			Values *wishJSON `json:"values,omitempty" doc:"Of name and birth: as it should read"`
			Words  string    `json:"words" maxLength:"500"`
		}
	}
	deletionIn struct {
		forIn
		Body struct {
			KeepCertificates bool `json:"keep_certificates,omitempty" doc:"Certificates stay valid with the name on them"`
		}
	}
	withdrawIn struct {
		forIn
		Request uuid.UUID `path:"request" format:"uuid"`
	}
	decideIn struct {
		Request uuid.UUID `path:"request" format:"uuid"`
		Body    struct {
			Grant  bool      `json:"grant" doc:"It was put right"`
			Answer string    `json:"answer" maxLength:"500" doc:"The person reads it"`
			Seen   *seenJSON `json:"seen,omitempty" doc:"The document in hand; needed to put name, birth date or sex right"`
		}
	}
)

func (d Deps) operations(api *web.API, one web.Gate) {
	op := func(method, path, id, summary string, status int) huma.Operation {
		return huma.Operation{Method: method, Path: "/api/v1" + path, OperationID: id, Tags: []string{"privacy"}, Summary: summary, DefaultStatus: status}
	}
	const ok, none = http.StatusOK, http.StatusNoContent
	web.Op(api, op("GET", "/privacy/register", "privacy-register", "What is held about people, why, how long and who sees it", ok), account.Public, d.apiRegister)
	web.Op(api, op("GET", "/me/data", "my-data", "A copy of everything held about me", ok), account.SignedIn, d.apiCopy)
	web.Op(api, op("GET", "/me/data/looks", "my-data-looks", "Who looked at my data", ok), account.SignedIn, d.apiLooks)
	web.Op(api, op("GET", "/me/data/choices", "my-choices", "My switches", ok), account.SignedIn, d.apiChoices)
	web.Op(api, op("PUT", "/me/data/choices", "set-my-choices", "Set my switches", none), account.SignedIn, d.apiChoose)
	web.Op(api, op("PUT", "/me/data/consents/{purpose}", "give-consent", "Agree to an optional purpose", none), account.SignedIn, d.apiAgree)
	web.Op(api, op("DELETE", "/me/data/consents/{purpose}", "withdraw-consent", "Withdraw from an optional purpose", none), account.SignedIn, d.apiWithdrawConsent)
	web.Op(api, op("GET", "/me/data/requests", "my-privacy-requests", "My requests to correct and delete", ok), account.SignedIn, d.apiRequests)
	web.Op(api, op("POST", "/me/data/corrections", "ask-correction", "Ask for a correction", http.StatusCreated), account.SignedIn, d.apiCorrect)
	web.Op(api, op("POST", "/me/data/deletion", "ask-deletion", "Ask to be deleted, after 15 days", http.StatusCreated), account.SignedIn, d.apiDelete)
	web.Op(api, op("DELETE", "/me/data/requests/{request}", "withdraw-privacy-request", "Take a request back", none), account.SignedIn, d.apiWithdraw)
	web.Op(api, op("POST", "/me/data/requests/{request}/appeal", "appeal-correction", "Ask the level above to look at a refusal, once", http.StatusCreated), account.SignedIn, d.apiAppeal)
	web.Op(api, op("GET", "/admin/corrections", "corrections-waiting", "Corrections to decide in my divisions", ok), d.Access.AnyScope(account.DecideCorrection), d.apiWaiting)
	web.Op(api, op("POST", "/admin/corrections/{request}/decision", "decide-correction", "Answer a request to correct", none), account.Fresh(one), d.apiDecide)
}

func (d Deps) apiRegister(ctx context.Context, _ *struct{}) (*registerOut, error) {
	out, l := &registerOut{}, i18n.From(ctx)
	for _, i := range privacy.Register {
		out.Body.Items = append(out.Body.Items, itemJSON{i.Code, i.Name(l), i.Why(l), string(i.Basis), string(i.Kind), i.KeepText(l), i.SeenText(l)})
	}
	return out, nil
}

func (d Deps) apiCopy(ctx context.Context, in *forIn) (*copyOut, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	c, err := d.copyOf(ctx, who)
	return &copyOut{c}, err
}

func (d Deps) apiLooks(ctx context.Context, in *looksIn) (*looksOut, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	before, _ := strconv.ParseInt(in.Before, 10, 64) // anything else is the first page
	list, err := d.looks(ctx, who, before, looksPage+1)
	out := &looksOut{}
	if len(list) > looksPage {
		list = list[:looksPage]
		out.Body.Next = strconv.FormatInt(list[looksPage-1].ID, 10)
	}
	out.Body.Items = looksJSON(list)
	return out, err
}

func (d Deps) apiChoices(ctx context.Context, in *forIn) (*choicesOut, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	c, err := d.Privacy.Choices(ctx, d.Pool, who)
	return &choicesOut{choicesJSON(c)}, err
}

func (d Deps) apiChoose(ctx context.Context, in *choicesIn) (*struct{}, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	return nil, d.Privacy.Choose(ctx, me(ctx), who, privacy.Choices(in.Body))
}

func (d Deps) apiAgree(ctx context.Context, in *consentIn) (*struct{}, error) {
	return nil, d.apiConsent(ctx, in, true)
}

func (d Deps) apiWithdrawConsent(ctx context.Context, in *consentIn) (*struct{}, error) {
	return nil, d.apiConsent(ctx, in, false)
}

func (d Deps) apiConsent(ctx context.Context, in *consentIn, agree bool) error {
	who, err := whose(ctx, in.For)
	if err != nil {
		return err
	}
	return d.setConsent(ctx, who, person.Purpose(in.Purpose), agree)
}

func (d Deps) apiRequests(ctx context.Context, in *forIn) (*requestsOut, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	list, err := d.Privacy.RequestsOf(ctx, who)
	return requestsAsJSON(list), err
}

func requestsAsJSON(list []privacy.Request) *requestsOut {
	out := &requestsOut{}
	out.Body.Items = make([]requestJSON, len(list))
	for i, r := range list {
		out.Body.Items[i] = requestAsJSON(r)
	}
	return out
}

func (d Deps) apiDelete(ctx context.Context, in *deletionIn) (*requestOut, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	r, err := d.Privacy.AskDeletion(ctx, me(ctx), who, in.Body.KeepCertificates)
	return &requestOut{requestAsJSON(r)}, err
}

func (d Deps) apiWithdraw(ctx context.Context, in *withdrawIn) (*struct{}, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	return nil, d.Privacy.WithdrawRequest(ctx, me(ctx), who, in.Request)
}

func (d Deps) apiWaiting(ctx context.Context, _ *struct{}) (*requestsOut, error) {
	list, err := d.waiting(ctx)
	requests := make([]privacy.Request, len(list))
	for i, w := range list {
		requests[i] = w.Request
	}
	return requestsAsJSON(requests), err
}

func (d Deps) apiDecide(ctx context.Context, in *decideIn) (*struct{}, error) {
	return nil, d.Privacy.Decide(ctx, privacy.Decision{Request: in.Request, Grant: in.Body.Grant, Seen: in.Body.Seen.document(), Answer: in.Body.Answer, By: me(ctx)})
}
