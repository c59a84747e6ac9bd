package accountweb

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

func (h handlers) factorOperations(api *web.API) {
	device := huma.Middlewares{h.Accounts.WithDevice(h.TrustProxy)}
	fresh := account.Fresh(account.SignedIn)
	op := func(method, path, id, summary string, status int) huma.Operation {
		return huma.Operation{Method: method, Path: "/api/v1" + path, OperationID: id, Tags: []string{"Sessions"}, Summary: summary, DefaultStatus: status, Middlewares: device}
	}
	web.Op(api, op(http.MethodPost, "/passkey-challenges", "ask-passkey", "Begin to use a passkey", http.StatusCreated), account.Public, h.apiAskPasskey)
	web.Op(api, op(http.MethodPost, "/sessions/current/factors", "give-factor", "Give a second factor, or prove once more who you are", http.StatusCreated), account.SignedIn, h.apiGiveFactor)
	web.Op(api, op(http.MethodGet, "/me/factors", "my-factors", "My passkeys, authenticator app and recovery codes", http.StatusOK), account.SignedIn, h.apiFactors)
	web.Op(api, op(http.MethodPost, "/me/passkeys/challenges", "start-passkey", "Begin to add a passkey", http.StatusCreated), fresh, h.apiStartPasskey)
	web.Op(api, op(http.MethodPost, "/me/passkeys", "add-passkey", "Add a passkey", http.StatusCreated), fresh, h.apiAddPasskey)
	web.Op(api, op(http.MethodDelete, "/me/passkeys/{passkey}", "remove-passkey", "Remove a passkey", http.StatusNoContent), fresh, h.apiRemovePasskey)
	web.Op(api, op(http.MethodPost, "/me/authenticator", "start-authenticator", "Begin to set up an authenticator app", http.StatusCreated), fresh, h.apiStartTOTP)
	web.Op(api, op(http.MethodPut, "/me/authenticator", "confirm-authenticator", "Confirm the authenticator app by a code", http.StatusOK), fresh, h.apiConfirmTOTP)
	web.Op(api, op(http.MethodDelete, "/me/authenticator", "remove-authenticator", "Remove the authenticator app", http.StatusNoContent), fresh, h.apiRemoveTOTP)
	web.Op(api, op(http.MethodPost, "/me/recovery-codes", "renew-recovery-codes", "New recovery codes; those before work no more", http.StatusCreated), fresh, h.apiRenewRecovery)
}

type ceremonyOut struct {
	Body struct {
		Challenge uuid.UUID `json:"challenge" doc:"Send it back with the answer, within five minutes; it works once"`
		Options   any       `json:"options" doc:"For navigator.credentials, in the JSON form of WebAuthn"`
	}
}

func ceremony(c account.Ceremony, err error) (*ceremonyOut, error) {
	out := &ceremonyOut{}
	out.Body.Challenge, out.Body.Options = c.Challenge, c.Options
	return out, err
}

func (h handlers) apiAskPasskey(ctx context.Context, _ *struct{}) (*ceremonyOut, error) {
	return ceremony(h.Accounts.AskPasskey(ctx, account.APIDevice(ctx, "").Address))
}

func (h handlers) apiStartPasskey(ctx context.Context, _ *struct{}) (*ceremonyOut, error) {
	return ceremony(h.Accounts.StartPasskey(ctx, account.From(ctx)))
}

// passkeyBody is what an authenticator answered.
type passkeyBody struct {
	Challenge  uuid.UUID      `json:"challenge"`
	Credential map[string]any `json:"credential" doc:"What navigator.credentials gave, in the JSON form of WebAuthn"`
}

func (b passkeyBody) answer() (account.PasskeyAnswer, error) {
	raw, err := json.Marshal(b.Credential)
	return account.PasskeyAnswer{Challenge: b.Challenge, Credential: raw}, err
}

type factorIn struct {
	Body struct {
		TOTP     string       `json:"totp,omitempty" doc:"Code of the authenticator app"`
		Recovery string       `json:"recovery,omitempty" doc:"Recovery code: lets you set up another second factor, no more"`
		Code     string       `json:"code,omitempty" doc:"By SMS"`
		Password string       `json:"password,omitempty"`
		Passkey  *passkeyBody `json:"passkey,omitempty"`
	}
}

// apiGiveFactor answers with a new token; the old one ends.
func (h handlers) apiGiveFactor(ctx context.Context, in *factorIn) (*signInOut, error) {
	b := in.Body
	secret := account.Secret{TOTP: b.TOTP, Recovery: b.Recovery, Code: b.Code, Password: b.Password}
	field := "password"
	switch {
	case b.Passkey != nil:
		a, err := b.Passkey.answer()
		if err != nil {
			return nil, err
		}
		secret.Passkey, field = &a, "passkey"
	case b.TOTP != "":
		field = "totp"
	case b.Recovery != "":
		field = "recovery"
	case b.Code != "":
		field = "code"
	case b.Password == "":
		return nil, fault.At("totp", fault.ErrRequired)
	}
	s, err := h.Accounts.Prove(ctx, account.From(ctx), secret, account.APIDevice(ctx, ""))
	if err != nil {
		return nil, fault.At(field, err)
	}
	return h.signInAnswer(ctx, s)
}

