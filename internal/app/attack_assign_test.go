package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/privacy"
)

// assigned are fields that decide what only Kapok decides.
var assigned = map[string]any{"role": "security_admin", "roles": []string{"auditor"}, "person": uuid.NewString(), "person_id": uuid.NewString(),
	"account": uuid.NewString(), "id": uuid.NewString(), "state": "approved", "status": "valid", "approved_by": uuid.NewString(), "granted_by": uuid.NewString(),
	"assurance": 3, "verified": true, "verified_by": uuid.NewString(), "minutes": 6000, "taken": 0, "confirmed_at": "2026-01-01T00:00:00Z",
	"volunteer_no": "AAA-0000", "session": uuid.NewString(), "division": "44", "org": uuid.NewString()}

// body makes bodies that fit a schema.
type body struct{ known huma.Registry }

func (b body) resolved(s *huma.Schema) *huma.Schema {
	for s.Ref != "" {
		s = b.known.SchemaFromRef(s.Ref)
	}
	return s
}

// object is every field of a schema with a value that fits, and beside them
// those of extra that the schema does not have. added lists these by their
// places.
func (b body) object(s *huma.Schema, at string, extra map[string]any) (out map[string]any, added []string) {
	out = map[string]any{}
	for name, p := range s.Properties {
		v, more := b.value(b.resolved(p), at+name, extra)
		out[name], added = v, append(added, more...)
	}
	if open := s.AdditionalProperties; open != false {
		return out, added // a map: its keys are data
	}
	for name, v := range extra {
		if s.Properties[name] == nil {
			out[name], added = v, append(added, at+name)
		}
	}
	return out, added
}

func (b body) value(s *huma.Schema, at string, extra map[string]any) (any, []string) {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0], nil
	case s.Type == huma.TypeObject:
		return b.object(s, at+".", extra)
	case s.Type == huma.TypeArray:
		v, added := b.value(b.resolved(s.Items), at+"[0]", extra)
		return []any{v}, added
	case s.Type == huma.TypeBoolean:
		return true, nil
	case s.Type == huma.TypeInteger, s.Type == huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum, nil
		}
		return 1, nil
	}
	return b.words(s), nil
}

func (b body) words(s *huma.Schema) string {
	switch s.Format {
	case "uuid":
		return uuid.NewString()
	case "date":
		return "2026-01-01"
	case "date-time":
		return "2026-01-01T00:00:00Z"
	}
	if s.MinLength != nil {
		return strings.Repeat("x", *s.MinLength)
	}
	return "x"
}

