package accountweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

func (h handlers) operations(api *web.API) {
	device := huma.Middlewares{h.Accounts.WithDevice(h.TrustProxy)}
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/phone-codes", OperationID: "send-phone-code", Tags: []string{"Sessions"},
		Summary: "Send a one-time code to a phone", DefaultStatus: http.StatusNoContent, Middlewares: device}, account.Public, h.apiSendCode)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/sessions", OperationID: "sign-in", Tags: []string{"Sessions"},
		Summary: "Sign in by code, password or passkey", DefaultStatus: http.StatusCreated, Middlewares: device}, account.Public, h.apiSignIn)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/sessions", OperationID: "list-sessions", Tags: []string{"Sessions"},
		Summary: "My signed-in devices"}, account.SignedIn, h.apiSessions)
	web.Op(api, huma.Operation{Method: http.MethodDelete, Path: "/api/v1/sessions/{session}", OperationID: "end-session", Tags: []string{"Sessions"},
		Summary: "Sign out a device of mine; current is this one", DefaultStatus: http.StatusNoContent}, account.SignedIn, h.apiEndSession)
	web.Op(api, huma.Operation{Method: http.MethodDelete, Path: "/api/v1/sessions", OperationID: "end-sessions", Tags: []string{"Sessions"},
		Summary: "Sign out everywhere, here too", DefaultStatus: http.StatusNoContent}, account.SignedIn, h.apiEndSessions)
}

type codeIn struct {
	Body struct {
		Phone       string `json:"phone" example:"13800138000"`
		PhoneRegion string `json:"phone_region,omitempty" doc:"CN (default), HK or MO: where a phone without country code belongs"`
		Device      string `json:"device,omitempty" maxLength:"100" doc:"What an earlier sign-in gave as device"`
		Purpose     string `json:"purpose" enum:"register,login" doc:"A code for one purpose is worth nothing for another"`
	}
}

// apiSendCode answers the same whether or not the phone has an account.
func (h handlers) apiSendCode(ctx context.Context, in *codeIn) (*struct{}, error) {
	phone, bad := person.ParsePhone(in.Body.Phone, in.Body.PhoneRegion)
	if bad != nil {
		return nil, fault.At("phone", bad)
	}
	return nil, h.Accounts.SendCode(ctx, phone, account.CodePurpose(in.Body.Purpose), account.APIDevice(ctx, in.Body.Device), lang(ctx))
}

type signInIn struct {
	Body struct {
		Phone       string `json:"phone,omitempty" example:"13800138000" doc:"Not with a passkey"`
		PhoneRegion string `json:"phone_region,omitempty" doc:"CN (default), HK or MO"`
		Code        string `json:"code,omitempty" doc:"From POST /api/v1/phone-codes with the purpose login"`
		Password    string `json:"password,omitempty" doc:"Instead of a code"`
		Device      string `json:"device,omitempty" maxLength:"100" doc:"What an earlier sign-in gave as device: a known device is not slowed by what strangers try"`

		Passkey *passkeyBody `json:"passkey,omitempty" doc:"Instead of all this; from POST /api/v1/passkey-challenges"`
	}
}

type signInOut struct {
	Body struct {
		Token     string    `json:"token" doc:"Send it as Authorization: Bearer"`
		Device    string    `json:"device,omitempty" doc:"Keep it beyond the session and send it when signing in again, so that the account knows the device"`
		Person    uuid.UUID `json:"person"`
		ExpiresAt time.Time `json:"expires_at"`

		SecondFactorWanted bool             `json:"second_factor_wanted" doc:"Roles are withheld until POST /api/v1/sessions/current/factors"`
		SecondFactorWays   []account.Factor `json:"second_factor_ways" doc:"What the account has for it: passkey, totp, recovery; none: set one up"`
	}
}

func (h handlers) apiSignIn(ctx context.Context, in *signInIn) (*signInOut, error) {
	if in.Body.Passkey != nil {
		a, err := in.Body.Passkey.answer()
		if err != nil {
			return nil, err
		}
		s, err := h.Accounts.SignInByPasskey(ctx, a, account.APIDevice(ctx, in.Body.Device))
		if err != nil {
			return nil, fault.At("passkey", err)
		}
		return h.signInAnswer(ctx, s)
	}
	phone, bad := person.ParsePhone(in.Body.Phone, in.Body.PhoneRegion)
	if bad != nil {
		return nil, fault.At("phone", bad)
	}
	device := account.APIDevice(ctx, in.Body.Device)
	var s account.SignIn
	var err error
	switch {
	case in.Body.Code != "":
		s, err = h.Accounts.SignInByCode(ctx, phone, in.Body.Code, device)
	case in.Body.Password != "":
		s, err = h.Accounts.SignInByPassword(ctx, phone, in.Body.Password, device)
	default:
		return nil, fault.At("code", fault.ErrRequired)
	}
	if err != nil {
		return nil, err
	}
	return h.signInAnswer(ctx, s)
}

type sessionBody struct {
	Session   uuid.UUID `json:"session"`
	Kind      string    `json:"kind" doc:"web or api"`
	Device    string    `json:"device"`
	Current   bool      `json:"current"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

type sessionsOut struct {
	Body struct {
		Items []sessionBody `json:"items"`
	}
}

func (h handlers) apiSessions(ctx context.Context, _ *struct{}) (*sessionsOut, error) {
	d, err := h.devicesOf(ctx)
	if err != nil {
		return nil, err
	}
	out := &sessionsOut{}
	out.Body.Items = make([]sessionBody, len(d.Sessions))
	for i, s := range d.Sessions {
		out.Body.Items[i] = sessionBody{s.ID, string(s.Kind), s.Device, s.ID == d.Here, s.CreatedAt, s.SeenAt, s.ExpiresAt}
	}
	return out, nil
}

func (h handlers) apiEndSession(ctx context.Context, in *struct {
	Session string `path:"session" maxLength:"36" doc:"Id, or current"`
}) (*struct{}, error) {
	p := account.From(ctx)
	id, err := uuid.Parse(in.Session)
	if in.Session == "current" {
		id, err = p.Session, nil
	}
	if err != nil {
		return nil, fault.ErrNotFound
	}
	if id == p.Session {
		return nil, h.Accounts.Revoke(ctx, p.Account, id)
	}
	return nil, h.Accounts.RevokeElsewhere(ctx, p.Account, id)
}

func (h handlers) apiEndSessions(ctx context.Context, _ *struct{}) (*struct{}, error) {
	p := account.From(ctx)
	return nil, h.Accounts.RevokeAll(ctx, p.Account, p.Session)
}

func lang(ctx context.Context) i18n.Lang { return i18n.From(ctx) }
