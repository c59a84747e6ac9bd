package idpweb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/idp"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// question is what the page of consent shows.
type question struct {
	idp.Question
	Values map[string]any // what each claim would say now
}

// questionPage asks, unless the person has answered all of it before.
func (h handlers) questionPage(w http.ResponseWriter, r *http.Request) error {
	id, err := idIn(r, "request")
	if err != nil {
		return err
	}
	ctx, who := r.Context(), account.From(r.Context()).Person
	at, err := h.signedIn(ctx)
	if err != nil {
		return err
	}
	q, err := h.Provider.Question(ctx, id, who, at)
	switch {
	case errors.Is(err, idp.ErrChild):
		return web.Refuse(w, r, err, refusedView(q, err))
	case errors.Is(err, idp.ErrNoRequest):
		return web.Refuse(w, r, err, goneView(err))
	case err != nil:
		return err
	case q.Stale:
		return web.Back(w, r, "/login?next="+url.QueryEscape(idp.QuestionPath(id.String())))
	case q.Answered:
		to, err := h.Provider.Repeat(ctx, id, who, at)
		if err != nil {
			return err
		}
		return h.leave(w, r, q.Client, to)
	}
	values, err := h.Provider.Preview(ctx, who, q.Asked)
	if err != nil {
		return err
	}
	return show(w, r, questionView(question{q, values}))
}

func (h handlers) leave(w http.ResponseWriter, r *http.Request, c idp.Client, to string) error {
	return ui.Leave(w, r, c.Name(i18n.From(r.Context())), to)
}

func (h handlers) answer(w http.ResponseWriter, r *http.Request) error {
	id, err := idIn(r, "request")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, who := r.Context(), account.From(r.Context()).Person
	at, err := h.signedIn(ctx)
	if err != nil {
		return err
	}
	q, err := h.Provider.Question(ctx, id, who, at)
	if errors.Is(err, idp.ErrNoRequest) {
		return web.Refuse(w, r, err, goneView(err))
	}
	if err != nil && !errors.Is(err, idp.ErrChild) {
		return err
	}
	to, err := h.decide(ctx, f, id, who, q)
	if err != nil {
		return err
	}
	return h.leave(w, r, q.Client, to)
}

// decide takes the person's yes or no; anything but a clear yes is a no.
func (h handlers) decide(ctx context.Context, f *web.Form, id, who uuid.UUID, q idp.Question) (string, error) {
	if f.Get("do") != "agree" {
		return h.Provider.Decline(ctx, id)
	}
	at, err := h.signedIn(ctx)
	if err != nil {
		return "", err
	}
	return h.Provider.Agree(ctx, id, who, at, f.Choices("claims", q.Asked...))
}

// claimOptions are what is asked for, with what it says.
func (q question) claimOptions(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(q.Asked))
	for i, c := range q.Asked {
		out[i] = ui.Option{Value: c, Text: t(ctx, "idp.claim."+c), Hint: t(ctx, "idp.claim.now", "value", claimText(ctx, c, fmt.Sprint(q.Values[c])))}
	}
	return out
}

// claimText is a value as people read it.
func claimText(ctx context.Context, claim, value string) string {
	switch claim {
	case idp.ClaimAgeBand:
		return t(ctx, "idp.years", "band", value)
	case idp.ClaimHoursBand:
		return t(ctx, "idp.hours", "band", value)
	}
	return value
}

// claimNames lists claims in words.
func claimNames(ctx context.Context, claims []string) []string {
	if len(claims) == 0 {
		return []string{t(ctx, "idp.claim.none")}
	}
	out := make([]string, len(claims))
	for i, c := range claims {
		out[i] = t(ctx, "idp.claim."+c)
	}
	return out
}

func (h handlers) apps(w http.ResponseWriter, r *http.Request) error {
	list, err := h.Provider.Apps(r.Context(), account.From(r.Context()).Person)
	if err != nil {
		return err
	}
	return show(w, r, appsView(list))
}

func (h handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := idIn(r, "client")
	if err != nil {
		return err
	}
	if err := h.Provider.Withdraw(r.Context(), account.From(r.Context()).Person, id); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "idp.apps.withdrawn")
	return web.Back(w, r, "/me/apps")
}
