package ui

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// dist is what `make build` puts there from web/; a tree just cloned has only .gitkeep.
//
//go:embed all:dist
var dist embed.FS

var built = mustLoad(dist)

// assets are the built styles, scripts and pictures, with their compressed twins.
type assets struct {
	names map[string]string // app.css → app-2PSVHBMZ.css
	files map[string]file   // by hashed name
}

type file struct {
	kind        string // Content-Type
	raw, gz, br []byte
}

func mustLoad(fsys fs.FS) *assets {
	a, err := loadAssets(fsys)
	if err != nil {
		panic(err) // embedded files are either all there or none is
	}
	return a
}

// loadAssets reads dist; one without a manifest gives no assets.
func loadAssets(fsys fs.FS) (*assets, error) {
	a := &assets{names: map[string]string{}, files: map[string]file{}}
	manifest, err := fs.ReadFile(fsys, "dist/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(manifest, &a.names); err != nil {
		return nil, fmt.Errorf("ui: manifest.json: %w", err)
	}
	entries, err := fs.ReadDir(fsys, "dist")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := a.add(fsys, e.Name()); err != nil {
			return nil, err
		}
	}
	for name := range maps.Values(a.names) {
		if a.files[name].raw == nil {
			return nil, fmt.Errorf("ui: manifest.json names %s, which is not there", name)
		}
	}
	return a, nil
}

var kinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

func (a *assets) add(fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, "dist/"+name)
	if err != nil {
		return err
	}
	plain := strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz")
	f := a.files[plain]
	switch path.Ext(name) {
	case ".br":
		f.br = data
	case ".gz":
		f.gz = data
	default:
		f.raw, f.kind = data, kinds[path.Ext(name)]
		if f.kind == "" {
			return nil // .gitkeep, manifest.json
		}
	}
	a.files[plain] = f
	return nil
}

// ErrNotBuilt tells whoever starts the program that its styles and scripts are missing.
var ErrNotBuilt = errors.New("the pages' styles and scripts are not built into this program: run make build")

// CheckAssets returns ErrNotBuilt when the program was compiled before web/ was
// built. Call it at start.
func CheckAssets() error { return built.check() }

func (a *assets) check() error {
	for _, name := range []string{"app.css", "app.js", "icon.svg"} {
		if a.names[name] == "" {
			return ErrNotBuilt
		}
	}
	return nil
}

// Asset is the path of a built file: Asset("app.css") is /assets/app-2PSVHBMZ.css.
// Its name changes with its content, so browsers keep it for good.
func Asset(name string) string { return "/assets/" + built.hashed(name) }

func (a *assets) hashed(name string) string {
	if h := a.names[name]; h != "" {
		return h
	}
	return name // not built: CheckAssets has said so
}

// Assets serves /assets/, compressed beforehand.
func Assets() http.Handler { return built }

// ServeHTTP answers with the best encoding the browser takes.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[strings.TrimPrefix(r.URL.Path, "/assets/")]
	if !ok || f.raw == nil {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	body, encoding := f.encoded(r.Header.Get("Accept-Encoding"))
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding") // nothing here depends on cookie or language
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser may have gone; nothing to do
	}
}

func (f file) encoded(accept string) (body []byte, encoding string) {
	switch {
	case f.br != nil && accepts(accept, "br"):
		return f.br, "br"
	case f.gz != nil && accepts(accept, "gzip"):
		return f.gz, "gzip"
	}
	return f.raw, ""
}

// accepts reports whether an Accept-Encoding header names a coding and does
// not refuse it with q=0.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !ok || (err == nil && weight > 0)
	}
	return false
}