// things opens one of each thing that a gate looks up before it lets anybody
// pass to it; until the end of the test paths lead to them.
func (a *attack) things(t *testing.T) {
	t.Helper()
	ctx, had := t.Context(), a.ids
	a.ids = maps.Clone(had)
	t.Cleanup(func() { a.ids = had })
	a.peopled(t)
	who, other := a.people["volunteer"], a.people["region_admin inside"]
	p, err := a.People.Get(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	access, err := a.Privacy.AskAccess(ctx, other, p, privacy.ForProfile, "a complaint about a certificate")
	if err != nil {
		t.Fatal(err)
	}
	request, err := a.Privacy.AskCorrection(ctx, privacy.Asking{By: who, Person: who, Item: "document", Words: "my name is written with another character"})
	if err != nil {
		t.Fatal(err)
	}
	merge, err := a.People.ProposeMerge(ctx, person.Proposal{Kept: who, Absorbed: a.people["merchant inside"], By: other, Evidence: "two cards of one person"})
	if err != nil {
		t.Fatal(err)
	}
	names, err := a.Privacy.AskNames(ctx, privacy.NamesAsked{By: other, Org: uuid.MustParse(a.ids["org"]), Shift: uuid.MustParse(a.ids["shift"]), Division: p.Division,
		Minors: []uuid.UUID{a.people["merchant inside"]}, Reason: "a list for the insurance"})
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(a.ids, map[string]string{"access": access.ID.String(), "request": request.ID.String(), "merge": merge.ID.String(), "names": names.String(), "step": "submit"})
}

// Bodies that would be taken, but for fields beside their own, at every level.
func (a *attack) tryMassAssignment(t *testing.T) {
	a.things(t)
	var before, after string
	a.row(t, fingerprint, &before)
	doc, tried := a.API.OpenAPI(), 0
	for _, r := range a.changes() {
		if !r.API {
			continue
		}
		op := operation(doc.Paths[r.Path], r.Method)
		if op == nil {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
			continue
		}
		tried++
		if op.RequestBody == nil {
			a.assignNothing(t, r)
			continue
		}
		b := body{doc.Components.Schemas}
		filled, added := b.object(b.resolved(op.RequestBody.Content["application/json"].Schema), "", assigned)
		if len(added) == 0 {
			t.Errorf("%s %s takes any field", r.Method, r.Path)
		}
		a.refusesFields(t, r, filled, added)
	}
	a.row(t, fingerprint, &after)
	if before != after || tried < 60 {
		t.Errorf("after %d tries something is not what it was", tried)
	}
}

// refusesFields: exactly the fields that are not the operation's own are at fault.
func (a *attack) refusesFields(t *testing.T, r web.Route, filled map[string]any, added []string) {
	t.Helper()
	w := a.ask(r.Method, a.filled(r.Path), filled, bearer(a.tokens[a.caller(r)])...)
	var p web.Problem
	_ = json.Unmarshal(w.Body.Bytes(), &p)
	var got []string
	for _, f := range p.Errors {
		got = append(got, f.Field)
	}
	slices.Sort(added)
	slices.Sort(got)
	if w.Code != http.StatusUnprocessableEntity || !slices.Equal(got, added) {
		t.Errorf("%s %s as %s: %d %s, at fault %v, want %v", r.Method, r.Path, a.caller(r), w.Code, p.Code, got, added)
	}
}

// assignNothing: an operation without a body does the same with one.
func (a *attack) assignNothing(t *testing.T, r web.Route) {
	t.Helper()
	if endsSessions.MatchString(r.Path) {
		return // it would end what tries the others
	}
	if w := a.ask(r.Method, a.filled(r.Path), assigned, bearer(a.tokens[a.caller(r)])...); w.Code >= 500 {
		t.Errorf("%s %s: %d", r.Method, r.Path, w.Code)
	}
}

// caller is who comes through the gate of a route.
func (a *attack) caller(r web.Route) string {
	if who := a.insider(r.Gate.String()); who != "" && !strings.HasPrefix(r.Gate.String(), "signed_in") {
		return who
	}
	return "volunteer"
}

func operation(p *huma.PathItem, method string) *huma.Operation {
	if p == nil {
		return nil
	}
	return map[string]*huma.Operation{http.MethodPost: p.Post, http.MethodPut: p.Put, http.MethodPatch: p.Patch, http.MethodDelete: p.Delete}[method]
}

// Forms of pages take any field; none of ours may change anything by it.
func (a *attack) tryMassAssignmentByForms(t *testing.T) {
	var before, after string
	a.row(t, fingerprint, &before)
	tried := 0
	for _, r := range a.changes() {
		if r.API || endsSessions.MatchString(r.Path) || strings.HasPrefix(r.Path, "/oauth") {
			continue // these end what tries them, or have their tests in idpweb
		}
		form := url.Values{}
		for name, v := range assigned {
			form[name] = []string{fmt.Sprint(v)}
		}
		tried++
		w := a.ask(r.Method, a.filled(r.Path), form, bearer(a.tokens[a.caller(r)])...)
		if w.Code >= 500 {
			t.Errorf("%s %s: %d", r.Method, r.Path, w.Code)
		}
	}
	a.row(t, fingerprint, &after)
	if before != after || tried < 60 {
		t.Errorf("after %d tries something is not what it was", tried)
	}
}
