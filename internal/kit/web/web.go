// Package web is the edge every page and JSON handler stands on: one table of
// routes with the gate each passes, errors turned into answers once, limits,
// security headers, languages.
//
// Owns: Site (the route table and its middleware), reading forms, mapping
// faults to statuses, problem+json.
// Words: 路由 route, 门 gate.
// Invariants: no route without a gate; a handler returns an error, it never
// writes one; nothing of an internal error reaches the client; a body has a
// limit; text that is not UTF-8 is refused.
// Not here: who may pass a gate (account), what a page looks like (ui).
package web

import (
	"bytes"
	"context"
	_ "embed"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Errors of the edge.
var (
	ErrTooLarge     = fault.Define(fault.TooLarge, "kit.too_large")       // argument kb
	ErrContentType  = fault.Define(fault.Unsupported, "kit.content_type") // wrong content type
	ErrCrossSite    = fault.Define(fault.Forbidden, "kit.cross_site")
	ErrUnreadable   = fault.Define(fault.Invalid, "kit.unreadable") // the form or JSON cannot be parsed
	ErrShuttingDown = fault.Define(fault.Unavailable, "kit.shutting_down")
)

// Handler answers a request or returns why not.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Gate decides who may pass. account has the gates.
type Gate interface {
	// Admit returns nil or the fault that turns the request away.
	Admit(r *http.Request) error
	// String names the rule for the permission table, such as "org:confirm_hours".
	String() string
}

// Route is one line of the route table.
type Route struct {
	Method, Path string
	Gate         Gate
	API          bool // JSON instead of pages
}

// Site is the table of routes and the middleware around it.
type Site struct {
	mux      *http.ServeMux
	log      *slog.Logger
	routes   []Route
	wrap     []func(http.Handler) http.Handler
	detours  map[string]Handler // by code of fault
	errPage  func(e *fault.Error, ref string) templ.Component
	draining atomic.Bool
	once     sync.Once
	handler  http.Handler // the mux inside all middleware, made once
}

// NewSite makes an empty site. errPage draws the page of an error; ref is the
// request's id, to be told to the operator.
func NewSite(log *slog.Logger, errPage func(e *fault.Error, ref string) templ.Component) *Site {
	return &Site{mux: http.NewServeMux(), log: log, errPage: errPage}
}

// Use adds middleware inside the site's own (such as reading the session).
func (s *Site) Use(m func(http.Handler) http.Handler) { s.wrap = append(s.wrap, m) }

// Handle adds a page: pattern is "GET /activities/{activity}".
func (s *Site) Handle(method, path string, gate Gate, h Handler) {
	s.routes = append(s.routes, Route{Method: method, Path: path, Gate: gate})
	s.mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		err := gate.Admit(r)
		if err == nil {
			err = h(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// Detour answers a fault on pages with a page of its own, which leads to where
// the fault is mended; the request's body is still unread when a gate refused.
func (s *Site) Detour(e *fault.Error, h Handler) {
	if s.detours == nil {
		s.detours = map[string]Handler{}
	}
	s.detours[e.Code] = h
}

// Note records a route that another mux serves (the JSON API), for the table.
func (s *Site) Note(r Route) { s.routes = append(s.routes, r) }

// Mount serves everything under a prefix with another handler (assets, API).
func (s *Site) Mount(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Routes is the table of all routes.
func (s *Site) Routes() []Route { return s.routes }

// Drain makes readiness fail before a shutdown.
func (s *Site) Drain() { s.draining.Store(true) }

// Draining reports whether a shutdown has begun.
func (s *Site) Draining() bool { return s.draining.Load() }

// MaxBody is the largest request body, in bytes, that a page accepts.
const MaxBody = 1 << 20

// ServeHTTP runs the middleware, outermost first: recovery, request id,
// security headers, language, cross-site protection, body limit, then what Use added.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.once.Do(s.assemble)
	s.handler.ServeHTTP(w, r)
}

// assemble builds the chain of middleware once, at the first request.
func (s *Site) assemble() {
	var h http.Handler = http.HandlerFunc(s.dispatch)
	for _, m := range slices.Backward(s.wrap) {
		h = m(h)
	}
	s.handler = s.outer(h)
}

func (s *Site) dispatch(w http.ResponseWriter, r *http.Request) {
	h, pattern := s.mux.Handler(r)
	if pattern == "" {
		s.unknown(w, r, h)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// unknown answers what the mux does not know: 404, or 405 with Allow.
func (s *Site) unknown(w http.ResponseWriter, r *http.Request, h http.Handler) {
	probe := &statusProbe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if allow := probe.header.Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		s.failStatus(w, r, fault.ErrNotFound, http.StatusMethodNotAllowed)
		return
	}
	s.fail(w, r, fault.ErrNotFound)
}

type statusProbe struct{ header http.Header }

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(int)             {}

func (s *Site) outer(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, ErrCrossSite) }))
	inner := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		r = r.WithContext(i18n.With(context.WithValue(r.Context(), refKey{}, id), chooseLang(w, r)))
		secure(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		defer s.recovered(w, r)
		inner.ServeHTTP(w, r)
	})
}

func (s *Site) recovered(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	s.log.ErrorContext(r.Context(), "panic", "ref", Ref(r.Context()), "route", r.Pattern, "stack", string(debug.Stack()))
	s.fail(w, r, fault.ErrInternal)
}

type refKey struct{}

// Ref is the id of the request, shown on error pages and in logs.
func Ref(ctx context.Context) string {
	id, _ := ctx.Value(refKey{}).(string)
	return id
}

// secure sets the headers every answer carries.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "+
		"font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
}

// LangCookie keeps the reader's choice of language.
const LangCookie = "lang"

// chooseLang takes ?lang=, else the cookie, else Accept-Language. A choice by
// query is kept in the cookie, so links to other pages need not carry it.
func chooseLang(w http.ResponseWriter, r *http.Request) i18n.Lang {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if l, ok := i18n.Parse(r.URL.Query().Get("lang")); ok {
		http.SetCookie(w, &http.Cookie{Name: LangCookie, Value: string(l), Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
		return l
	}
	if c, err := r.Cookie(LangCookie); err == nil {
		if l, ok := i18n.Parse(c.Value); ok {
			return l
		}
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}

// Page renders a component in full before it writes, so that an error in it
// becomes an error page and not half a page.
func Page(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var buf bytes.Buffer
	if err := c.Render(r.Context(), &buf); err != nil {
		return fault.ErrInternal.Because(err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // the client may have gone; nothing to do
	return nil
}

// Refuse shows a page of one's own for a refusal, with the refusal's status,
// where the page is worth more than the bare error: a form with what was typed.
// Mistakes of ours are no refusals: they go on to the error page.
func Refuse(w http.ResponseWriter, r *http.Request, err error, c templ.Component) error {
	e := fault.As(err)
	if Status(e.Kind) >= 500 {
		return err
	}
	return Page(w, r, Status(e.Kind), c)
}

// Back redirects after a POST (303), to a path of our own only.
func Back(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, LocalPath(path), http.StatusSeeOther)
	return nil
}
