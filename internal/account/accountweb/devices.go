package accountweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

// devicesPage is what the page of devices and password shows.
type devicesPage struct {
	Sessions []account.Session
	Here     uuid.UUID
	Values   *web.Form // of the password
	Factors  account.FactorState
}

func (h handlers) devicesOf(ctx context.Context) (devicesPage, error) {
	p := account.From(ctx)
	list, err := h.Accounts.Sessions(ctx, p.Account)
	if err != nil {
		return devicesPage{}, err
	}
	factors, err := h.Accounts.Factors(ctx, p.Account)
	return devicesPage{Sessions: list, Here: p.Session, Factors: factors}, err
}

func (h handlers) devices(w http.ResponseWriter, r *http.Request) error {
	d, err := h.devicesOf(r.Context())
	if err != nil {
		return err
	}
	return show(w, r, devicesView(d))
}

func (h handlers) revoke(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("session"))
	if err != nil {
		return fault.ErrNotFound
	}
	p := account.From(r.Context())
	if id == p.Session {
		return h.logout(w, r)
	}
	if err := h.Accounts.RevokeElsewhere(r.Context(), p.Account, id); err != nil {
		return err
	}
	return h.done(w, r, "account.devices.ended", "/me/devices")
}

// revokeMany ends the sessions on other devices, or all of them.
func (h handlers) revokeMany(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p := account.From(r.Context())
	if f.Get("do") == "all" {
		if err := h.Accounts.RevokeAll(r.Context(), p.Account, p.Session); err != nil {
			return err
		}
		h.Accounts.ClearCookie(w)
		return h.done(w, r, "account.devices.ended_everywhere", "/")
	}
	if err := h.Accounts.RevokeOthers(r.Context(), p.Account, p.Session); err != nil {
		return err
	}
	return h.done(w, r, "account.devices.ended_all", "/me/devices")
}

// setPassword needs a fresh proof instead of the old password: who forgot it
// shows a code and sets a new one.
func (h handlers) setPassword(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	password := r.PostForm.Get("password") // as typed: a blank at its end belongs to it
	if password != r.PostForm.Get("repeat") {
		f.Check.Add("repeat", ErrRepeat)
	}
	p := account.From(r.Context())
	err = f.Err()
	if err == nil {
		err = fault.At("password", h.Accounts.SetPassword(r.Context(), p.Account, p.Session, password))
	}
	if err == nil {
		return h.done(w, r, "account.password.set", "/me/devices")
	}
	d, loadErr := h.devicesOf(r.Context())
	if loadErr != nil {
		return loadErr
	}
	d.Values = f
	return web.Again(w, r, f, err, func() templ.Component { return devicesView(d) })
}

func (h handlers) done(w http.ResponseWriter, r *http.Request, flash, next string) error {
	ui.SetFlash(w, r, ui.Jade, flash)
	return web.Back(w, r, next)
}