// signInAnswer tells the token, and which second factor is wanted.
func (h handlers) signInAnswer(ctx context.Context, s account.SignIn) (*signInOut, error) {
	out := &signInOut{}
	out.Body.Token, out.Body.Device, out.Body.Person, out.Body.ExpiresAt = s.Token, s.Device, s.Person, s.ExpiresAt
	who, err := h.Accounts.Who(ctx, s.Token)
	if err != nil || who == nil {
		return nil, firstError(err, account.ErrSignIn)
	}
	state, err := h.Accounts.Factors(ctx, s.Account)
	if err != nil {
		return nil, err
	}
	out.Body.SecondFactorWanted, out.Body.SecondFactorWays = len(who.Withheld) > 0, state.Ways()
	return out, nil
}

type passkeyJSON struct {
	Passkey   uuid.UUID  `json:"passkey"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
}

type factorsOut struct {
	Body struct {
		Session       []account.Factor `json:"session" doc:"By which this session was opened"`
		TwoFactors    bool             `json:"two_factors" doc:"Staff roles count in this session"`
		Passkeys      []passkeyJSON    `json:"passkeys"`
		Authenticator bool             `json:"authenticator"`
		RecoveryCodes int              `json:"recovery_codes" doc:"Left"`
	}
}

func (h handlers) apiFactors(ctx context.Context, _ *struct{}) (*factorsOut, error) {
	p := account.From(ctx)
	state, err := h.Accounts.Factors(ctx, p.Account)
	out := &factorsOut{}
	b := &out.Body
	b.Session, b.TwoFactors, b.Authenticator, b.RecoveryCodes = p.Factors, p.TwoFactors(), state.Authenticator != nil, state.Recovery
	b.Passkeys = []passkeyJSON{}
	for _, k := range state.Passkeys {
		b.Passkeys = append(b.Passkeys, passkeyJSON{k.ID, k.Name, k.CreatedAt, k.UsedAt})
	}
	return out, err
}

type addPasskeyIn struct {
	Body struct {
		Name       string         `json:"name" minLength:"1" maxLength:"40"`
		Challenge  uuid.UUID      `json:"challenge"`
		Credential map[string]any `json:"credential" doc:"What navigator.credentials gave, in the JSON form of WebAuthn"`
	}
}

func (h handlers) apiAddPasskey(ctx context.Context, in *addPasskeyIn) (*signInOut, error) {
	a, err := passkeyBody{in.Body.Challenge, in.Body.Credential}.answer()
	if err != nil {
		return nil, err
	}
	s, err := h.Accounts.AddPasskey(ctx, account.From(ctx), in.Body.Name, a, account.APIDevice(ctx, ""))
	if err != nil {
		return nil, err
	}
	return h.signInAnswer(ctx, s)
}

func (h handlers) apiRemovePasskey(ctx context.Context, in *struct {
	Passkey uuid.UUID `path:"passkey"`
}) (*struct{}, error) {
	return nil, h.Accounts.RemovePasskey(ctx, account.From(ctx), in.Passkey)
}

type enrolmentOut struct {
	Body struct {
		Secret string `json:"secret" doc:"Base32, for typing"`
		URI    string `json:"uri" doc:"otpauth://, for a QR code"`
	}
}

func (h handlers) apiStartTOTP(ctx context.Context, _ *struct{}) (*enrolmentOut, error) {
	e, err := h.Accounts.StartTOTP(ctx, account.From(ctx))
	out := &enrolmentOut{}
	out.Body.Secret, out.Body.URI = e.Secret, e.URI
	return out, err
}

type confirmOut struct {
	Body struct {
		Token         string    `json:"token" doc:"Of the new session, which has the second factor; the old one ended"`
		ExpiresAt     time.Time `json:"expires_at"`
		RecoveryCodes []string  `json:"recovery_codes" doc:"Shown this once; each works once"`
	}
}

type recoveryOut struct {
	Body struct {
		RecoveryCodes []string `json:"recovery_codes" doc:"Shown this once; each works once"`
	}
}

func (h handlers) apiConfirmTOTP(ctx context.Context, in *struct {
	Body struct {
		TOTP string `json:"totp" maxLength:"12"`
	}
}) (*confirmOut, error) {
	s, codes, err := h.Accounts.ConfirmTOTP(ctx, account.From(ctx), in.Body.TOTP, account.APIDevice(ctx, ""))
	if err != nil {
		return nil, fault.At("totp", err)
	}
	out := &confirmOut{}
	out.Body.Token, out.Body.ExpiresAt, out.Body.RecoveryCodes = s.Token, s.ExpiresAt, codes
	return out, nil
}

func (h handlers) apiRemoveTOTP(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, h.Accounts.RemoveTOTP(ctx, account.From(ctx))
}

func (h handlers) apiRenewRecovery(ctx context.Context, _ *struct{}) (*recoveryOut, error) {
	codes, err := h.Accounts.RenewRecovery(ctx, account.From(ctx))
	out := &recoveryOut{}
	out.Body.RecoveryCodes = codes
	return out, err
}
