package attendance

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// ticketLife is how long the page that follows a code may be looked at.
const ticketLife = 3 * time.Minute

// Ticket remembers that this person has just read this shift's code, while the
// person looks at the page to press the button. It is bound to the person and
// of no use to anybody else.
func (c Codes) Ticket(shift, person uuid.UUID, m Method, now time.Time) string {
	return c.seal(kindTicket, shift, uint32(now.Unix()), boundTo(person, m)...) + ticketMarks[m]
}

// ticketMarks carry the method in the open; the MAC covers it.
var ticketMarks = map[Method]string{QR: "q", Digits: "d"}

func boundTo(person uuid.UUID, m Method) []byte { return append(person[:], m...) }

// ReadTicket says which shift a ticket of this person is for, and how its code
// was read; or ErrCodeExpired, ErrCodeUnknown.
func (c Codes) ReadTicket(ticket string, person uuid.UUID, now time.Time) (uuid.UUID, Method, error) {
	for m, mark := range ticketMarks {
		token, marked := strings.CutSuffix(ticket, mark)
		shift, second, ok := c.open(kindTicket, token, boundTo(person, m)...)
		if !marked || !ok {
			continue
		}
		if age := now.Sub(time.Unix(int64(second), 0)); age < -skew || age > ticketLife {
			return uuid.Nil, "", ErrCodeExpired
		}
		return shift, m, nil
	}
	return uuid.Nil, "", ErrCodeUnknown
}
