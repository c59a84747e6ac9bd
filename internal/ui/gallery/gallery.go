package gallery

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/region"
	"kapok/internal/ui"
)

// Now is the time the samples pretend it is.
var Now = time.Date(2026, 10, 16, 2, 0, 0, 0, time.UTC)

// Pages are the sample pages by path.
func Pages() map[string]templ.Component {
	return map[string]templ.Component{
		"/": home(), "/activity": activity(), "/form": form(Sent()), "/hours": hours(), "/desk": desk(), "/code": code(), "/elder": elder(),
		"/list":  list(web.NewForm(nil)),
		"/error": ui.ErrorPage(fault.ErrInternal, "0198c7d2-7c1e"),
	}
}

// Sent is a form with mistakes in it, as it comes back to its reader.
func Sent() *web.Form {
	f := web.NewForm(url.Values{
		"name": {"陈志华"}, "phone": {"1380013"}, "division": {"440000", "440100", "440104"}, "fields": {"elder", "river"},
		"start": {"2026-10-18T09:00"}, "about": {"<b>hello</b>"},
	})
	var check fault.Check
	check.Add("phone", fault.ErrBadValue)
	check.Add("kind", fault.ErrRequired)
	check.Add("consent", fault.ErrRequired)
	if err := f.Show(check.Err()); err != nil {
		panic(err)
	}
	return f
}

// Tree is a small piece of the real tree of divisions.
var Tree = region.NewTree([]region.Division{
	{Code: "440000", Level: region.Province, NameHans: "广东省", NameHant: "廣東省", NameEn: "Guangdong"},
	{Code: "810000", Level: region.SAR, NameHans: "香港特别行政区", NameHant: "香港特別行政區", NameEn: "Hong Kong SAR"},
	{Code: "440100", Parent: "440000", Level: region.City, NameHans: "广州市", NameHant: "廣州市", NameEn: "Guangzhou"},
	{Code: "441900", Parent: "440000", Level: region.City, NameHans: "东莞市", NameHant: "東莞市", NameEn: "Dongguan"},
	{Code: "440104", Parent: "440100", Level: region.County, NameHans: "越秀区", NameHant: "越秀區", NameEn: "Yuexiu"},
	{Code: "440106", Parent: "440100", Level: region.County, NameHans: "天河区", NameHant: "天河區", NameEn: "Tianhe"},
	{Code: "441900003", Parent: "441900", Level: region.Town, NameHans: "东城街道", NameHant: "東城街道"},
	{Code: "440104010", Parent: "440104", Level: region.Town, NameHans: "北京街道", NameHant: "北京街道"},
	{Code: "440104010003", Parent: "440104010", Level: region.Village, NameHans: "盐运西社区", NameHant: "鹽運西社區"},
})

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 10, day, hour, minute, 0, 0, clock.Shanghai)
}

// g is a text of the gallery.
func g(ctx context.Context, key string) string { return i18n.T(ctx, "gallery."+key) }

func menu(ctx context.Context) []ui.MenuItem {
	var out []ui.MenuItem
	for i, key := range []string{"overview", "activities", "confirm", "members", "makeup", "cases", "report"} {
		m := ui.MenuItem{Link: ui.Link{Href: "/desk?" + key, Text: g(ctx, "menu."+key), Current: i == 2}}
		if i == 2 {
			m.Count = 2
		}
		out = append(out, m)
	}
	return out
}

func chips(ctx context.Context) []ui.Link {
	var out []ui.Link
	for i, key := range []string{"near", "weekend", "elder", "river", "novice"} {
		out = append(out, ui.Link{Href: "/?f=" + key, Text: g(ctx, "chip."+key), Current: i == 0})
	}
	return out
}

func options(ctx context.Context, keys ...string) []ui.Option {
	var out []ui.Option
	for _, k := range keys {
		out = append(out, ui.Option{Value: k, Text: g(ctx, "chip."+k)})
	}
	return out
}

// codeSVG stands for a QR code.
const codeSVG = `<svg width="210" height="210" viewBox="-2 -2 25 25" shape-rendering="crispEdges" aria-hidden="true"><path fill="#1f2421" d="M0 0h7v1H1v5h5V1h1v6H0zM2 2h3v3H2zM14 0h7v7h-7V1h1v5h5V1h-6zM16 2h3v3h-3zM0 14h7v7H0v-6h1v5h5v-5H0zM2 16h3v3H2zM8 0h1v2H8zM10 1h2v1h-2zM12 3h1v2h-1zM8 4h2v1H8zM9 6h1v2H9zM0 8h2v1H0zM3 9h3v1H3zM10 9h3v1h-3zM14 8h2v2h-2zM18 9h3v1h-3zM5 11h2v2H5zM9 11h1v3H9zM12 11h3v1h-3zM16 12h2v2h-2zM8 15h3v1H8zM12 14h2v3h-2zM15 16h3v1h-3zM19 15h1v4h-1zM9 17h2v3H9zM13 18h3v1h-3zM16 19h2v2h-2z"/></svg>`
