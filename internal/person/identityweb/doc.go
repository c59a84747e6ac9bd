// Package identityweb is the pages and operations about who somebody is: their
// documents and how well these were checked, and two registrations that are one
// person.
//
// Owns: /me/documents, /me/merge, /me/merges, /admin/merges, /admin/identity,
// /console/orgs/{org}/identity; under /api/v1: me/documents, me/document-claims,
// me/merges, merges, identity-checks, organisations/{org}/identity-checks.
// Words: 证件 document, 核验等级 assurance, 登记合并 merge, 撤销合并 undo, 待核实 case.
// Invariants: a number is shown in full only in the form in which it was typed;
// nobody learns whose a document is; a desk sees only what it typed itself.
// States, tables: none.
// Not here: registering (personweb), signing in (accountweb).
package identityweb

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/region"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need.
type Deps struct {
	People     *person.Service
	Accounts   *account.Service
	Access     account.Access
	Regions    *region.Tree
	Clock      clock.Clock
	Target     account.Resolve                                                // the organisation that a path names, with its division
	Member     func(ctx context.Context, org, person uuid.UUID) (bool, error) // is the person a member?
	Desk       func(ctx context.Context, org uuid.UUID) ui.DeskInfo
	RegionDesk func(ctx context.Context, division string) ui.DeskInfo
	TrustProxy bool // as account.DeviceOf
}

// ErrNotMember: an organisation checks its own members only.
var ErrNotMember = fault.Define(fault.Forbidden, "identity.not_member")

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	h := handlers{d}
	org := d.Access.Allow(account.CheckIdentity, d.Target)
	propose, decide := d.Access.AnyScope(account.ProposeMerge), d.Access.Allow(account.DecideMerge, h.mergeTarget)
	for _, r := range []struct {
		method, path string
		gate         web.Gate
		handler      web.Handler
	}{
		{"GET", "/me/documents", account.SignedIn, h.documentsPage},
		{"POST", "/me/documents", account.SignedIn, h.addDocument},
		{"GET", "/me/merge", account.Fresh(account.SignedIn), h.mergePage},
		{"POST", "/me/merge", account.Fresh(account.SignedIn), h.mergeStep},
		{"GET", "/me/merges", account.SignedIn, h.mergesPage},
		{"POST", "/me/merges/{merge}/undo", account.Fresh(account.SignedIn), h.undoMine},
		{"GET", "/admin/merges", propose, h.deskMerges},
		{"POST", "/admin/merges", account.Fresh(propose), h.propose},
		{"GET", "/admin/merges/{merge}", decide, h.deskMerge},
		{"POST", "/admin/merges/{merge}", account.Fresh(decide), h.rule},
		{"GET", "/admin/identity", d.Access.AnyScope(account.DecideMerge), h.checkPage},
		{"POST", "/admin/identity", account.Fresh(d.Access.AnyScope(account.DecideMerge)), h.check},
		{"GET", "/console/orgs/{org}/identity", org, h.checkPage},
		{"POST", "/console/orgs/{org}/identity", account.Fresh(org), h.check},
	} {
		site.Handle(r.method, r.path, r.gate, r.handler)
	}
	h.operations(api, org, propose, decide)
}

type handlers struct{ Deps }

// mergeTarget finds the division of the merge that a path names.
func (h handlers) mergeTarget(r *http.Request) (account.Target, error) {
	m, err := h.mergeIn(r)
	return account.Target{Region: m.Division}, err
}

func (h handlers) mergeIn(r *http.Request) (person.Merge, error) {
	id, err := uuid.Parse(r.PathValue("merge"))
	if err != nil {
		return person.Merge{}, fault.ErrNotFound
	}
	return h.People.MergeOf(r.Context(), id)
}

func show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusOK, c)
}

func me(ctx context.Context) uuid.UUID { return account.From(ctx).Person }

func t(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "identity."+key, args...)
}

// lineText is a line of a report in plain words.
func lineText(ctx context.Context, l person.Line) string {
	var args []any
	for k, v := range l.Args {
		if m, ok := v.(int); ok && k == "minutes" {
			v = ui.Hours(m)
		}
		args = append(args, k, v)
	}
	return t(ctx, "line."+l.Kind, args...)
}
