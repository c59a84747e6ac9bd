package idpweb

import (
	"encoding/json"
	"net/http"
	"strings"

	"kapok/internal/account"
	"kapok/internal/idp"
	"kapok/internal/kit/web"
)

func (h handlers) discovery(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, h.Provider.Discovery())
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// library hands a request to the protocol library.
func (h handlers) library(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	h.Provider.ServeHTTP(w, r)
	return nil
}

// authorize takes a partner's question. One that names no partner, or a return
// address that is not the partner's, is refused on a page of our own.
func (h handlers) authorize(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if err := h.Provider.CheckReturn(r.Context(), q.Get("client_id"), q.Get("redirect_uri")); err != nil {
		return web.Refuse(w, r, err, goneView(err))
	}
	if p := account.From(r.Context()); p != nil {
		at, err := h.signedIn(r.Context())
		if err != nil {
			return err
		}
		r = r.WithContext(idp.WithVisitor(r.Context(), p.Person, at))
	}
	return h.library(w, r)
}

// token serves token and revoke: a request that does not even say which client
// it comes from is answered before anything is looked up.
func (h handlers) token(w http.ResponseWriter, r *http.Request) error {
	_, _, basic := r.BasicAuth()
	if !basic && r.PostFormValue("client_id") == "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="oauth"`)
		return writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	}
	return h.library(w, r)
}

// userinfo answers as RFC 6750 asks for.
func (h handlers) userinfo(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	bearer, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !given {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_request"})
	}
	claims, ok, err := h.Provider.Userinfo(r.Context(), bearer)
	if err != nil {
		return err
	}
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
	}
	return writeJSON(w, http.StatusOK, claims)
}
