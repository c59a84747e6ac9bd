package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// Passkey is a key pair on somebody's device (WebAuthn Level 3). Here is its
// public half.
type Passkey struct {
	ID        uuid.UUID
	Name      string // as its owner calls it
	CreatedAt time.Time
	UsedAt    *time.Time
}

// Ceremony is what a browser needs to make or use a passkey.
type Ceremony struct {
	Challenge uuid.UUID // to send back with the answer
	Options   any       // JSON: CredentialCreationOptions or CredentialRequestOptions
}

// PasskeyAnswer is what the browser gave.
type PasskeyAnswer struct {
	Challenge  uuid.UUID
	Credential []byte // JSON: RegistrationResponseJSON or AuthenticationResponseJSON
}

const (
	maxPasskeys     = 20
	maxPasskeyName  = 40
	challengeLife   = 5 * time.Minute
	relyingPartyTag = "Kapok 木棉"
)

// challengesPerAddress bounds the rows that strangers make.
var challengesPerAddress = limit{"passkey/address", 300, 10 * time.Minute}

// relyingParty is whom passkeys are made for: the public address. Browsers make
// them for a name over TLS, or for localhost; a loopback address is reached as
// localhost, any other address has none (nil).
func relyingParty(origin string) *webauthn.WebAuthn {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return nil
		}
		host, u.Host = "localhost", strings.Replace(u.Host, hostPart(u), "localhost", 1)
	}
	if u.Scheme != "https" && host != "localhost" {
		return nil
	}
	rp, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: relyingPartyTag, RPOrigins: []string{u.Scheme + "://" + u.Host}})
	if err != nil {
		return nil
	}
	return rp
}

// hostPart is the host as it stands in the address: IPv6 in brackets.
func hostPart(u *url.URL) string {
	if strings.Contains(u.Hostname(), ":") {
		return "[" + u.Hostname() + "]"
	}
	return u.Hostname()
}

// PasskeyOrigin is the address at which passkeys work; "" when there is none.
func (s *Service) PasskeyOrigin() string {
	if s.passkeys == nil {
		return ""
	}
	return s.passkeys.Config.RPOrigins[0]
}

// holder is an account as the library sees one.
type holder struct {
	account uuid.UUID
	name    string
	keys    []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.account[:] }
func (h holder) WebAuthnName() string                       { return h.name }
func (h holder) WebAuthnDisplayName() string                { return h.name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// AskPasskey begins to use a passkey, whoever's it will be. address is only
// counted. Errors: ErrNoPasskeys, ErrTooOften.
func (s *Service) AskPasskey(ctx context.Context, address string) (Ceremony, error) {
	if s.passkeys == nil {
		return Ceremony{}, ErrNoPasskeys
	}
	if err := s.take(ctx, slot{challengesPerAddress, address}); err != nil {
		return Ceremony{}, err
	}
	options, session, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.keepChallenge(ctx, uuid.Nil, options, session)
}

// StartPasskey begins to add a passkey to p's account. Errors: ErrNoPasskeys,
// ErrPasskeyMany, ErrSecondFactor.
func (s *Service) StartPasskey(ctx context.Context, p *Principal) (Ceremony, error) {
	if s.passkeys == nil {
		return Ceremony{}, ErrNoPasskeys
	}
	if err := s.mayChange(ctx, s.Pool, p); err != nil {
		return Ceremony{}, err
	}
	who, err := s.holder(ctx, p)
	if err != nil {
		return Ceremony{}, err
	}
	if len(who.keys) >= maxPasskeys {
		return Ceremony{}, ErrPasskeyMany.With("max", maxPasskeys)
	}
	options, session, err := s.passkeys.BeginRegistration(who, webauthn.WithExclusions(webauthn.Credentials(who.keys).CredentialDescriptors()),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{RequireResidentKey: protocol.ResidentKeyRequired(),
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}))
	if err != nil {
		return Ceremony{}, err
	}
	return s.keepChallenge(ctx, p.Account, options, session)
}

// holder reads p's account with its passkeys. The device shows the phone,
// masked, as its name.
func (s *Service) holder(ctx context.Context, p *Principal) (holder, error) {
	phone, err := s.PhoneOf(ctx, p.Person)
	if err != nil {
		return holder{}, err
	}
	out := holder{account: p.Account, name: person.MaskPhone(phone)}
	rows, err := s.Pool.Query(ctx, keysSQL+`account = $1`, p.Account)
	list, err := pg.All[storedKey](rows, err)
	for _, k := range list {
		out.keys = append(out.keys, k.credential())
	}
	return out, err
}

