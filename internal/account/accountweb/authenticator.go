package accountweb

import (
	"net/http"

	"github.com/a-h/templ"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/qr"
	"kapok/internal/kit/web"
)

// authenticator is the page that sets up an authenticator app.
type authenticator struct {
	Values *web.Form
	Next   string
	QR     string // SVG
	Secret string // in groups of four
	URI    string
}

func (h handlers) authenticatorPage(w http.ResponseWriter, r *http.Request) error {
	page, err := h.enrolment(r, nil, r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	return show(w, r, authenticatorView(page))
}

func (h handlers) enrolment(r *http.Request, f *web.Form, next string) (authenticator, error) {
	ctx := r.Context()
	e, err := h.Accounts.StartTOTP(ctx, account.From(ctx))
	if err != nil {
		return authenticator{}, err
	}
	code, err := qr.Encode(e.URI)
	if err != nil {
		return authenticator{}, err
	}
	return authenticator{Values: f, Next: next, QR: code.SVG(t(ctx, "account.totp.qr")), Secret: inFours(e.Secret), URI: e.URI}, nil
}

// inFours is a secret as people type it.
func inFours(s string) string {
	out := ""
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			out += " "
		}
		out += string(r)
	}
	return out
}

func (h handlers) confirmAuthenticator(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in, codes, err := h.Accounts.ConfirmTOTP(r.Context(), account.From(r.Context()), f.Get("totp"), h.device(r))
	if err != nil {
		page, startErr := h.enrolment(r, f, f.Get("next"))
		if startErr != nil {
			return startErr
		}
		return web.Again(w, r, f, fault.At("totp", err), func() templ.Component { return authenticatorView(page) })
	}
	h.Accounts.SetCookie(w, in)
	return show(w, r, recoveryView(codes, web.LocalPath(orDevices(f.Get("next")))))
}

func (h handlers) removeAuthenticator(w http.ResponseWriter, r *http.Request) error {
	if err := h.Accounts.RemoveTOTP(r.Context(), account.From(r.Context())); err != nil {
		return err
	}
	return h.done(w, r, "account.totp.removed", "/me/devices")
}

func (h handlers) renewRecovery(w http.ResponseWriter, r *http.Request) error {
	codes, err := h.Accounts.RenewRecovery(r.Context(), account.From(r.Context()))
	if err != nil {
		return err
	}
	return show(w, r, recoveryView(codes, "/me/devices"))
}
