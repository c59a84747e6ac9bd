package personweb

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// factForm is how the fields of a person are laid out.
type factForm struct {
	Kind  person.DocumentKind
	Today string // last birth date that can be
	Ward  bool   // asks for the relation too
	Other string // where another kind of document is chosen
}

// codeAttrs let a phone offer the code from the message by itself.
var codeAttrs = templ.Attributes{"autocomplete": "one-time-code", "inputmode": "numeric"}

var documentAttrs = templ.Attributes{"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}

// back leads from the facts to the choice of document, and from there to the phone.
func (d details) back() string {
	if d.Kind == "" {
		return "/register"
	}
	return "/register/details?next=" + url.QueryEscape(d.Next)
}

func kindHref(path, kind, next string) string {
	return path + "?document=" + kind + "&next=" + url.QueryEscape(next)
}

func kindHint(ctx context.Context, kind string) []string {
	if key := "person.kind." + kind; i18n.Has(key) {
		return []string{t(ctx, key)}
	}
	return nil
}

func documentHint(ctx context.Context, kind person.DocumentKind) string {
	if key := "person.f.document_number." + string(kind); i18n.Has(key) {
		return t(ctx, key)
	}
	return ""
}

// nameFields are the names that holders of a kind of document are asked for:
// mainlanders have one, others one in each script, of which one will do.
func nameFields(ctx context.Context, kind person.DocumentKind) []ui.Field {
	field := func(name string, required bool) ui.Field {
		a := templ.Attributes{"spellcheck": "false"}
		if required {
			a["autocomplete"] = "name"
		}
		return ui.Field{Name: name, Label: t(ctx, "person.f."+name), Required: required, Max: 64, Attrs: a}
	}
	switch kind {
	case person.MainlandID:
		f := field("name_hans", true)
		f.Label = t(ctx, "person.f.name")
		return []ui.Field{f}
	case person.Passport, person.ForeignerID:
		return []ui.Field{field("name_latin", true), field("name_hans", false)}
	}
	chinese, latin := field("name_hant", false), field("name_latin", false)
	chinese.Hint = t(ctx, "person.f.name.either")
	return []ui.Field{chinese, latin}
}

func phoneRegions(l i18n.Lang) []ui.Option {
	out := make([]ui.Option, len(person.PhoneRegions))
	for i, r := range person.PhoneRegions {
		out[i] = ui.Option{Value: r, Text: i18n.Text(l, "person.phone."+r)}
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

func loginHref(next string) templ.SafeURL {
	if next == "" {
		return "/login"
	}
	return templ.URL("/login?next=" + url.QueryEscape(next))
}

// foldText is the summary above skills and languages; n were chosen before.
func foldText(ctx context.Context, n int) string {
	if n == 0 {
		return t(ctx, "person.f.more")
	}
	return t(ctx, "person.f.more.chosen", "n", n)
}
