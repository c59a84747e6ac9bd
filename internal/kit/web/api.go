package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

// API is the JSON side of a site: operations with a gate each, described in
// OpenAPI 3.1. huma stays behind this type; handlers are plain functions.
type API struct {
	site  *Site
	huma  huma.API
	names *names
}

// ourProblems makes huma's refusals ours. huma keeps how in package variables,
// which sites made at the same time, as tests do, must not write twice.
var ourProblems = sync.OnceFunc(func() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return problemOf(ctx, status, errs)
	}
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError { return problemOf(nil, status, errs) }
})

// NewAPI makes the API of a site and mounts it under /api/v1/. version is the
// version of the API's contract, not of the program.
func NewAPI(site *Site, title, version string) *API {
	ourProblems()
	mux := http.NewServeMux()
	config := huma.DefaultConfig(title, version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	names := &names{taken: map[string]reflect.Type{}}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", names.of)
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "http", Scheme: "bearer", Description: "Token from POST /api/v1/sessions"},
	}
	api := &API{site: site, huma: humago.New(mux, config), names: names}
	site.Mount("/api/v1/", jsonOnly(site, mux))
	return api
}

// OpenAPI is the description of all operations.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// jsonOnly answers unknown operations and wrong content types as problems.
func jsonOnly(site *Site, mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern == "" {
			site.unknown(w, r, h)
			return
		}
		if r.ContentLength != 0 && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			site.fail(w, r, ErrContentType)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Op adds an operation behind a gate. A fault returned by h becomes a problem
// in the reader's language; input that does not fit the schema never reaches h.
func Op[I, O any](a *API, op huma.Operation, gate Gate, h func(ctx context.Context, in *I) (*O, error)) {
	a.site.Note(Route{Method: op.Method, Path: op.Path, Gate: gate, API: true})
	a.names.operation = op.OperationID
	if gate.String() != "public" {
		op.Security = []map[string][]string{{"session": {}}}
	}
	op.Errors = append(op.Errors, http.StatusUnprocessableEntity)
	op.Extensions = map[string]any{"x-gate": gate.String()}
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		if err := gate.Admit(r); err != nil {
			a.site.fail(w, r, err)
			return
		}
		next(ctx)
	})
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

func (a *API) problem(ctx context.Context, err error) *Problem {
	p := NewProblem(i18n.From(ctx), err, Ref(ctx))
	if p.Status >= 500 && ctx.Err() == nil {
		a.site.log.ErrorContext(ctx, "request failed", "ref", p.Ref, "error", fault.As(err).Error())
	}
	return p
}

// names gives the schemas of the document their names: areas need not know of
// each other's types.
type names struct {
	operation string // the one being added
	taken     map[string]reflect.Type
}

// of names a type: an anonymous body after its operation, a named one after
// itself without the ending JSON, and after its area too when another area has
// the name already.
func (n *names) of(t reflect.Type, hint string) string {
	name := strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "JSON")
	if t.Name() == "" && t.Kind() == reflect.Struct {
		name = camel(n.operation) + strings.TrimSuffix(strings.TrimSuffix(name, "InBody"), "OutBody")
		if strings.HasSuffix(hint, "OutBody") {
			name = camel(n.operation) + "Answer"
		} else if strings.HasSuffix(hint, "InBody") {
			name = camel(n.operation) + "Request"
		}
	}
	if had, ok := n.taken[name]; ok && had != t {
		name = camel(strings.TrimSuffix(path.Base(t.PkgPath()), "web")) + name
	}
	n.taken[name] = t
	return name
}

// camel makes IssueCertificate of issue-certificate.
func camel(s string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(s, "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// problemOf turns huma's own refusals into problems. The value sent and huma's
// message are dropped: the message may quote what was sent.
func problemOf(ctx huma.Context, status int, errs []error) *Problem {
	l, ref := i18n.ZhHans, ""
	if ctx != nil {
		l, ref = i18n.From(ctx.Context()), Ref(ctx.Context())
	}
	e := *faultOf(status)
	for _, err := range errs {
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			e.Fields = append(e.Fields, fault.Field{Name: fieldName(d), Err: fieldFault(d)})
		}
	}
	p := NewProblem(l, &e, ref)
	if status >= 500 {
		slog.Error("request failed", "ref", ref, "status", status)
	}
	return p
}

func faultOf(status int) *fault.Error {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge.With("kb", MaxBody>>10)
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return ErrContentType
	case http.StatusBadRequest:
		return ErrUnreadable
	case http.StatusUnprocessableEntity:
		return fault.ErrInvalid
	}
	return fault.ErrInternal
}

func fieldName(d *huma.ErrorDetail) string {
	_, name, found := strings.Cut(d.Location, ".")
	if !found {
		name = d.Location
	}
	if _, prop, ok := strings.Cut(d.Message, "expected required property "); ok {
		prop, _, _ = strings.Cut(prop, " ")
		return strings.TrimPrefix(name+"."+prop, "body.")
	}
	if strings.Contains(d.Message, "unexpected property") && !wordsOnly.MatchString(name) {
		return "body" // who sent a number where a name belongs does not get it back
	}
	return name
}

// wordsOnly are names that hold no more than words and places in lists.
var wordsOnly = regexp.MustCompile(`^[a-z_]+((\.|\[)[a-z_]+|(\.|\[)\d{1,3}|\])*$`)

func fieldFault(d *huma.ErrorDetail) *fault.Error {
	if strings.Contains(d.Message, "required") {
		return fault.ErrRequired
	}
	return fault.ErrBadValue
}
