package account

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"kapok/internal/kit/web"
)

// cookieName carries the session; with the __Host- prefix browsers accept it
// from this very host over TLS only.
func (s *Service) cookieName() string {
	if s.Secure {
		return "__Host-session"
	}
	return "session"
}

// SetCookie gives the browser its session.
func (s *Service) SetCookie(w http.ResponseWriter, in SignIn) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: in.Token, Path: "/", MaxAge: int(sessionLife[Web] / time.Second),
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	s.setDevice(w, in.Device)
}

// ClearCookie takes it away again.
func (s *Service) ClearCookie(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

func (s *Service) proofCookie(purpose CodePurpose) *http.Cookie {
	return &http.Cookie{Name: "proof-" + string(purpose), Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
}

// SetProof lets the browser carry a Proof of a phone (E.164) to the next page.
func (s *Service) SetProof(w http.ResponseWriter, phone string, purpose CodePurpose) {
	c := s.proofCookie(purpose)
	c.Value, c.MaxAge = s.Proof(phone, purpose), int(proofLife/time.Second)
	http.SetCookie(w, c)
}

// ClearProof takes it away again.
func (s *Service) ClearProof(w http.ResponseWriter, purpose CodePurpose) {
	c := s.proofCookie(purpose)
	c.MaxAge = -1
	http.SetCookie(w, c)
}

// ProofIn is the phone (E.164) that the browser proved for a purpose within
// the last hour.
func (s *Service) ProofIn(r *http.Request, purpose CodePurpose) (phone string, ok bool) {
	c, err := r.Cookie(s.proofCookie(purpose).Name)
	if err != nil {
		return "", false
	}
	return s.Proved(c.Value, purpose)
}

// tokenOf finds the token of a request: a bearer token for the API, else the
// cookie. A cookie never counts where a bearer token was given.
func (s *Service) tokenOf(r *http.Request) string {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer
	}
	if c, err := r.Cookie(s.cookieName()); err == nil {
		return c.Value
	}
	return ""
}

// Middleware puts the principal of a request into its context. A token that is
// not good is no principal, not an error.
func (s *Service) Middleware(site *web.Site) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			t := s.tokenOf(r)
			if t == "" || strings.HasPrefix(r.URL.Path, "/assets/") {
				next.ServeHTTP(w, r)
				return
			}
			who, err := s.Who(r.Context(), t)
			if err != nil {
				site.Fail(w, r, err)
				return
			}
			if who != nil {
				r = r.WithContext(at(With(r.Context(), who), s.Clock.Now()))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// DeviceOf describes the client of a request. trustProxy takes its address
// from X-Forwarded-For, as the last proxy wrote it.
func (s *Service) DeviceOf(r *http.Request, kind Kind, trustProxy bool) Device {
	d := Device{Kind: kind, Name: deviceName(r.UserAgent()), Address: network(address(r, trustProxy))}
	if c, err := r.Cookie(s.deviceCookie()); err == nil {
		d.Known = c.Value
	}
	return d
}

type deviceKey struct{}

// WithDevice tells operations of the API which device calls, for APIDevice.
func (s *Service) WithDevice(trustProxy bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, _ := humago.Unwrap(ctx)
		next(huma.WithValue(ctx, deviceKey{}, s.DeviceOf(r, API, trustProxy)))
	}
}

// APIDevice is the device that calls an operation; known is what it says it was
// given at an earlier sign-in, if it says so.
func APIDevice(ctx context.Context, known string) Device {
	d, _ := ctx.Value(deviceKey{}).(Device)
	if known != "" {
		d.Known = known
	}
	return d
}

// network is what is counted of an address: of IPv6 the first 64 bits, as one
// subscriber has all that begin with them.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

func address(r *http.Request, trustProxy bool) string {
	if trustProxy {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",") // a proxy may add a line of its own
		if last := strings.TrimSpace(hops[len(hops)-1]); last != "" {
			return last
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// product is the name that an unknown program gives itself: a word, so that it
// can put no address or sentence of its own before the reader.
var product = regexp.MustCompile(`^[A-Za-z0-9_-]{1,24}`)

// deviceName makes "Chrome · Android" of a user agent.
func deviceName(agent string) string {
	pick := func(pairs ...string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	app := pick("MicroMessenger", "WeChat", "Edg", "Edge", "Firefox", "Firefox", "Chrome", "Chrome", "Safari", "Safari", "curl", "curl")
	system := pick("HarmonyOS", "HarmonyOS", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS", "macOS", "Linux", "Linux")
	switch {
	case app == "" && system == "":
		return product.FindString(agent)
	case app == "" || system == "":
		return app + system
	}
	return app + " · " + system
}
