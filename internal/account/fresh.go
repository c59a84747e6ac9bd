package account

import (
	"context"
	"net/http"
	"time"

	"kapok/internal/kit/web"
)

// FreshFor is how long showing who one is counts for exports and decisions.
const FreshFor = 10 * time.Minute

// fresh ends the names of gates that want the session to be proved again.
const fresh = ":fresh"

type momentKey struct{}

// at notes when a request came, so that gates need no clock.
func at(ctx context.Context, moment time.Time) context.Context {
	return context.WithValue(ctx, momentKey{}, moment)
}

// Fresh lets those pass whom the gate lets pass and whose session showed
// within FreshFor whose it is. A request that Middleware never saw is not fresh.
func Fresh(g web.Gate) web.Gate {
	return gate{g.String() + fresh, func(r *http.Request) error {
		if err := g.Admit(r); err != nil {
			return err
		}
		p := From(r.Context())
		now, ok := r.Context().Value(momentKey{}).(time.Time)
		switch {
		case p == nil:
			return ErrSignIn
		case !ok || now.Sub(p.ProvedAt) > FreshFor:
			return ErrStepUp.With("minutes", int(FreshFor/time.Minute))
		}
		return nil
	}}
}
