package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Argon2id with the second recommended setting of RFC 9106, lowered in memory so
// that many sign-ins at once fit into the process.
const (
	argonTime, argonMemory, argonThreads = 3, 19 * 1024, 1
	argonKey, argonSalt                  = 32, 16
)

// hashing bounds how many hashes run at once: each takes 19 MiB.
var hashing = make(chan struct{}, 4)

// MinPassword and MaxPassword are the lengths of a password in characters.
const MinPassword, MaxPassword = 10, 128

// HashPassword gives the PHC string of a password. Errors: ErrWeak.
func HashPassword(password string) (string, error) {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword || sameRunes(password) {
		return "", ErrWeak.With("min", MinPassword)
	}
	salt := make([]byte, argonSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b64(salt), b64(derive(password, salt))), nil
}

func sameRunes(s string) bool { return strings.Trim(s, s[:1]) == "" }

func derive(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	// NFC: keyboards differ in how they compose é, people do not (RFC 8265).
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, argonTime, argonMemory, argonThreads, argonKey)
}

// nobody is compared with when there is no password, so that an unknown phone
// takes as long as a wrong password.
const nobody = "$argon2id$v=19$m=19456,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// matches compares a password with a PHC string of HashPassword.
func matches(phc, password string) bool {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false
	}
	return subtle.ConstantTimeCompare(derive(password, salt), want) == 1
}

// SetPassword gives an account a password and ends all its other sessions.
// Errors: ErrWeak.
func (s *Service) SetPassword(ctx context.Context, account, keep uuid.UUID, password string) error {
	phc, err := HashPassword(password)
	if err != nil {
		return err
	}
	if _, err := s.Pool.Exec(ctx, `UPDATE account.account SET password = $2 WHERE id = $1`, account, phc); err != nil {
		return err
	}
	return s.RevokeOthers(ctx, account, keep)
}
