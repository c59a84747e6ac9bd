package activity

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/pgtest"
)

func TestCalendars(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pgtest.New(t)
	c := NewCalendars(pool, clock.At(deskDay), bytes.Repeat([]byte{1}, 32))
	a, b := uuid.New(), uuid.New()
	opens := func(token string, want uuid.UUID) {
		t.Helper()
		got, err := c.Person(ctx, token)
		if want == uuid.Nil && !errors.Is(err, ErrNoCalendar) || want != uuid.Nil && (err != nil || got != want) {
			t.Errorf("%s opens %s: %v", token, got, err)
		}
	}
	if token, err := c.Of(ctx, a); token != "" || err != nil {
		t.Errorf("has %q %v", token, err)
	}
	first, err := c.Renew(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	other, err := c.Renew(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	opens(first, a)
	opens(other, b)
	if again, _ := c.Of(ctx, a); again != first {
		t.Errorf("the address is not the same: %s", again)
	}
	second, err := c.Renew(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	opens(first, uuid.Nil)
	opens(second, a)
	for _, wrong := range []string{"", "x", second[1:], second[:len(second)-1] + "_", first[:22] + second[22:]} {
		opens(wrong, uuid.Nil)
	}
	elsewhere := NewCalendars(pool, clock.At(deskDay), bytes.Repeat([]byte{2}, 32))
	if _, err := elsewhere.Person(ctx, second); !errors.Is(err, ErrNoCalendar) {
		t.Error("another key opens it too")
	}
	if err := c.End(ctx, a); err != nil {
		t.Fatal(err)
	}
	opens(second, uuid.Nil)
	opens(other, b)
}

func FuzzCalendarToken(f *testing.F) {
	c := NewCalendars(nil, clock.System{}, bytes.Repeat([]byte{1}, 32))
	f.Add("")
	f.Add("AAAA")
	f.Add(c.token(uuid.Nil)[1:])
	f.Fuzz(func(t *testing.T, token string) {
		defer func() {
			if recover() != nil && token != "" { // a good checksum would ask the database, of which there is none
				t.Errorf("%q has a good checksum", token)
			}
		}()
		if _, err := c.Person(context.Background(), token); !errors.Is(err, ErrNoCalendar) {
			t.Errorf("%q: %v", token, err)
		}
	})
}
