package account

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/crypt"
)

// proofLife is how long a proved phone counts while somebody fills in the rest.
const proofLife = time.Hour

// proofPlace binds a proof to what it is for; proofs are stored nowhere.
func proofPlace(purpose CodePurpose) crypt.Place {
	return crypt.Place{Table: "account.proof", Column: string(purpose), Row: uuid.Nil}
}

// Proof is a sealed note that a phone (E.164) was just proved for a purpose,
// for a browser to carry to the next page. It can be used again until it
// expires, so that a form sent twice by a double click is no error.
func (s *Service) Proof(phone string, purpose CodePurpose) string {
	until := strconv.FormatInt(s.Clock.Now().Add(proofLife).Unix(), 10)
	return encode(s.Keys.Seal(proofPlace(purpose), until+" "+phone))
}

// Proved reads a proof of the same purpose; false when it is none or too old.
func (s *Service) Proved(proof string, purpose CodePurpose) (phone string, ok bool) {
	sealed, err := decode(proof)
	if err != nil || len(sealed) == 0 {
		return "", false
	}
	note, err := s.Keys.Open(proofPlace(purpose), sealed)
	if err != nil {
		return "", false
	}
	until, phone, _ := strings.Cut(note, " ")
	unix, err := strconv.ParseInt(until, 10, 64)
	if err != nil || s.Clock.Now().Unix() > unix {
		return "", false
	}
	return phone, true
}
