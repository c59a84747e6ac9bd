package federationweb

import (
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/federation"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

func (h handlers) choose(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, chooseView(h.Providers.Offered(), r.URL.Query().Get("next")))
}

// begin sends somebody to a provider to sign in.
func (h handlers) begin(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return h.send(w, r, federation.SignIn, uuid.Nil, web.LocalPath(f.Get("next")))
}

// verify sends somebody signed in to a provider to be verified.
func (h handlers) verify(w http.ResponseWriter, r *http.Request) error {
	return h.send(w, r, federation.Verify, account.From(r.Context()).Person, "/me/identity")
}

func (h handlers) send(w http.ResponseWriter, r *http.Request, why federation.Purpose, who uuid.UUID, next string) error {
	p, err := h.Providers.Provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	to, carry, err := h.Providers.Begin(r.Context(), p.ID, why, who, next)
	if err != nil {
		return web.Refuse(w, r, err, failedView(err, backTo(why)))
	}
	h.setCookie(w, flowCookie, carry, int(federation.FlowLife.Seconds()))
	return ui.Leave(w, r, p.Name(i18n.From(r.Context())), to)
}

// backTo is where somebody begins again.
func backTo(why federation.Purpose) string {
	if why == federation.Verify {
		return "/me/identity"
	}
	return "/login/with"
}

// callback takes a provider's answer.
func (h handlers) callback(w http.ResponseWriter, r *http.Request) error {
	f, st, err := h.Providers.Finish(r.Context(), r.PathValue("provider"), cookie(r, flowCookie), r.URL.Query())
	h.setCookie(w, flowCookie, "", -1)
	who := account.From(r.Context())
	if err == nil && f.Purpose == federation.Verify && (who == nil || who.Person != f.Person) {
		err = federation.ErrFlow // somebody else signed in here in the meantime
	}
	if err != nil {
		return web.Refuse(w, r, err, failedView(err, backTo(f.Purpose)))
	}
	if f.Purpose == federation.Verify {
		return h.settle(w, r, st)
	}
	return h.signIn(w, r, st, f.Next)
}

// signIn opens a session for who is linked, and leads on who is not.
func (h handlers) signIn(w http.ResponseWriter, r *http.Request, st federation.Statement, next string) error {
	in, found, err := h.Providers.SignIn(r.Context(), st, h.Accounts.DeviceOf(r, account.Web, h.TrustProxy))
	if err != nil {
		return err
	}
	if !found {
		h.setCookie(w, keptCookie, h.Providers.Keep(st), int(federation.KeptLife.Seconds()))
		return web.Back(w, r, "/login/link")
	}
	if before := account.From(r.Context()); before != nil {
		if err := h.Accounts.Revoke(r.Context(), before.Account, before.Session); err != nil {
			return err
		}
	}
	h.Accounts.SetCookie(w, in)
	if next == "/" {
		next = "/me"
	}
	return web.Back(w, r, next)
}

// unlinked leads on whoever a provider vouched for and who is linked to nobody
// yet: sign in the usual way, or register.
func (h handlers) unlinked(w http.ResponseWriter, r *http.Request) error {
	p, ok := h.kept(r)
	if !ok {
		return web.Back(w, r, "/login/with")
	}
	if account.From(r.Context()) != nil {
		return web.Back(w, r, "/me/identity")
	}
	return show(w, r, unlinkedView(p))
}

// kept is the provider whose statement the browser carries.
func (h handlers) kept(r *http.Request) (*federation.Provider, bool) {
	st, ok := h.Providers.Kept(cookie(r, keptCookie))
	if !ok {
		return nil, false
	}
	p, err := h.Providers.Provider(st.Provider)
	return p, err == nil
}

// link settles the statement that the browser carries, once its owner says so.
func (h handlers) link(w http.ResponseWriter, r *http.Request) error {
	st, ok := h.Providers.Kept(cookie(r, keptCookie))
	h.setCookie(w, keptCookie, "", -1)
	if !ok {
		return web.Refuse(w, r, federation.ErrFlow, failedView(federation.ErrFlow, "/me/identity"))
	}
	return h.settle(w, r, st)
}

func (h handlers) settle(w http.ResponseWriter, r *http.Request, st federation.Statement) error {
	if err := h.Providers.Settle(r.Context(), account.From(r.Context()).Person, st); err != nil {
		return web.Refuse(w, r, err, failedView(err, "/me/identity"))
	}
	ui.SetFlash(w, r, ui.Jade, "federation.settled")
	return web.Back(w, r, "/me/identity")
}

// identity is what the page of one's identity shows.
type identity struct {
	Documents []person.HeldDocument
	Links     []federation.Link
	Kept      *federation.Provider // waits to be linked
	Offered   []*federation.Provider
}

func (h handlers) identity(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), account.From(r.Context()).Person
	docs, err := h.People.Documents(ctx, who)
	if err != nil {
		return err
	}
	links, err := h.Providers.Links(ctx, who)
	if err != nil {
		return err
	}
	p := identity{Documents: docs, Links: links, Offered: h.Providers.Offered()}
	p.Kept, _ = h.kept(r)
	return show(w, r, h.identityView(p))
}

func (h handlers) unlink(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("link"))
	if err != nil {
		return fault.ErrNotFound
	}
	if err := h.Providers.Unlink(r.Context(), account.From(r.Context()).Person, id); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "federation.unlinked")
	return web.Back(w, r, "/me/identity")
}

// providerName is what people call a provider; one that is no longer
// configured goes by its id.
func (h handlers) providerName(l i18n.Lang, id string) string {
	p, err := h.Providers.Provider(id)
	if err != nil {
		return id
	}
	return p.Name(l)
}

// differences are the fields at fault, in words.
func differences(l i18n.Lang, err error) []string {
	var out []string
	for _, f := range fault.As(err).Fields {
		out = append(out, web.Title(l, f.Err))
	}
	return out
}
