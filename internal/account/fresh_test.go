package account

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"
)

func TestFreshWantsARecentProof(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 18, 4, 0, 0, 0, time.UTC)
	who := func(ago time.Duration) context.Context {
		return at(With(t.Context(), &Principal{ProvedAt: now.Add(-ago)}), now)
	}
	for name, c := range map[string]struct {
		ctx  context.Context
		want error
	}{
		"nobody":             {at(t.Context(), now), ErrSignIn},
		"just now":           {who(0), nil},
		"to the minute":      {who(FreshFor), nil},
		"too long ago":       {who(FreshFor + time.Nanosecond), ErrStepUp},
		"without Middleware": {With(t.Context(), &Principal{ProvedAt: now}), ErrStepUp},
	} {
		r := httptest.NewRequestWithContext(c.ctx, "GET", "/", nil)
		if err := Fresh(SignedIn).Admit(r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
	}
	if Fresh(SignedIn).String() != "signed_in:fresh" {
		t.Errorf("its name is %s", Fresh(SignedIn))
	}
}