const keysSQL = `SELECT id, account, credential, public_key, sign_count, backup_eligible, backed_up FROM account.passkey WHERE `

// storedKey is a passkey as the library needs it.
type storedKey struct {
	ID             uuid.UUID
	Account        uuid.UUID
	Credential     []byte
	PublicKey      []byte
	SignCount      int64
	BackupEligible bool
	BackedUp       bool
}

func (k storedKey) credential() webauthn.Credential {
	return webauthn.Credential{ID: k.Credential, PublicKey: k.PublicKey,
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: k.BackupEligible, BackupState: k.BackedUp},
		Authenticator: webauthn.Authenticator{SignCount: uint32(k.SignCount)}}
}

func (s *Service) keepChallenge(ctx context.Context, account uuid.UUID, options any, session *webauthn.SessionData) (Ceremony, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Ceremony{}, err
	}
	ceremony, err := json.Marshal(session)
	if err != nil {
		return Ceremony{}, err
	}
	_, err = s.Pool.Exec(ctx, `INSERT INTO account.challenge (id, account, ceremony, expires_at) VALUES ($1, $2, $3, $4)`,
		id, orNoone(account), ceremony, s.Clock.Now().Add(challengeLife))
	return Ceremony{Challenge: id, Options: options}, err
}

// spendChallenge takes a challenge, which is gone whatever comes of it.
func (s *Service) spendChallenge(ctx context.Context, id, account uuid.UUID) (out webauthn.SessionData, err error) {
	if s.passkeys == nil {
		return out, ErrNoPasskeys
	}
	var ceremony []byte
	var until time.Time
	err = s.Pool.QueryRow(ctx, `DELETE FROM account.challenge WHERE id = $1 AND account IS NOT DISTINCT FROM $2 RETURNING ceremony, expires_at`,
		id, orNoone(account)).Scan(&ceremony, &until)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && until.Before(s.Clock.Now()) {
		return out, ErrChallenge
	}
	if err != nil {
		return out, err
	}
	err = json.Unmarshal(ceremony, &out)
	out.Expires = time.Time{} // by our clock, above
	return out, err
}

// meant checks what the browser and the device signed themselves: for this
// challenge, on this site, after asking their owner. The library checks it
// once more; here every refusal has its own name.
func (s *Service) meant(session webauthn.SessionData, said protocol.CollectedClientData, device protocol.AuthenticatorData) error {
	rp := sha256.Sum256([]byte(s.passkeys.Config.RPID))
	switch {
	case !slices.Contains(s.passkeys.Config.RPOrigins, said.Origin), !bytes.Equal(device.RPIDHash, rp[:]):
		return ErrPasskeyOrigin
	case said.Challenge != session.Challenge:
		return ErrChallenge
	case !device.Flags.HasUserVerified():
		return ErrPasskeyUnverified
	}
	return nil
}

// AddPasskey keeps the passkey that p's device made, under a name, and gives
// the device a session that has it as a factor. Errors: ErrChallenge,
// ErrPasskeyOrigin, ErrPasskeyUnverified, ErrPasskeyBad, ErrPasskeyTwice,
// ErrPasskeyName, ErrSecondFactor.
func (s *Service) AddPasskey(ctx context.Context, p *Principal, name string, a PasskeyAnswer, d Device) (in SignIn, err error) {
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > maxPasskeyName {
		return in, ErrPasskeyName.With("max", maxPasskeyName)
	}
	made, err := s.madePasskey(ctx, p, a)
	if err != nil {
		return in, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return in, err
	}
	err = s.changing(ctx, p, "add_passkey", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO account.passkey (id, account, name, credential, public_key, sign_count, backup_eligible, backed_up, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, p.Account, name, made.ID, made.PublicKey, int64(made.Authenticator.SignCount),
			made.Flags.BackupEligible, made.Flags.BackupState, s.Clock.Now())
		if pg.Constraint(err) == "passkey_credential" {
			return ErrPasskeyTwice
		}
		if err != nil {
			return err
		}
		in, err = s.rotateTx(ctx, tx, p, d, ByPasskey)
		return err
	})
	s.Forget()
	return in, err
}

