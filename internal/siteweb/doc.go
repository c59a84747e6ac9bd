// Package siteweb is the pages that belong to no area: the front door, and what
// the law asks a site to tell its readers.
//
// Owns: / (home), /privacy, /terms, /accessibility.
// Words: 首页 home, 隐私政策 privacy, 服务条款 terms, 无障碍声明 accessibility.
// Not here: finding activities (activityweb), my pages (accountweb).
package siteweb

import (
	"context"
	_ "embed"
	"net/http"

	"github.com/a-h/templ"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Front is what the home page shows of the province.
type Front struct {
	Activities, Free int           // open activities of the next seven days, and their free places
	Cards            []ui.CardInfo // the next ones, suited to the reader where known
	Chips            []ui.Link     // quick filters
	Next             *ui.CardInfo  // the reader's own next shift
}

// Deps is what the pages need; main gives it.
type Deps struct {
	Public web.Gate
	Front  func(ctx context.Context) (Front, error)
}

// document is a page of text: its name and how many sections texts.json has.
type document struct {
	name     string
	sections int
}

var documents = []document{{"privacy", 7}, {"terms", 6}, {"accessibility", 4}}

// Register adds the pages.
func Register(site *web.Site, d Deps) {
	site.Handle("GET", "/{$}", d.Public, func(w http.ResponseWriter, r *http.Request) error {
		f, err := d.Front(r.Context())
		if err != nil {
			return err
		}
		return show(w, r, home(f))
	})
	for _, doc := range documents {
		site.Handle("GET", "/"+doc.name, d.Public, func(w http.ResponseWriter, r *http.Request) error {
			return show(w, r, text(doc))
		})
	}
}

func show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return web.Page(w, r, http.StatusOK, c)
}
