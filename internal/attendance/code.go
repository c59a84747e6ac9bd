package attendance

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Span is how long a code is shown; it is accepted in its own span and the next.
const Span = 30 * time.Second

// skew is by how much the clocks of two of our own nodes may differ.
const skew = 2 * time.Second

// Code is a code as it is shown now.
type Code struct {
	Token  string    // what the QR code carries
	Digits string    // for those without a camera
	Until  time.Time // when the next one comes
}

// Codes makes and reads codes. Each is bound by a keyed MAC to what it is for
// (a shift, a person), to its span and to its kind; nothing of it is stored.
type Codes struct{ key []byte }

// NewCodes makes codes under a secret of at least 32 bytes, the same on all
// nodes (crypt.Keys.Derive("attendance/codes")).
func NewCodes(secret []byte) Codes { return Codes{key: secret} }

// kind keeps the uses of the key apart.
type kind byte

const (
	kindShift kind = iota + 1
	kindShiftDigits
	kindCard
	kindCardDigits
	kindTicket
)

// token: kind (1) · id (16) · span or second (4) · MAC (12), in base64url.
const (
	macSize   = 12
	tokenSize = 1 + 16 + 4 + macSize
)

var encoding = base64.RawURLEncoding.Strict()

// Digits of a shift's code and of a card: a card is looked up among all people
// of a shift, so its digits must be rarer.
const (
	shiftDigits = 6
	cardDigits  = 8
)

// Shift is the rotating code of a shift.
func (c Codes) Shift(shift uuid.UUID, now time.Time) Code {
	return c.code(kindShift, kindShiftDigits, shiftDigits, shift, now)
}

// Card is the personal code of a volunteer, for the organiser to scan.
func (c Codes) Card(person uuid.UUID, now time.Time) Code {
	return c.code(kindCard, kindCardDigits, cardDigits, person, now)
}

func (c Codes) code(k, digits kind, n int, id uuid.UUID, now time.Time) Code {
	at := spanOf(now)
	return Code{Token: c.seal(k, id, at), Digits: c.digits(digits, n, id, at),
		Until: time.Unix((int64(at)+1)*int64(Span/time.Second), 0).UTC()}
}

// ReadShift says which shift a scanned code is for, or ErrCodeExpired,
// ErrCodeUnknown.
func (c Codes) ReadShift(token string, now time.Time) (uuid.UUID, error) {
	return c.read(kindShift, token, now)
}

// ReadCard says whose card it is, or ErrCodeExpired, ErrCodeUnknown.
func (c Codes) ReadCard(token string, now time.Time) (uuid.UUID, error) {
	return c.read(kindCard, token, now)
}

func (c Codes) read(k kind, token string, now time.Time) (uuid.UUID, error) {
	id, at, ok := c.open(k, token)
	switch {
	case !ok, at > spanOf(now.Add(skew)):
		return uuid.Nil, ErrCodeUnknown
	case at+1 < spanOf(now):
		return uuid.Nil, ErrCodeExpired
	}
	return id, nil
}

// ShiftDigitsFit reports whether digits are those of the shift now or a span before.
func (c Codes) ShiftDigitsFit(shift uuid.UUID, digits string, now time.Time) bool {
	return c.fit(kindShiftDigits, shiftDigits, shift, digits, now)
}

// CardDigitsFit reports whether digits are those of the person's card.
func (c Codes) CardDigitsFit(person uuid.UUID, digits string, now time.Time) bool {
	return c.fit(kindCardDigits, cardDigits, person, digits, now)
}

func (c Codes) fit(k kind, n int, id uuid.UUID, digits string, now time.Time) bool {
	fits := 0
	for at := spanOf(now) - 1; at <= spanOf(now.Add(skew)); at++ {
		fits |= subtle.ConstantTimeCompare([]byte(digits), []byte(c.digits(k, n, id, at)))
	}
	return fits == 1
}

// seal makes a token; bound is covered by its MAC but not carried in it.
func (c Codes) seal(k kind, id uuid.UUID, at uint32, bound ...byte) string {
	out := make([]byte, 0, tokenSize)
	out = append(append(out, byte(k)), id[:]...)
	out = binary.BigEndian.AppendUint32(out, at)
	return encoding.EncodeToString(append(out, c.mac(out, bound)[:macSize]...))
}

func (c Codes) open(k kind, token string, bound ...byte) (id uuid.UUID, at uint32, ok bool) {
	b, err := encoding.DecodeString(token)
	if err != nil || len(b) != tokenSize || kind(b[0]) != k {
		return uuid.Nil, 0, false
	}
	head, mac := b[:tokenSize-macSize], b[tokenSize-macSize:]
	if !hmac.Equal(mac, c.mac(head, bound)[:macSize]) {
		return uuid.Nil, 0, false
	}
	return uuid.UUID(head[1:17]), binary.BigEndian.Uint32(head[17:]), true
}

func (c Codes) digits(k kind, n int, id uuid.UUID, at uint32) string {
	head := binary.BigEndian.AppendUint32(append([]byte{byte(k)}, id[:]...), at)
	v := binary.BigEndian.Uint64(c.mac(head, nil))
	mod := uint64(1)
	for range n {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", n, v%mod)
}

func (c Codes) mac(head, bound []byte) []byte {
	m := hmac.New(sha256.New, c.key)
	m.Write(head)
	m.Write(bound)
	return m.Sum(nil)
}

func spanOf(t time.Time) uint32 { return uint32(t.Unix() / int64(Span/time.Second)) }