// madePasskey checks a new passkey.
func (s *Service) madePasskey(ctx context.Context, p *Principal, a PasskeyAnswer) (*webauthn.Credential, error) {
	session, err := s.spendChallenge(ctx, a.Challenge, p.Account)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(a.Credential)
	if err != nil {
		return nil, ErrPasskeyBad
	}
	if err := s.meant(session, parsed.Response.CollectedClientData, parsed.Response.AttestationObject.AuthData); err != nil {
		return nil, err
	}
	made, err := s.passkeys.CreateCredential(holder{account: p.Account}, session, parsed)
	if err != nil {
		return nil, ErrPasskeyBad
	}
	return made, nil
}

// usePasskey finds whose passkey answered a challenge. Errors: ErrChallenge,
// ErrPasskeyOrigin, ErrPasskeyUnverified, ErrPasskeyUnknown, ErrPasskeyCloned,
// ErrPasskeyBad, ErrTooOften.
func (s *Service) usePasskey(ctx context.Context, a PasskeyAnswer, address string) (account uuid.UUID, err error) {
	if err := s.take(ctx, slot{tryPerAddress, address}); err != nil {
		return uuid.Nil, err
	}
	session, err := s.spendChallenge(ctx, a.Challenge, uuid.Nil)
	if err != nil {
		return uuid.Nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(a.Credential)
	if err != nil {
		return uuid.Nil, ErrPasskeyBad
	}
	if err := s.meant(session, parsed.Response.CollectedClientData, parsed.Response.AuthenticatorData); err != nil {
		return uuid.Nil, err
	}
	rows, err := s.Pool.Query(ctx, keysSQL+`credential = $1`, parsed.RawID)
	key, err := pg.One[storedKey](rows, err, ErrPasskeyUnknown)
	if err != nil {
		return uuid.Nil, err
	}
	whose := holder{account: key.Account, keys: []webauthn.Credential{key.credential()}}
	_, used, err := s.passkeys.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return whose, nil }, session, parsed)
	if err != nil {
		return uuid.Nil, ErrPasskeyBad
	}
	return key.Account, s.countUse(ctx, key, used)
}

// countUse moves the counter on. One that does not grow is of a copy: two
// devices hold the key (WebAuthn §6.1.1). Devices that count nothing stay at 0.
func (s *Service) countUse(ctx context.Context, key storedKey, used *webauthn.Credential) error {
	grown := int64(0)
	if !used.Authenticator.CloneWarning {
		tag, err := s.Pool.Exec(ctx, `UPDATE account.passkey SET sign_count = $2, backed_up = $3, used_at = $4
			WHERE id = $1 AND (sign_count < $2 OR sign_count = 0 AND $2 = 0)`, key.ID, int64(used.Authenticator.SignCount), used.Flags.BackupState, s.Clock.Now())
		if err != nil {
			return err
		}
		grown = tag.RowsAffected()
	}
	if grown > 0 {
		return nil
	}
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		return s.note(ctx, tx, "account.passkey_cloned", key.Account, "", uuid.Nil, nil)
	})
	return firstOf(err, ErrPasskeyCloned)
}

// SignInByPasskey signs in whoever's passkey answered. Errors: ErrChallenge,
// ErrPasskeyOrigin, ErrPasskeyUnverified, ErrPasskeyUnknown, ErrPasskeyCloned,
// ErrPasskeyBad, ErrNoPasskeys, ErrTooOften.
func (s *Service) SignInByPasskey(ctx context.Context, a PasskeyAnswer, d Device) (SignIn, error) {
	account, err := s.usePasskey(ctx, a, d.Address)
	if err != nil {
		return SignIn{}, err
	}
	var who uuid.UUID
	err = s.Pool.QueryRow(ctx, `SELECT person FROM account.account WHERE id = $1 AND state = 'active'`, account).Scan(&who)
	if errors.Is(err, pgx.ErrNoRows) {
		return SignIn{}, ErrPasskeyUnknown
	}
	if err != nil {
		return SignIn{}, err
	}
	return s.Begin(ctx, s.Pool, account, who, d, ByPasskey)
}

// RemovePasskey takes a passkey of p's account away; one that is not there is
// no error. Errors: ErrSecondFactor.
func (s *Service) RemovePasskey(ctx context.Context, p *Principal, id uuid.UUID) error {
	return s.changing(ctx, p, "remove_passkey", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM account.passkey WHERE id = $1 AND account = $2`, id, p.Account)
		return err
	})
}
