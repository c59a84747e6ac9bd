package sign

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Key is a public key and its id.
type Key struct {
	ID     string // RFC 7638 thumbprint, 43 characters
	Public ed25519.PublicKey
}

// NewKey names a public key.
func NewKey(public ed25519.PublicKey) Key {
	member := fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, b64.EncodeToString(public))
	sum := sha256.Sum256([]byte(member))
	return Key{ID: b64.EncodeToString(sum[:]), Public: public}
}

// b64 refuses more than one spelling of the same bytes.
var b64 = base64.RawURLEncoding.Strict()

// jwk is a public key as RFC 8037 writes it.
type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Alg string `json:"alg,omitempty"`
	Use string `json:"use,omitempty"`
	Kid string `json:"kid,omitempty"`
	X   string `json:"x"`
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

func (k Key) jwk() jwk {
	return jwk{Kty: "OKP", Crv: "Ed25519", Alg: "EdDSA", Use: "sig", Kid: k.ID, X: b64.EncodeToString(k.Public)}
}

// JSON is the key as a JWK (RFC 8037), one line.
func (k Key) JSON() []byte {
	out, err := json.Marshal(k.jwk())
	if err != nil {
		panic(err) // strings only: cannot happen
	}
	return append(out, '\n')
}

// Errors of checking a signature.
var (
	ErrUnknownKey   = errors.New("sign: the key is not among the trusted ones")
	ErrBadSignature = errors.New("sign: the signature does not fit")
)

// KeySet is the public keys that somebody trusts, by id.
type KeySet map[string]ed25519.PublicKey

// NewKeySet makes a set of keys.
func NewKeySet(keys ...Key) KeySet {
	set := KeySet{}
	for _, k := range keys {
		set[k.ID] = k.Public
	}
	return set
}

// Verify checks a signature; ErrUnknownKey when the set does not hold the key.
func (s KeySet) Verify(keyID string, message, signature []byte) error {
	public, ok := s[keyID]
	if !ok {
		return ErrUnknownKey
	}
	if !ed25519.Verify(public, message, signature) {
		return ErrBadSignature
	}
	return nil
}

// MarshalJSON writes the set as a JWK Set (RFC 7517), in order of id.
func (s KeySet) MarshalJSON() ([]byte, error) {
	set := jwks{Keys: []jwk{}}
	for id, public := range s {
		set.Keys = append(set.Keys, Key{id, public}.jwk())
	}
	slices.SortFunc(set.Keys, func(a, b jwk) int { return cmp.Compare(a.Kid, b.Kid) })
	return json.Marshal(set)
}

// ParseKeys reads one JWK or a JWK Set. Keys of other kinds are an error, and
// so is an id that is not the key's own thumbprint.
func ParseKeys(data []byte) (KeySet, error) {
	var in struct {
		jwk
		jwks
	}
	if err := json.Unmarshal(bytes.TrimSpace(data), &in); err != nil {
		return nil, errors.New("sign: not a JSON Web Key or key set")
	}
	all := in.jwks.Keys
	if in.Kty != "" {
		all = append(all, in.jwk)
	}
	if len(all) == 0 {
		return nil, errors.New("sign: the file holds no key")
	}
	set := KeySet{}
	for _, j := range all {
		public, err := b64.DecodeString(j.X)
		if err != nil || j.Kty != "OKP" || j.Crv != "Ed25519" || len(public) != ed25519.PublicKeySize {
			return nil, errors.New("sign: a key is no Ed25519 public key")
		}
		k := NewKey(public)
		if j.Kid != "" && j.Kid != k.ID {
			return nil, fmt.Errorf("sign: key %s carries another key's id", k.ID)
		}
		set[k.ID] = k.Public
	}
	return set, nil
}

// LoadKeys reads all *.pub.json of a folder; an empty set when there are none.
func LoadKeys(folder string) (KeySet, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.pub.json"))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	set := KeySet{}
	for _, path := range paths {
		more, err := LoadKeyFile(path)
		if err != nil {
			return nil, err
		}
		set.Add(more)
	}
	return set, nil
}

// LoadKeyFile reads a file that ParseKeys understands.
func LoadKeyFile(path string) (KeySet, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	set, err := ParseKeys(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, path)
	}
	return set, nil
}

// Add takes over the keys of another set.
func (s KeySet) Add(other KeySet) {
	for id, public := range other {
		s[id] = public
	}
}
