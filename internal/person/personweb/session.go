package personweb

import (
	"net/http"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

func (h handlers) device(r *http.Request) account.Device {
	return h.Accounts.DeviceOf(r, account.Web, h.TrustProxy)
}

// signIn opens a session for somebody who was just proved and leads on.
func (h handlers) signIn(w http.ResponseWriter, r *http.Request, acc, who uuid.UUID, next, flash string) error {
	in, err := h.Accounts.Begin(r.Context(), h.Accounts.Pool, acc, who, h.device(r), account.ByCode)
	if err != nil {
		return err
	}
	h.Accounts.SetCookie(w, in)
	h.Accounts.ClearProof(w, account.ForRegister)
	ui.SetFlash(w, r, ui.Jade, flash)
	if next == "" {
		next = "/me"
	}
	return web.Back(w, r, next)
}
