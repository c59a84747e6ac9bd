package pg

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestCursor(t *testing.T) {
	t.Parallel()
	at, id := time.Date(2026, 11, 24, 7, 30, 0, 123000, time.UTC), uuid.Must(uuid.NewV7())
	gotAt, gotID, err := ParseCursor(Cursor(at, id))
	if err != nil || !gotAt.Equal(at) || gotID != id {
		t.Errorf("got %v %v %v", gotAt, gotID, err)
	}
	if at, id, err := ParseCursor(""); err != nil || !at.IsZero() || id != uuid.Nil {
		t.Errorf("the empty cursor: %v %v %v", at, id, err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("not a cursor")
	f.Add(Cursor(time.Unix(0, 0), uuid.Nil))
	f.Add("_____________________________________")
	f.Fuzz(func(t *testing.T, s string) {
		at, id, err := ParseCursor(s)
		if err == nil && s != "" && Cursor(at, id) != s {
			t.Errorf("%q was read but is not ours", s)
		}
	})
}
