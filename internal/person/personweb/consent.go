package personweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

func (h handlers) consentText(w http.ResponseWriter, r *http.Request) error {
	text, ok := person.ConsentByVersion(r.PathValue("version"))
	if !ok {
		return person.ErrConsentUnknown
	}
	return show(w, r, consentPage(text))
}

func (h handlers) childrenRules(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, consentPage(person.CurrentConsent(person.ConsentChild)))
}

// given is what the page of my consents shows.
type given struct {
	Due    []person.Purpose
	List   []person.Consent
	Values *web.Form
	Next   string
}

func (h handlers) consents(w http.ResponseWriter, r *http.Request) error {
	g, err := h.given(r.Context())
	if err != nil {
		return err
	}
	g.Next = r.URL.Query().Get("next")
	return show(w, r, consentsPage(g))
}

func (h handlers) given(ctx context.Context) (given, error) {
	who := account.From(ctx).Person
	due, err := h.People.ConsentsDue(ctx, h.Accounts.Pool, []uuid.UUID{who})
	if err != nil {
		return given{}, err
	}
	list, err := h.People.Consents(ctx, who)
	return given{Due: due[who], List: list}, err
}

// agree notes the boxes ticked; all that are due must be.
func (h handlers) agree(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	g, err := h.given(r.Context())
	if err != nil {
		return err
	}
	g.Values, g.Next = f, f.Get("next")
	var versions []string
	for _, p := range g.Due {
		version := f.Get("consent_" + string(p))
		if f.Check.Must(version != "", "consent_"+string(p), person.ErrConsentMissing) {
			versions = append(versions, version)
		}
	}
	if err := f.Err(); err != nil {
		_ = f.Show(err)
		return again(w, r, consentsPage(g))
	}
	who := account.From(r.Context()).Person
	if err := h.People.Agree(r.Context(), who, who, versions...); err != nil {
		return err
	}
	if g.Next == "" {
		g.Next = "/me"
	}
	return web.Back(w, r, g.Next)
}

// ConsentFirst is the middleware that leads signed-in readers of their own
// pages to the texts in force that they have not agreed to (PIPL art. 14: a
// changed text asks again). Who agreed once is not looked up again.
func ConsentFirst(d Deps) func(http.Handler) http.Handler {
	var agreed memory
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p := account.From(r.Context())
			if p == nil || r.Method != http.MethodGet || !ownPage(r.URL.Path) || agreed.has(p.Person) {
				next.ServeHTTP(w, r)
				return
			}
			due, err := d.People.ConsentsDue(r.Context(), d.Accounts.Pool, []uuid.UUID{p.Person})
			if err == nil && len(due[p.Person]) > 0 {
				http.Redirect(w, r, "/me/consents?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
				return
			}
			if err == nil { // an error here is no reason to keep somebody from the page
				agreed.add(p.Person)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// memory is a set of people that starts anew when it is full.
type memory struct {
	mu     sync.Mutex
	people map[uuid.UUID]struct{}
}

const memoryMax = 50_000

func (m *memory) has(id uuid.UUID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.people[id]
	return ok
}

func (m *memory) add(id uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.people == nil || len(m.people) >= memoryMax {
		m.people = map[uuid.UUID]struct{}{}
	}
	m.people[id] = struct{}{}
}

// ownPage reports whether a page is somebody's own, except those that lead out.
func ownPage(path string) bool {
	if path == "/me/consents" {
		return false
	}
	for _, own := range []string{"/me", "/console", "/admin"} {
		if path == own || strings.HasPrefix(path, own+"/") {
			return true
		}
	}
	return false
}

// consentTags shows whether a guardian's consent to service is in force.
func consentTags(ctx context.Context, w person.Ward) []ui.TagInfo {
	switch {
	case w.Consented:
		return []ui.TagInfo{{Kind: ui.Jade, Text: t(ctx, "person.ward.consented")}}
	case w.Single > 0:
		return []ui.TagInfo{{Kind: ui.Jade, Text: t(ctx, "person.ward.single", "n", w.Single)}}
	}
	return []ui.TagInfo{{Kind: ui.Amber, Text: t(ctx, "person.ward.unconsented")}}
}

func (f wardForm) back() string {
	if f.Kind == "" {
		return "/me/wards"
	}
	return "/me/wards/add"
}
