// Package certificateweb is the pages and operations of certificates: issuing
// and keeping one's own, and checking anybody's.
//
// Owns: /verify, /verify/{number}, /me/certificates…, the published keys.
// Words: 查验 verify, 开具 issue, 作废 void, 换发 replace.
// Invariants: a stranger learns only what the holder chose to show; a holder's
// pages answer "not found" to everybody else.
// Not here: what a certificate is (certificate).
package certificateweb

import (
	_ "embed"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/certificate"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need.
type Deps struct {
	Certificates *certificate.Service
	People       *person.Service
}

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	site.Handle("GET", "/verify", account.Public, d.verifyForm)
	site.Handle("POST", "/verify", account.Public, d.verifyFile)
	site.Handle("GET", "/verify/{number}", account.Public, d.verifyNumber)
	site.Handle("GET", "/verify/keys.json", account.Public, d.keys)
	site.Handle("GET", "/me/certificates", account.SignedIn, d.list)
	site.Handle("GET", "/me/certificates/new", account.SignedIn, d.newForm)
	site.Handle("POST", "/me/certificates/new", account.SignedIn, d.issue)
	site.Handle("GET", "/me/certificates/{number}", account.SignedIn, d.show)
	site.Handle("GET", "/me/certificates/{number}/pdf", account.SignedIn, d.pdf)
	site.Handle("GET", "/me/certificates/{number}/json", account.SignedIn, d.json)
	site.Handle("POST", "/me/certificates/{number}/void", account.SignedIn, d.void)
	d.operations(api)
}

// mine finds a certificate of the reader or a ward; to anybody else it does
// not exist.
func (d Deps) mine(r *http.Request) (certificate.Certificate, error) {
	c, err := d.apiOwn(r.Context(), r.PathValue("number"))
	if errors.Is(err, certificate.ErrBadNumber) {
		err = certificate.ErrUnknown // in an address of ours, a wrong number is a wrong address
	}
	return c, err
}

// holder is whose certificates a page is about: the reader, or the ward named
// by ?for=.
func (d Deps) holder(r *http.Request, f *web.Form) (uuid.UUID, error) {
	return d.apiHolder(r.Context(), f.Get("for"))
}
