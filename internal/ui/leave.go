package ui

import (
	"net/http"

	"kapok/internal/kit/web"
)

// Leave sends the browser to another site; name is what people call it.
// It is a page that goes on by itself and not a redirect: after a form, the
// content security policy (form-action) would stop a redirect to elsewhere,
// also one that the other site makes.
func Leave(w http.ResponseWriter, r *http.Request, name, to string) error {
	w.Header().Set("Refresh", "0; url="+to)
	w.Header().Set("Cache-Control", "no-store")
	return web.Page(w, r, http.StatusOK, leave(name, to))
}
