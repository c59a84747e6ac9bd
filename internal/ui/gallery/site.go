package gallery

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/a-h/templ"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// Site serves the samples with the real middleware, headers and assets, and
// the JSON that the division picker asks for.
func Site(log *slog.Logger) *web.Site {
	s := web.NewSite(log, ui.ErrorPage)
	s.Use(ui.Frame("https://example.org", clock.At(Now), func(*http.Request) ui.Who { return ui.Who{SignedIn: true, Unread: 3} }))
	for path, page := range Pages() {
		if path != "/list" {
			s.Handle("GET", exact(path), everyone{}, show(page))
		}
	}
	s.Handle("GET", "/list", everyone{}, listed)
	s.Handle("POST", "/form", everyone{}, formSent)
	s.Handle("POST", "/code", everyone{}, codeSent)
	s.Mount("/assets/", ui.Assets())
	s.Mount("GET /api/v1/regions/{code}/children", http.HandlerFunc(children))
	return s
}

func exact(path string) string {
	if path == "/" {
		return "/{$}"
	}
	return path
}

func show(page templ.Component) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return web.Page(w, r, http.StatusOK, page) }
}

// formSent shows the form again, as a handler does for the picker's button and
// for mistakes.
func formSent(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if !ui.Choosing(f) {
		f.Text("phone", true, 20)
	}
	if err := f.Err(); err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		return web.Page(w, r, http.StatusUnprocessableEntity, form(f))
	}
	return web.Page(w, r, http.StatusOK, form(f))
}

// listed is a list with a filter.
func listed(w http.ResponseWriter, r *http.Request) error {
	return web.Page(w, r, http.StatusOK, list(web.ReadQuery(r)))
}

func codeSent(w http.ResponseWriter, r *http.Request) error {
	ui.SetFlash(w, r, ui.Jade, "gallery.confirmed")
	return web.Back(w, r, "/hours")
}

func children(w http.ResponseWriter, r *http.Request) {
	type item struct {
		Code  string `json:"code"`
		Name  string `json:"name"`
		Level string `json:"level"`
	}
	var body struct {
		Items []item `json:"items"`
	}
	for _, d := range Tree.Children(r.PathValue("code")) {
		body.Items = append(body.Items, item{d.Code, d.Name(i18n.From(r.Context())), string(d.Level)})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the browser may have gone
}

// everyone is a gate that lets all pass.
type everyone struct{}

// Admit lets everyone pass.
func (everyone) Admit(*http.Request) error { return nil }

// String names the gate.
func (everyone) String() string { return "everyone" }
