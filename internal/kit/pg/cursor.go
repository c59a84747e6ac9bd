package pg

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/fault"
)

// Cursor marks a place in a list ordered by (time, id), for keyset paging. It
// is opaque to clients.
func Cursor(at time.Time, id uuid.UUID) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 24), uint64(at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(b, id[:]...))
}

// ParseCursor reads a cursor; "" is the place before everything. A cursor that
// we cannot have made is a fault at the field "after".
func ParseCursor(s string) (time.Time, uuid.UUID, error) {
	if s == "" {
		return time.Time{}, uuid.Nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err == nil && len(b) == 24 {
		at := time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
		if at.Year() >= 1900 && at.Year() < 2300 {
			return at, uuid.UUID(b[8:]), nil
		}
	}
	var c fault.Check
	c.Add("after", fault.ErrBadValue)
	return time.Time{}, uuid.Nil, c.Err()
}
