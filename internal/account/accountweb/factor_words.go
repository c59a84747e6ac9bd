package accountweb

import (
	"context"
	_ "embed"
	"time"

	"github.com/a-h/templ"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
)

//go:embed factor_texts.json
var factorTexts []byte
var _ = i18n.Register(factorTexts)

// of is the form that was sent, for the one of the page's forms it was.
func (a againForm) of(do string) *web.Form {
	if a.Values != nil && a.Values.Get("do") == do {
		return a.Values
	}
	return nil
}

// after is where one goes on once a second factor is set up. A form that rides
// along cannot go that way; its page is opened anew.
func (a againForm) after() string {
	if a.Next != "" || a.To == "" {
		return a.Next
	}
	return "/me"
}

func lastUse(ctx context.Context, at *time.Time) string {
	if at == nil {
		return t(ctx, "account.factor.unused")
	}
	return t(ctx, "account.factor.used", "day", ui.Date(ctx, *at, clock.Shanghai))
}

// passkeyAttrs tell the script what to do; without it the button stays hidden.
func passkeyAttrs(ctx context.Context, do, url string) templ.Attributes {
	return templ.Attributes{"type": "button", "hidden": true, "data-passkey": do, "data-url": url, "data-busy": t(ctx, "account.passkey.busy"),
		"data-failed": t(ctx, "account.passkey.failed"), "data-cancelled": t(ctx, "account.passkey.cancelled"), "data-missing": t(ctx, "account.passkey.missing")}
}
