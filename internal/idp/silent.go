package idp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

type visitorKey struct{}

type visitor struct {
	person   uuid.UUID
	signedIn time.Time
}

// WithVisitor says who is signed in where a partner's question arrives: a
// question that no page may be shown for (prompt=none) needs to know.
func WithVisitor(ctx context.Context, person uuid.UUID, signedIn time.Time) context.Context {
	return context.WithValue(ctx, visitorKey{}, visitor{person, signedIn})
}

// mayBeSilent refuses a question that would need a page: nobody is signed in, or
// not lately enough (login_required), the person has not agreed to all that is
// asked (consent_required), or is a child (interaction_required). OpenID Connect
// Core 3.1.2.6.
func (s storage) mayBeSilent(ctx context.Context, r request) error {
	v, ok := ctx.Value(visitorKey{}).(visitor)
	if !ok {
		return oidc.ErrLoginRequired()
	}
	q, err := s.question(ctx, s.Pool, r, v.person, v.signedIn)
	switch {
	case errors.Is(err, ErrChild):
		return oidc.ErrInteractionRequired()
	case err != nil:
		return serverError(err)
	case q.Stale:
		return oidc.ErrLoginRequired()
	case !q.Answered:
		return &oidc.Error{ErrorType: "consent_required"}
	}
	return nil
}

// naming adds our name to a refusal that goes back to a partner (RFC 9207); the
// library leaves it out.
type naming struct {
	http.ResponseWriter
	issuer string
}

// WriteHeader completes the address of a refusal.
func (n naming) WriteHeader(status int) {
	to, err := url.Parse(n.Header().Get("Location"))
	if q := to.Query(); err == nil && q.Has("error") && !q.Has("iss") {
		q.Set("iss", n.issuer)
		to.RawQuery = q.Encode()
		n.Header().Set("Location", to.String())
	}
	n.ResponseWriter.WriteHeader(status)
}
