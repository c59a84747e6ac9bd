package identityweb

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// documents is what the page of one's documents shows.
type documents struct {
	List   []person.HeldDocument
	Level  int // best one in force
	Values *web.Form
	Held   bool // the document typed is registered otherwise
}

func (h handlers) documents(r *http.Request) (documents, error) {
	ctx := r.Context()
	list, err := h.People.Documents(ctx, me(ctx))
	if err != nil {
		return documents{}, err
	}
	levels, err := h.People.AssuranceOf(ctx, h.Accounts.Pool, []uuid.UUID{me(ctx)})
	return documents{List: list, Level: levels[me(ctx)]}, err
}

func (h handlers) documentsPage(w http.ResponseWriter, r *http.Request) error {
	d, err := h.documents(r)
	if err != nil {
		return err
	}
	return show(w, r, documentsView(d))
}

func readDocument(f *web.Form) person.NewDocument {
	return person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.DocumentKind(f.Get("document_kind")),
		Issuer: f.Get("document_issuer"), Number: f.Get("document_number")}, Name: f.Get("name"), ValidTo: f.Date("valid_to", false)}
}

// addDocument adds a document, or asks the administrators to look when it is
// registered otherwise.
func (h handlers) addDocument(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, in := r.Context(), readDocument(f)
	if err = f.Err(); err == nil && f.Get("do") == "claim" {
		return h.claim(w, r, f, in)
	}
	if err == nil {
		err = h.People.AddDocument(ctx, me(ctx), in)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "identity.documents.added")
		return web.Back(w, r, "/me/documents")
	}
	return h.documentsAgain(w, r, f, err)
}

func (h handlers) documentsAgain(w http.ResponseWriter, r *http.Request, f *web.Form, err error) error {
	d, failed := h.documents(r)
	if failed != nil {
		return failed
	}
	d.Values, d.Held = f, errors.Is(err, person.ErrDocumentHeld)
	return web.Again(w, r, f, err, func() templ.Component { return documentsView(d) })
}

func (h handlers) claim(w http.ResponseWriter, r *http.Request, f *web.Form, in person.NewDocument) error {
	doc, bad := person.ParseDocument(in.DocumentInput, h.People.Today())
	if bad != nil {
		return h.documentsAgain(w, r, f, fault.At(person.DocumentField(bad), bad))
	}
	if _, err := h.People.ClaimDocument(r.Context(), me(r.Context()), me(r.Context()), doc, f.Get("said")); err != nil {
		return h.documentsAgain(w, r, f, fault.At("document_number", err))
	}
	ui.SetFlash(w, r, ui.Jade, "identity.merge.asked")
	return web.Back(w, r, "/me/merges")
}
