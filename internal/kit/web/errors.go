package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

var statusOf = map[fault.Kind]int{
	fault.Invalid: 422, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404, fault.Conflict: 409,
	fault.Precondition: 409, fault.RateLimited: 429, fault.TooLarge: 413, fault.Unsupported: 415, fault.Unavailable: 503, fault.Internal: 500,
}

// Status is the HTTP status of a kind of fault; the only such mapping.
func Status(k fault.Kind) int { return statusOf[k] }

// Problem is application/problem+json (RFC 9457) with our stable code. It
// never holds what the client sent.
type Problem struct {
	Type   string         `json:"type" doc:"Always about:blank; the code names the problem" example:"about:blank"`
	Title  string         `json:"title" doc:"What is wrong, in the reader's language"`
	Status int            `json:"status"`
	Code   string         `json:"code" doc:"Stable code; never re-used" example:"activity.shift_full"`
	Remedy string         `json:"remedy,omitempty" doc:"What would make it possible"`
	Params map[string]any `json:"params,omitempty" doc:"Figures of the rule, such as its limit"`
	Errors []FieldProblem `json:"errors,omitempty" doc:"All fields at fault, at once"`
	Ref    string         `json:"ref,omitempty" doc:"Id of the request, for the operator"`
}

// FieldProblem is one field at fault.
type FieldProblem struct {
	Field  string         `json:"field"`
	Code   string         `json:"code"`
	Title  string         `json:"title"`
	Remedy string         `json:"remedy,omitempty"`
	Params map[string]any `json:"params,omitempty"`
}

// Error makes a Problem an error (huma wants that).
func (p *Problem) Error() string { return p.Code }

// GetStatus is the HTTP status (huma asks for it).
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is problem+json (huma asks for it).
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// NewProblem turns an error into what the client may see, in its language.
func NewProblem(l i18n.Lang, err error, ref string) *Problem {
	e := fault.As(err)
	p := &Problem{Type: "about:blank", Title: Title(l, e), Status: Status(e.Kind), Code: e.Code, Remedy: Remedy(l, e), Params: e.Args, Ref: ref}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem{Field: f.Name, Code: f.Err.Code, Title: Title(l, f.Err), Remedy: Remedy(l, f.Err), Params: f.Err.Args})
	}
	return p
}

// Title is the text of a fault.
func Title(l i18n.Lang, e *fault.Error) string { return i18n.Text(l, "fault."+e.Code, pairs(e)...) }

// Remedy is what would make the refused thing possible, or "".
func Remedy(l i18n.Lang, e *fault.Error) string {
	key := "fault." + e.Code + ".remedy"
	if !i18n.Has(key) {
		return ""
	}
	return i18n.Text(l, key, pairs(e)...)
}

func pairs(e *fault.Error) []any {
	out := make([]any, 0, 2*len(e.Args))
	for k, v := range e.Args {
		out = append(out, k, v)
	}
	return out
}

// IsAPI reports whether a request wants JSON.
func IsAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// Fail answers with an error, as JSON or as a page. Handlers return errors
// instead; this is for middleware.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }

func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = ErrTooLarge.With("kb", tooBig.Limit>>10)
	}
	e := fault.As(err)
	s.failStatus(w, r, e, Status(e.Kind))
}

func (s *Site) failStatus(w http.ResponseWriter, r *http.Request, e *fault.Error, status int) {
	ref := Ref(r.Context())
	if status >= 500 && r.Context().Err() == nil {
		s.log.ErrorContext(r.Context(), "request failed", "ref", ref, "route", r.Pattern, "error", e.Error())
	}
	w.Header().Set("Cache-Control", "no-store")
	if !IsAPI(r) {
		if detour, ok := s.detours[e.Code]; ok {
			err := detour(w, r)
			if err == nil {
				return
			}
			e = fault.As(err)
			status = Status(e.Kind)
		}
		if e.Kind == fault.Unauthenticated && r.Method == http.MethodGet {
			http.Redirect(w, r, "/login?next="+escapePath(r.URL), http.StatusSeeOther)
			return
		}
		if err := Page(w, r, status, s.errPage(e, ref)); err == nil {
			return
		}
	}
	p := NewProblem(i18n.From(r.Context()), e, ref)
	p.Status = status
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p)
}
