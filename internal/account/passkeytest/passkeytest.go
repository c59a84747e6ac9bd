// Package passkeytest makes keys for the virtual authenticator of tests.
//
// Owns: NewKey.
// Not here: what is done with a key (account).
package passkeytest

import vw "github.com/descope/virtualwebauthn"

// wholeKey is the length of a P-256 key in COSE with both coordinates in full.
const wholeKey = 77

// NewKey makes a key for passkeys. The virtual authenticator drops the leading
// zeros of a coordinate, which no real one does and no server accepts (RFC 9053
// §7.1.1); some one key in 128 has such, and is not taken.
func NewKey() vw.Credential {
	for {
		if key := vw.NewCredential(vw.KeyTypeEC2); len(key.Key.AttestationData()) == wholeKey {
			return key
		}
	}
}
