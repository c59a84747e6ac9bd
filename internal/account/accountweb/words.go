package accountweb

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// ErrRepeat says that the two passwords typed differ.
var ErrRepeat = fault.Define(fault.Invalid, "account.repeat")

var newPasswordAttrs = templ.Attributes{"autocomplete": "new-password"}

// withNext adds where to go afterwards to a path.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "next=" + url.QueryEscape(next)
}

func (s phoneStep) title(ctx context.Context) string {
	if s.Action == "/me/phone" {
		return t(ctx, "account.phone.change")
	}
	return t(ctx, "account.recover.changed")
}

func (s phoneStep) back() string {
	if s.Action == "/me/phone" {
		return "/me/profile"
	}
	return "/recover"
}

// asked is a request as its page words it.
type asked = account.Asked

func askedDay(ctx context.Context, a asked) string { return ui.Date(ctx, a.AskedAt, clock.Shanghai) }

func askedKind(state string) ui.Kind {
	switch state {
	case "approved":
		return ui.Jade
	case "refused":
		return ui.Amber
	}
	return ui.Indigo
}

// askedReason is the administrator's reason, or that nothing fitted.
func askedReason(ctx context.Context, a asked) string {
	if a.Reason == "" || a.Reason == "replaced" {
		return t(ctx, "account.asked.unmatched")
	}
	return a.Reason
}

func deviceName(ctx context.Context, s account.Session) string {
	if s.Device == "" {
		return t(ctx, "account.devices.unknown")
	}
	return s.Device
}

func phoneRegions(l i18n.Lang) []ui.Option {
	out := make([]ui.Option, len(person.PhoneRegions))
	for i, r := range person.PhoneRegions {
		out[i] = ui.Option{Value: r, Text: i18n.Text(l, "account.phone."+r)}
	}
	return out
}

// phoneRegionFor is where the phone of a reader of a language most likely is.
func phoneRegionFor(l i18n.Lang) string {
	if l == i18n.ZhHant {
		return "HK"
	}
	return "CN"
}

func codeOptions(l i18n.Lang, list person.CodeList) []ui.Option {
	out := make([]ui.Option, len(list.Codes))
	for i, c := range list.Codes {
		out[i] = ui.Option{Value: c, Text: list.Text(l, c)}
	}
	return out
}

func countryOptions(l i18n.Lang) []ui.Option {
	out := make([]ui.Option, len(person.Countries()))
	for i, code := range person.Countries() {
		out[i] = ui.Option{Value: code, Text: person.CountryName(l, code)}
	}
	return out
}
