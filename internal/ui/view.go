package ui

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
)

// View is what every page knows of its reader besides the language. Frame puts
// it into the context of each request.
type View struct {
	Origin string // https://host, for canonical addresses; "" leaves them relative
	Path   string // path and query of this page, without lang and elder
	Elder  bool   // 长者模式
	Now    time.Time
	Who    Who
	flash  *flash
}

// Who is the signed-in person as the frame shows them; the zero value is nobody.
type Who struct {
	SignedIn bool
	Unread   int    // messages not read yet
	Desks    []Link // desks this person may enter: their organisation's, their division's
}

// Link is an address with its text.
type Link struct {
	Href, Text string
	Current    bool // this page, or the filter now in force
}

type viewKey struct{}

// WithView puts a View into a context.
func WithView(ctx context.Context, v View) context.Context {
	return context.WithValue(ctx, viewKey{}, v)
}

// ViewFrom is the View of a context; the zero View when there is none.
func ViewFrom(ctx context.Context) View {
	v, _ := ctx.Value(viewKey{}).(View)
	return v
}

// IsElder reports whether the reader chose 长者模式: show one task a page.
func IsElder(ctx context.Context) bool { return ViewFrom(ctx).Elder }

// Frame is the middleware that makes the View: 长者模式 from its cookie or from
// ?elder=1, the message left by SetFlash, who is signed in. who is only asked
// for pages, not for the API or assets; nil means nobody ever is.
func Frame(origin string, clk clock.Clock, who func(*http.Request) Who) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/assets/") {
				next.ServeHTTP(w, r)
				return
			}
			if switchElder(w, r) {
				return
			}
			v := View{Origin: origin, Path: cleanPath(r.URL), Elder: elderOf(r), Now: clk.Now(), flash: takeFlash(w, r)}
			if who != nil {
				v.Who = who(r)
			}
			next.ServeHTTP(w, r.WithContext(WithView(r.Context(), v)))
		})
	}
}

// ElderCookie keeps the choice of 长者模式.
const ElderCookie = "elder"

func elderOf(r *http.Request) bool {
	c, err := r.Cookie(ElderCookie)
	return err == nil && c.Value == "1"
}

// switchElder answers a GET with ?elder=: it keeps the choice and leads back to
// the same page without it, so that an address shared on is neutral.
func switchElder(w http.ResponseWriter, r *http.Request) bool {
	choice := r.URL.Query().Get("elder")
	if r.Method != http.MethodGet || choice == "" {
		return false
	}
	c := cookie(r, ElderCookie, "1", 365*24*time.Hour)
	if choice != "1" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	http.Redirect(w, r, cleanPath(r.URL), http.StatusSeeOther)
	return true
}

func cookie(r *http.Request, name, value string, age time.Duration) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil}
}

// cleanPath is the page's own address without the switches. A path beginning
// with two slashes would lead to another host; it becomes one.
func cleanPath(u *url.URL) string {
	q := u.Query()
	q.Del("lang")
	q.Del("elder")
	out := url.URL{Path: "/" + strings.TrimLeft(u.Path, "/\\"), RawQuery: q.Encode()}
	return out.String()
}

// withQuery adds a parameter to the address of this page.
func withQuery(path, key, value string) string {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + key + "=" + url.QueryEscape(value)
}

// absolute is a path with the site's origin, for search engines.
func (v View) absolute(path string) string { return v.Origin + path }

// FlashCookie carries a message over the redirect after a POST.
const FlashCookie = "flash"

// flash is a message for the next page: the key of a text and counts for it,
// never a text or a person's datum, because a cookie may be forged.
type flash struct {
	Kind Kind           `json:"k"`
	Key  string         `json:"t"`
	Args map[string]int `json:"a,omitempty"`
}

// SetFlash leaves a message for the page that the answer redirects to. args
// are counts for the text, as name, value pairs.
func SetFlash(w http.ResponseWriter, r *http.Request, kind Kind, key string, args ...any) {
	f := flash{Kind: kind, Key: key, Args: map[string]int{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i].(string)] = args[i+1].(int)
	}
	data, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	http.SetCookie(w, cookie(r, FlashCookie, base64.RawURLEncoding.EncodeToString(data), time.Minute))
}

// takeFlash reads and removes the message, for whole pages only: a fragment
// fetched meanwhile must not swallow it.
func takeFlash(w http.ResponseWriter, r *http.Request) *flash {
	c, err := r.Cookie(FlashCookie)
	if err != nil || r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Dest") == "empty" {
		return nil
	}
	http.SetCookie(w, cookie(r, FlashCookie, "", -time.Second))
	data, err := base64.RawURLEncoding.DecodeString(c.Value)
	var f flash
	if err != nil || json.Unmarshal(data, &f) != nil || !i18n.Has(f.Key) {
		return nil
	}
	return &f
}

func (f *flash) text(ctx context.Context) string {
	args := make([]any, 0, 2*len(f.Args))
	for name, n := range f.Args {
		args = append(args, name, n)
	}
	return i18n.T(ctx, f.Key, args...)
}
